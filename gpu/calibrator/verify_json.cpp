#include <nlohmann/json.hpp>

#include "gpu/calibrator/verify.h"

namespace moeplan {
namespace {

using Json = nlohmann::ordered_json;

Json written(const VerifiedKernel& one) {
    return {{"probe", to_text(one.kernel)},
            {"family", name_of(one.measured.family)},
            {"dtype", one.measured.format},
            {"measured_us", one.measured.seconds * 1e6},
            {"predicted_us", one.predicted.seconds * 1e6},
            {"low_us", one.predicted.low * 1e6},
            {"high_us", one.predicted.high * 1e6}};
}

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json written(const VerifiedStep& step, const Profile& profile) {
    const StepMeasurement& m = step.measured;
    Json json{{"step", m.step},
              {"measured_us", m.median_us},
              {"quiet_us", or_null(m.quiet_us)},
              {"alone_us", or_null(sum_alone_us(m))},
              {"predicted_us", step.predicted.seconds * 1e6},
              {"low_us", step.predicted.low * 1e6},
              {"high_us", step.predicted.high * 1e6},
              {"error", step.predicted.seconds * 1e6 / m.quiet_us.value_or(m.median_us) - 1}};
    json["kernels"] = Json::array();
    for (const StepKernel& one : m.kernels) {
        const auto said = predict_kernel(profile, one.kernel);
        json["kernels"].push_back({{"part", one.part},
                                   {"probe", to_text(one.kernel)},
                                   {"repeat", one.repeat},
                                   {"in_step_us", or_null(one.in_step_us)},
                                   {"alone_us", or_null(one.alone_us)},
                                   {"predicted_us", said ? Json(said->seconds * 1e6) : Json(nullptr)}});
    }
    return json;
}

}  // namespace

std::string write_verification_json(const Verification& verification, const Profile& profile) {
    Json json;
    json["device"] = verification.hello.device;
    json["scores"] = Json::parse(write_kernel_scores_json(scores_of(verification, profile)));
    json["kernels"] = Json::array();
    for (const VerifiedKernel& one : verification.kernels) json["kernels"].push_back(written(one));
    json["failed"] = Json::array();
    for (const ProbeRemark& one : verification.failed)
        json["failed"].push_back({{"probe", one.probe}, {"why", one.remark}});
    json["step"] = verification.step ? written(*verification.step, profile) : Json(nullptr);
    json["notes"] = verification.notes;
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace moeplan
