#include "gpu/cpu/permute.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>

#include "core/base/require.h"
#include "gpu/cpu/parallel.h"

namespace moeplan::cpu {
namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// plan.first and plan.pair from plan.token: for each token its pairs in rising order.
void list_by_token(std::int64_t tokens, PermutePlan& plan) {
    plan.first.assign(at(tokens + 1), 0);
    for (const std::int32_t t : plan.token) ++plan.first[at(t) + 1];
    std::partial_sum(plan.first.begin(), plan.first.end(), plan.first.begin());
    std::vector<std::int64_t> next(plan.first.begin(), plan.first.end() - 1);
    plan.pair.resize(plan.token.size());
    for (std::size_t p = 0; p < plan.token.size(); ++p)
        plan.pair[at(next[at(plan.token[p])]++)] = static_cast<std::int64_t>(p);
}

template <class From, class To>
MOEPLAN_INLINE void combine_token(const std::int64_t* pairs, const float* weights, std::int64_t count,
                                  std::int64_t width, const From* from, float* sum, To* to) {
    for (std::int64_t i = 0; i < width; ++i) sum[i] = 0;
    for (std::int64_t k = 0; k < count; ++k) {
        const From* row = from + pairs[k] * width;
        const float w = weights[k];
#pragma omp simd
        for (std::int64_t i = 0; i < width; ++i) sum[i] += w * widen(row[i]);
    }
    for (std::int64_t i = 0; i < width; ++i) to[i] = narrow<To>(sum[i]);
}

MOEPLAN_CLONES void combine_one(const std::int64_t* pairs, const float* weights, std::int64_t count, std::int64_t width,
                                const float* from, float* sum, Bf16* to) {
    combine_token(pairs, weights, count, width, from, sum, to);
}
MOEPLAN_CLONES void combine_one(const std::int64_t* pairs, const float* weights, std::int64_t count, std::int64_t width,
                                const float* from, float* sum, float* to) {
    combine_token(pairs, weights, count, width, from, sum, to);
}
MOEPLAN_CLONES void combine_one(const std::int64_t* pairs, const float* weights, std::int64_t count, std::int64_t width,
                                const Bf16* from, float* sum, Bf16* to) {
    combine_token(pairs, weights, count, width, from, sum, to);
}

template <class From, class To>
void combine(const PermutePlan& plan, std::int64_t width, const float* weights, const From* from, To* to) {
    const auto tokens = static_cast<std::int64_t>(plan.first.size()) - 1;
    parallel_for(tokens, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> sum(at(width));
        for (std::int64_t t = begin; t < end; ++t) {
            const std::int64_t first = plan.first[at(t)];
            combine_one(plan.pair.data() + first, weights + first, plan.first[at(t) + 1] - first, width, from,
                        sum.data(), to + t * width);
        }
    });
}

}  // namespace

void plan_permute(std::int64_t tokens, std::int64_t top_k, std::int64_t experts, const std::int32_t* chosen,
                  PermutePlan& plan) {
    const std::int64_t pairs = tokens * top_k;
    plan.begin.assign(at(experts + 1), 0);
    for (std::int64_t i = 0; i < pairs; ++i) ++plan.begin[at(chosen[i]) + 1];
    std::partial_sum(plan.begin.begin(), plan.begin.end(), plan.begin.begin());
    std::vector<std::int64_t> next(plan.begin.begin(), plan.begin.end() - 1);
    plan.token.resize(at(pairs));
    plan.pair.resize(at(pairs));
    plan.first.resize(at(tokens + 1));
    for (std::int64_t i = 0; i < pairs; ++i) {
        const std::int64_t p = next[at(chosen[i])]++;
        plan.token[at(p)] = static_cast<std::int32_t>(i / top_k);
        plan.pair[at(i)] = p;
    }
    for (std::int64_t t = 0; t <= tokens; ++t) plan.first[at(t)] = t * top_k;
}

PermutePlan plan_loads(std::int64_t tokens, const std::vector<std::int64_t>& loads) {
    std::vector<std::int32_t> order(at(tokens));
    std::iota(order.begin(), order.end(), 0);
    std::mt19937_64 random(1);   // its numbers, unlike the distributions, are the same everywhere
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    PermutePlan plan;
    plan.begin.push_back(0);
    std::int64_t next = 0;
    for (const std::int64_t load : loads) {
        require(load >= 0 && load <= tokens, "plan_loads: a load above the tokens");
        // Taking turns: at most once round the tokens, so none comes twice.
        for (std::int64_t i = 0; i < load; ++i) plan.token.push_back(order[at((next + i) % tokens)]);
        next = tokens > 0 ? (next + load) % tokens : 0;
        plan.begin.push_back(static_cast<std::int64_t>(plan.token.size()));
        std::sort(plan.token.end() - load, plan.token.end());   // as a stable sort by expert leaves them
    }
    list_by_token(tokens, plan);
    return plan;
}

void gather_rows(const PermutePlan& plan, std::int64_t row_bytes, const void* from, void* to) {
    parallel_for(static_cast<std::int64_t>(plan.token.size()), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t p = begin; p < end; ++p) {
            std::memcpy(static_cast<std::byte*>(to) + p * row_bytes,
                        static_cast<const std::byte*>(from) + plan.token[at(p)] * row_bytes, at(row_bytes));
        }
    });
}

void combine_rows(const PermutePlan& plan, std::int64_t width, const float* weights, const float* from, Bf16* to) {
    combine(plan, width, weights, from, to);
}
void combine_rows(const PermutePlan& plan, std::int64_t width, const float* weights, const float* from, float* to) {
    combine(plan, width, weights, from, to);
}
void combine_rows(const PermutePlan& plan, std::int64_t width, const float* weights, const Bf16* from, Bf16* to) {
    combine(plan, width, weights, from, to);
}

}  // namespace moeplan::cpu
