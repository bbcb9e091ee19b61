// CUDA's functions mean on emulated threads what the programming guide says they mean.

#include <array>
#include <numeric>
#include <set>

#include "gpu/cuda/kernels/device.cuh"
#include "tests/support/catch.h"

using namespace moeplan;
using namespace moeplan::cuda;

namespace {

__global__ void write_place(int* out) {
    const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
    const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
    const unsigned size = blockDim.x * blockDim.y * blockDim.z;
    out[block * size + thread] = static_cast<int>(block * size + thread);
}

struct WarpResults {
    int shifted_up, shifted_down, crossed, first, segment;
    unsigned odd, same;
    double wide;
};

__global__ void use_warp(WarpResults* out) {
    const int lane = thread_x() % kWarp;
    WarpResults r{};
    r.shifted_up = __shfl_up_sync(kWholeWarp, lane, 3);
    r.shifted_down = __shfl_down_sync(kWholeWarp, lane, 5);
    r.crossed = __shfl_xor_sync(kWholeWarp, lane, 9);
    r.first = __shfl_sync(kWholeWarp, lane + 100, 4);
    r.segment = __shfl_sync(kWholeWarp, lane, 1, 8);
    r.odd = __ballot_sync(kWholeWarp, lane % 2);
    r.same = __match_any_sync(kWholeWarp, lane % 3);
    r.wide = __shfl_xor_sync(kWholeWarp, lane * 0.5, 1);
    out[thread_x()] = r;
}

// Two halves of a warp meet apart.
__global__ void use_halves(int* out) {
    const int lane = thread_x();
    if (lane < 16) out[lane] = __shfl_sync(0x0000ffffu, lane, 3);
    else out[lane] = __shfl_sync(0xffff0000u, lane, 20);
}

__global__ void count(int* sum, int* largest, float* total) {
    atomicAdd(sum, 1);
    atomicMax(largest, thread_x());
    atomicAdd(total, 0.5f);
}

// A sum over a block by halving, in dynamic shared memory.
__global__ void sum_block(const int* in, int* out) {
    GPU_DYNAMIC_SHARED(memory);
    int* const part = reinterpret_cast<int*>(memory);
    part[thread_x()] = in[block_x() * threads_x() + thread_x()];
    __syncthreads();
    for (int half = threads_x() / 2; half > 0; half /= 2) {
        if (thread_x() < half) part[thread_x()] += part[thread_x() + half];
        __syncthreads();
    }
    if (thread_x() == 0) out[block_x()] = part[0];
}

// What a block finds in shared memory that it has not written.
__global__ void read_unwritten(float* out) {
    GPU_SHARED(float, held, 4);
    out[block_x()] = held[0];
    held[0] = 1.0f;
}

__global__ void multiply_tile(const bf16* a, const bf16* b, float* out) {
    wmma::fragment<wmma::matrix_a, 16, 16, 16, bf16, wmma::row_major> left;
    wmma::fragment<wmma::matrix_b, 16, 16, 16, bf16, wmma::col_major> right;
    wmma::fragment<wmma::accumulator, 16, 16, 16, float> sums;
    wmma::fill_fragment(sums, 0.0f);
    wmma::load_matrix_sync(left, a, 16);
    wmma::load_matrix_sync(right, b, 16);
    wmma::mma_sync(sums, left, right, sums);
    wmma::store_matrix_sync(out, sums, 16, wmma::mem_row_major);
}

}  // namespace

TEST_CASE("every thread of a three-dimensional launch runs once at its place") {
    std::vector<int> out(2 * 3 * 4 * 5 * 3 * 2, -1), expected(out.size());
    std::iota(expected.begin(), expected.end(), 0);
    for (const auto order : {emulate::Order::forward, emulate::Order::reverse, emulate::Order::random}) {
        emulate::set_order(order, 9);
        std::fill(out.begin(), out.end(), -1);
        GPU_LAUNCH(write_place, dim3(2, 3, 4), dim3(5, 3, 2), 0, nullptr, out.data());
        CHECK(out == expected);
    }
}

TEST_CASE("warp functions move values between lanes as the guide says") {
    std::vector<WarpResults> out(64);
    GPU_LAUNCH(use_warp, 1, 64, 0, nullptr, out.data());
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int lane = static_cast<int>(i % 32);
        CAPTURE(i);
        CHECK(out[i].shifted_up == (lane >= 3 ? lane - 3 : lane));
        CHECK(out[i].shifted_down == (lane + 5 < 32 ? lane + 5 : lane));
        CHECK(out[i].crossed == (lane ^ 9));
        CHECK(out[i].first == 104);
        CHECK(out[i].segment == lane / 8 * 8 + 1);
        CHECK(out[i].odd == 0xaaaaaaaau);
        unsigned same = 0;
        for (int l = 0; l < 32; ++l) same |= l % 3 == lane % 3 ? 1u << l : 0u;
        CHECK(out[i].same == same);
        CHECK(out[i].wide == (lane ^ 1) * 0.5);
    }
}

TEST_CASE("parts of a warp meet by their masks") {
    std::vector<int> out(32);
    GPU_LAUNCH(use_halves, 1, 32, 0, nullptr, out.data());
    for (std::size_t i = 0; i < 32; ++i) CHECK(out[i] == (i < 16 ? 3 : 20));
}

TEST_CASE("atomics of all blocks add up") {
    int sum = 0, largest = -1;
    float total = 0;
    GPU_LAUNCH(count, 7, 96, 0, nullptr, &sum, &largest, &total);
    CHECK(sum == 7 * 96);
    CHECK(largest == 95);
    CHECK(total == 7 * 96 * 0.5f);
}

TEST_CASE("a block sums through shared memory in every order") {
    std::vector<int> in(5 * 128), out(5);
    std::iota(in.begin(), in.end(), 0);
    for (const auto order : {emulate::Order::forward, emulate::Order::reverse, emulate::Order::random}) {
        emulate::set_order(order, 2);
        GPU_LAUNCH(sum_block, 5, 128, 128 * sizeof(int), nullptr, in.data(), out.data());
        for (int b = 0; b < 5; ++b) CHECK(out[static_cast<std::size_t>(b)] == 128 * (128 * b) + 127 * 128 / 2);
    }
}

TEST_CASE("shared memory that a block has not written is not a number") {
    std::vector<float> out(6, 0.0f);
    GPU_LAUNCH(read_unwritten, 6, 1, 0, nullptr, out.data());
    for (const float f : out) CHECK(f != f);
}

TEST_CASE("a warp multiplies tiles of a matrix") {
    alignas(32) std::array<bf16, 256> a{}, b{};
    alignas(32) std::array<float, 256> out{};
    for (std::size_t i = 0; i < 256; ++i) {
        a[i] = from_float<bf16>(static_cast<float>(i % 7) - 3.0f);
        b[i] = from_float<bf16>(static_cast<float>(i % 5) - 2.0f);
    }
    GPU_LAUNCH(multiply_tile, 1, 32, 0, nullptr, a.data(), b.data(), out.data());
    for (std::size_t r = 0; r < 16; ++r) {
        for (std::size_t c = 0; c < 16; ++c) {
            float sum = 0;
            for (std::size_t k = 0; k < 16; ++k) sum += to_float(a[r * 16 + k]) * to_float(b[c * 16 + k]);
            CHECK(out[r * 16 + c] == sum);
        }
    }
}
