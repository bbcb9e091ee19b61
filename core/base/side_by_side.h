#pragma once
// Independent pieces of work on as many threads as there are. Each writes what is its own; who calls sees all of it.

#include <cstddef>

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include "core/base/pool_order.h"

namespace moeplan {

// work(i) for every i below n, in no order.
template <class Work>
void for_each_side_by_side(std::size_t n, const Work& work) {
    PoolOrder order;
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, n, 1), [&order, &work](const tbb::blocked_range<std::size_t>& range) {
        PoolOrder::task_begins();
        const PoolOrder::Task task(order);
        for (std::size_t i = range.begin(); i != range.end(); ++i) work(i);
    });
    order.joined();
}

template <class One, class Other>
void both_side_by_side(const One& one, const Other& other) {
    for_each_side_by_side(2, [&](std::size_t i) { i == 0 ? one() : other(); });
}

}  // namespace moeplan
