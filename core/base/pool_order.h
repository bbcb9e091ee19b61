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
    PoolOrder() { about_to_start(); }
    PoolOrder(const PoolOrder&) = delete;
    PoolOrder& operator=(const PoolOrder&) = delete;
    // Call once all tasks are waited for.
    void joined() { acquire(&ended_); }

    // Whatever is written so far, tasks started from now on see: also what the pool copies for them when it splits a loop.
    static void about_to_start() { release(&any_started_); }

    // First of all in a task, before it so much as reads what its lambda has captured: the pool copied that, too. One place
    // for all pools, as a place of its own would have to be read from there.
    static void task_begins() { acquire(&any_started_); }

    // One in every task, for as long as it works.
    class Task {
    public:
        explicit Task(PoolOrder& order) : order_(order) {}
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
    // Only their addresses count.
    inline static char any_started_ = 0;
    char ended_ = 0;
};

}  // namespace moeplan
