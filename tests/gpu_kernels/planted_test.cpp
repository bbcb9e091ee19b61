// Kernels with a planted fault: the emulator or a sanitizer must see it.

#include <array>
#include <cstdio>

#include "gpu/cuda/kernels/device.cuh"
#include "gpu/emulate/sanitizer.h"
#include "tests/support/catch.h"

using namespace moeplan;
using namespace moeplan::cuda;

namespace {

constexpr int kThreads = 64;

// out[i] = in[kThreads - 1 - i], through shared memory.
template <bool kWithBarrier>
__global__ void reverse(const int* in, int* out) {
    GPU_SHARED(int, held, kThreads);
    held[thread_x()] = in[thread_x()];
    if constexpr (kWithBarrier) __syncthreads();
    out[thread_x()] = held[kThreads - 1 - thread_x()];
}

template <bool kWithBarrier>
bool reverses(emulate::Order order) {
    std::array<int, kThreads> in{}, out{};
    for (int i = 0; i < kThreads; ++i) in[static_cast<std::size_t>(i)] = i + 1;
    emulate::set_order(order, 5);
    auto* const kernel = &reverse<kWithBarrier>;
    GPU_LAUNCH(kernel, 1, kThreads, 0, nullptr, in.data(), out.data());
    for (int i = 0; i < kThreads; ++i) {
        if (out[static_cast<std::size_t>(i)] != kThreads - i) return false;
    }
    return true;
}

// Blocks that add to one number without an atomic.
__global__ void add_in_turn(int* sum) {
    if (thread_x() == 0) *sum += 1;
}

__global__ void write_beyond(int count) {
    GPU_DYNAMIC_SHARED(memory);
    reinterpret_cast<int*>(memory)[count] = thread_x();
}

__global__ void diverge(int* out) {
    if (thread_x() < 40) {
        __syncthreads();
        out[thread_x()] = 1;
    } else {
        __syncthreads();
        out[thread_x()] = 2;
    }
}

__global__ void leave_early(int* out) {
    if (thread_x() >= 33) return;
    __syncthreads();
    out[thread_x()] = 1;
}

__global__ void miss_a_lane(int* out) {
    if (thread_x() == 7) return;
    out[thread_x()] = __shfl_sync(kWholeWarp, thread_x(), 0);
}

__global__ void read_outside_mask(int* out) {
    if (thread_x() < 16) out[thread_x()] = __shfl_sync(0xffffu, thread_x(), 20);
}

__global__ void wait_apart(int* out) {
    if (thread_x() < 32) __syncthreads();
    else out[thread_x()] = __shfl_sync(kWholeWarp, 1, 0);
}

template <class Kernel>
std::string fault_of(Kernel kernel, unsigned threads) {
    std::array<int, 128> out{};
    emulate::set_order(emulate::Order::forward);
    try {
        GPU_LAUNCH(kernel, 1, threads, 0, nullptr, out.data());
    } catch (const emulate::Fault& fault) {
        return fault.what();
    }
    return {};
}

#if defined(MOEPLAN_EMULATE_TSAN) || defined(MOEPLAN_EMULATE_ASAN)
struct Ended {
    int status;
    std::string text;
};

// This program again with one hidden test.
Ended run_hidden(const std::string& tag) {
    std::array<char, 4096> path{};
    std::FILE* const self = popen("readlink -f /proc/$PPID/exe", "r");
    REQUIRE(self != nullptr);
    REQUIRE(std::fgets(path.data(), static_cast<int>(path.size()), self) != nullptr);
    pclose(self);
    std::string program(path.data());
    program.pop_back();
    std::FILE* const child = popen(("'" + program + "' '" + tag + "' 2>&1").c_str(), "r");
    REQUIRE(child != nullptr);
    Ended ended{0, {}};
    while (std::fgets(path.data(), static_cast<int>(path.size()), child)) ended.text += path.data();
    ended.status = pclose(child);
    return ended;
}
#endif

}  // namespace

TEST_CASE("a kernel with its barriers gives the same in every order") {
    for (const auto order : {emulate::Order::forward, emulate::Order::reverse, emulate::Order::random})
        CHECK(reverses<true>(order));
}

