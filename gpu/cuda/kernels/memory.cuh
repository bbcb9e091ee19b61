#pragma once
// Device memory for the comparisons; emulated, it is the host's, filled with 0xff so that nothing relies on zeros.

#include <cstring>
#include <new>

#include "gpu/cuda/kernels/device.cuh"
#include "gpu/cuda/operators.h"

namespace moeplan::cuda {

#ifdef __CUDACC__

void* device_allocate(std::size_t bytes) {
    void* memory = nullptr;
    check(cudaMalloc(&memory, bytes < 1 ? 1 : bytes), "cudaMalloc");
    return memory;
}
void device_free(void* memory) noexcept { cudaFree(memory); }
void copy_to_device(void* to, const void* from, std::size_t bytes) {
    if (bytes > 0) check(cudaMemcpy(to, from, bytes, cudaMemcpyHostToDevice), "cudaMemcpy to the device");
}
void copy_to_host(void* to, const void* from, std::size_t bytes) {
    check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    if (bytes > 0) check(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost), "cudaMemcpy to the host");
}

#else

void* device_allocate(std::size_t bytes) {
    void* const memory = ::operator new(bytes);
    std::memset(memory, 0xff, bytes);
    return memory;
}
void device_free(void* memory) noexcept { ::operator delete(memory); }
void copy_to_device(void* to, const void* from, std::size_t bytes) {
    if (bytes > 0) std::memcpy(to, from, bytes);
}
void copy_to_host(void* to, const void* from, std::size_t bytes) {
    if (bytes > 0) std::memcpy(to, from, bytes);
}

#endif

}  // namespace moeplan::cuda
