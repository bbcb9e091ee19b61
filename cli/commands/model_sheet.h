#pragma once
// What `moeplan model MODEL` says.

#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"
#include "core/catalog/catalog.h"
#include "core/model/count.h"
#include "core/model/precision.h"
#include "core/report/report.h"

namespace moeplan::cli {

struct ModelQuestion {
    const ModelSpec& model;
    const ModelEntry* entry = nullptr;       // its catalog entry, when it came from there
    std::optional<NumberFormat> precision;   // absent = as published
    std::optional<double> context;           // absent = the usual ones
};

std::vector<Metric> model_metrics(const ModelQuestion& question);
std::string model_sheet(const ModelQuestion& question, const Catalog& catalog, const Console& console);

// "46.7 B", "494 M".
std::string billions(double parameters);

// One line per kind of layer, encoder first: "32 × GQA 32/8 heads of 128 · MoE 8 experts top-2 of 14,336".
std::vector<std::string> layer_lines(const ModelSpec& model);

}  // namespace moeplan::cli
