#pragma once
// Attention of one query token a sequence over a paged cache. A block takes one chunk of the keys of one key head and up
// to 16 of its query heads: scores with the matrix units, softmax within the chunk, values with the matrix units. Where
// a sequence has several chunks, each leaves its sums, largest score and weight, and a second kernel joins them.
// Splitting the context so is the idea of Flash-Decoding (Dao, Haziza, Massa, Sizov, 2023).

#include "gpu/cuda/kernels/device.cuh"
#include "gpu/cuda/operators.h"

namespace moeplan::cuda {

constexpr int kDecodeThreads = 128, kDecodeWarps = kDecodeThreads / kWarp;
constexpr int kRows = 16;  // query heads of a block: the height of a matrix tile

// What lies where in a block's shared memory. Pitches keep rows 16 bytes off each other's banks.
struct DecodePlan {
    int qk = 0, v = 0;  // head sizes rounded up to 16
    int tile = 0;  // keys staged at a time
    int query_pitch = 0, tile_pitch = 0, score_pitch = 0, weight_pitch = 0;  // in elements
    int tile_at = 0, score_at = 0, weight_at = 0, row_at = 0, bytes = 0;  // in bytes; the query lies at 0
    int chunk = 0, splits = 0, head_blocks = 0;
};

inline int round_up(std::int64_t value, int to) { return static_cast<int>(divide_up(value, to) * to); }

// Keys a sequence of `length` attends to.
__host__ __device__ inline std::int64_t attended(std::int64_t length, std::int64_t window) {
    return window > 0 && window < length ? window : length;
}

inline DecodePlan decode_plan(const DecodeWork& work) {
    DecodePlan p;
    p.qk = round_up(work.qk_dim, 16);
    p.v = round_up(work.v_dim, 16);
    const int wide = p.qk > p.v ? p.qk : p.v;
    p.tile = wide > 256 ? 32 : 64;
    p.chunk = static_cast<int>(work.chunk);
    p.query_pitch = p.qk + 8;
    p.tile_pitch = wide + 8;
    p.score_pitch = p.chunk + 4;
    p.weight_pitch = p.chunk + 8;
    p.tile_at = round_up(kRows * p.query_pitch * 2, 128);
    p.score_at = p.tile_at + round_up(p.tile * p.tile_pitch * 2, 128);
    p.weight_at = p.score_at + round_up(kRows * p.score_pitch * 4, 128);
    p.row_at = p.weight_at + round_up(kRows * p.weight_pitch * 2, 128);
    p.bytes = p.row_at + 2 * kRows * 4;
    const std::int64_t keys = attended(work.longest, work.window);
    p.splits = static_cast<int>(divide_up(keys < 1 ? 1 : keys, p.chunk));
    p.head_blocks = static_cast<int>(divide_up(work.heads / work.kv_heads, kRows));
    return p;
}

std::int64_t decode_workspace(const DecodeWork& work) {
    const DecodePlan plan = decode_plan(work);
    return plan.splits == 1 ? 0 : work.sequences * work.heads * plan.splits * (work.v_dim + 2);
}

std::int64_t decode_chunk(const DecodeWork& work, std::int64_t processors) {
    const std::int64_t columns = work.sequences * work.kv_heads * divide_up(work.heads / work.kv_heads, kRows);
    for (const std::int64_t chunk : {64, 128}) {
        if (columns * divide_up(attended(work.longest, work.window), chunk) <= 4 * processors) return chunk;
    }
    return 256;
}

// The part of one sequence, key head and chunk that a block works on.
struct DecodePart {
    std::int64_t sequence, kv_head, first_head;  // first_head: of all heads
    int heads;  // at most kRows
    std::int64_t first_key;
    int keys;  // 0 or less when the chunk lies behind the sequence's end
    int split;
};

__device__ inline DecodePart part_of_block(const DecodeWork& work, const DecodePlan& plan) {
    DecodePart part;
    const std::int64_t group = work.heads / work.kv_heads;
    const std::int64_t head_block = blockIdx.y % static_cast<unsigned>(plan.head_blocks);
    part.sequence = block_x();
    part.kv_head = blockIdx.y / static_cast<unsigned>(plan.head_blocks);
    part.first_head = part.kv_head * group + head_block * kRows;
    part.heads = static_cast<int>(min(group - head_block * kRows, static_cast<std::int64_t>(kRows)));
    part.split = static_cast<int>(blockIdx.z);
    const std::int64_t length = work.lengths[part.sequence], keys = attended(length, work.window);
    const std::int64_t before = static_cast<std::int64_t>(part.split) * plan.chunk;
    part.first_key = length - keys + before;
    part.keys = static_cast<int>(min(keys - before, static_cast<std::int64_t>(plan.chunk)));
    return part;
}

// Numbers i … i+7 of a row of `dim` as bf16, zeros behind its end.
template <class Cache>
__device__ inline Eight<bf16> eight_of(const Cache* row, int i, int dim) {
    Eight<bf16> out;
    if (dim % 8 == 0 && i < dim) {
        const Eight<Cache> given = *reinterpret_cast<const Eight<Cache>*>(row + i);
        for (int j = 0; j < 8; ++j) {
            if constexpr (std::is_same_v<Cache, bf16>) out.x[j] = given.x[j];
            else out.x[j] = from_float<bf16>(to_float(given.x[j]));
        }
        return out;
    }
    for (int j = 0; j < 8; ++j) out.x[j] = from_float<bf16>(i + j < dim ? to_float(row[i + j]) : 0.0f);
    return out;
}

// Numbers at … at+7 of the cached row of key first + key; zeros for keys the part does not have.
template <class Cache>
__device__ inline Eight<bf16> cached_eight(const DecodeWork& work, const DecodePart& part, const void* cache, int dim,
                                           int key, int at) {
    if (key >= part.keys) {
        Eight<bf16> zeros;
        for (int j = 0; j < 8; ++j) zeros.x[j] = from_float<bf16>(0.0f);
        return zeros;
    }
    const std::int64_t position = part.first_key + key;
    const std::int64_t page = work.pages[part.sequence * work.table_width + position / kPageTokens];
    const std::int64_t row = (page * kPageTokens + position % kPageTokens) * work.kv_heads + part.kv_head;
    return eight_of(static_cast<const Cache*>(cache) + row * dim, at, dim);
}

// Keys (or values) first … first + plan.tile of the part into the tile. A thread has several loads under way at once:
// it is their number that hides the memory's latency.
template <class Cache>
__device__ inline void stage(const DecodeWork& work, const DecodePart& part, const DecodePlan& plan, const void* cache,
                             int dim, int padded, int first, bf16* tile) {
    constexpr int kAtOnce = 4;
    const int eights = padded / 8, all = plan.tile * eights;
    for (int start = thread_x(); start < all; start += kAtOnce * kDecodeThreads) {
        Eight<bf16> numbers[kAtOnce];
        for (int u = 0; u < kAtOnce; ++u) {
            const int i = start + u * kDecodeThreads;
            if (i < all) numbers[u] = cached_eight<Cache>(work, part, cache, dim, first + i / eights, i % eights * 8);
        }
        for (int u = 0; u < kAtOnce; ++u) {
            const int i = start + u * kDecodeThreads;
            if (i < all)
                *reinterpret_cast<Eight<bf16>*>(tile + i / eights * plan.tile_pitch + i % eights * 8) = numbers[u];
        }
    }
}

__device__ inline void stage_query(const DecodeWork& work, const DecodePart& part, const DecodePlan& plan,
                                   bf16* query) {
    const int eights = plan.qk / 8, dim = static_cast<int>(work.qk_dim);
    for (int i = thread_x(); i < kRows * eights; i += kDecodeThreads) {
        const int row = i / eights, at = i % eights * 8;
        Eight<bf16> numbers;
        if (row < part.heads) {
            const std::int64_t head = part.sequence * work.heads + part.first_head + row;
            numbers = eight_of(static_cast<const bf16*>(work.query) + head * dim, at, dim);
        } else {
            for (int j = 0; j < 8; ++j) numbers.x[j] = from_float<bf16>(0.0f);
        }
        *reinterpret_cast<Eight<bf16>*>(query + row * plan.query_pitch + at) = numbers;
    }
}

using Sums = wmma::fragment<wmma::accumulator, 16, 16, 16, float>;
using Left = wmma::fragment<wmma::matrix_a, 16, 16, 16, bf16, wmma::row_major>;

// Scores of the staged keys: a warp takes 16 of them at a time.
__device__ inline void score_tile(const DecodePlan& plan, int first, const bf16* query, const bf16* tile,
                                  float* scores) {
    for (int column = thread_x() / kWarp * 16; column < plan.tile; column += kDecodeWarps * 16) {
        Sums sums;
        wmma::fill_fragment(sums, 0.0f);
        for (int k = 0; k < plan.qk; k += 16) {
            Left a;
            wmma::fragment<wmma::matrix_b, 16, 16, 16, bf16, wmma::col_major> b;
            wmma::load_matrix_sync(a, query + k, static_cast<unsigned>(plan.query_pitch));
            wmma::load_matrix_sync(b, tile + column * plan.tile_pitch + k, static_cast<unsigned>(plan.tile_pitch));
            wmma::mma_sync(sums, a, b, sums);
        }
        wmma::store_matrix_sync(scores + first + column, sums, static_cast<unsigned>(plan.score_pitch),
                                wmma::mem_row_major);
    }
}

// Eight threads a row. Weights are rounded to bf16 before they are summed: what the values are multiplied with is what
// they are divided by. row_max in units of the softmax's exponent.
__device__ inline void chunk_softmax(const DecodeWork& work, const DecodePart& part, const DecodePlan& plan,
                                     const float* scores, bf16* weights, float* row_max, float* row_sum) {
    constexpr int kPerRow = kDecodeThreads / kRows;
    const int row = thread_x() / kPerRow, sub = thread_x() % kPerRow;
    const float scale = work.softmax_scale * work.key_scale;
    float top = -INFINITY;
    for (int key = sub; key < part.keys; key += kPerRow) top = fmaxf(top, scores[row * plan.score_pitch + key] * scale);
    for (int lanes = kPerRow / 2; lanes > 0; lanes /= 2) top = fmaxf(top, __shfl_xor_sync(kWholeWarp, top, lanes));
    float sum = 0;
    for (int key = sub; key < plan.chunk; key += kPerRow) {
        const float weight = key < part.keys ? __expf(scores[row * plan.score_pitch + key] * scale - top) : 0.0f;
        const bf16 rounded = from_float<bf16>(weight);
        weights[row * plan.weight_pitch + key] = rounded;
        sum += to_float(rounded);
    }
    for (int lanes = kPerRow / 2; lanes > 0; lanes /= 2) sum += __shfl_xor_sync(kWholeWarp, sum, lanes);
    if (sub == 0) {
        row_max[row] = top;
        row_sum[row] = sum;
    }
}

// Adds the staged values times their weights. Warp w keeps columns 16 * (w + 4 i).
template <unsigned kColumns>
__device__ inline void weigh_tile(const DecodePlan& plan, int first, const bf16* weights, const bf16* tile,
                                  Sums (&sums)[kColumns]) {
    for (int k = 0; k < plan.tile; k += 16) {
        Left a;
        wmma::load_matrix_sync(a, weights + first + k, static_cast<unsigned>(plan.weight_pitch));
        for (unsigned i = 0; i < kColumns; ++i) {
            const int column = (thread_x() / kWarp + static_cast<int>(i) * kDecodeWarps) * 16;
            if (column >= plan.v) continue;
            wmma::fragment<wmma::matrix_b, 16, 16, 16, bf16, wmma::row_major> b;
            wmma::load_matrix_sync(b, tile + k * plan.tile_pitch + column, static_cast<unsigned>(plan.tile_pitch));
            wmma::mma_sync(sums[i], a, b, sums[i]);
        }
    }
}

// Where the sums of one (sequence, head, split) lie in the workspace: v_dim sums, largest score, weight.
__host__ __device__ inline std::int64_t partial_at(const DecodeWork& work, int splits, std::int64_t head, int split) {
    return (head * splits + split) * (work.v_dim + 2);
}

__device__ inline void write_part(const DecodeWork& work, const DecodePart& part, const DecodePlan& plan,
                                  const float* sums, const float* row_max, const float* row_sum) {
    const int dim = static_cast<int>(work.v_dim);
    for (int i = thread_x(); i < part.heads * dim; i += kDecodeThreads) {
        const int row = i / dim, column = i % dim;
        const std::int64_t head = part.sequence * work.heads + part.first_head + row;
        const float sum = sums[row * plan.v + column];
        if (plan.splits == 1) {
            static_cast<bf16*>(work.out)[head * dim + column] = from_float<bf16>(sum / row_sum[row] * work.value_scale);
        } else {
            work.workspace[partial_at(work, plan.splits, head, part.split) + column] = sum;
        }
    }
    if (plan.splits > 1 && thread_x() < part.heads) {
        const std::int64_t head = part.sequence * work.heads + part.first_head + thread_x();
        float* const end = work.workspace + partial_at(work, plan.splits, head, part.split) + dim;
        end[0] = row_max[thread_x()];
        end[1] = row_sum[thread_x()];
    }
}

// kColumns * 64 >= v_dim. grid: sequences x (kv_heads * head_blocks) x splits.
template <class Cache, unsigned kColumns>
__global__ void __launch_bounds__(kDecodeThreads) attend_chunk(DecodeWork work, DecodePlan plan) {
    GPU_DYNAMIC_SHARED(memory);
    bf16* const query = reinterpret_cast<bf16*>(memory);
    bf16* const tile = reinterpret_cast<bf16*>(memory + plan.tile_at);
    float* const scores = reinterpret_cast<float*>(memory + plan.score_at);
    bf16* const weights = reinterpret_cast<bf16*>(memory + plan.weight_at);
    float* const row_max = reinterpret_cast<float*>(memory + plan.row_at);
    float* const row_sum = row_max + kRows;
    const DecodePart part = part_of_block(work, plan);
    if (part.keys <= 0) return;  // the whole block; the joining kernel does not read this split
    stage_query(work, part, plan, query);
    for (int first = 0; first < part.keys; first += plan.tile) {
        stage<Cache>(work, part, plan, work.keys, static_cast<int>(work.qk_dim), plan.qk, first, tile);
        __syncthreads();
        score_tile(plan, first, query, tile, scores);
        __syncthreads();
    }
    chunk_softmax(work, part, plan, scores, weights, row_max, row_sum);
    Sums sums[kColumns];
    for (unsigned i = 0; i < kColumns; ++i) wmma::fill_fragment(sums[i], 0.0f);
    for (int first = 0; first < part.keys; first += plan.tile) {
        stage<Cache>(work, part, plan, work.values, static_cast<int>(work.v_dim), plan.v, first, tile);
        __syncthreads();
        weigh_tile(plan, first, weights, tile, sums);
        __syncthreads();
    }
    // The tile is no longer read: the sums go through its memory.
    float* const result = reinterpret_cast<float*>(tile);
    for (unsigned i = 0; i < kColumns; ++i) {
        const int column = (thread_x() / kWarp + static_cast<int>(i) * kDecodeWarps) * 16;
        if (column < plan.v)
            wmma::store_matrix_sync(result + column, sums[i], static_cast<unsigned>(plan.v), wmma::mem_row_major);
    }
    __syncthreads();
    write_part(work, part, plan, result, row_max, row_sum);
}

// One block a (sequence, head).
__global__ void join_chunks(DecodeWork work, DecodePlan plan) {
    const std::int64_t head = block_x(), sequence = head / work.heads;
    const std::int64_t keys = attended(work.lengths[sequence], work.window);
    const int used = static_cast<int>(divide_up(keys, plan.chunk)), dim = static_cast<int>(work.v_dim);
    float top = -INFINITY;
    for (int s = 0; s < used; ++s) top = fmaxf(top, work.workspace[partial_at(work, plan.splits, head, s) + dim]);
    for (int column = thread_x(); column < dim; column += threads_x()) {
        float sum = 0, weight = 0;
        for (int s = 0; s < used; ++s) {
            const float* const partial = work.workspace + partial_at(work, plan.splits, head, s);
            const float factor = __expf(partial[dim] - top);
            sum += factor * partial[column];
            weight += factor * partial[dim + 1];
        }
        static_cast<bf16*>(work.out)[head * dim + column] = from_float<bf16>(sum / weight * work.value_scale);
    }
}

template <class Cache>
auto decode_kernel(std::int64_t v_dim) {
    auto* kernel = &attend_chunk<Cache, 8>;
    if (v_dim <= 64) kernel = &attend_chunk<Cache, 1>;
    else if (v_dim <= 128) kernel = &attend_chunk<Cache, 2>;
    else if (v_dim <= 256) kernel = &attend_chunk<Cache, 4>;
    return kernel;
}

// Assumes: every length is at least 1.
void run_decode_attention(const DecodeWork& work, Stream stream) {
    if (work.sequences == 0) return;
    const DecodePlan plan = decode_plan(work);
    auto* const kernel = work.cache == Element::fp8 ? decode_kernel<fp8>(work.v_dim) : decode_kernel<bf16>(work.v_dim);
    const dim3 grid(grid_of(work.sequences), grid_of(work.kv_heads * plan.head_blocks),
                    static_cast<unsigned>(plan.splits));
    const std::size_t shared = static_cast<std::size_t>(plan.bytes);
    allow_shared(kernel, shared);
    GPU_LAUNCH(kernel, grid, kDecodeThreads, shared, stream, work, plan);
    if (plan.splits == 1) return;
    GPU_LAUNCH(join_chunks, grid_of(work.sequences * work.heads), kDecodeThreads, 0, stream, work, plan);
}

}  // namespace moeplan::cuda
