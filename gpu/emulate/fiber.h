#pragma once
// A fiber: a stack of its own that runs until it pauses. x86-64 switches with a few instructions, other machines with
// ucontext. AddressSanitizer is told of each stack, ThreadSanitizer of each switch, which orders nothing by itself: two
// fibers race unless the kernel's own barriers order them.

#include <cstddef>
#include <functional>
#include <memory>

namespace moeplan::emulate {

class Fiber {
public:
    // `job` is called once for every start(); a stack of `bytes` with a guard page below it. Throws std::bad_alloc.
    explicit Fiber(std::size_t bytes = std::size_t{128} << 10);
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    // Assumes: the last job is finished. The job may not throw.
    void start(std::function<void()> job);
    bool finished() const;

    // From outside: runs the job until it pauses or ends.
    void resume();
    // From inside the job: back to whoever resumed it.
    void pause();

    struct State;

private:
    std::unique_ptr<State> state_;
};

}  // namespace moeplan::emulate
