#include "gpu/cpu/parallel.h"

#include <algorithm>
#include <atomic>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "core/base/require.h"

namespace moeplan::cpu {

#ifdef _OPENMP

int threads() { return omp_get_max_threads(); }

void set_threads(int count) {
    require(count >= 1, "set_threads: at least one");
    omp_set_num_threads(count);
}

bool has_openmp() { return true; }

void parallel_for(std::int64_t count, const std::function<void(std::int64_t, std::int64_t)>& body) {
#pragma omp parallel default(shared)
    {
        const std::int64_t ranks = omp_get_num_threads(), rank = omp_get_thread_num();
        const std::int64_t begin = count / ranks * rank + std::min(rank, count % ranks);
        const std::int64_t end = begin + count / ranks + (rank < count % ranks ? 1 : 0);
        if (begin < end) body(begin, end);
    }
}

void parallel_each(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    std::atomic<std::int64_t> next{0};
#pragma omp parallel default(shared)
    {
        for (std::int64_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) body(i);
    }
}

#else

int threads() { return 1; }
void set_threads(int count) { require(count >= 1, "set_threads: at least one"); }
bool has_openmp() { return false; }

void parallel_for(std::int64_t count, const std::function<void(std::int64_t, std::int64_t)>& body) {
    if (count > 0) body(0, count);
}

void parallel_each(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    for (std::int64_t i = 0; i < count; ++i) body(i);
}

#endif

}  // namespace moeplan::cpu
