// What a kernel stands for (op_of) and what it takes to hold (memory_of).

#include <algorithm>
#include <numeric>

#include "core/kernels/kernel.h"

namespace moeplan {
namespace {

double d(std::int64_t value) { return static_cast<double>(value); }

double pairs_of(const ExpertKernel& k) { return std::accumulate(k.loads.begin(), k.loads.end(), 0.0); }

OpKind op(const GemmKernel& k) { return Gemm{d(k.m), d(k.n), d(k.k), k.format}; }

OpKind op(const ExpertKernel& k) {
    ExpertFfn ffn;
    ffn.pairs = pairs_of(k);
    ffn.activated = d(std::ranges::count_if(k.loads, [](std::int64_t load) { return load > 0; }));
    ffn.hottest = k.loads.empty() ? 0 : d(std::ranges::max(k.loads));
    ffn.held = d(k.held());
    ffn.hidden = d(k.hidden);
    ffn.width = d(k.width);
    ffn.top_k = k.top_k;
    ffn.gated = k.gated;
    ffn.weights = k.format;
    ffn.tokens = d(k.tokens);
    ffn.experts = d(k.held());   // one rank alone
    return ffn;
}

OpKind op(const AttentionKernel& k) {
    Attention a;
    a.decode = k.decode;
    a.sequences = d(k.sequences);
    a.new_tokens = d(k.new_tokens);
    a.context = d(k.context);
    a.heads = d(k.heads);
    a.kv_heads = d(k.kv_heads);
    a.qk_dim = d(k.qk_dim);
    a.v_dim = d(k.v_dim);
    if (k.window > 0) a.window = d(k.window);
    a.kv = k.kv;
    a.format = k.format;
    return a;
}

// The same bytes as core/ops lowers these passes to: scores in fp32, an index and a weight of 4 bytes per choice; each
// token and each of its pairs once; both halves read and one written.
OpKind op(const RouterKernel& k) { return MemoryPass{{d(k.tokens) * (d(k.experts) * 4 + d(k.top_k) * 8)}}; }
OpKind op(const PermuteKernel& k) {
    return MemoryPass{{d(k.tokens) * (1 + d(k.top_k)) * d(k.hidden) * kActivationBytes}};
}
OpKind op(const ActivationKernel& k) { return MemoryPass{{d(k.rows) * d(k.width) * 3 * kActivationBytes}}; }
OpKind op(const CopyKernel& k) { return MemoryPass{{2 * d(k.bytes)}}; }
OpKind op(const LaunchKernel&) { return MemoryPass{{0}}; }
OpKind op(const CollectiveKernel& k) { return Collective{k.kind, {d(k.bytes)}, k.ranks, false}; }

double activation_bytes(NumberFormat format) { return format == NumberFormat::fp32 ? 4.0 : kActivationBytes; }

double held_bytes(const GemmKernel& k) {
    return weight_bytes(d(k.n) * d(k.k), k.format).value + d(k.m) * (d(k.k) + d(k.n)) * activation_bytes(k.format);
}

double held_bytes(const ExpertKernel& k) {
    const double matrices = k.gated ? 3 : 2;
    const double weights = weight_bytes(d(k.held()) * matrices * d(k.hidden) * d(k.width), k.format).value;
    const double per_pair = 2 * d(k.hidden) + matrices * d(k.width);   // gathered row, up (gate), activated, down
    return weights + (2 * d(k.tokens) * d(k.hidden) + pairs_of(k) * per_pair) * activation_bytes(k.format);
}

double held_bytes(const AttentionKernel& k) {
    double keys = d(k.context) + d(k.new_tokens);
    if (k.window > 0) keys = std::min(keys, d(k.window) + d(k.new_tokens) - 1);
    const double cache = weight_bytes(d(k.sequences) * keys * d(k.kv_heads) * (d(k.qk_dim) + d(k.v_dim)), k.kv).value;
    const double rows = d(k.sequences) * d(k.new_tokens) * d(k.heads);
    return cache + rows * (d(k.qk_dim) + d(k.v_dim)) * activation_bytes(k.format);
}

double held_bytes(const LaunchKernel&) { return 0; }
double held_bytes(const CollectiveKernel& k) { return 2 * d(k.bytes); }
template <class Pass>
double held_bytes(const Pass& k) {
    return std::get<MemoryPass>(op(k)).bytes.value;
}

}  // namespace

OpKind op_of(const Kernel& kernel) {
    return std::visit([](const auto& k) { return op(k); }, kernel);
}

Bytes memory_of(const Kernel& kernel) {
    return {std::visit([](const auto& k) { return held_bytes(k); }, kernel)};
}

}  // namespace moeplan
