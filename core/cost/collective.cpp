#include "core/cost/collective.h"

#include <cmath>

namespace moeplan {

CollectiveWork collective_work(const Collective& c) {
    const double n = static_cast<double>(c.ranks);
    const double share = (n - 1) / n;
    switch (c.kind) {
        // Small all-reduces run as a tree or in one shot: log2(n) exchanges up and down rather than 2(n-1).
        case CollectiveKind::all_reduce: return {c.bytes * (2 * share), 2 * std::ceil(std::log2(n))};
        case CollectiveKind::all_gather:
        case CollectiveKind::reduce_scatter: return {c.bytes * share, std::ceil(std::log2(n))};
        case CollectiveKind::all_to_all: return {c.bytes * share, 1};
        case CollectiveKind::point_to_point: return {c.bytes, 1};
    }
    return {};
}

Cost collective_cost(const Collective& collective, const LinkRates& link) {
    const CollectiveWork work = collective_work(collective);
    const double latency = link.base_s + work.steps * link.step_s;
    Cost cost;
    cost.time = {latency + work.bytes.value / link.rate.value};
    cost.low = {latency + work.bytes.value / link.rate.high};
    cost.high = {latency + work.bytes.value / link.rate.low};
    cost.bound = Bound::network;
    return cost;
}

}  // namespace moeplan
