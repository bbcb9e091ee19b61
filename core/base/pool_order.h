#pragma once
// What a thread pool orders, told to ThreadSanitizer: tasks see what was done before they were started, and
// who waited for them sees what they did. oneTBB guarantees both but is not built for ThreadSanitizer, which
// would report every result of a worker as a race. Does nothing in other builds.

#if defined(__SANITIZE_THREAD__)
#define MOEPLAN_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MOEPLAN_TSAN 1
#endif
#endif

#ifdef MOEPLAN_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace moeplan {

class PoolOrder {
public:
    PoolOrder() { release(&started_); }
    PoolOrder(const PoolOrder&) = delete;
    PoolOrder& operator=(const PoolOrder&) = delete;
    // Call once all tasks are waited for.
    void joined() { acquire(&ended_); }

    // One in every task, for as long as it works.
    class Task {
    public:
        explicit Task(PoolOrder& order) : order_(order) { acquire(&order_.started_); }
        ~Task() { release(&order_.ended_); }
        Task(const Task&) = delete;
        Task& operator=(const Task&) = delete;

    private:
        PoolOrder& order_;
    };

private:
#ifdef MOEPLAN_TSAN
    static void acquire(char* at) { __tsan_acquire(at); }
    static void release(char* at) { __tsan_release(at); }
#else
    static void acquire(char*) {}
    static void release(char*) {}
#endif
    char started_ = 0, ended_ = 0;  // only their addresses count
};

}  // namespace moeplan
