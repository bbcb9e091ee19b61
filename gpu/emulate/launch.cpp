#include "gpu/emulate/launch.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>
#include <random>
#include <vector>

#include "gpu/emulate/block.h"
#include "gpu/emulate/sanitizer.h"

namespace moeplan::emulate {

namespace {

struct Settings {
    Order order = Order::forward;
    std::mt19937_64 random{1};
    StreamCheck stream_check = nullptr;
};

Settings& settings() {
    static thread_local Settings value;
    return value;
}

// Fibers are kept: making one costs ThreadSanitizer milliseconds. Even and odd blocks have their own, which nothing orders.
std::array<Block, 2>& blocks() {
    static thread_local std::array<Block, 2> value;
    return value;
}

std::string size_text(Dim3 d) {
    return std::to_string(d.x) + " x " + std::to_string(d.y) + " x " + std::to_string(d.z);
}

// The limits of every compute capability from 5.0 on.
std::string refuse(const LaunchShape& s) {
    const std::uint64_t threads = std::uint64_t{s.block.x} * s.block.y * s.block.z;
    if (threads == 0 || threads > 1024 || s.block.z > 64)
        return "a block of " + size_text(s.block) + " threads cannot run: 1 to 1024, z at most 64";
    if (s.grid.x == 0 || s.grid.y == 0 || s.grid.z == 0 || s.grid.x > 0x7fffffffu || s.grid.y > 65535 ||
        s.grid.z > 65535) {
        return "a grid of " + size_text(s.grid) + " blocks cannot run: none may be 0, y and z at most 65535";
    }
    if (s.shared_bytes > kMostSharedBytes) {
        return std::to_string(s.shared_bytes) + " bytes of shared memory are more than every chip has (" +
               std::to_string(kMostSharedBytes) + ")";
    }
    return {};
}

std::string refuse_stream(const void* stream) {
    const StreamCheck check = settings().stream_check;
    return check ? check(stream) : std::string();
}

std::vector<std::uint64_t> block_order(std::uint64_t count, Settings& set) {
    std::vector<std::uint64_t> order(count);
    std::iota(order.begin(), order.end(), std::uint64_t{0});
    if (set.order == Order::reverse) std::reverse(order.begin(), order.end());
    if (set.order == Order::random) std::shuffle(order.begin(), order.end(), set.random);
    return order;
}

}  // namespace

Thread*& current_thread() {
    static thread_local Thread* value = nullptr;
    return value;
}

Block*& current_block() {
    static thread_local Block* value = nullptr;
    return value;
}

void set_order(Order order, std::uint64_t seed) {
    settings().order = order;
    settings().random.seed(seed);
}

void set_stream_check(StreamCheck check) { settings().stream_check = check; }

void launch(const LaunchShape& shape, const char* who, const std::function<void()>& body) {
    if (current_thread()) throw std::logic_error("a kernel cannot launch a kernel here");
    if (const std::string why = refuse(shape); !why.empty()) throw Fault(std::string(who) + ": " + why);
    if (const std::string why = refuse_stream(shape.stream); !why.empty()) throw Fault(std::string(who) + ": " + why);
    char launched = 0, ended = 0;
    order_release(&launched);
    ignore_begin();
    std::optional<std::string> fault;
    std::string where;
    unsigned turn = 0;
    for (const std::uint64_t i : block_order(std::uint64_t{shape.grid.x} * shape.grid.y * shape.grid.z, settings())) {
        const std::uint64_t plane = std::uint64_t{shape.grid.x} * shape.grid.y;
        const Dim3 index{static_cast<unsigned>(i % shape.grid.x), static_cast<unsigned>(i % plane / shape.grid.x),
                         static_cast<unsigned>(i / plane)};
        Block& block = blocks()[turn++ % 2];
        current_block() = &block;
        fault = block.run(shape, index, body, settings().order, settings().random, &launched, &ended);
        current_block() = nullptr;
        if (fault)
            where = std::string(who) + ", block (" + std::to_string(index.x) + ", " + std::to_string(index.y) + ", " +
                    std::to_string(index.z) + "): ";
        if (fault) break;
    }
    ignore_end();
    order_acquire(&ended);
    if (fault) throw Fault(where + *fault);
}

namespace {

Thread& running() {
    if (!current_thread()) throw std::logic_error("no kernel runs");
    return *current_thread();
}

}  // namespace

const Here& here() { return running().place; }
unsigned lane() { return running().linear % 32; }

void block_barrier(std::source_location at) {
    running();
    current_block()->wait_block(at);
}

std::uint64_t warp_call(WarpFunction function, unsigned mask, std::uint64_t value, unsigned source,
                        std::source_location at) {
    running();
    return current_block()->wait_warp(function, mask, value, source, at);
}

void* dynamic_shared() {
    running();
    return current_block()->dynamic_shared();
}

void* static_shared(std::size_t bytes, std::source_location at) {
    running();
    return current_block()->static_shared(bytes, at);
}

}  // namespace moeplan::emulate
