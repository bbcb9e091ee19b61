#pragma once
// The adaptive loop: measures where it matters and is not known yet, keeps everything in a journal, survives its
// worker.
//
// A run is a function of its plan, its seed, its settings and what the worker answers: a run resumed from its journal
// goes through the same choices again without asking again, and ends with the same result as one that was never
// interrupted.

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/calibrate/choose.h"
#include "core/calibrate/measurement.h"
#include "core/calibrate/profile.h"
#include "gpu/calibrator/journal.h"
#include "gpu/calibrator/plan.h"
#include "gpu/calibrator/probe_worker.h"
#include "gpu/calibrator/statistics.h"

namespace moeplan {

struct CalibrateSettings {
    std::string worker;  // command line
    WorkerTimes times;
    std::string journal;  // file
    std::string study;  // the file the plan is around, kept in the journal; empty: none
    bool resume = false;  // go on with that file if it is there
    double budget_s = 300;  // probes, restarts and fits; what the journal holds already is counted
    std::optional<double> target_error;  // held-out median of every family and format: ends the run when met
    std::int64_t probes = std::numeric_limits<std::int64_t>::max();  // at most, failed ones included
    ProbeLimits limits;  // of each probe
    std::uint64_t seed = 1;
    int attempts = 2;  // a probe that failed so often is given up
    int failures_in_a_row = 5;  // of the worker: the run ends, for it will not get better
    std::shared_ptr<const Profile> prior;  // another device's profile to start from; null: none
    std::optional<DeviceSpec> device;  // what the fit's roofline is of; without: measured_device()
};

// So many samples and seconds a probe that some hundreds fit into the budget: a 600th of it, from 0.2 to 2 s.
ProbeLimits limits_for(double budget_s);

// The fit and the chooser, replaceable in tests. Both must be deterministic.
struct CalibrateTools {
    // The rows of one family and format -> a profile with that family; see fit_profile().
    std::function<Result<FitReport>(const MeasurementSet&, const DeviceSpec&, const FitOptions&)> fit;
    // See choose_probes().
    std::function<std::vector<std::size_t>(const std::vector<OpKind>& candidates, const std::vector<std::size_t>& taken,
                                           const FittedFamily* fit, const std::vector<double>& weights,
                                           std::size_t count, std::uint64_t seed)>
        choose;
    // Once the worker has said what it can do.
    std::function<CalibrationPlan(const WorkerHello&)> plan;
};
// fit_profile() and choose_probes(), with a plan.
CalibrateTools usual_tools(std::function<CalibrationPlan(const WorkerHello&)> plan);

struct GroupProgress {
    KernelFamily family = KernelFamily::gemm;
    std::string format;
    std::int64_t measured = 0, failed = 0;
    std::optional<double> error;  // held-out median at the last fit; absent until there are enough rows
};

// Of each family with an error: the mean of its formats' errors.
std::map<KernelFamily, double> errors_by_family(const std::vector<GroupProgress>& groups);

struct CalibrationProgress {
    std::string device;  // as the worker named it
    std::int64_t done = 0, failed = 0;  // probes
    std::int64_t probes = 0;  // at most; the largest number when not limited
    double seconds = 0, budget_s = 0;
    std::vector<GroupProgress> groups;
    std::string probe;  // being measured, for people
    // The answer that has just come, from the worker or the journal; null when none has. Valid during the call.
    const JournalEntry* answer = nullptr;
    const WorkerHello* hello = nullptr;  // as the worker greeted. Valid during the call.
    // Mean of the groups' errors, weighted by their share; absent while none is known.
    std::optional<double> error;
    // The larger part done of time and probes, 0..1.
    double share() const;
};
// Called from the thread that measures, never two at once.
using OnProgress = std::function<void(const CalibrationProgress&)>;

enum class StopReason : std::uint8_t {
    everything_measured,
    budget,
    probes,
    target,
    cancelled,
    worker_failed,
    journal_failed
};
std::string_view name_of(StopReason reason);  // "the time budget is used up"

struct Calibration {
    JournalHeader header;
    std::vector<JournalEntry> entries;  // as in the journal
    MeasurementSet set;  // by family and format, in the order they were chosen
    CalibrationStatistics statistics;
    StopReason stop = StopReason::everything_measured;
    Problems problems;  // why a worker or journal ended the run; what was measured until then is valid
    std::vector<std::string> notes;  // what a reader of the result should know
    std::vector<std::string> left_out;  // CalibrationPlan::left_out
    std::int64_t reused = 0;  // probes answered by the journal instead of the worker
};

// Errors, before anything is measured: the worker does not start or greets wrongly, offers nothing of the plan, the
// journal cannot be written, is there already, is of another device, number of threads or protocol version. Later ones: see
// Calibration::problems.
Result<Calibration> calibrate(const CalibrateSettings& settings, const CalibrateTools& tools, RunControl& control,
                              const OnProgress& on_progress = {});

// Several workers at once, each in a thread with a journal of its own; on_progress says whose it is, one call at a
// time. Requires: as many journals as workers. Results in the order of the settings.
std::vector<Result<Calibration>> calibrate_all(
    const std::vector<CalibrateSettings>& settings, const CalibrateTools& tools, RunControl& control,
    const std::function<void(std::size_t, const CalibrationProgress&)>& on_progress = {});

}  // namespace moeplan
