#include "gpu/calibrator/calibrate.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>

#include "core/base/require.h"
#include "gpu/calibrator/calibration_run.h"

namespace moeplan {

ProbeLimits limits_for(double budget_s) {
    ProbeLimits limits;
    limits.seconds = std::clamp(budget_s / 600, 0.2, 2.0);
    return limits;
}

std::map<KernelFamily, double> errors_by_family(const std::vector<GroupProgress>& groups) {
    std::map<KernelFamily, double> sums;
    std::map<KernelFamily, int> formats;
    for (const GroupProgress& group : groups) {
        if (!group.error) continue;
        sums[group.family] += *group.error;
        ++formats[group.family];
    }
    for (auto& [family, error] : sums) error /= formats[family];
    return sums;
}

double CalibrationProgress::share() const {
    const double time = budget_s > 0 ? seconds / budget_s : 1.0;
    const double count = probes > 0 ? static_cast<double>(done + failed) / static_cast<double>(probes) : 1.0;
    return std::clamp(std::max(time, count), 0.0, 1.0);
}

std::string_view name_of(StopReason reason) {
    switch (reason) {
        case StopReason::everything_measured: return "there is nothing left to measure";
        case StopReason::budget: return "the time budget is used up";
        case StopReason::probes: return "all probes asked for are done";
        case StopReason::target: return "the target error is met";
        case StopReason::cancelled: return "it was cancelled";
        case StopReason::worker_failed: return "the worker keeps failing";
        case StopReason::journal_failed: return "the journal cannot be written";
    }
    return "";
}

Result<Calibration> calibrate(const CalibrateSettings& settings, const CalibrateTools& tools, RunControl& control,
                              const OnProgress& on_progress) {
    require(tools.plan && tools.choose && tools.fit, "calibrate: a plan, a chooser and a fit");
    require(settings.attempts >= 1 && settings.failures_in_a_row >= 1,
            "calibrate: attempts and failures_in_a_row of at least 1");
    return CalibrationRun(settings, tools, control, on_progress).run();
}

namespace {

// What several runs report, one call at a time, and as one share.
class Merged {
public:
    Merged(std::size_t runs, RunControl& control,
           const std::function<void(std::size_t, const CalibrationProgress&)>& on_progress)
        : shares_(runs, 0.0), control_(control), on_progress_(on_progress) {}

    void take(std::size_t run, const CalibrationProgress& progress) {
        const std::lock_guard lock(one_at_a_time_);
        shares_[run] = progress.share();
        if (on_progress_) on_progress_(run, progress);
        if (control_.progress) control_.progress(*std::ranges::min_element(shares_));   // done when the last one is
    }
    void done(std::size_t run) {
        const std::lock_guard lock(one_at_a_time_);
        shares_[run] = 1;
    }

private:
    std::mutex one_at_a_time_;
    std::vector<double> shares_;
    RunControl& control_;
    const std::function<void(std::size_t, const CalibrationProgress&)>& on_progress_;
};

}  // namespace

std::vector<Result<Calibration>> calibrate_all(
    const std::vector<CalibrateSettings>& settings, const CalibrateTools& tools, RunControl& control,
    const std::function<void(std::size_t, const CalibrationProgress&)>& on_progress) {
    std::vector<Result<Calibration>> results(settings.size(), fail(Problems{}));
    std::vector<std::exception_ptr> thrown(settings.size());
    Merged merged(settings.size(), control, on_progress);
    {
        // A worker belongs to the thread that starts it: each run stays in its own from beginning to end.
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < settings.size(); ++i) {
            threads.emplace_back([&, i] {
                try {
                    RunControl own;
                    own.cancel = control.cancel;
                    results[i] =
                        calibrate(settings[i], tools, own, [&](const CalibrationProgress& p) { merged.take(i, p); });
                } catch (...) {
                    thrown[i] = std::current_exception();
                }
                merged.done(i);
            });
        }
    }
    for (const auto& error : thrown) {
        if (error) std::rethrow_exception(error);
    }
    return results;
}

}  // namespace moeplan
