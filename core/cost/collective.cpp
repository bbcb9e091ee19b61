#include "core/cost/collective.h"

#include <algorithm>
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

Cost collective_cost(const Collective& c, const LinkRates& network, const LinkRates& inside) {
    if (c.per_node <= 1) return collective_cost(c, network);
    const double n = static_cast<double>(c.ranks), g = static_cast<double>(c.per_node);
    const bool exchange = c.kind == CollectiveKind::all_to_all;
    const double ring = collective_work(c).bytes.value;
    const double out = exchange ? c.bytes.value * (n - g) / n : ring / g, within = exchange ? c.bytes.value * (g - 1) / n : ring;
    Collective nodes = c, node = c;
    nodes.ranks = static_cast<std::int64_t>(std::ceil(n / g));
    node.ranks = c.per_node;
    const double latency = network.base_s + collective_work(nodes).steps * network.step_s + (exchange ? 0 : collective_work(node).steps * inside.step_s);
    const auto longer = [&](double network_rate, double inside_rate) { return latency + std::max(out / network_rate, within / inside_rate); };
    Cost cost;
    cost.time = {longer(network.rate.value, inside.rate.value)};
    cost.low = {longer(network.rate.high, inside.rate.high)};
    cost.high = {longer(network.rate.low, inside.rate.low)};
    cost.bound = Bound::network;
    return cost;
}

}  // namespace moeplan
