#pragma once
// Device memory that frees itself.

#include <cuda_runtime_api.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "gpu/cuda/cuda_check.h"

namespace moeplan::cuda {

class DeviceBuffer {
public:
    DeviceBuffer() = default;
    explicit DeviceBuffer(std::int64_t bytes) {
        if (bytes > 0) check(cudaMalloc(&memory_, static_cast<std::size_t>(bytes)), "cudaMalloc");
    }
    template <class T>
    static DeviceBuffer of(const std::vector<T>& values) {
        DeviceBuffer out(static_cast<std::int64_t>(values.size() * sizeof(T)));
        if (values.empty()) return out;
        check(cudaMemcpy(out.memory_, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice),
              "cudaMemcpy to the device");
        // It may return before the copy has arrived, and the session's stream does not wait for it.
        check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
        return out;
    }
    // A destructor cannot report; an error that stays is seen by the next call.
    ~DeviceBuffer() {
        if (memory_) static_cast<void>(cudaFree(memory_));
    }
    DeviceBuffer(DeviceBuffer&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)) {}
    DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
        std::swap(memory_, other.memory_);
        return *this;
    }

    void* get() const { return memory_; }
    template <class T>
    T* as() const {
        return static_cast<T*>(memory_);
    }
    // `bytes` behind the start.
    void* at(std::int64_t bytes) const { return static_cast<unsigned char*>(memory_) + bytes; }

private:
    void* memory_ = nullptr;
};

}  // namespace moeplan::cuda
