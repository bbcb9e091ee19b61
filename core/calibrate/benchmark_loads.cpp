#include "core/calibrate/benchmark_loads.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "core/base/require.h"

namespace moeplan {
namespace {

constexpr int kDraws = 8;
using Loads = std::vector<std::int64_t>;

void add(const std::int64_t* first, std::int64_t count, double share, BenchmarkLoad& load) {
    load.pairs += share * static_cast<double>(std::accumulate(first, first + count, std::int64_t{0}));
    load.activated += share * static_cast<double>(std::count_if(first, first + count, [](std::int64_t n) { return n > 0; }));
    load.hottest += share * static_cast<double>(*std::max_element(first, first + count));
}

Loads strided(std::int64_t tokens, std::int64_t top_k, std::int64_t experts) {
    Loads loads(static_cast<std::size_t>(experts));
    const std::int64_t stride = (experts + top_k - 1) / top_k;
    for (std::int64_t t = 0; t < tokens; ++t) {
        const std::int64_t first = tokens >= stride ? t : t * stride / tokens;
        for (std::int64_t i = 0; i < top_k; ++i) ++loads[static_cast<std::size_t>((first + i * stride) % experts)];
    }
    return loads;
}

// Deals `left` pairs one by one, rank after rank: +1 to each rank's least loaded expert below `most`, or -1 from its
// most loaded one. Whole rounds are the common case for large remainders only through the cap, so steps stay single.
void deal(Loads& loads, std::int64_t ranks, std::int64_t left, std::int64_t step, std::int64_t most) {
    const std::int64_t held = static_cast<std::int64_t>(loads.size()) / ranks;
    bool moved = true;
    while (left > 0 && moved) {
        moved = false;
        for (std::int64_t r = 0; r < ranks && left > 0; ++r) {
            const auto begin = loads.begin() + r * held;
            const auto at = step > 0 ? std::min_element(begin, begin + held) : std::max_element(begin, begin + held);
            if (step > 0 ? *at >= most : *at <= 0) continue;
            *at += step;
            --left;
            moved = true;
        }
    }
}

Loads drawn(std::int64_t tokens, std::int64_t top_k, std::int64_t experts, std::int64_t ranks, double alpha, std::mt19937_64& random) {
    const double pairs = static_cast<double>(tokens * top_k);
    const bool many = tokens * top_k > experts;
    const double low = many ? 1.0 : 0.01;
    const double high = many ? 0.8 * static_cast<double>(tokens) : 2.0;
    const double power = 1.0 - alpha;
    std::vector<double> share(static_cast<std::size_t>(experts));
    for (double& s : share) {
        const double u = static_cast<double>(random() >> 11) * 0x1.0p-53;
        s = alpha == 1.0 ? low * std::pow(high / low, u)
                         : std::pow((std::pow(high, power) - std::pow(low, power)) * u + std::pow(low, power), 1.0 / power);
    }
    const double sum = std::accumulate(share.begin(), share.end(), 0.0);
    Loads loads(share.size());
    std::int64_t over = 0;
    for (std::size_t e = 0; e < loads.size(); ++e) {
        const auto wanted = static_cast<std::int64_t>(std::llround(share[e] / sum * pairs));
        loads[e] = std::min(wanted, tokens);
        over += wanted - loads[e];
    }
    deal(loads, ranks, over, 1, tokens);
    const std::int64_t missing = tokens * top_k - std::accumulate(loads.begin(), loads.end(), std::int64_t{0});
    deal(loads, ranks, std::abs(missing), missing > 0 ? 1 : -1, tokens);
    return loads;
}

}  // namespace

BenchmarkLoad benchmark_load(std::int64_t tokens, std::int64_t top_k, std::int64_t experts, std::int64_t ranks, double alpha) {
    require(tokens > 0 && top_k > 0 && ranks > 0 && experts % ranks == 0 && top_k <= experts, "benchmark_load: impossible layer");
    const std::int64_t held = experts / ranks;
    BenchmarkLoad load;
    if (alpha == 0) {
        const Loads loads = strided(tokens, top_k, experts);
        add(loads.data(), held, 1.0, load);
        return load;
    }
    std::mt19937_64 random(static_cast<std::uint64_t>(tokens * 1000003 + top_k * 8191 + experts * 131 + ranks));
    for (int i = 0; i < kDraws; ++i) {
        const Loads loads = drawn(tokens, top_k, experts, ranks, alpha, random);
        std::int64_t busiest = 0, most = -1;
        for (std::int64_t r = 0; r < ranks; ++r) {
            const auto begin = loads.begin() + r * held;
            const std::int64_t all = std::accumulate(begin, begin + held, std::int64_t{0});
            if (all > most) {
                most = all;
                busiest = r;
            }
        }
        add(loads.data() + busiest * held, held, 1.0 / kDraws, load);
    }
    return load;
}

}  // namespace moeplan
