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

// Rows flagged as limited by waiting: whether that is seen, and how well.
struct QueueStats {
    std::uint64_t n = 0;
    std::uint64_t recognised = 0;         // requests are predicted to wait for cache or slots
    std::uint64_t within_two = 0;         // of a measured TTFT, either way
    double median_ratio = 0;              // predicted over measured TTFT
    std::optional<ErrorStats> tpot;
};

// Servers whose prefill and decode workers are apart.
struct PoolStats {
    std::uint64_t n = 0;
    std::optional<ErrorStats> ttft, tpot;     // of clean rows
    std::optional<QueueStats> queueing;       // of flagged ones; recognised is not asked
};

struct SkippedRows {
    std::string reason;
    std::uint64_t n = 0;
};

struct ValidationReport {
    std::string file;
    std::string cost_source;
    std::string method;                   // "analyse", "simulate"
    std::uint64_t n = 0;                  // clean rows predicted
    std::uint64_t waiting = 0;            // of them, predicted to wait for cache or slots
    std::vector<SkippedRows> skipped;     // every row that was not, by reason
    std::optional<ErrorStats> ttft, tpot, e2e; // absent when no row measured it; e2e: whole static batches
    std::vector<ValidationGroup> groups;  // by model, GPU and engine
    std::optional<QueueStats> queueing;   // rows flagged so, in none of the figures above
    std::optional<PoolStats> pools;       // rows of separate workers, in none of the figures above
};

// Of predicted over measured TTFT; n and tpot are set, recognised is the caller's.
QueueStats queue_stats(const std::vector<Compared>& ttft, const std::vector<Compared>& tpot);

// {"method","n","waiting","queueing":{"n","recognised","within_two","median_ratio","tpot"}|null,"pools":{"n","ttft","tpot","queueing":{"n","within_two","median_ratio","tpot"}|null}|null,"skipped":[{"reason","n"}],"ttft":{"mape","median_ape","p90_ape","bias","coverage90","n"}|null,"tpot":…,
//  "e2e":…,"groups":[{"model","gpu","engine","n","ttft_mape","ttft_bias","tpot_mape","tpot_bias","e2e_mape","e2e_bias"}]}
std::string write_validation_json(const ValidationReport& report);
std::string write_validation_table(const ValidationReport& report, const TableStyle& style);
std::string write_validation_markdown(const ValidationReport& report);

}  // namespace moeplan
