#include "core/ops/op.h"

#include <algorithm>

#include "core/base/match.h"
#include "core/base/require.h"

namespace moeplan {

std::string_view name_of(Part part) {
    switch (part) {
        case Part::embedding: return "embedding";
        case Part::attention_projections: return "attention projections";
        case Part::attention: return "attention";
        case Part::linear_state: return "linear state";
        case Part::router: return "router";
        case Part::dispatch: return "dispatch and combine";
        case Part::experts: return "experts";
        case Part::shared_expert: return "shared expert";
        case Part::dense_ffn: return "dense ffn";
        case Part::norms: return "norms and residuals";
        case Part::communication: return "communication";
        case Part::offload: return "experts from host memory";
        case Part::head: return "head";
        case Part::sampler: return "sampler";
        case Part::host: return "engine on the host";
    }
    return "?";
}

std::string_view name_of(CollectiveKind kind) {
    switch (kind) {
        case CollectiveKind::all_reduce: return "all-reduce";
        case CollectiveKind::all_gather: return "all-gather";
        case CollectiveKind::reduce_scatter: return "reduce-scatter";
        case CollectiveKind::all_to_all: return "all-to-all";
        case CollectiveKind::point_to_point: return "point-to-point";
    }
    return "?";
}

// Query i (0-based) of a chunk sees context + i + 1 keys; a window w caps that at w, sparse selection at top_k.
double attended_pairs(const Attention& a) {
    const double full = a.new_tokens * a.context + a.new_tokens * (a.new_tokens + 1) / 2;
    double cap = a.context + a.new_tokens;
    if (a.window) cap = std::min(cap, *a.window);
    if (a.selected) cap = std::min(cap, *a.selected);
    // Queries before the cap is reached see a growing part, the others see `cap` keys.
    const double growing = std::clamp(cap - a.context, 0.0, a.new_tokens);
    const double capped = growing * a.context + growing * (growing + 1) / 2 + (a.new_tokens - growing) * cap;
    return a.sequences * std::min(full, capped);
}

namespace {

// What comes in and goes out of a product: 16 bits, unless it is of fp32.
double bytes_beside(NumberFormat weights) { return weights == NumberFormat::fp32 ? 4.0 : kActivationBytes; }

Work work(const Gemm& g) {
    const double weights = g.n * g.k * bits_per_weight(g.weights) / 8;
    return {{2 * g.m * g.n * g.k}, {weights + (g.m * g.k + g.m * g.n) * bytes_beside(g.weights)}};
}

Work work(const ExpertFfn& f) {
    const double matrices = f.gated ? 3 : 2;
    const double weights = f.activated * matrices * f.hidden * f.width * bits_per_weight(f.weights) / 8;
    // Input read, the intermediate written and read (both halves when gated), output written.
    const double intermediate = (f.gated ? 2 : 1) * f.width + f.width;
    const double activations = f.pairs * (2 * f.hidden + intermediate) * bytes_beside(f.weights);
    return {{2 * f.pairs * matrices * f.hidden * f.width}, {weights + activations}};
}

Work work(const Attention& a) {
    const double queries = a.sequences * a.new_tokens * a.heads * (a.qk_dim + a.v_dim) * kActivationBytes;
    double keys = a.context + a.new_tokens;
    // The chunk's first query reaches window - 1 keys back, its last one is new_tokens - 1 further on.
    if (a.window) keys = std::min(keys, *a.window + a.new_tokens - 1);
    if (a.selected && a.decode) keys = std::min(keys, *a.selected);
    const double width = a.kv_heads * (a.qk_dim + (a.shared_key_value ? 0 : a.v_dim));
    const double cache = a.sequences * keys * width * bits_per_weight(a.kv) / 8;
    return {{2 * attended_pairs(a) * a.heads * (a.qk_dim + a.v_dim)}, {queries + cache}};
}

Work work(const StateUpdate& s) {
    return {{s.tokens * s.flops_per_token},
            {2 * s.sequences * s.state.value + s.tokens * s.width * kActivationBytes}};
}

Work work(const MemoryPass& p) { return {{0}, p.bytes}; }
// Traffic of collectives and host fetches is over links; the time comes from there, not from device memory.
Work work(const Collective&) { return {}; }
Work work(const HostFetch&) { return {}; }

}  // namespace

Work work_of(const OpKind& op) {
    return std::visit([](const auto& o) { return work(o); }, op);
}

}  // namespace moeplan
