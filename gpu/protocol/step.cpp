#include "gpu/protocol/step.h"

#include <fmt/format.h>

#include "gpu/protocol/kernel_json.h"
#include "gpu/protocol/protocol.h"

namespace moeplan {

using probe_json::json;
using probe_json::Keys;

namespace {

constexpr std::size_t kMostStepKernels = 10'000;

json written(const StepKernel& one) {
    json object;
    object["part"] = one.part;
    object["repeat"] = one.repeat;
    if (one.alone_us) object["alone_us"] = *one.alone_us;
    if (one.in_step_us) object["in_step_us"] = *one.in_step_us;
    probe_json::write_kernel(object["kernel"], one.kernel);
    return object;
}

StepKernel read_one(const json& object, std::size_t index, Problems& problems) {
    StepKernel one;
    Keys keys(object, fmt::format("kernels[{}]", index));
    one.part = keys.text("part");
    one.repeat = keys.whole("repeat");
    if (keys.problems.empty() && one.repeat < 1)
        keys.wrong("repeat", fmt::format("'repeat' is {}; expected 1 or more", one.repeat));
    if (keys.has("alone_us")) one.alone_us = keys.number("alone_us");
    if (keys.has("in_step_us")) one.in_step_us = keys.number("in_step_us");
    if (keys.has("kernel") && keys.at("kernel").is_object()) {
        Keys kernel(keys.at("kernel"), fmt::format("kernels[{}].kernel", index));
        one.kernel = probe_json::read_kernel(kernel);
        append(keys.problems, std::move(kernel.problems));
    } else {
        keys.wrong("kernel", "'kernel' is missing; expected an object");
    }
    append(problems, std::move(keys.problems));
    return one;
}

}  // namespace

std::optional<double> sum_alone_us(const StepMeasurement& measured) {
    double sum = 0;
    for (const StepKernel& one : measured.kernels) {
        if (!one.alone_us) return std::nullopt;
        sum += static_cast<double>(one.repeat) * *one.alone_us;
    }
    return sum;
}

std::string write_step(const StepMeasurement& measured) {
    json object;
    object["step"] = measured.step;
    object["median_us"] = measured.median_us;
    if (measured.quiet_us) object["quiet_us"] = *measured.quiet_us;
    object["samples_us"] = measured.samples_us;
    object["kernels"] = json::array();
    for (const StepKernel& one : measured.kernels) object["kernels"].push_back(written(one));
    return probe_json::one_line(object);
}

Result<StepMeasurement> read_step(std::string_view line) {
    const auto object = probe_json::parse_object(line);
    if (!object) return tl::unexpected(object.error());
    Keys keys(*object, "step");
    StepMeasurement measured;
    measured.step = keys.text("step");
    measured.median_us = keys.number("median_us");
    if (keys.has("quiet_us")) measured.quiet_us = keys.number("quiet_us");
    measured.samples_us = keys.numbers("samples_us", static_cast<std::size_t>(kMostProbeSamples));
    if (!keys.has("kernels") || !keys.at("kernels").is_array() || keys.at("kernels").size() > kMostStepKernels) {
        keys.wrong("kernels", fmt::format("'kernels' is no list of at most {} kernels", kMostStepKernels));
        return fail(std::move(keys.problems));
    }
    for (const json& one : keys.at("kernels")) {
        if (one.is_object()) measured.kernels.push_back(read_one(one, measured.kernels.size(), keys.problems));
        else keys.wrong("kernels", fmt::format("found {}; expected an object", probe_json::shown(one)));
    }
    if (!keys.problems.empty()) return fail(std::move(keys.problems));
    return measured;
}

}  // namespace moeplan
