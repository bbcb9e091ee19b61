#include "gpu/cpu/buffer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include <sys/mman.h>

#include "gpu/cpu/parallel.h"

namespace moeplan::cpu {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::size_t kMapped = std::size_t{1} << 20;   // larger ones are mapped
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kMapLarge = false;   // mapped memory has no red zones
#else
constexpr bool kMapLarge = true;
#endif

// splitmix64 (Steele, Lea, Flood, OOPSLA 2014) as a function of the position: any part can be filled by any thread.
std::uint64_t random_bits(std::uint64_t at) {
    std::uint64_t z = at * 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

// In [-1, 1], at least 2^-8 away from zero.
float random_unit(std::uint64_t at) {
    const auto bits = random_bits(at);
    const float magnitude = static_cast<float>(1 + (bits >> 40)) * 0x1p-24F;
    return (bits & 1U ? -1.0F : 1.0F) * (0x1p-8F + (1.0F - 0x1p-8F) * magnitude);
}

template <class T, class Make>
void fill(T* values, std::size_t count, std::uint64_t seed, Make make) {
    parallel_for(static_cast<std::int64_t>(count), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) values[i] = make(random_unit(seed + static_cast<std::uint64_t>(i)));
    });
}

}  // namespace

void FreeBuffer::operator()(std::byte* memory) const {
    if (mapped > 0) munmap(memory, mapped);
    else std::free(memory);
}

Buffer::Buffer(std::size_t bytes) : bytes_(bytes) {
    if (bytes > std::numeric_limits<std::size_t>::max() / 2) throw std::bad_alloc();
    if (kMapLarge && bytes >= kMapped) {
        void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::bad_alloc();
        madvise(memory, bytes, MADV_HUGEPAGE);   // advice: refusing it only costs time
        memory_ = Memory(static_cast<std::byte*>(memory), FreeBuffer{bytes});
        return;
    }
    const std::size_t rounded = std::max(kLine, (bytes + kLine - 1) / kLine * kLine);
    void* memory = std::aligned_alloc(kLine, rounded);
    if (!memory) throw std::bad_alloc();
    std::memset(memory, 0, rounded);
    memory_ = Memory(static_cast<std::byte*>(memory), FreeBuffer{});
}

void fill_random(float* values, std::size_t count, float scale, std::uint64_t seed) {
    fill(values, count, seed, [scale](float unit) { return unit * scale; });
}

void fill_random(Bf16* values, std::size_t count, float scale, std::uint64_t seed) {
    fill(values, count, seed, [scale](float unit) { return to_bf16(unit * scale); });
}

void fill_random(std::int8_t* values, std::size_t count, float scale, std::uint64_t seed) {
    fill(values, count, seed, [scale](float unit) {
        const float value = unit * scale * 127.0F;
        return static_cast<std::int8_t>(value < 0 ? std::min(value, -1.0F) : std::max(value, 1.0F));
    });
}

}  // namespace moeplan::cpu
