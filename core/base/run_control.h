#pragma once
// What a long run reports and listens to. Both members may be left empty.

#include <atomic>
#include <functional>

namespace moeplan {

struct RunControl {
    // Called with the share done, 0..1, from any thread but never two at once.
    std::function<void(double)> progress;
    const std::atomic<bool>* cancel = nullptr;

    bool cancelled() const { return cancel && cancel->load(std::memory_order_relaxed); }
};

}  // namespace moeplan
