#pragma once
// One warp a token: softmax over the experts, the top_k largest, weights renormalised. Selection compares the scores
// themselves, so that two scores whose probabilities round to the same number keep their order.

#include <cfloat>

#include "gpu/cuda/kernels/device.cuh"
#include "gpu/cuda/operators.h"

namespace moeplan::cuda {

constexpr int kRouterWarps = 4;

__device__ inline float clean_score(float score) {
    if (score != score) return -INFINITY;
    return score > FLT_MAX ? FLT_MAX : score;
}

__device__ inline float warp_max(float value) {
    for (int lanes = kWarp / 2; lanes > 0; lanes /= 2) {
        const float other = __shfl_xor_sync(kWholeWarp, value, lanes);
        value = value < other ? other : value;
    }
    return value;
}

__device__ inline float warp_sum(float value) {
    for (int lanes = kWarp / 2; lanes > 0; lanes /= 2) value += __shfl_xor_sync(kWholeWarp, value, lanes);
    return value;
}

// The lane's best score that is not taken; expert INT32_MAX when none is left.
struct Choice {
    float score;
    int expert;
};

__device__ inline bool better(const Choice& a, const Choice& b) {
    if (a.expert == INT32_MAX || b.expert == INT32_MAX) return b.expert == INT32_MAX && a.expert != INT32_MAX;
    return a.score > b.score || (a.score == b.score && a.expert < b.expert);
}

template <unsigned kPerLane>
__device__ inline Choice best_of_lane(const float (&score)[kPerLane], unsigned taken, int lane, int experts) {
    Choice best{-INFINITY, INT32_MAX};
    for (unsigned i = 0; i < kPerLane; ++i) {
        const Choice here{score[i], static_cast<int>(i) * kWarp + lane};
        if (here.expert < experts && !(taken >> i & 1u) && better(here, best)) best = here;
    }
    return best;
}

__device__ inline Choice best_of_warp(Choice best) {
    for (int lanes = kWarp / 2; lanes > 0; lanes /= 2) {
        const Choice other{__shfl_xor_sync(kWholeWarp, best.score, lanes),
                           __shfl_xor_sync(kWholeWarp, best.expert, lanes)};
        if (better(other, best)) best = other;
    }
    return best;
}

// Expert e is element e / 32 of lane e % 32.
template <unsigned kPerLane>
__global__ void __launch_bounds__(kRouterWarps* kWarp) route_tokens(RouterWork work) {
    const int lane = thread_x() % kWarp;
    const std::int64_t token = block_x() * kRouterWarps + thread_x() / kWarp;
    if (token >= work.tokens) return;   // a whole warp; no barrier of the block follows
    const int experts = static_cast<int>(work.experts), top_k = static_cast<int>(work.top_k);
    float score[kPerLane];
    float top = -INFINITY;
    for (unsigned i = 0; i < kPerLane; ++i) {
        const int expert = static_cast<int>(i) * kWarp + lane;
        score[i] = expert < experts ? clean_score(work.scores[token * experts + expert]) : -INFINITY;
        top = top < score[i] ? score[i] : top;
    }
    top = warp_max(top);
    float sum = 0;
    for (unsigned i = 0; i < kPerLane; ++i) sum += score[i] > -INFINITY ? __expf(score[i] - top) : 0.0f;
    sum = warp_sum(sum);
    unsigned taken = 0;
    float mine = 0, total = 0;
    int mine_expert = 0;
    for (int slot = 0; slot < top_k; ++slot) {
        const Choice best = best_of_warp(best_of_lane(score, taken, lane, experts));
        if (best.expert % kWarp == lane) taken |= 1u << (best.expert / kWarp);
        const float probability = best.score > -INFINITY ? __expf(best.score - top) / sum : 0.0f;
        total += probability;
        if (slot == lane) {
            mine = probability;
            mine_expert = best.expert;
        }
    }
    if (lane < top_k) {
        work.expert_of[token * top_k + lane] = mine_expert;
        work.weight_of[token * top_k + lane] = total > 0 ? mine / total : 1.0f / static_cast<float>(top_k);
    }
}

void run_router(const RouterWork& work, Stream stream) {
    if (work.tokens == 0) return;
    auto* kernel = &route_tokens<32>;
    if (work.experts <= 32) kernel = &route_tokens<1>;
    else if (work.experts <= 64) kernel = &route_tokens<2>;
    else if (work.experts <= 128) kernel = &route_tokens<4>;
    else if (work.experts <= 256) kernel = &route_tokens<8>;
    else if (work.experts <= 512) kernel = &route_tokens<16>;
    GPU_LAUNCH(kernel, grid_of(divide_up(work.tokens, kRouterWarps)), kRouterWarps * kWarp, 0, stream, work);
}

}  // namespace moeplan::cuda
