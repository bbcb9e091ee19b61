#pragma once
// Tokens per expert and layer, from the files that others' tools write. The form is told by content:
//   {"total_input_tokens": N, "expert_popularity": [[counts of layer 0], ...]}      (fiddler)
//   model,dataset,layer,expert,count[,source]                                       (measured collections)
//   model,domain,selection,layer,expert,count                                       (OLMoE)
//   layer_id,expert_id,count                                                        (SGLang)
// Rows of one expert add up; experts not listed have no tokens; columns may come in any order.
// Read as a stream: memory is bounded by layers x experts, files by 2 GiB (JSON by 16 MiB).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace moeplan {

struct CountsQuery {
    // Which of a collection; a domain's selection is written "domain/selection". Empty: the file must hold
    // only one.
    std::string model, dataset;
    std::int64_t experts = 0;  // of the model; 0: as many as the file names
    std::int64_t top_k = 0;    // 0: not checked
};

struct ExpertCounts {
    std::vector<std::vector<double>> layers;  // [layer][expert]
    std::vector<std::int64_t> layer_ids;      // as numbered in the file, ascending
    std::string label;                        // "Mixtral-8x7B, c4"; empty where the form names none
    std::vector<std::string> warnings;
};

// Errors (all at once, the first 20 lines by number): unreadable or too large, an unknown form, a malformed
// line, an expert out of range, a negative or non-finite count, a wrong number of experts, a layer without
// tokens or with fewer than top_k experts in use, several models or datasets and none chosen.
Result<ExpertCounts> read_counts_file(const std::string& path, const CountsQuery& query);
Result<ExpertCounts> read_counts_text(std::string_view text, const std::string& name,
                                      const CountsQuery& query);

}  // namespace moeplan
