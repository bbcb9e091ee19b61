#pragma once
// An array in device memory with a copy on the host's side.

#include <utility>
#include <vector>

#include "gpu/cuda/operators.h"

namespace moeplan::cuda {

template <class T>
class DeviceArray {
public:
    // Filled with what device_allocate() leaves.
    explicit DeviceArray(std::size_t count)
        : count_(count), memory_(static_cast<T*>(device_allocate(count * sizeof(T)))) {}
    explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
        copy_to_device(memory_, values.data(), count_ * sizeof(T));
    }
    ~DeviceArray() { device_free(memory_); }
    DeviceArray(DeviceArray&& other) noexcept : count_(other.count_), memory_(std::exchange(other.memory_, nullptr)) {}
    DeviceArray& operator=(DeviceArray&&) = delete;

    T* get() { return memory_; }
    const T* get() const { return memory_; }
    std::size_t size() const { return count_; }
    std::vector<T> values() const {
        std::vector<T> out(count_);
        copy_to_host(out.data(), memory_, count_ * sizeof(T));
        return out;
    }

private:
    std::size_t count_ = 0;
    T* memory_ = nullptr;
};

}  // namespace moeplan::cuda
