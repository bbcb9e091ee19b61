#pragma once
// Expert loads as public kernel benchmarks draw them, so that their rows can be read. Not a model of real routing.
// Source: ai-dynamo/aiconfigurator, collector (how it assigns tokens to experts): docs/calibration.md, "Expert loads".

#include <cstdint>

namespace moeplan {

// Of the rank that is timed, averaged over draws.
struct BenchmarkLoad {
    double pairs = 0;      // (token, expert) pairs
    double activated = 0;  // experts with one at least
    double hottest = 0;
};

// A router that first keeps `kept` of `groups` equal groups of experts (DeepSeek-V3, arXiv 2412.19437, 2.1.2: 4 of 8).
struct RoutingGroups {
    std::int64_t groups = 1, kept = 1;
};

// `alpha` 0: tokens are dealt to experts in strides and rank 0 is timed. Otherwise expert loads are drawn from x^-alpha
// on [1, 0.8 tokens] (on [0.01, 2] when there are no more pairs than experts), scaled to tokens * top_k, rounded, capped
// at `tokens`, the remainder dealt rank by rank to the least loaded (taken from the most loaded) expert; the rank with
// most pairs is timed. With groups, the layer's own router then drops what lies outside the groups it keeps and takes
// the lowest-numbered experts inside instead: the benchmark's scores are equal, so ties decide.
// experts divisible by ranks and groups; top_k <= experts in kept groups. Same arguments, same values.
BenchmarkLoad benchmark_load(std::int64_t tokens, std::int64_t top_k, std::int64_t experts, std::int64_t ranks, double alpha,
                             RoutingGroups groups = {});

}  // namespace moeplan
