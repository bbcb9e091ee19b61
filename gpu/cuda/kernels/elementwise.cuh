#pragma once
// Number by number: SwiGLU, conversion to fp8, random fill, reading, nothing at all, a pause.

#include "gpu/cuda/kernels/device.cuh"
#include "gpu/cuda/kernels/rows.cuh"
#include "gpu/cuda/operators.h"

namespace moeplan::cuda {

__device__ inline float silu(float x) { return x / (1.0f + __expf(-x)); }

// One block a row.
template <class In, class Out, unsigned kVector>
__global__ void activate(ActivationWork work) {
    struct alignas(kVector * sizeof(In)) Given {
        In x[kVector];
    };
    struct alignas(kVector * sizeof(Out)) Made {
        Out x[kVector];
    };
    const std::int64_t row = block_x(), vectors = work.width / static_cast<std::int64_t>(kVector);
    const Given* const gate = static_cast<const Given*>(work.in) + row * vectors * (work.gated ? 2 : 1);
    for (std::int64_t i = thread_x(); i < vectors; i += threads_x()) {
        const Given g = gate[i], u = work.gated ? gate[vectors + i] : Given{};
        Made out;
        for (unsigned v = 0; v < kVector; ++v) {
            const float value = silu(to_float(g.x[v])) * (work.gated ? to_float(u.x[v]) : 1.0f);
            out.x[v] = from_float<Out>(value / work.out_scale);
        }
        static_cast<Made*>(work.out)[row * vectors + i] = out;
    }
}

template <class In, class Out>
void launch_activation(const ActivationWork& work, Stream stream) {
    auto* kernel = &activate<In, Out, 1>;
    if (work.width % 8 == 0) kernel = &activate<In, Out, 8>;
    const unsigned threads = threads_for(work.width % 8 == 0 ? work.width / 8 : work.width);
    GPU_LAUNCH(kernel, grid_of(work.rows), threads, 0, stream, work);
}

void run_activation(const ActivationWork& work, Stream stream) {
    if (work.rows == 0) return;
    const bool to_fp8 = work.out_element == Element::fp8;
    if (work.in_element == Element::fp16) {
        if (to_fp8) launch_activation<fp16, fp8>(work, stream);
        else launch_activation<fp16, fp16>(work, stream);
    } else {
        if (to_fp8) launch_activation<bf16, fp8>(work, stream);
        else launch_activation<bf16, bf16>(work, stream);
    }
}

constexpr int kFlatThreads = 256;

inline unsigned flat_grid(std::int64_t count) {
    const std::int64_t blocks = divide_up(count, kFlatThreads);
    return grid_of(blocks < 8192 ? blocks : 8192);
}

template <class In>
__global__ void quantise(const In* in, fp8* out, std::int64_t count, float scale) {
    for (std::int64_t i = block_x() * kFlatThreads + thread_x(); i < count; i += blocks_x() * kFlatThreads) {
        out[i] = from_float<fp8>(to_float(in[i]) / scale);
    }
}

void run_quantise(const void* in, Element in_element, void* out, std::int64_t count, float scale, Stream stream) {
    if (count == 0) return;
    fp8* const to = static_cast<fp8*>(out);
    if (in_element == Element::fp16)
        GPU_LAUNCH(quantise, flat_grid(count), kFlatThreads, 0, stream, static_cast<const fp16*>(in), to, count, scale);
    else
        GPU_LAUNCH(quantise, flat_grid(count), kFlatThreads, 0, stream, static_cast<const bf16*>(in), to, count, scale);
}

// A well mixed number of a counter. Source: the finaliser of SplitMix64, Steele, Lea and Flood, OOPSLA 2014.
__device__ inline std::uint64_t mixed(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

template <class T>
__global__ void fill_random(T* out, std::int64_t count, float scale, std::uint64_t seed) {
    for (std::int64_t i = block_x() * kFlatThreads + thread_x(); i < count; i += blocks_x() * kFlatThreads) {
        const auto draw =
            static_cast<float>(mixed(mixed(seed) + static_cast<std::uint64_t>(i)) >> 40);   // 24 bits: exact
        out[i] = from_float<T>((draw * (2.0f / 16777216.0f) - 1.0f) * scale);
    }
}

template <class T>
void launch_fill(T* out, std::int64_t count, float scale, std::uint64_t seed, Stream stream) {
    if (count > 0) GPU_LAUNCH(fill_random, flat_grid(count), kFlatThreads, 0, stream, out, count, scale, seed);
}

void run_fill_random(void* out, std::int64_t count, Element element, float scale, std::uint64_t seed, Stream stream) {
    if (element == Element::fp8) launch_fill(static_cast<fp8*>(out), count, scale, seed, stream);
    else if (element == Element::fp16) launch_fill(static_cast<fp16*>(out), count, scale, seed, stream);
    else launch_fill(static_cast<bf16*>(out), count, scale, seed, stream);
}

void run_fill_random_float(float* out, std::int64_t count, float scale, std::uint64_t seed, Stream stream) {
    launch_fill(out, count, scale, seed, stream);
}

// So few threads that adding their sums to one place costs less than the reading.
constexpr std::int64_t kReadBlocks = 256;

__global__ void read_all(const uint4* in, std::int64_t count, unsigned* sum) {
    unsigned mine = 0;
    const std::int64_t step = blocks_x() * kFlatThreads;
    for (std::int64_t i = block_x() * kFlatThreads + thread_x(); i < count; i += step) {
        const uint4 four = in[i];
        mine += four.x + four.y + four.z + four.w;
    }
    atomicAdd(sum, mine);
}

void run_read(const void* in, std::int64_t bytes, unsigned* sum, Stream stream) {
    const std::int64_t count = bytes / 16, blocks = divide_up(count, kFlatThreads);
    if (count == 0) return;
    GPU_LAUNCH(read_all, grid_of(blocks < kReadBlocks ? blocks : kReadBlocks), kFlatThreads, 0, stream,
               static_cast<const uint4*>(in), count, sum);
}

__global__ void do_nothing(int) {}

void run_empty(Stream stream) { GPU_LAUNCH(do_nothing, 1, kWarp, 0, stream, 0); }

__global__ void pause_device(std::int64_t nanoseconds) {
#ifdef __CUDACC__
    std::uint64_t start = 0, now = 0;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(start));
    do {
        __nanosleep(500);
        asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    } while (static_cast<std::int64_t>(now - start) < nanoseconds);
#else
    static_cast<void>(nanoseconds);   // emulated time stands still
#endif
}

void run_pause(std::int64_t nanoseconds, Stream stream) { GPU_LAUNCH(pause_device, 1, 1, 0, stream, nanoseconds); }

}  // namespace moeplan::cuda