TEST_CASE("a race between threads, planted", "[.planted-threads]") { reverses<false>(emulate::Order::forward); }

TEST_CASE("a race between blocks, planted", "[.planted-blocks]") {
    int sum = 0;
    GPU_LAUNCH(add_in_turn, 4, 32, 0, nullptr, &sum);
}

TEST_CASE("a write beyond shared memory, planted", "[.planted-bounds]") {
    GPU_LAUNCH(write_beyond, 1, 1, 16 * sizeof(int), nullptr, 16);
}

#if defined(MOEPLAN_EMULATE_TSAN)
TEST_CASE("a missing barrier is a data race") {
    const Ended ended = run_hidden("[.planted-threads]");
    CHECK(ended.status != 0);
    CHECK_THAT(ended.text, ContainsSubstring("data race"));
    CHECK_THAT(ended.text, ContainsSubstring("planted_test.cpp"));
}

TEST_CASE("a sum over blocks without an atomic is a data race") {
    const Ended ended = run_hidden("[.planted-blocks]");
    CHECK(ended.status != 0);
    CHECK_THAT(ended.text, ContainsSubstring("data race"));
}
#else
TEST_CASE("a missing barrier gives wrong results in some order") {
    CHECK_FALSE((reverses<false>(emulate::Order::forward) && reverses<false>(emulate::Order::reverse) &&
                 reverses<false>(emulate::Order::random)));
}
#endif

#if defined(MOEPLAN_EMULATE_ASAN)
TEST_CASE("a write beyond shared memory is seen") {
    const Ended ended = run_hidden("[.planted-bounds]");
    CHECK(ended.status != 0);
    CHECK_THAT(ended.text, ContainsSubstring("heap-buffer-overflow"));
    CHECK_THAT(ended.text, ContainsSubstring("write_beyond"));
}
#endif

TEST_CASE("threads of a block at two barriers are reported with who waits where") {
    const std::string fault = fault_of(diverge, 64);
    CHECK_THAT(fault, ContainsSubstring("a barrier that not every thread of the block reaches"));
    CHECK_THAT(fault, ContainsSubstring("threads 0-39 wait in __syncthreads at planted_test.cpp:"));
    CHECK_THAT(fault, ContainsSubstring("threads 40-63 wait in __syncthreads at planted_test.cpp:"));
}

TEST_CASE("a barrier that some threads have left the kernel before is reported") {
    const std::string fault = fault_of(leave_early, 64);
    CHECK_THAT(fault, ContainsSubstring("threads 0-32 wait in __syncthreads"));
    CHECK_THAT(fault, ContainsSubstring("threads 33-63 have left the kernel"));
}

TEST_CASE("a warp function that names a lane which has left is reported") {
    const std::string fault = fault_of(miss_a_lane, 32);
    CHECK_THAT(fault, ContainsSubstring("threads 0-6, 8-31 wait in a warp shuffle"));
    CHECK_THAT(fault, ContainsSubstring("threads 7 have left the kernel"));
}

TEST_CASE("a shuffle from a lane outside the mask is reported") {
    CHECK_THAT(fault_of(read_outside_mask, 32), ContainsSubstring("reads lane 20, which is not in its mask"));
}

TEST_CASE("threads that wait for each other in different ways are reported") {
    const std::string fault = fault_of(wait_apart, 65);
    CHECK_THAT(fault, ContainsSubstring("threads 0-31 wait in __syncthreads"));
    CHECK_THAT(fault, ContainsSubstring("wait in a warp shuffle"));
}

TEST_CASE("a launch no chip can run is refused") {
    int out[4] = {};
    CHECK_THROWS_WITH(GPU_LAUNCH(leave_early, 1, 1025, 0, nullptr, out), ContainsSubstring("1 to 1024"));
    CHECK_THROWS_WITH(GPU_LAUNCH(leave_early, 0, 32, 0, nullptr, out), ContainsSubstring("none may be 0"));
    CHECK_THROWS_WITH(GPU_LAUNCH(leave_early, 1, 32, 100 * 1024, nullptr, out), ContainsSubstring("shared memory"));
}

TEST_CASE("after a fault the next launch runs") {
    CHECK_FALSE(fault_of(diverge, 64).empty());
    CHECK(reverses<true>(emulate::Order::forward));
}
