#pragma once
// What a calibration measured and how well its profile predicts it, as values, and their outputs. Shares are fractions,
// times seconds.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/estimate.h"
#include "core/report/report_writer.h"
#include "core/report/validation.h"

namespace moeplan {

struct CalibrationPoint {
    std::string probe;  // "gemm bf16 m 8 n 4096 k 4096"
    double size = 0;  // FLOP or bytes, as the family says; 0 = it has none
    double measured = 0;  // > 0
    std::optional<double> half_width;  // of the median's 95 % interval, relative; absent = too few samples
    bool throttled = false;
    std::optional<Estimate> predicted;  // with its 90 % interval
    bool outside = false;  // predicted beyond what was fitted
};

struct CalibrationFamily {
    std::string family, format;
    bool computes = false;  // sizes are FLOP; otherwise bytes
    std::uint64_t measured = 0, failed = 0;  // probes
    std::uint64_t wide = 0, few_samples = 0;  // of the measured
    std::uint64_t throttled = 0;
    std::optional<double> noise;  // median relative half-width
    double seconds = 0;  // spent on it
    bool fitted = false;
    std::uint64_t n_fit = 0, n_held_out = 0;  // of the profile
    std::optional<ErrorStats> held_out;  // the profile's own
    std::optional<ErrorStats> here;  // over `points` that have a prediction: most of them were fitted
    std::vector<CalibrationPoint> points;
};

// Cumulative, in the order of the journal.
struct CalibrationMoment {
    double seconds = 0;
    std::uint64_t answered = 0, failed = 0;
};

struct CalibrationFact {
    std::string name, value;  // "driver", "570.86"
};

struct CalibrationReport {
    std::string title;  // the device
    std::vector<CalibrationFact> facts;
    bool has_journal = false, has_profile = false;
    double seconds = 0;  // of probing
    std::vector<CalibrationFamily> families;  // by family and format
    std::vector<SkippedRows> failures;  // attempts that failed, by reason
    std::vector<CalibrationFact> failed_probes;  // each with its reason; a part when there are many
    std::vector<CalibrationMoment> moments;
    std::vector<std::string> notes;
};

// `here` of every family, from its points.
void score_points(CalibrationReport& report);

// {"title","facts":{…},"seconds","families":[{"family","dtype","measured","failed","wide","few_samples","throttled",
//  "noise","seconds","fitted","n_fit","n_held_out","held_out":{…}|null,"here":{…}|null,"points":[…]}],"failures":[…],
//  "failed_probes":[…],"notes":[…]}
std::string write_calibration_json(const CalibrationReport& report);
std::string write_calibration_table(const CalibrationReport& report, const TableStyle& style);
std::string write_calibration_markdown(const CalibrationReport& report);
// One page with pictures, nothing loaded from anywhere.
std::string write_calibration_html(const CalibrationReport& report);

}  // namespace moeplan
