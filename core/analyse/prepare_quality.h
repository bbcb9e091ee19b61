#pragma once
// P(correct) and answer length of a model: from the study, an evaluation file, or the catalog's published scores.

#include <string>
#include <vector>

#include "core/analyse/prepare.h"

namespace moeplan {

struct FoundQuality {
    PreparedQuality quality;
    std::vector<std::string> warnings;
};

// `study_file`: evaluation files are relative to it. `evaluator`: whose published scores to use when the spec names
// none (empty: the first that has one).
// Errors: no score of this model on this benchmark (lists what there is), unreadable file, unknown task or metric.
Result<FoundQuality> prepare_quality(const QualitySpec& spec, const ModelSpec& model, const Catalog& catalog,
                                     const std::string& study_file, const std::string& evaluator);

// The first evaluator that scored all these models on the benchmark; empty when none did.
std::string common_evaluator(const Catalog& catalog, const std::string& benchmark, const std::vector<std::string>& models);

// The id under which scores of this candidate are looked up: the spec's own model name, else the model's id.
std::string scored_model(const PublishedScore& spec, const ModelSpec& model);

}  // namespace moeplan
