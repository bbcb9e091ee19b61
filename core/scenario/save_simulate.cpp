// Values -> the form they are read in: what only a simulation knows.
#include "core/base/match.h"
#include "core/scenario/sections.h"

namespace moeplan::scenario {
namespace {

using Map = Document::Map;
using List = Document::List;

Document rate_text(PerSecond rate) { return print_quantity(rate.value, rate_units()); }
Document time_text(Seconds time) { return print_quantity(time.value, second_units()); }

template <class Recording>
void add_slice(Map& map, const Recording& recording) {
    map.emplace_back("speed", recording.speed);
    map.emplace_back("from", time_text(recording.from));
    if (recording.to) map.emplace_back("to", time_text(*recording.to));
}

Document priorities_document(const std::vector<PriorityShare>& priorities) {
    List list;
    for (const auto& one : priorities)
        list.emplace_back(Map{{"share", one.share}, {"priority", static_cast<std::int64_t>(one.priority)}});
    return list;
}

Document faults_document(const std::vector<FaultSpec>& faults) {
    List list;
    for (const auto& fault : faults) {
        Map map{{"replica", fault.replica}, {"at", time_text(fault.at)}};
        if (fault.back) map.emplace_back("back", time_text(*fault.back));
        list.emplace_back(std::move(map));
    }
    return list;
}

// A number where nothing else is said of it.
Document pool_document(const PoolSpec& pool) {
    Map map{{"replicas", pool.replicas}};
    if (pool.layout) map.emplace_back("layout", layout_document(*pool.layout));
    if (pool.max_sequences) map.emplace_back("max_sequences", *pool.max_sequences);
    if (pool.token_budget) map.emplace_back("token_budget", *pool.token_budget);
    if (pool.memory_fraction) map.emplace_back("memory_fraction", *pool.memory_fraction);
    return map.size() == 1 ? Document(pool.replicas) : Document(std::move(map));
}

Document pools_document(const PoolsSpec& pools) {
    Map map{{"prefill", pool_document(pools.prefill)}, {"decode", pool_document(pools.decode)}};
    if (pools.link) map.emplace_back("link", print_quantity(pools.link->value, byte_rate_units()));
    map.emplace_back("latency", time_text(pools.latency));
    return map;
}

Document autoscale_document(const AutoscaleSpec& scale) {
    Map map{{"least", scale.least},
            {"most", scale.most},
            {"scale_up_above", scale.scale_up_above},
            {"scale_down_below", scale.scale_down_below},
            {"every", time_text(scale.every)}};
    if (scale.cold_start) map.emplace_back("cold_start", time_text(*scale.cold_start));
    return map;
}

Document drift_document(const DriftSpec& drift) {
    return Map{{"every", time_text(drift.every)}, {"share", drift.share}};
}

Document rebalance_document(const RebalanceSpec& rebalance) {
    return Map{{"every", time_text(rebalance.every)}, {"redundant", rebalance.redundant}};
}

// Where a candidate takes back what the study says, `word` says so.
template <class T, class Write>
void add_optional(Map& map, const char* key, const std::optional<T>& value, const std::optional<T>& base,
                  const char* word, Write write) {
    if (value) {
        map.emplace_back(key, write(*value));
    } else if (base) {
        map.emplace_back(key, word);
    }
}

Document filter_document(const RequestFilter& filter) {
    Map map;
    for (const auto& [key, bound] : {std::pair{"input_from", filter.input_from},
                                     {"input_below", filter.input_below},
                                     {"output_from", filter.output_from},
                                     {"output_below", filter.output_below},
                                     {"share", filter.share}}) {
        if (bound) map.emplace_back(key, *bound);
    }
    if (filter.priority) map.emplace_back("priority", static_cast<std::int64_t>(*filter.priority));
    return map;
}

}  // namespace

Document arrivals_document(const Arrivals& arrivals) {
    return match(
        arrivals,
        [](const GammaArrivals& a) -> Document {
            return Map{{"gamma", Map{{"rate", rate_text(a.rate)}, {"cv", a.cv}}}};
        },
        [](const WeibullArrivals& a) -> Document {
            return Map{{"weibull", Map{{"rate", rate_text(a.rate)}, {"cv", a.cv}}}};
        },
        [](const DiurnalArrivals& a) -> Document {
            return Map{{"diurnal", Map{{"rate", rate_text(a.rate)},
                                       {"peak_over_mean", a.peak_over_mean},
                                       {"period", time_text(a.period)}}}};
        },
        [](const TraceArrivals& a) -> Document {
            Map map;
            add_slice(map, a);
            map.emplace_back("repeat", a.repeat);
            return Map{{"trace", std::move(map)}};
        },
        [](const ServeGenArrivals& a) -> Document {
            Map map{{"folder", a.folder}};
            add_slice(map, a);
            return Map{{"servegen", std::move(map)}};
        });
}

Document simulate_document(const SimulateSpec& spec, const SimulateSpec& base) {
    const auto whole = [](std::int64_t value) -> Document { return value; };
    Map map;
    add_optional(map, "requests", spec.requests, base.requests, "none", whole);
    add_optional(map, "duration", spec.duration, base.duration, "none", time_text);
    add_optional(map, "warm_up", spec.warm_up, base.warm_up, "auto", time_text);
    map.emplace_back("scheduler", std::string(name_of(spec.scheduler)));
    map.emplace_back("preemption", std::string(name_of(spec.preemption)));
    map.emplace_back("prefix_cache", spec.prefix_cache);
    add_optional(map, "queue_limit", spec.queue_limit, base.queue_limit, "none", whole);
    add_optional(map, "timeout", spec.timeout, base.timeout, "none", time_text);
    if (!spec.priorities.empty() || !base.priorities.empty())
        map.emplace_back("priorities", priorities_document(spec.priorities));
    map.emplace_back("router", std::string(name_of(spec.router)));
    add_optional(map, "pools", spec.pools, base.pools, "none", pools_document);
    add_optional(map, "autoscale", spec.autoscale, base.autoscale, "none", autoscale_document);
    if (!spec.faults.empty() || !base.faults.empty()) map.emplace_back("faults", faults_document(spec.faults));
    add_optional(map, "drift", spec.drift, base.drift, "none", drift_document);
    add_optional(map, "rebalance", spec.rebalance, base.rebalance, "none", rebalance_document);
    return map;
}

Document fleets_document(const std::vector<FleetSpec>& fleets) {
    List list;
    for (const auto& fleet : fleets) {
        List members;
        for (const auto& member : fleet.members) {
            Map map{{"candidate", member.candidate}};
            if (member.takes != RequestFilter{}) map.emplace_back("takes", filter_document(member.takes));
            members.emplace_back(std::move(map));
        }
        list.emplace_back(Map{{"name", fleet.name}, {"members", std::move(members)}});
    }
    return list;
}

}  // namespace moeplan::scenario
