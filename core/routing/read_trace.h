#pragma once
// Recorded token -> experts traces. The form is told by content:
//   gpt-oss fingerprints: CSV with columns layer and e0 ... e(k-1) (p0 ... are ignored). sample, dataset,
//     category, variant name the sequence as far as they are there, gen_token_idx (or token_idx, abs_token) the
//     token.
//   vLLM: JSON lines {"type":"meta",...} and
//     {"type":"route","req_id":..,"token_idx":..,"layer":..,"topk_ids":[..]}
// Layers may be numbered with gaps. Tokens may come interleaved; a token without all layers is left out.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/routing/routing.h"

namespace moeplan {

struct TraceQuery {
    std::int64_t experts = 0;                // of the model; 0: as many as the trace names
    std::int64_t top_k = 0;                  // of the model; 0: as in the trace
    std::int64_t most_entries = 16'000'000;  // tokens x layers x top_k kept in memory; the rest is not read
};

struct RecordedTrace {
    TokenRoutes routes;
    std::vector<std::int64_t> layer_ids;  // as numbered in the file, ascending
    std::vector<std::string> warnings;    // "... 12 tokens without all 24 layers left out"
};

// Errors: as read_counts_file; an expert twice in one token; top_k other than the model's.
Result<RecordedTrace> read_trace_file(const std::string& path, const TraceQuery& query);
Result<RecordedTrace> read_trace_text(std::string_view text, const std::string& name,
                                      const TraceQuery& query);

// p[layer][expert]: the fraction of tokens that used the expert.
std::vector<std::vector<double>> marginals(const TokenRoutes& routes);

}  // namespace moeplan
