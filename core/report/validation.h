#pragma once
// Predicted against measured serving rows, as values, and their outputs. Errors are fractions, not percent.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/report/report_writer.h"

namespace moeplan {

// Over rows with measured m and predicted p: error = p/m - 1.
struct ErrorStats {
    std::uint64_t n = 0;
    double mape = 0;         // mean |error|
    double median_ape = 0;   // median |error|
    double p90_ape = 0;      // 90th percentile of |error|
    double bias = 0;         // mean error: positive when predictions are too slow
    double coverage90 = 0;   // share of measurements inside the predicted 90 % interval
};

// One prediction and what was measured.
struct Compared {
    double measured = 0;     // > 0
    double predicted = 0;
    double low = 0, high = 0;
};
// Absent for no rows. require()s measured > 0 and finite numbers.
std::optional<ErrorStats> error_stats(const std::vector<Compared>& rows);

struct ValidationGroup {
    std::string model, gpu, engine;
    std::uint64_t n = 0;
    std::optional<ErrorStats> ttft, tpot, e2e;
};

struct SkippedRows {
    std::string reason;
    std::uint64_t n = 0;
};

struct ValidationReport {
    std::string file;
    std::string cost_source;
    std::uint64_t n = 0;                  // rows predicted
    std::vector<SkippedRows> skipped;     // every row that was not, by reason
    std::optional<ErrorStats> ttft, tpot, e2e; // absent when no row measured it; e2e: whole static batches
    std::vector<ValidationGroup> groups;  // by model, GPU and engine
};

// {"n","skipped":[{"reason","n"}],"ttft":{"mape","median_ape","p90_ape","bias","coverage90","n"}|null,"tpot":…,
//  "e2e":…,"groups":[{"model","gpu","engine","n","ttft_mape","ttft_bias","tpot_mape","tpot_bias","e2e_mape","e2e_bias"}]}
std::string write_validation_json(const ValidationReport& report);
std::string write_validation_table(const ValidationReport& report, const TableStyle& style);
std::string write_validation_markdown(const ValidationReport& report);

}  // namespace moeplan
