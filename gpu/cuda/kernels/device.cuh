#pragma once
// What every kernel file starts from: the same source for nvcc and, through gpu/emulate, for a host compiler.
// Kernels use GPU_SHARED and GPU_DYNAMIC_SHARED for shared memory, GPU_LAUNCH to be launched, and to_float / from_float
// between a stored number and float.

#ifdef __CUDACC__

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <cuda_runtime.h>
#include <mma.h>

#include <cstdint>
#include <type_traits>

#include "gpu/cuda/cuda_check.h"

#define GPU_SHARED(T, name, count) __shared__ T name[count]
#define GPU_DYNAMIC_SHARED(name) extern __shared__ __align__(128) unsigned char name[]
#define GPU_LAUNCH(kernel, grid_, block_, shared_, stream_, ...) \
    (kernel<<<grid_, block_, shared_, stream_>>>(__VA_ARGS__),   \
     ::moeplan::cuda::check(cudaGetLastError(), "launch of " #kernel))

namespace moeplan::cuda {

namespace wmma = nvcuda::wmma;
using bf16 = __nv_bfloat16;
using fp16 = __half;
using fp8 = __nv_fp8_e4m3;
__device__ inline float to_float(bf16 v) { return __bfloat162float(v); }
__device__ inline float to_float(fp16 v) { return __half2float(v); }
__device__ inline float to_float(fp8 v) { return static_cast<float>(v); }
__device__ inline float to_float(float v) { return v; }
template <class T>
__device__ inline T from_float(float v) {
    if constexpr (std::is_same_v<T, bf16>) return __float2bfloat16_rn(v);
    else if constexpr (std::is_same_v<T, fp16>) return __float2half_rn(v);
    else return static_cast<T>(v);
}

// Blocks may use more than 48 KiB of dynamic shared memory only after this.
template <class Kernel>
void allow_shared(Kernel kernel, std::size_t bytes) {
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)),
          "cudaFuncSetAttribute");
}

}  // namespace moeplan::cuda

#else

#include "gpu/emulate/cuda_emulation.h"

namespace moeplan::cuda {
template <class Kernel>
void allow_shared(Kernel, std::size_t) {}
}  // namespace moeplan::cuda

#endif

namespace moeplan::cuda {

constexpr int kWarp = 32;
constexpr unsigned kWholeWarp = 0xffffffffu;

__device__ inline int thread_x() { return static_cast<int>(threadIdx.x); }
__device__ inline int threads_x() { return static_cast<int>(blockDim.x); }
__device__ inline std::int64_t block_x() { return static_cast<std::int64_t>(blockIdx.x); }
__device__ inline std::int64_t blocks_x() { return static_cast<std::int64_t>(gridDim.x); }

inline unsigned grid_of(std::int64_t blocks) { return static_cast<unsigned>(blocks); }
__host__ __device__ inline std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// Eight numbers in one load; `count` of them are wanted. Assumes: with all eight, `at` is a multiple of their size.
template <class T>
struct alignas(8 * sizeof(T)) Eight {
    T x[8];
};

}  // namespace moeplan::cuda
