#pragma once
// The part of CUDA C++ that the kernels of gpu/cuda/kernels are written in, for a host compiler. Include it through
// gpu/cuda/kernels/device.cuh only. What waits (__syncthreads, warp functions) is in launch.h; atomics are the host's,
// relaxed as on the device. Arithmetic is the host's: a GPU contracts a * b + c and its __expf is approximate.

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <source_location>
#include <type_traits>

#include "gpu/cuda/number_codec.h"
#include "gpu/emulate/launch.h"

#define __global__ inline
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __restrict__ __restrict

#define threadIdx (::moeplan::emulate::here().thread)
#define blockIdx (::moeplan::emulate::here().block)
#define blockDim (::moeplan::emulate::here().block_size)
#define gridDim (::moeplan::emulate::here().grid)

// The two ways to declare shared memory, and to launch; device.cuh has the same for nvcc.
#define GPU_SHARED(T, name, count) \
    T* const name =                \
        static_cast<T*>(::moeplan::emulate::static_shared(sizeof(T) * (count), std::source_location::current()))
#define GPU_DYNAMIC_SHARED(name) \
    unsigned char* const name = static_cast<unsigned char*>(::moeplan::emulate::dynamic_shared())
#define GPU_LAUNCH(kernel, grid_, block_, shared_, stream_, ...) \
    ::moeplan::emulate::launch({grid_, block_, shared_, stream_}, __func__, [&] { kernel(__VA_ARGS__); })

namespace moeplan::emulate {

template <class T>
std::uint64_t bits_of(T value) {
    static_assert(std::is_trivially_copyable_v<T> && (sizeof(T) == 4 || sizeof(T) == 8));
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    return bits;
}

template <class T>
T from_bits(std::uint64_t bits) {
    T value;
    std::memcpy(&value, &bits, sizeof(T));
    return value;
}

template <class T>
T shuffle(unsigned mask, T value, unsigned source, std::source_location at) {
    return from_bits<T>(warp_call(WarpFunction::shuffle, mask, bits_of(value), source, at));
}

}  // namespace moeplan::emulate

namespace moeplan::cuda {

using dim3 = emulate::Dim3;
using here_t = std::source_location;

// NOLINTBEGIN(bugprone-reserved-identifier): CUDA's names.
inline void __syncthreads(here_t at = here_t::current()) { emulate::block_barrier(at); }

inline void __syncwarp(unsigned mask = 0xffffffffu, here_t at = here_t::current()) {
    emulate::warp_call(emulate::WarpFunction::sync, mask, 0, 0, at);
}

// `width` lanes form a segment; a lane outside the segment is the caller itself.
template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, here_t at = here_t::current()) {
    const auto w = static_cast<unsigned>(width);
    return emulate::shuffle(mask, value, emulate::lane() / w * w + static_cast<unsigned>(source) % w, at);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32, here_t at = here_t::current()) {
    const auto w = static_cast<unsigned>(width);
    const unsigned self = emulate::lane(), source = self ^ static_cast<unsigned>(lanes);
    return emulate::shuffle(mask, value, source / w == self / w ? source : self, at);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, here_t at = here_t::current()) {
    const unsigned self = emulate::lane(), within = self % static_cast<unsigned>(width);
    return emulate::shuffle(mask, value, within >= delta ? self - delta : self, at);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, here_t at = here_t::current()) {
    const auto w = static_cast<unsigned>(width);
    const unsigned self = emulate::lane(), within = self % w;
    return emulate::shuffle(mask, value, within + delta < w ? self + delta : self, at);
}

inline unsigned __ballot_sync(unsigned mask, int predicate, here_t at = here_t::current()) {
    return static_cast<unsigned>(emulate::warp_call(emulate::WarpFunction::ballot, mask, predicate != 0, 0, at));
}
inline int __any_sync(unsigned mask, int predicate, here_t at = here_t::current()) {
    return __ballot_sync(mask, predicate, at) != 0;
}
inline int __all_sync(unsigned mask, int predicate, here_t at = here_t::current()) {
    return __ballot_sync(mask, predicate, at) == mask;
}

template <class T>
unsigned __match_any_sync(unsigned mask, T value, here_t at = here_t::current()) {
    return static_cast<unsigned>(
        emulate::warp_call(emulate::WarpFunction::match, mask, emulate::bits_of(value), 0, at));
}

template <class T>
T atomicAdd(T* at, T value) {
    return std::atomic_ref<T>(*at).fetch_add(value, std::memory_order_relaxed);
}
template <class T>
T atomicExch(T* at, T value) {
    return std::atomic_ref<T>(*at).exchange(value, std::memory_order_relaxed);
}
template <class T>
T atomicOr(T* at, T value) {
    return std::atomic_ref<T>(*at).fetch_or(value, std::memory_order_relaxed);
}
template <class T>
T atomicCAS(T* at, T expected, T desired) {
    std::atomic_ref<T>(*at).compare_exchange_strong(expected, desired, std::memory_order_relaxed);
    return expected;
}
template <class T>
T atomicMax(T* at, T value) {
    T seen = std::atomic_ref<T>(*at).load(std::memory_order_relaxed);
    while (seen < value && !std::atomic_ref<T>(*at).compare_exchange_weak(seen, value, std::memory_order_relaxed)) {}
    return seen;
}
template <class T>
T atomicMin(T* at, T value) {
    T seen = std::atomic_ref<T>(*at).load(std::memory_order_relaxed);
    while (value < seen && !std::atomic_ref<T>(*at).compare_exchange_weak(seen, value, std::memory_order_relaxed)) {}
    return seen;
}

inline int __popc(unsigned bits) { return std::popcount(bits); }
inline int __ffs(int bits) { return bits == 0 ? 0 : std::countr_zero(static_cast<unsigned>(bits)) + 1; }
inline int __clz(int bits) { return std::countl_zero(static_cast<unsigned>(bits)); }
inline float __expf(float x) { return std::exp(x); }
// NOLINTEND(bugprone-reserved-identifier)

using std::max;
using std::min;

struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
struct alignas(8) uint2 {
    unsigned x, y;
};

// Numbers as the device stores them.
struct bf16 {
    std::uint16_t bits;
};
struct fp16 {
    std::uint16_t bits;
};
struct fp8 {
    std::uint8_t bits;
};
inline float to_float(bf16 v) { return bf16_value(v.bits); }
inline float to_float(fp16 v) { return fp16_value(v.bits); }
inline float to_float(fp8 v) { return fp8_value(v.bits); }
inline float to_float(float v) { return v; }
template <class T>
T from_float(float v) {
    if constexpr (std::is_same_v<T, bf16>) return bf16{bf16_bits(v)};
    else if constexpr (std::is_same_v<T, fp16>) return fp16{fp16_bits(v)};
    else if constexpr (std::is_same_v<T, fp8>) return fp8{fp8_bits(v)};
    else return v;
}

}  // namespace moeplan::cuda

#include "gpu/emulate/matrix_fragment.h"
