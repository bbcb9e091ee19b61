#pragma once
// A stable counting sort of (token, slot) pairs by expert, the same on every run: pairs are cut into chunks, one a
// block; a histogram of each chunk, a scan over the chunks of an expert and over the experts, and each pair then counts
// the pairs of its expert before it: in earlier warps by the block's histogram, in its warp by a match of lanes.

#include "gpu/cuda/kernels/device.cuh"
#include "gpu/cuda/operators.h"

namespace moeplan::cuda {

constexpr int kPlaceThreads = 256, kPlaceWarps = kPlaceThreads / kWarp;
constexpr std::int64_t kPlaceMostBlocks = 512;

struct PlacePlan {
    std::int64_t chunk = 0, blocks = 0;  // chunk: a multiple of kPlaceThreads
};

inline PlacePlan place_plan(std::int64_t pairs) {
    const std::int64_t least = 4 * kPlaceThreads;
    std::int64_t chunk = divide_up(divide_up(pairs, kPlaceMostBlocks), kPlaceThreads) * kPlaceThreads;
    chunk = chunk < least ? least : chunk;
    return {chunk, divide_up(pairs, chunk)};
}

// Expert of a pair, or -1 when it is not held here.
__device__ inline int held_expert(const PlaceWork& work, std::int64_t pair) {
    const int expert = pair < work.pairs ? work.expert_of[pair] : -1;
    return expert >= 0 && expert < work.experts ? expert : -1;
}

// counts[expert * blocks + block]
__global__ void count_pairs(PlaceWork work, PlacePlan plan, int* counts) {
    GPU_DYNAMIC_SHARED(memory);
    int* const histogram = reinterpret_cast<int*>(memory);
    const int experts = static_cast<int>(work.experts);
    for (int e = thread_x(); e < experts; e += kPlaceThreads) histogram[e] = 0;
    __syncthreads();
    const std::int64_t first = block_x() * plan.chunk;
    for (std::int64_t i = thread_x(); i < plan.chunk; i += kPlaceThreads) {
        const int expert = held_expert(work, first + i);
        if (expert >= 0) atomicAdd(&histogram[expert], 1);
    }
    __syncthreads();
    for (int e = thread_x(); e < experts; e += kPlaceThreads) counts[e * plan.blocks + block_x()] = histogram[e];
}

// Inclusive over the lanes.
__device__ inline int warp_scan(int value, int lane) {
    for (int delta = 1; delta < kWarp; delta *= 2) {
        const int before = __shfl_up_sync(kWholeWarp, value, static_cast<unsigned>(delta));
        if (lane >= delta) value += before;
    }
    return value;
}

// One warp an expert: its counts become what lies in earlier blocks, totals[expert] all of them.
__global__ void scan_blocks(int* counts, int* totals, std::int64_t experts, std::int64_t blocks) {
    const int lane = thread_x() % kWarp;
    const std::int64_t expert = block_x() * kPlaceWarps + thread_x() / kWarp;
    if (expert >= experts) return;  // a whole warp; no barrier of the block follows
    int* const row = counts + expert * blocks;
    int before = 0;
    for (std::int64_t first = 0; first < blocks; first += kWarp) {
        const bool inside = first + lane < blocks;
        const int count = inside ? row[first + lane] : 0;
        const int through = warp_scan(count, lane);
        if (inside) row[first + lane] = before + through - count;
        before += __shfl_sync(kWholeWarp, through, kWarp - 1);
    }
    if (lane == 0) totals[expert] = before;
}

// One block: offsets[e] = pairs of experts before e; offsets[experts] = all.
__global__ void scan_experts(const int* totals, int* offsets, std::int64_t experts) {
    GPU_SHARED(int, warp_total, kPlaceWarps);
    const int lane = thread_x() % kWarp, warp = thread_x() / kWarp;
    int before = 0;
    for (std::int64_t first = 0; first < experts; first += kPlaceThreads) {
        const std::int64_t expert = first + thread_x();
        const int count = expert < experts ? totals[expert] : 0;
        const int through = warp_scan(count, lane);
        if (lane == kWarp - 1) warp_total[warp] = through;
        __syncthreads();
        int earlier = 0, all = 0;
        for (int w = 0; w < kPlaceWarps; ++w) {
            if (w < warp) earlier += warp_total[w];
            all += warp_total[w];
        }
        if (expert < experts) offsets[expert] = before + earlier + through - count;
        before += all;
        __syncthreads();
    }
    if (thread_x() == 0) offsets[experts] = before;
}

// Every warp walks its part of the block's chunk in order. next[warp * experts + e] first counts the warp's pairs of e,
// then is the row of its next one. The first lane of those with the same expert writes for all of them.
template <class OnPair>
__device__ inline void walk_pairs(const PlaceWork& work, std::int64_t first, std::int64_t count, int* next,
                                  OnPair on_pair) {
    const int lane = thread_x() % kWarp;
    for (std::int64_t i = 0; i < count; i += kWarp) {
        const std::int64_t pair = first + i + lane;
        const int expert = held_expert(work, pair);
        const unsigned same = __match_any_sync(kWholeWarp, expert);
        const unsigned earlier = same & ((1u << lane) - 1u);
        if (expert >= 0) on_pair(pair, next[expert] + __popc(earlier));
        else if (pair < work.pairs) on_pair(pair, -1);
        __syncwarp();
        if (expert >= 0 && earlier == 0) next[expert] += __popc(same);
        __syncwarp();
    }
}

__global__ void place_pairs(PlaceWork work, PlacePlan plan, const int* counts) {
    GPU_DYNAMIC_SHARED(memory);
    int* const table = reinterpret_cast<int*>(memory);
    const int experts = static_cast<int>(work.experts), warp = thread_x() / kWarp;
    for (int e = thread_x(); e < experts * kPlaceWarps; e += kPlaceThreads) table[e] = 0;
    __syncthreads();
    const std::int64_t part = plan.chunk / kPlaceWarps, first = block_x() * plan.chunk + warp * part;
    int* const next = table + warp * experts;
    walk_pairs(work, first, part, next, [](std::int64_t, int) {});
    __syncthreads();
    for (int e = thread_x(); e < experts; e += kPlaceThreads) {
        int row = work.offsets[e] + counts[e * plan.blocks + block_x()];
        for (int w = 0; w < kPlaceWarps; ++w) {
            const int count = table[w * experts + e];
            table[w * experts + e] = row;
            row += count;
        }
    }
    __syncthreads();
    walk_pairs(work, first, part, next, [&](std::int64_t pair, int row) {
        work.row_of_pair[pair] = row;
        if (row >= 0) work.pair_of_row[row] = static_cast<int>(pair);
    });
}

std::int64_t place_workspace(std::int64_t pairs, std::int64_t experts) {
    return experts * (place_plan(pairs).blocks + 1);
}

void run_place(const PlaceWork& work, Stream stream) {
    const PlacePlan plan = place_plan(work.pairs);
    int* const totals = work.workspace;
    int* const counts = work.workspace + work.experts;
    const std::size_t table = static_cast<std::size_t>(work.experts) * sizeof(int);
    const unsigned blocks = grid_of(plan.blocks);
    if (blocks > 0) GPU_LAUNCH(count_pairs, blocks, kPlaceThreads, table, stream, work, plan, counts);
    GPU_LAUNCH(scan_blocks, grid_of(divide_up(work.experts, kPlaceWarps)), kPlaceThreads, 0, stream, counts, totals,
               work.experts, plan.blocks);
    GPU_LAUNCH(scan_experts, 1, kPlaceThreads, 0, stream, totals, work.offsets, work.experts);
    if (blocks > 0) GPU_LAUNCH(place_pairs, blocks, kPlaceThreads, table * kPlaceWarps, stream, work, plan, counts);
}

}  // namespace moeplan::cuda
