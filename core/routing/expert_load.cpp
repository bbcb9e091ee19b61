#include <algorithm>
#include <cmath>

#include "core/base/require.h"
#include "core/routing/routing.h"

namespace moeplan {
namespace {

double mix(double a, double b, double t) { return a + (b - a) * t; }

ExpertLoad blend(const ExpertLoad& a, const ExpertLoad& b, double t) {
    ExpertLoad load;
    load.activated = mix(a.activated, b.activated, t);
    load.busiest_activated = mix(a.busiest_activated, b.busiest_activated, t);
    load.busiest_pairs = mix(a.busiest_pairs, b.busiest_pairs, t);
    load.hottest_pairs = mix(a.hottest_pairs, b.hottest_pairs, t);
    return load;
}

double mean_pairs(const ExpertLoad& load) {
    return load.imbalance > 0 ? load.busiest_pairs / load.imbalance : 0;
}

}  // namespace

ExpertLoadTable::ExpertLoadTable(std::vector<double> tokens, std::vector<ExpertLoad> loads,
                                 double held_per_rank)
    : tokens_(std::move(tokens)), loads_(std::move(loads)), held_per_rank_(held_per_rank) {
    require(tokens_.size() == loads_.size(), "one load for every token count");
    require(std::is_sorted(tokens_.begin(), tokens_.end()), "token counts must ascend");
    require(tokens_.empty() || tokens_.front() > 0, "token counts must be positive");
}

ExpertLoad ExpertLoadTable::at(double tokens) const {
    if (loads_.empty() || !(tokens > 0)) return {};
    ExpertLoad load;
    if (tokens <= tokens_.front()) {
        ExpertLoad origin;
        load = blend(origin, loads_.front(), tokens / tokens_.front());
        load.imbalance = loads_.front().imbalance;
        return load;
    }
    if (tokens >= tokens_.back()) {
        load = loads_.back();
        load.busiest_pairs *= tokens / tokens_.back();
        load.hottest_pairs *= tokens / tokens_.back();
        return load;
    }
    const auto above =
        static_cast<std::size_t>(std::upper_bound(tokens_.begin(), tokens_.end(), tokens) - tokens_.begin());
    const ExpertLoad& a = loads_[above - 1];
    const ExpertLoad& b = loads_[above];
    const double t = (tokens - tokens_[above - 1]) / (tokens_[above] - tokens_[above - 1]);
    load = blend(a, b, t);
    // The mean is exactly proportional to tokens, so the ratio follows from the interpolated maximum.
    const double mean = mix(mean_pairs(a), mean_pairs(b), t);
    load.imbalance = mean > 0 ? load.busiest_pairs / mean : 1.0;
    return load;
}

}  // namespace moeplan
