#pragma once
// Rows into the order of their experts and back.

#include <cstdint>
#include <vector>

#include "gpu/cpu/element.h"

namespace moeplan::cpu {

// Which rows go where. Pair p is one (token, expert); pairs of one expert are neighbours, experts in order.
struct PermutePlan {
    std::vector<std::int64_t> begin;       // [experts + 1] first pair of each expert
    std::vector<std::int32_t> token;       // [pairs] whose row it is
    std::vector<std::int64_t> first;       // [tokens + 1] first entry of each token in `pair`
    std::vector<std::int64_t> pair;        // [pairs] the pairs of each token, in the order it chose them
};

// chosen [tokens][top_k], each below `experts`: a stable counting sort by expert. Reuses the plan's memory.
void plan_permute(std::int64_t tokens, std::int64_t top_k, std::int64_t experts, const std::int32_t* chosen,
                  PermutePlan& plan);

// A plan in which expert e has loads[e] pairs and no token goes to an expert twice; tokens get nearly equally many
// pairs, in shuffled order. Requires: 0 <= loads[e] <= tokens.
PermutePlan plan_loads(std::int64_t tokens, const std::vector<std::int64_t>& loads);

// to[pair] = from[token of the pair], rows of `row_bytes`.
void gather_rows(const PermutePlan& plan, std::int64_t row_bytes, const void* from, void* to);

// to[token] = sum over its pairs of weights[entry] * from[pair]; entry counts as in plan.pair. A token without pairs
// gets 0.
void combine_rows(const PermutePlan& plan, std::int64_t width, const float* weights, const float* from, Bf16* to);
void combine_rows(const PermutePlan& plan, std::int64_t width, const float* weights, const float* from, float* to);
void combine_rows(const PermutePlan& plan, std::int64_t width, const float* weights, const Bf16* from, Bf16* to);

}  // namespace moeplan::cpu
