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

// The experts that `count` tokens choose alike.
struct Choice {
    std::int64_t count = 0;
    std::vector<std::int64_t> experts;
};

std::vector<Choice> strided(std::int64_t tokens, std::int64_t top_k, std::int64_t experts) {
    const std::int64_t stride = (experts + top_k - 1) / top_k;
    const std::int64_t distinct = tokens >= stride ? std::min(tokens, experts) : tokens;
    std::vector<Choice> choices(static_cast<std::size_t>(distinct));
    for (std::int64_t t = 0; t < distinct; ++t) {
        Choice& choice = choices[static_cast<std::size_t>(t)];
        choice.count = (tokens - t + distinct - 1) / distinct;
        const std::int64_t first = tokens >= stride ? t : t * stride / tokens;
        for (std::int64_t i = 0; i < top_k; ++i) choice.experts.push_back((first + i * stride) % experts);
    }
    return choices;
}

// Loads laid out from the largest on and cut into top_k columns of `tokens`: row t is what token t chooses. Between two
// borders of experts, rows are alike.
std::vector<Choice> columns(const Loads& loads, std::int64_t tokens, std::int64_t top_k) {
    std::vector<std::int64_t> order(loads.size());
    std::iota(order.begin(), order.end(), std::int64_t{0});
    const auto load = [&loads](std::int64_t e) { return loads[static_cast<std::size_t>(e)]; };
    std::stable_sort(order.begin(), order.end(), [&load](std::int64_t a, std::int64_t b) { return load(a) > load(b); });
    std::vector<std::int64_t> ends, borders{0, tokens};
    std::int64_t end = 0;
    for (const std::int64_t e : order) {
        ends.push_back(end += load(e));
        borders.push_back(end % tokens);
    }
    std::sort(borders.begin(), borders.end());
    borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
    std::vector<Choice> choices;
    for (std::size_t b = 0; b + 1 < borders.size(); ++b) {
        Choice choice{borders[b + 1] - borders[b], {}};
        for (std::int64_t i = 0; i < top_k; ++i) {
            const auto at = std::upper_bound(ends.begin(), ends.end(), i * tokens + borders[b]);
            if (at != ends.end()) choice.experts.push_back(order[static_cast<std::size_t>(at - ends.begin())]);
        }
        choices.push_back(std::move(choice));
    }
    return choices;
}

// A grouped router sees equal scores for what a token chose and equal, lower ones for the rest. It keeps the groups with the
// largest sum of two best scores, then the best experts in them; equals by lower number.
Loads regrouped(const std::vector<Choice>& choices, std::int64_t experts, std::int64_t top_k, RoutingGroups groups) {
    const std::int64_t size = experts / groups.groups;
    Loads loads(static_cast<std::size_t>(experts));
    std::vector<bool> wanted(static_cast<std::size_t>(experts));
    std::vector<std::int64_t> order(static_cast<std::size_t>(groups.groups));
    for (const Choice& choice : choices) {
        Loads inside(order.size());
        wanted.assign(wanted.size(), false);
        for (const std::int64_t e : choice.experts) {
            wanted[static_cast<std::size_t>(e)] = true;
            ++inside[static_cast<std::size_t>(e / size)];
        }
        std::iota(order.begin(), order.end(), std::int64_t{0});
        const auto score = [&inside](std::int64_t g) { return std::min<std::int64_t>(inside[static_cast<std::size_t>(g)], 2); };
        std::stable_sort(order.begin(), order.end(), [&score](std::int64_t a, std::int64_t b) { return score(a) > score(b); });
        std::sort(order.begin(), order.begin() + groups.kept);
        std::int64_t left = top_k;
        for (const bool want : {true, false}) {
            for (std::int64_t g = 0; g < groups.kept && left > 0; ++g) {
                const std::int64_t first = order[static_cast<std::size_t>(g)] * size;
                for (std::int64_t e = first; e < first + size && left > 0; ++e) {
                    if (wanted[static_cast<std::size_t>(e)] != want) continue;
                    loads[static_cast<std::size_t>(e)] += choice.count;
                    --left;
                }
            }
        }
    }
    return loads;
}

Loads counted(const std::vector<Choice>& choices, std::int64_t experts) {
    Loads loads(static_cast<std::size_t>(experts));
    for (const Choice& choice : choices) {
        for (const std::int64_t e : choice.experts) loads[static_cast<std::size_t>(e)] += choice.count;
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

// The rank with most pairs changes places with rank 0, which is the one that is timed.
void busiest_first(Loads& loads, std::int64_t held) {
    std::int64_t most = -1;
    auto busiest = loads.begin();
    for (auto rank = loads.begin(); rank != loads.end(); rank += held) {
        const std::int64_t all = std::accumulate(rank, rank + held, std::int64_t{0});
        if (all > most) {
            most = all;
            busiest = rank;
        }
    }
    if (busiest != loads.begin()) std::swap_ranges(busiest, busiest + held, loads.begin());
}

}  // namespace

BenchmarkLoad benchmark_load(std::int64_t tokens, std::int64_t top_k, std::int64_t experts, std::int64_t ranks, double alpha,
                             RoutingGroups groups) {
    require(tokens > 0 && top_k > 0 && ranks > 0 && experts % ranks == 0 && top_k <= experts, "benchmark_load: impossible layer");
    require(groups.kept > 0 && groups.kept <= groups.groups && experts % groups.groups == 0 &&
                top_k <= experts / groups.groups * groups.kept,
            "benchmark_load: impossible groups");
    const bool grouped = groups.kept < groups.groups;
    const std::int64_t held = experts / ranks;
    BenchmarkLoad load;
    if (alpha == 0) {
        const std::vector<Choice> choices = strided(tokens, top_k, experts);
        const Loads loads = grouped ? regrouped(choices, experts, top_k, groups) : counted(choices, experts);
        add(loads.data(), held, 1.0, load);
        return load;
    }
    std::mt19937_64 random(static_cast<std::uint64_t>(tokens * 1000003 + top_k * 8191 + experts * 131 + ranks));
    for (int i = 0; i < kDraws; ++i) {
        Loads loads = drawn(tokens, top_k, experts, ranks, alpha, random);
        busiest_first(loads, held);
        if (grouped) loads = regrouped(columns(loads, tokens, top_k), experts, top_k, groups);
        add(loads.data(), held, 1.0 / kDraws, load);
    }
    return load;
}

}  // namespace moeplan
