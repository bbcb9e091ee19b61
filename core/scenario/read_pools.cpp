// `pools:` of a simulation: how many replicas prefill and decode, and what is different about them.
#include <fmt/format.h>

#include "core/scenario/engine_flags.h"
#include "core/scenario/sections.h"

namespace moeplan {

std::optional<std::int64_t> gpus_of(const PoolsSpec& pools, const std::optional<Layout>& shared) {
    std::int64_t gpus = 0;
    for (const PoolSpec* pool : {&pools.prefill, &pools.decode}) {
        const auto& layout = pool->layout ? pool->layout : shared;
        if (!layout) return std::nullopt;
        gpus += pool->replicas * layout->gpus();
    }
    return gpus;
}

namespace scenario {
namespace {

constexpr const char* kPool = "{replicas: 2, layout: {tp: 4, ep: 4}}";

// A number of replicas, or a map that says more of them.
std::optional<PoolSpec> read_pool(const YamlNode& node) {
    PoolSpec pool;
    pool.spot = spot_of(node);
    if (!node.is_map()) {
        if (node.is_list()) {
            node.problem(fmt::format("expected a whole number or a map such as '{}', found {}", kPool, node.found()));
            return std::nullopt;
        }
        const auto replicas = node.integer(1, kMostGpus);
        if (!replicas) return std::nullopt;
        pool.replicas = *replicas;
        return pool;
    }
    if (const auto replicas = node.find("replicas")) take(pool.replicas, replicas->integer(1, kMostGpus));
    if (const auto layout = node.find("layout"); layout && layout->expect_map("{tp: 4, ep: 4}"))
        pool.layout = read_layout(*layout);
    read_engine_limits(node, pool.max_sequences, pool.token_budget, pool.memory_fraction);
    node.reject_unknown_keys(engine_flags());
    return pool;
}

}  // namespace

std::optional<PoolsSpec> read_pools(const YamlNode& node) {
    if (!node.expect_map(kPoolsExample)) return std::nullopt;
    PoolsSpec pools;
    const auto prefill = read_pool(node["prefill"]);
    const auto decode = read_pool(node["decode"]);
    if (const auto link = node.find("link")) {
        pools.link = link->bytes_per_second();
        if (pools.link && pools.link->value <= 0) link->problem("expected a rate above 0");
    }
    if (const auto latency = node.find("latency")) take(pools.latency, duration(*latency));
    node.reject_unknown_keys();
    if (!prefill || !decode) return std::nullopt;
    pools.prefill = *prefill;
    pools.decode = *decode;
    return pools;
}

}  // namespace scenario
}  // namespace moeplan
