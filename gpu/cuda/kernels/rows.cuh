#pragma once
// Rows moved and summed: gather (one block a row), combine (one block a token).

#include "gpu/cuda/kernels/device.cuh"
#include "gpu/cuda/operators.h"

namespace moeplan::cuda {

// Threads of a block that walks `items` items: whole warps, at most 256.
inline unsigned threads_for(std::int64_t items) {
    const std::int64_t rounded = divide_up(items, kWarp) * kWarp;
    return static_cast<unsigned>(rounded < kWarp ? kWarp : rounded > 256 ? 256 : rounded);
}

// Unit: as much as every row is a multiple of.
template <class Unit>
__global__ void gather_rows(GatherWork work) {
    const std::int64_t row = block_x();
    if (row >= *work.row_count) return;
    const std::int64_t units = work.row_bytes / static_cast<std::int64_t>(sizeof(Unit));
    const std::int64_t token = work.pair_of_row[row] / work.top_k;
    const Unit* const from = static_cast<const Unit*>(work.input) + token * units;
    Unit* const to = static_cast<Unit*>(work.rows) + row * units;
    for (std::int64_t i = thread_x(); i < units; i += threads_x()) to[i] = from[i];
}

template <class Unit>
void launch_gather(const GatherWork& work, Stream stream) {
    auto* const kernel = &gather_rows<Unit>;
    const unsigned threads = threads_for(work.row_bytes / static_cast<std::int64_t>(sizeof(Unit)));
    GPU_LAUNCH(kernel, grid_of(work.most_rows), threads, 0, stream, work);
}

void run_gather(const GatherWork& work, Stream stream) {
    if (work.most_rows == 0) return;
    if (work.row_bytes % 16 == 0) launch_gather<uint4>(work, stream);
    else if (work.row_bytes % 2 == 0) launch_gather<std::uint16_t>(work, stream);
    else launch_gather<std::uint8_t>(work, stream);
}

// kVector numbers at a time; the sums of a token are always added in the order of its slots.
template <class T, unsigned kVector>
__global__ void combine_rows(CombineWork work) {
    struct alignas(kVector * sizeof(T)) Vector {
        T x[kVector];
    };
    const std::int64_t token = block_x(), vectors = work.hidden / static_cast<std::int64_t>(kVector);
    const int top_k = static_cast<int>(work.top_k);
    for (std::int64_t i = thread_x(); i < vectors; i += threads_x()) {
        float sum[kVector] = {};
        for (int slot = 0; slot < top_k; ++slot) {
            const std::int64_t row = work.row_of_pair[token * top_k + slot];
            if (row < 0) continue;
            const float weight = work.weight_of[token * top_k + slot];
            const Vector part = static_cast<const Vector*>(work.rows)[row * vectors + i];
            for (unsigned v = 0; v < kVector; ++v) sum[v] += weight * to_float(part.x[v]);
        }
        Vector out;
        for (unsigned v = 0; v < kVector; ++v) out.x[v] = from_float<T>(sum[v]);
        static_cast<Vector*>(work.out)[token * vectors + i] = out;
    }
}

template <class T>
void launch_combine(const CombineWork& work, Stream stream) {
    auto* kernel = &combine_rows<T, 1>;
    if (work.hidden % 8 == 0) kernel = &combine_rows<T, 8>;
    const unsigned threads = threads_for(work.hidden % 8 == 0 ? work.hidden / 8 : work.hidden);
    GPU_LAUNCH(kernel, grid_of(work.tokens), threads, 0, stream, work);
}

void run_combine(const CombineWork& work, Stream stream) {
    if (work.tokens == 0) return;
    if (work.element == Element::fp16) launch_combine<fp16>(work, stream);
    else launch_combine<bf16>(work, stream);
}

}  // namespace moeplan::cuda
