#pragma once
// Runs a kernel's threads as fibers, one block after the other, and watches how they meet. What a GPU would do silently
// is a Fault here: threads of a block that wait at different barriers or leave before one, a warp function that names a
// lane which never comes or reads a lane outside its mask, a block too large. Blocks run in an order of choice, so that
// a kernel that depends on one order gives wrong results in another.
// Under ThreadSanitizer two accesses that no barrier orders are a data race at their kernel lines. Even and odd blocks
// of a launch are kept apart for it, so that blocks which write the same place race too.
// One launch at a time on one thread of the host.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <source_location>
#include <stdexcept>
#include <string>

namespace moeplan::emulate {

struct Dim3 {
    unsigned x = 1, y = 1, z = 1;
    constexpr Dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};

struct LaunchShape {
    Dim3 grid, block;
    std::size_t shared_bytes = 0;  // dynamic
    const void* stream = nullptr;  // as the host names it; blocks run at once whatever it is
};

// What the smallest of the supported chips (compute capability 12.0) offers a block.
constexpr std::size_t kMostSharedBytes = 99 * 1024;

class Fault : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

enum class Order : std::uint8_t { forward, reverse, random };

// How blocks and the threads of a block take turns in the launches after this one. At the start: forward.
void set_order(Order order, std::uint64_t seed = 1);

// What is wrong with launching on that stream now; empty when nothing is. Asked before every launch: for a runtime that
// knows devices. At the start nothing is asked.
using StreamCheck = std::string (*)(const void* stream);
void set_stream_check(StreamCheck check);

// Calls `body` once for every thread of every block. Throws Fault, naming `who` launched; every fiber is unwound first.
void launch(const LaunchShape& shape, const char* who, const std::function<void()>& body);

// What a running thread may ask; from outside a launch these throw std::logic_error.
struct Here {
    Dim3 thread, block, block_size, grid;
};
const Here& here();
unsigned lane();

void block_barrier(std::source_location at);

enum class WarpFunction : std::uint8_t { sync, shuffle, ballot, match };
// Waits for every lane in `mask` to call the same function at the same place with the same mask. Gives shuffle: the
// value of lane `source`; ballot: the lanes whose value is not 0; match: the lanes with the caller's value; sync: 0.
std::uint64_t warp_call(WarpFunction function, unsigned mask, std::uint64_t value, unsigned source,
                        std::source_location at);

// The block's shared memory: filled with 0xff (not a number) when a block starts. Exactly the size asked for, so that
// AddressSanitizer sees what lies beyond. A static array is known by where it is declared.
void* dynamic_shared();
void* static_shared(std::size_t bytes, std::source_location at);

}  // namespace moeplan::emulate
