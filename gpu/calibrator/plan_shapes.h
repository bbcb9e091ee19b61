#pragma once
// Layer shapes a plan covers: those of models, and shapes between them. Shared by plan_grids.cpp and plan_between.cpp.

#include <compare>
#include <cstdint>
#include <functional>
#include <set>
#include <tuple>
#include <utility>

#include "core/kernels/kernel.h"

namespace moeplan {

struct ExpertShape {
    std::int64_t hidden = 0, width = 0, experts = 0, ep = 1, top_k = 1;
    bool gated = true;
    auto operator<=>(const ExpertShape&) const = default;
};
struct AttentionShape {
    std::int64_t heads = 0, kv_heads = 0, qk_dim = 0, v_dim = 0, window = 0;
    auto operator<=>(const AttentionShape&) const = default;
};

struct PlanShapes {
    std::set<std::pair<std::int64_t, std::int64_t>> gemms;   // n, k
    std::set<ExpertShape> experts;
    std::set<AttentionShape> attention;
    std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t>> routing;   // experts, top_k, hidden
    std::set<std::int64_t> widths;                                           // of gated feed-forward layers
};

// Whether a worker can run the smallest kernel of a shape.
struct ShapeFits {
    std::function<bool(std::int64_t n, std::int64_t k)> gemm;
    std::function<bool(const ExpertShape&)> experts;
    std::function<bool(const AttentionShape&)> attention;
};

// Shapes between those of `known` that fit: every size log-uniform between the smallest and the largest, in multiples that
// models come in (64 of layers, 16 of heads), by a Halton sequence (Halton 1960), so that the same are drawn each time. About
// as many as there are known ones that fit, and no known one. The next model has other sizes than any before it: a
// fit that saw only powers of two cannot say what others cost.
PlanShapes shapes_between(const PlanShapes& known, const ShapeFits& fits);

}  // namespace moeplan
