#pragma once
// Predicted against measured servers: the same closed forms a study uses, held against a table of measurements.

#include <functional>
#include <string>

#include "core/catalog/catalog.h"
#include "core/cost/cost_source.h"
#include "core/report/validation.h"
#include "core/scenario/scenario.h"

namespace moeplan {

struct ValidateOptions {
    // How tokens choose experts: measured servers ran real prompts. Power-law 1.2 is what the kernel tables of
    // aiconfigurator match Qwen3-235B with; uniform would be optimistic.
    RoutingSpec routing = PowerLawRouting{1.2};
    std::string model, gpu, engine;   // only rows whose field contains this; empty = all
    std::string profile{kAutomaticProfile};   // as a candidate's
    // Every compared row with its prediction, when somebody wants them (--rows).
    std::function<void(const std::string& csv_line)> row;
};

struct ServingRows;   // core/analyse/serving_rows.h
ValidationReport validate_rows(const ServingRows& rows, const CostSource& source, const ValidateOptions& options);

// Errors: an unreadable file. A row that cannot be predicted is counted under its reason.
Result<ValidationReport> validate_serving(const std::string& file, const Catalog& catalog, const CostSource& source, const ValidateOptions& options);

}  // namespace moeplan
