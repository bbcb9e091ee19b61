#pragma once
// A profile held against its device: kernels it was not fitted to are measured and compared with what it says, and on
// a processor a whole step of a small mixture-of-experts transformer with the sum of its kernels.

#include <optional>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/calibrate/profile.h"
#include "core/report/kernel_scores.h"
#include "gpu/calibrator/probe_worker.h"
#include "gpu/calibrator/statistics.h"
#include "gpu/protocol/step.h"

namespace moeplan {

struct VerifySettings {
    std::string worker;             // command line
    WorkerTimes times;
    std::size_t probes = 16;        // of every family and number format
    std::uint64_t seed = 1;
    ProbeLimits limits{100, 1.0, 0.01};
    std::optional<std::string> step;   // sizes as `moeplan-probe --step` takes them; without: usual_step()
    double step_s = 10;             // how long the step is repeated
};

struct VerifiedKernel {
    Kernel kernel;
    Measurement measured;
    Prediction predicted;
};

struct VerifiedStep {
    StepMeasurement measured;
    // The sum over its kernels; the interval's ends are the sums of theirs, as if all erred to the same side.
    Prediction predicted;
    std::vector<std::string> by_copies;   // parts of families the profile lacks, taken for copies of as many bytes
};

struct Verification {
    WorkerHello hello;
    std::vector<VerifiedKernel> kernels;     // in the order of the profile's families, then as drawn
    std::vector<ProbeRemark> failed;         // drawn, but not measured
    std::optional<VerifiedStep> step;
    std::vector<std::string> notes;          // "gemm fp8: nothing could be drawn inside what was measured", why no step
};

// The format of the step: bf16 when the profile has products, experts and decode attention in it, otherwise fp32;
// nothing when it has neither.
std::optional<std::string> usual_step(const Profile& profile);

// What the kernel's own family says, or the family its op is priced by where the profile lacks the own one.
std::optional<Prediction> predict_kernel(const Profile& profile, const Kernel& kernel);

// Errors: the worker does not start, is of another device than the profile, fails 5 times in a row; a step that was asked
// for cannot be run (which is tried first). The usual step is a note then.
Result<Verification> verify_profile(const Profile& profile, const VerifySettings& settings, RunControl& control);

// By family and number format. Fitted is counted as in the profile.
KernelScores scores_of(const Verification& verification, const Profile& profile);

// {"device","scores":{as write_kernel_scores_json()},"kernels":[{"probe","family","dtype","measured_us","predicted_us",
//  "low_us","high_us"}],"failed":[{"probe","why"}],"step":{"step","measured_us","quiet_us","alone_us","predicted_us","low_us","high_us",
//  "error","kernels":[{"part","repeat","in_step_us","alone_us","predicted_us"}]}|null,"notes":[…]}
std::string write_verification_json(const Verification& verification, const Profile& profile);

// Runs `WORKER --step SIZES --sum`. Errors: it does not start, ends without a step, says something else, takes longer
// than three times `seconds` and a minute; sizes with other characters than letters, digits and =,.-_ (they go through
// a shell).
Result<StepMeasurement> run_step(const std::string& worker, const std::string& sizes, double seconds,
                                 const std::atomic<bool>* cancel);

}  // namespace moeplan
