#pragma once
// What a calibration run looked like: how much of what was asked was answered, how noisy it was, what failed and why.
// All of it can be read again from the run's journal.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/calibrate/measurement.h"
#include "gpu/calibrator/journal.h"

namespace moeplan {

// A median is called uncertain when its 95 % interval reaches further than this to either side, relative to it.
constexpr double kUncertainSpread = 0.05;

struct ProbeRemark {
    std::string probe;     // to_text(Kernel)
    std::string remark;    // "crashed: it ended with signal 11 …", "median known to ± 12 %"
};

struct GroupStatistics {
    KernelFamily family = KernelFamily::gemm;
    std::string format;
    std::int64_t measured = 0;         // probes with an answer
    std::int64_t failed = 0;           // probes with failures and no answer
    std::int64_t uncertain = 0;        // of the measured: interval wider than kUncertainSpread
    std::int64_t few_samples = 0;      // of the measured: too few samples (below 6) for an interval
    std::int64_t throttled = 0;        // of the measured: the device lowered its clock meanwhile
    double median_spread = 0;          // relative half-width of the 95 % interval, median over probes that have one
    double seconds = 0;                // spent, failures included
    std::optional<double> error;       // median of the held-out rows' relative errors at the last fit
};

struct CalibrationStatistics {
    std::vector<GroupStatistics> groups;            // by family and format
    std::map<AnswerKind, std::int64_t> failures;    // attempts that failed, by reason
    std::vector<ProbeRemark> failed;                // probes without an answer, each with its last failure
    std::vector<ProbeRemark> uncertain;             // probes whose median stayed uncertain
    double seconds = 0;                             // asked for, over all entries
};

// Of a journal's entries, in their order. `error` stays empty. At most 1000 remarks of each kind are kept.
CalibrationStatistics statistics_of(const std::vector<JournalEntry>& entries);

// Requires: kind is ok. The median of the samples; of a launch probe the time of one of its kernels. source "probe 17".
Measurement measurement_of(const JournalEntry& entry);

// Every answer of a journal, in its order. `device` is as the driver names it.
MeasurementSet measurements_of(const JournalHeader& header, const std::vector<JournalEntry>& entries);

}  // namespace moeplan
