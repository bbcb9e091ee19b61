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

// `alpha` 0: tokens are dealt to experts in strides and rank 0 is timed. Otherwise expert loads are drawn from x^-alpha
// on [1, 0.8 tokens] (on [0.01, 2] when there are no more pairs than experts), scaled to tokens * top_k, rounded, capped
// at `tokens`, the remainder dealt rank by rank to the least loaded (taken from the most loaded) expert; the rank with
// most pairs is timed. experts divisible by ranks; top_k <= experts. Same arguments, same values.
BenchmarkLoad benchmark_load(std::int64_t tokens, std::int64_t top_k, std::int64_t experts, std::int64_t ranks, double alpha);

}  // namespace moeplan
