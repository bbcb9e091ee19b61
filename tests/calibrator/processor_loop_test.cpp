// The whole loop for real, on this processor: calibrate, predict, measure. With room for a busy machine; the figures
// of a quiet one are in docs/calibration.md.
#include <chrono>

#include <fmt/format.h>

#include "gpu/calibrator/measured_device.h"
#include "gpu/calibrator/verify.h"
#include "tests/calibrator/support.h"

using namespace moeplan;
using namespace moeplan::test;

namespace {

constexpr double kMedianError = 0.6;
constexpr double kStepFactor = 2;
constexpr const char* kStep =
    "layers=6,hidden=768,heads=12,kv_heads=4,head_dim=64,experts=8,top_k=2,width=384,sequences=8,context=512,"
    "vocabulary=4096,format=fp32";

// fp32: what the probe offers without oneDNN too.
constexpr NumberFormat kFormat = NumberFormat::fp32;

PlanGroup group(KernelFamily family, const char* format, double share, std::vector<Kernel> kernels) {
    std::vector<double> weights(kernels.size(), 1.0);
    return {family, format, share, std::move(kernels), std::move(weights)};
}

CalibrationPlan around_the_step(const WorkerHello&) {
    std::vector<Kernel> gemms, experts, decodes, copies;
    for (const std::int64_t tokens : {1, 4, 8, 32}) {
        for (const std::int64_t n : {8, 256, 1024, 4096}) {
            for (const std::int64_t k : {512, 1024}) gemms.emplace_back(GemmKernel{tokens, n, k, kFormat});
        }
        for (const std::int64_t held : {4, 8, 16}) {
            for (const std::int64_t hidden : {512, 1024}) {
                for (const std::int64_t width : {256, 512})
                    experts.emplace_back(ExpertKernel{tokens, hidden, width, 2, true, kFormat,
                                                      example_loads(tokens, held, 2, 1, 0)});
            }
        }
        for (const std::int64_t context : {128, 512, 1024}) {
            for (const std::int64_t kv : {2, 4, 8})
                decodes.emplace_back(AttentionKernel{true, tokens, 1, context, kv * 3, kv, 64, 64, 0, kFormat, kFormat});
        }
    }
    for (std::int64_t bytes = 256; bytes <= 1 << 20; bytes *= 2) copies.emplace_back(CopyKernel{bytes});
    return {{group(KernelFamily::gemm, "fp32", 0.3, gemms), group(KernelFamily::moe_ffn, "fp32", 0.35, experts),
             group(KernelFamily::attention_decode, "fp32", 0.25, decodes), group(KernelFamily::copy, "", 0.1, copies)},
            {}};
}

// What was wrong; empty when all held.
std::string trouble_of_loop(const std::string& worker) {
    const Scratch folder;
    CalibrateSettings settings = settings_for(worker, folder.path("journal"));
    settings.budget_s = 12;
    settings.limits = {30, 0.05, 0.02};
    RunControl control;
    const CalibrateTools tools = usual_tools(around_the_step);
    const auto run = calibrate(settings, tools, control);
    REQUIRE(run);
    const auto fit = tools.fit(run->set, measured_device(run->header.hello, run->set.rows), {});
    REQUIRE(fit);
    VerifySettings verify;
    verify.worker = worker;
    verify.probes = 8;
    verify.limits = {30, 0.1, 0.02};
    verify.step = kStep;
    verify.step_s = 2;
    const auto verified = verify_profile(fit->profile, verify, control);
    REQUIRE(verified);
    std::string trouble;
    for (const ProbeRemark& failed : verified->failed) trouble += failed.probe + ": " + failed.remark + "; ";
    for (const std::string& note : verified->notes) trouble += note + "; ";
    for (const KernelScore& score : scores_of(*verified, fit->profile).families) {
        if (!score.error) trouble += fmt::format("{} was not scored; ", score.family);
        else if (score.error->median_ape > kMedianError)
            trouble += fmt::format("{}: median error {:.0f} %; ", score.family, 100 * score.error->median_ape);
    }
    if (!verified->step) return trouble + "no step";
    const StepMeasurement& step = verified->step->measured;
    const double ratio = verified->step->predicted.seconds * 1e6 / step.quiet_us.value_or(step.median_us);
    if (!(ratio > 1 / kStepFactor && ratio < kStepFactor)) trouble += fmt::format("step predicted {:.2f} of measured", ratio);
    return trouble;
}

}  // namespace

TEST_CASE("a calibration of seconds predicts kernels and a step this processor has not run") {
    // One thread: beside other programs two wait for each other more than they compute.
    const std::string worker = std::string(MOEPLAN_BINARY_DIR) + "/bin/moeplan-probe --threads 1";
    std::string trouble = trouble_of_loop(worker);
    if (!trouble.empty()) {   // something else may have had the machine
        WARN("once more, since " << trouble);
        trouble = trouble_of_loop(worker);
    }
    CHECK(trouble == "");
}
