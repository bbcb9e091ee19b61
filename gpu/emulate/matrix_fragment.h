#pragma once
// CUDA's warp matrix functions for 16 x 16 x 16 tiles of 16-bit numbers with fp32 sums. A lane holds all of A and B it
// read, and eight of the 256 sums; so what it reads and writes in memory, and when, is as racy as on the device.
// Only a kernel that never looks into a fragment can run here, as the device's layout is not specified either.
// Include through cuda_emulation.h.

#include <cstdint>
#include <source_location>

#include "gpu/emulate/launch.h"

namespace moeplan::cuda::wmma {

struct matrix_a {};
struct matrix_b {};
struct accumulator {};
struct row_major {};
struct col_major {};
enum layout_t { mem_row_major, mem_col_major };

template <class Use, int M, int N, int K, class T, class Layout = void>
struct fragment {
    static_assert(M == 16 && N == 16 && K == 16);
    T x[256];
};
template <int M, int N, int K>
struct fragment<accumulator, M, N, K, float, void> {
    float x[8];   // sums lane * 8 … of the tile, row by row
};

using Sums = fragment<accumulator, 16, 16, 16, float>;

// What the device asks of every pointer and pitch.
inline void check_tile(const void* at, unsigned pitch, std::size_t element) {
    if (reinterpret_cast<std::uintptr_t>(at) % 32 != 0)
        throw emulate::Fault("a matrix tile does not start at a multiple of 32 bytes");
    if (pitch * element % 16 != 0) throw emulate::Fault("a matrix tile's rows are not a multiple of 16 bytes apart");
}

inline void together(std::source_location at) {
    emulate::warp_call(emulate::WarpFunction::ballot, 0xffffffffu, 0, 0, at);
}

inline void fill_fragment(Sums& sums, float value) {
    for (float& s : sums.x) s = value;
}

template <class Use, class T, class Layout>
void load_matrix_sync(fragment<Use, 16, 16, 16, T, Layout>& into, const T* from, unsigned pitch,
                      std::source_location at = std::source_location::current()) {
    check_tile(from, pitch, sizeof(T));
    together(at);
    constexpr bool by_row = std::is_same_v<Layout, row_major>;
    for (unsigned r = 0; r < 16; ++r) {
        for (unsigned c = 0; c < 16; ++c) into.x[r * 16 + c] = by_row ? from[r * pitch + c] : from[c * pitch + r];
    }
}

template <class T, class LayoutA, class LayoutB>
void mma_sync(Sums& out, const fragment<matrix_a, 16, 16, 16, T, LayoutA>& a,
              const fragment<matrix_b, 16, 16, 16, T, LayoutB>& b, const Sums& in) {
    const unsigned first = emulate::lane() * 8;
    for (unsigned i = 0; i < 8; ++i) {
        const unsigned r = (first + i) / 16, c = (first + i) % 16;
        float sum = in.x[i];
        for (unsigned k = 0; k < 16; ++k) sum += to_float(a.x[r * 16 + k]) * to_float(b.x[k * 16 + c]);
        out.x[i] = sum;
    }
}

inline void store_matrix_sync(float* to, const Sums& sums, unsigned pitch, layout_t layout,
                              std::source_location at = std::source_location::current()) {
    check_tile(to, pitch, sizeof(float));
    together(at);
    const unsigned first = emulate::lane() * 8;
    for (unsigned i = 0; i < 8; ++i) {
        const unsigned r = (first + i) / 16, c = (first + i) % 16;
        to[layout == mem_row_major ? r * pitch + c : c * pitch + r] = sums.x[i];
    }
}

}  // namespace moeplan::cuda::wmma
