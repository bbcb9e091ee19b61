#pragma once
// The fibers, shared memory and meeting points of one block. Inside gpu/emulate only.

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <random>
#include <source_location>
#include <string>
#include <vector>

#include "gpu/emulate/fiber.h"
#include "gpu/emulate/launch.h"

namespace moeplan::emulate {

enum class Waiting : std::uint8_t { nothing, block, warp };

struct Thread {
    Fiber fiber;
    Here place;
    unsigned linear = 0;
    Waiting waiting = Waiting::nothing;
    bool done = true, cancelled = false;
    std::source_location at;
    // The warp function it waits in.
    WarpFunction function = WarpFunction::sync;
    unsigned mask = 0, source = 0;
    std::uint64_t value = 0, result = 0;
    unsigned meetings = 0;   // of its warp; picks what orders it for ThreadSanitizer
};

// Memory that is exactly as long as asked for.
constexpr std::align_val_t kSharedAlignment{128};
struct FreeShared {
    void operator()(unsigned char* memory) const { ::operator delete(memory, kSharedAlignment); }
};
struct SharedArray {
    std::string where;
    std::size_t bytes = 0;
    std::unique_ptr<unsigned char, FreeShared> memory;
};

class Block {
public:
    // Runs all threads to their end; a fault, once every thread is unwound.
    std::optional<std::string> run(const LaunchShape& shape, Dim3 index, const std::function<void()>& body, Order order,
                                   std::mt19937_64& random, char* launched, char* ended);

    // Called by the running thread.
    void wait_block(std::source_location at);
    std::uint64_t wait_warp(WarpFunction function, unsigned mask, std::uint64_t value, unsigned source,
                            std::source_location at);
    void* dynamic_shared() { return dynamic_.memory.get(); }
    void* static_shared(std::size_t bytes, std::source_location at);

private:
    void prepare(const LaunchShape& shape, Dim3 index, const std::function<void()>& body, char* launched, char* ended);
    void thread_body(Thread& thread, const std::function<void()>& body, char* launched, char* ended);
    bool turn(const std::vector<unsigned>& order);
    void meet_block(std::source_location at);
    void meet_warp(Thread& last);
    void suspend(Thread& thread);
    void set_fault(std::string what);
    std::string who_waits() const;

    std::vector<std::unique_ptr<Thread>> threads_;   // may be more than the block has
    unsigned size_ = 0, arrived_ = 0, ended_ = 0, generation_ = 0, runs_ = 0;
    bool cancelling_ = false;
    std::optional<std::string> fault_;
    SharedArray dynamic_;
    std::vector<SharedArray> static_;
    // Only their addresses count.
    char barrier_order_[2] = {}, pool_order_[2] = {}, warp_order_[2][32] = {};
};

// The thread that runs now; null outside.
Thread*& current_thread();
Block*& current_block();

std::string place_text(const std::source_location& at);

}  // namespace moeplan::emulate
