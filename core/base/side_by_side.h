#pragma once
// Independent pieces of work on as many threads as there are. Each writes what is its own; who calls sees all of it.

#include <cstddef>

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include "core/base/pool_order.h"

namespace moeplan {

// The body of a loop. Whoever splits a range copies it, on his own thread, for whom takes the other part, into memory where
// another thread's may have been.
template <class Work>
class SideBySide {
public:
    SideBySide(PoolOrder& order, const Work& work) : order_(&order), work_(&work) {}
    SideBySide(const SideBySide& other) : order_(seen(other).order_), work_(other.work_) { PoolOrder::about_to_start(); }
    ~SideBySide() { PoolOrder::about_to_start(); }
    SideBySide& operator=(const SideBySide&) = delete;

    void operator()(const tbb::blocked_range<std::size_t>& range) const {
        PoolOrder::task_begins();
        const PoolOrder::Task task(*order_);
        for (std::size_t i = range.begin(); i != range.end(); ++i) (*work_)(i);
    }

private:
    static const SideBySide& seen(const SideBySide& other) {
        PoolOrder::task_begins();
        return other;
    }

    PoolOrder* order_;
    const Work* work_;
};

// work(i) for every i below n, in no order.
template <class Work>
void for_each_side_by_side(std::size_t n, const Work& work) {
    PoolOrder order;
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, n, 1), SideBySide<Work>(order, work));
    order.joined();
}

template <class One, class Other>
void both_side_by_side(const One& one, const Other& other) {
    for_each_side_by_side(2, [&](std::size_t i) { i == 0 ? one() : other(); });
}

}  // namespace moeplan
