#pragma once
// Memory a kernel works in: page-aligned, in huge pages where the system has them, filled with random numbers.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "gpu/cpu/element.h"

namespace moeplan::cpu {

struct FreeBuffer {
    std::size_t mapped = 0;   // bytes; 0 = from the heap
    void operator()(std::byte* memory) const;
};

class Buffer {
public:
    Buffer() = default;
    // Throws std::bad_alloc.
    explicit Buffer(std::size_t bytes);

    std::size_t bytes() const { return bytes_; }
    std::byte* data() const { return memory_.get(); }
    template <class T>
    T* as() const {
        return reinterpret_cast<T*>(memory_.get());
    }

private:
    using Memory = std::unique_ptr<std::byte[], FreeBuffer>;
    Memory memory_;
    std::size_t bytes_ = 0;
};

// Uniform in [-scale, scale], never zero and never denormal, the same for the same seed.
void fill_random(float* values, std::size_t count, float scale, std::uint64_t seed);
void fill_random(Bf16* values, std::size_t count, float scale, std::uint64_t seed);
void fill_random(std::int8_t* values, std::size_t count, float scale, std::uint64_t seed);   // scale 1 = +-127

// A buffer of `count` such numbers.
template <class T>
Buffer random_buffer(std::size_t count, float scale, std::uint64_t seed) {
    Buffer buffer(count * sizeof(T));
    fill_random(buffer.as<T>(), count, scale, seed);
    return buffer;
}

}  // namespace moeplan::cpu
