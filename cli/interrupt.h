#pragma once
// Ctrl-C as a wish instead of an end, for runs that have something to put in order first.

#include <atomic>

namespace moeplan::cli {

// While one is alive, the first SIGINT or SIGTERM is only noted; the second ends the program as usual.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();   // as before
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    static const std::atomic<bool>* flag();
    static bool came() { return flag()->load(std::memory_order_relaxed); }
};

}  // namespace moeplan::cli
