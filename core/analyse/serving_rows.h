#pragma once
// Measured servers made ready to be predicted: every row with its candidate prepared once per configuration.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/analyse/evaluate.h"
#include "core/analyse/measured_serving.h"
#include "core/analyse/pools.h"
#include "core/catalog/catalog.h"
#include "core/report/validation.h"

namespace moeplan {

// One configuration: rows of it differ in lengths and load only.
struct ServedCandidate {
    Scenario study;      // owns what `prepared` points to
    Prepared prepared;
    std::optional<PreparedPools> pools;   // separate prefill and decode workers; `prepared` is of those that decode
    std::string reason;  // why it cannot be prepared; empty = can
};

struct ServingRow {
    MeasuredServing measured;
    std::shared_ptr<ServedCandidate> candidate;
    OperatingPoint point;
};

struct ServingRows {
    std::vector<ServingRow> rows;                    // those that can be predicted
    std::map<std::string, std::uint64_t> skipped;    // the others, by reason
};

struct ServingRowOptions {
    RoutingSpec routing;
    std::string model, gpu, engine;   // only rows whose field contains this; empty = all
    std::string profile{kAutomaticProfile};
};

// Errors: an unreadable file.
Result<ServingRows> load_serving_rows(const std::string& file, const Catalog& catalog, const ServingRowOptions& options);

}  // namespace moeplan
