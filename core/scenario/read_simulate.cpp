// `simulate:` of a study or of a candidate: how engines schedule and replicas work together.
#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/base/number_format.h"
#include "core/scenario/engine_flags.h"
#include "core/scenario/sections.h"

namespace moeplan::scenario {
namespace {

constexpr std::string_view kExample = "{requests: 20000, scheduler: vllm, router: least_loaded}";
constexpr const char* kAutoscale = "{least: 1, most: 8, scale_up_above: 60, scale_down_below: 20}";
constexpr const char* kDrift = "{every: 60 s, share: 10 %}";
constexpr const char* kRebalance = "{every: 600 s, redundant: 32}";
constexpr std::size_t kMostFaults = 10'000;
constexpr double kLeastLook = 1e-3;   // seconds: autoscalers look at metrics that are a second old, and each look is an event
constexpr std::size_t kMostPriorities = 100;

// A key that may be left out; `word` takes back what the study says.
struct Key {
    const char* name;
    const char* example;
    std::string word = "none";
};
template <class T, class Read>
void take_unless(const YamlNode& owner, const Key& key, std::optional<T>& into, Read read) {
    const auto node = owner.find(key.name);
    if (!node) return;
    const std::string text = node->is_scalar() ? node->raw().value_or("") : "";
    const bool letters = !text.empty() && std::isalpha(static_cast<unsigned char>(text[0]));
    if (text == key.word) {
        into.reset();
    } else if (letters) {
        node->problem(
            fmt::format("expected a value such as '{}', or '{}', found {}", key.example, key.word, node->found()),
            did_you_mean(text, {key.word}));
    } else {
        take(into, read(*node));
    }
}

template <class Name>
void take_name(const YamlNode& owner, std::string_view key, const std::vector<std::string>& names, Name& into) {
    const auto node = owner.find(key);
    if (!node) return;
    if (const auto index = node->choice(names)) into = static_cast<Name>(*index);
}

std::optional<std::int64_t> count_of_any(const YamlNode& node) { return node.integer(1, kMostOfAnything); }

std::optional<double> share_above_zero(const YamlNode& node) {
    const auto share = node.fraction();
    if (!share || *share > 0) return share;
    node.problem("expected a share above 0");
    return std::nullopt;
}

// A list of maps, each read by `read`; nothing where it is no list or too long.
template <class T>
std::optional<std::vector<T>> read_list(const YamlNode& node, std::string_view example, std::size_t most,
                                        std::optional<T> (*read)(const YamlNode&)) {
    if (!node.expect_list(fmt::format("[{}]", example))) return std::nullopt;
    if (node.size() > most) {
        node.problem(fmt::format("more than {} entries", most));
        return std::nullopt;
    }
    std::vector<T> all;
    for (const auto& item : node.items()) {
        if (!item.expect_map(example)) continue;
        if (auto one = read(item)) all.push_back(std::move(*one));
    }
    return all;
}

std::optional<PriorityShare> read_priority(const YamlNode& node) {
    const auto share = share_above_zero(node["share"]);
    const auto priority = node["priority"].integer(-kMostPriority, kMostPriority);
    node.reject_unknown_keys();
    if (!share || !priority) return std::nullopt;
    return PriorityShare{*share, static_cast<std::int32_t>(*priority)};
}

void read_priorities(const YamlNode& node, std::vector<PriorityShare>& into) {
    const auto read = read_list<PriorityShare>(node, "{share: 10 %, priority: -1}", kMostPriorities, read_priority);
    if (!read) return;
    double sum = 0;
    for (const auto& one : *read) sum += one.share;
    if (sum > 1 + 1e-9)
        node.problem(fmt::format("the shares sum to {} %, more than all requests", fmt::format("{:.6g}", sum * 100)));
    into = *read;
}

std::optional<FaultSpec> read_fault(const YamlNode& node) {
    FaultSpec fault;
    const auto replica = node["replica"].integer(0, kMostGpus - 1);
    const auto at = duration(node["at"]);
    if (const auto back = node.find("back")) take(fault.back, duration(*back));
    node.reject_unknown_keys();
    if (!replica || !at) return std::nullopt;
    fault.replica = *replica;
    fault.at = *at;
    if (fault.back && *fault.back <= fault.at) {
        node["back"].problem(fmt::format("'back' must be after 'at', found {} and {}",
                                         print_quantity(fault.back->value, second_units()),
                                         print_quantity(fault.at.value, second_units())));
        return std::nullopt;
    }
    return fault;
}

std::optional<AutoscaleSpec> read_autoscale(const YamlNode& node) {
    if (!node.expect_map(kAutoscale)) return std::nullopt;
    AutoscaleSpec scale;
    if (const auto least = node.find("least")) take(scale.least, least->integer(1, kMostGpus));
    const auto most = node["most"].integer(1, kMostGpus);
    const auto up = positive(node["scale_up_above"], kMostSequences);
    const auto down = node["scale_down_below"].number(0, kMostSequences);
    if (const auto every = node.find("every")) {
        take(scale.every, above_zero(*every));
        if (scale.every.value < kLeastLook) every->problem(fmt::format("expected at least {}, found {}", print_quantity(kLeastLook, second_units()), print_quantity(scale.every.value, second_units())));
    }
    if (const auto start = node.find("cold_start")) take(scale.cold_start, duration(*start));
    node.reject_unknown_keys();
    if (!most || !up || !down) return std::nullopt;
    if (scale.least > *most)
        node["least"].problem(fmt::format("'least' must be at most 'most', found {} and {}", scale.least, *most));
    if (*down >= *up) {
        node["scale_down_below"].problem(
            fmt::format("'scale_down_below' must be below 'scale_up_above', found {} and {}", print_number(*down),
                        print_number(*up)));
    }
    scale.most = *most;
    scale.scale_up_above = *up;
    scale.scale_down_below = *down;
    return scale;
}

std::optional<DriftSpec> read_drift(const YamlNode& node) {
    if (!node.expect_map(kDrift)) return std::nullopt;
    DriftSpec drift;
    if (const auto every = node.find("every")) take(drift.every, above_zero(*every));
    if (const auto share = node.find("share")) take(drift.share, share_above_zero(*share));
    node.reject_unknown_keys();
    return drift;
}

std::optional<RebalanceSpec> read_rebalance(const YamlNode& node) {
    if (!node.expect_map(kRebalance)) return std::nullopt;
    RebalanceSpec rebalance;
    if (const auto every = node.find("every")) take(rebalance.every, above_zero(*every));
    if (const auto redundant = node.find("redundant")) take(rebalance.redundant, redundant->integer(0, kMostGpus));
    node.reject_unknown_keys();
    return rebalance;
}

void read_length(const YamlNode& node, SimulateSpec& spec) {
    take_unless(node, {"requests", "20000"}, spec.requests, count_of_any);
    take_unless(node, {"duration", "1 h"}, spec.duration, [](const YamlNode& n) { return above_zero(n); });
    take_unless(node, {"warm_up", "60 s", "auto"}, spec.warm_up, [](const YamlNode& n) { return duration(n); });
    const YamlNode at = node["warm_up"].exists() ? node["warm_up"] : node["duration"];
    // Where both are inherited the study's own answer is enough.
    if (at.exists() && spec.warm_up && spec.duration && *spec.warm_up >= *spec.duration) {
        at.problem(fmt::format("the warm-up of {} leaves nothing of a duration of {}",
                               print_quantity(spec.warm_up->value, second_units()),
                               print_quantity(spec.duration->value, second_units())));
    }
}

void read_faults(const YamlNode& node, std::vector<FaultSpec>& into) {
    const auto read = read_list<FaultSpec>(node, "{replica: 0, at: 600 s, back: 900 s}", kMostFaults, read_fault);
    if (!read) return;
    into = *read;
    std::vector<FaultSpec> sorted = into;
    std::ranges::sort(sorted, {}, [](const FaultSpec& f) { return std::pair(f.replica, f.at.value); });
    const auto same_outage = [](const FaultSpec& a, const FaultSpec& b) { return a.replica == b.replica && (!a.back || b.at < *a.back); };
    for (auto at = std::ranges::adjacent_find(sorted, same_outage); at != sorted.end(); at = std::adjacent_find(std::next(at), sorted.end(), same_outage)) {
        const std::string until = at->back ? fmt::format("until {}", print_quantity(at->back->value, second_units())) : std::string("for good");
        node.problem(fmt::format("replica {} is lost at {} while it is lost already, from {} {}", at->replica, print_quantity(std::next(at)->at.value, second_units()),
                                 print_quantity(at->at.value, second_units()), until));
    }
}

void read_engine(const YamlNode& node, SimulateSpec& spec) {
    take_name(node, "scheduler", scheduler_names(), spec.scheduler);
    take_name(node, "preemption", preemption_names(), spec.preemption);
    if (const auto cache = node.find("prefix_cache")) take(spec.prefix_cache, cache->boolean());
    take_unless(node, {"queue_limit", "1000"}, spec.queue_limit, count_of_any);
    take_unless(node, {"timeout", "30 s"}, spec.timeout, [](const YamlNode& n) { return above_zero(n); });
    if (const auto priorities = node.find("priorities")) read_priorities(*priorities, spec.priorities);
}

void read_cluster_terms(const YamlNode& node, SimulateSpec& spec) {
    take_name(node, "router", router_names(), spec.router);
    take_unless(node, {"pools", kPoolsExample}, spec.pools, read_pools);
    take_unless(node, {"autoscale", kAutoscale}, spec.autoscale, read_autoscale);
    if (const auto faults = node.find("faults")) read_faults(*faults, spec.faults);
    take_unless(node, {"drift", kDrift}, spec.drift, read_drift);
    take_unless(node, {"rebalance", kRebalance}, spec.rebalance, read_rebalance);
}

}  // namespace

SimulateSpec read_simulate(const YamlNode& node, const SimulateSpec& base, bool simulated) {
    SimulateSpec spec = base;
    simulations_only(node, "simulate", simulated);
    if (!node.expect_map(kExample)) return spec;
    read_length(node, spec);
    read_engine(node, spec);
    read_cluster_terms(node, spec);
    node.reject_unknown_keys(scheduler_flags());
    return spec;
}

}  // namespace moeplan::scenario
