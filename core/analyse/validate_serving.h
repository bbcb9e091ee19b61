#pragma once
// Predicted against measured servers: the same predictions a study makes, held against a table of measurements.

#include <functional>
#include <string>
#include <vector>

#include "core/analyse/serving_rows.h"
#include "core/cost/cost_source.h"
#include "core/report/validation.h"

namespace moeplan {

// What is predicted of one row.
struct RowPrediction {
    Estimate ttft_s, tpot_s, e2e_s;   // means over requests
    double running = 0;               // sequences in flight
    double mixed_share = 0;           // of steps, those that carry prompts
    bool waits = false;               // requests wait for room in the cache, or for slots
    std::string skip;                 // why nothing is predicted; empty = it is
};
constexpr const char* kMisfit = "predicted not to fit in memory";   // reasons to skip
constexpr const char* kOnlySimulated = "separate prefill and decode workers with layouts of their own: --method simulate predicts them";

// One a row, in order.
using RowPredictor = std::function<std::vector<RowPrediction>(const ServingRows&)>;

// What the benchmark's client measures of it: tokens that come together, requests that are looked for now and then.
RowPrediction as_seen(RowPrediction served, const ServingRow& row);

// The closed forms of `method: analyse`. `source` outlives it.
RowPredictor closed_form(const CostSource& source);

struct ValidateOptions {
    // How tokens choose experts: a batch activates as many as in the counts of real models, and the busiest rank is as busy as
    // DeepSeek-R1's (docs/routing.md, "A routing for servers that do not tell theirs").
    RoutingSpec routing = kUsualRouting;
    std::string model, gpu, engine;   // only rows whose field contains this; empty = all
    std::string profile{kAutomaticProfile};   // as a candidate's
    // Every compared row with its prediction, when somebody wants them (--rows).
    std::function<void(const std::string& csv_line)> row;
};

// A row that cannot be predicted is counted under its reason. `cost_source`, `method` and `file` are left to the caller.
ValidationReport validate_rows(const ServingRows& rows, const RowPredictor& predict, const ValidateOptions& options);

}  // namespace moeplan
