#pragma once
// Work on all threads. One pool for everything: OpenMP's, which oneDNN uses too, so that no second pool's waiting
// threads take time from it. Built without OpenMP there is one thread.

#include <cstdint>
#include <functional>

namespace moeplan::cpu {

// How many threads take part. At first what OMP_NUM_THREADS or the cores this process may use say.
int threads();
// Requires: count >= 1. Without OpenMP nothing changes.
void set_threads(int count);
bool has_openmp();

// body(begin, end) on each thread for its contiguous share of 0..count.
void parallel_for(std::int64_t count, const std::function<void(std::int64_t, std::int64_t)>& body);

// body(i) for every i of 0..count, the next free thread taking the next i: for shares of uneven length.
void parallel_each(std::int64_t count, const std::function<void(std::int64_t)>& body);

}  // namespace moeplan::cpu
