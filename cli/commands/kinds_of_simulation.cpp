// What `method: simulate` adds to a study: the keys of `simulate`, and fleets. The tests load every example.
#include "cli/commands/kinds.h"

namespace moeplan::cli {
namespace {

std::string simulated(const std::string& keys) { return "method: simulate\nsimulate: {" + keys + "}"; }

std::vector<Item> length_of_run() {
    return {
        {"requests",
         "how many arrivals to simulate",
         {"1 to 1e9; left out: all of a trace, 10,000 of a process"},
         simulated("requests: 20000")},
        {"duration", "arrivals stop here; what is in flight is finished", {"such as 1 h"}, simulated("duration: 1 h")},
        {"warm_up",
         "left out of every figure",
         {"a duration, or auto: detected in the data"},
         simulated("warm_up: 60 s")},
    };
}

std::vector<Item> engine_keys() {
    return {
        {"scheduler",
         "how an engine batches",
         {"auto (the engine's own), vllm, tensorrt_llm, sglang or static", "what each does: docs/method.md"},
         simulated("scheduler: vllm")},
        {"preemption",
         "what becomes of a request when the KV cache is full",
         {"recompute or swap"},
         simulated("preemption: swap")},
        {"prefix_cache",
         "whether prompts that begin alike share their KV cache",
         {"true or false"},
         simulated("prefix_cache: false")},
        {"queue_limit",
         "waiting requests of a replica; the next is rejected",
         {"1 to 1e9; left out: no limit"},
         simulated("queue_limit: 1000")},
        {"timeout",
         "a request without a first token by then is given up",
         {"left out: never"},
         simulated("timeout: 30 s")},
        {"priorities",
         "shares of requests that are more or less urgent than the rest, which has 0",
         {"a list of {share, priority}; lower is sooner"},
         simulated("priorities: [{share: 10 %, priority: -1}]")},
    };
}

std::vector<Item> cluster_keys() {
    return {
        {"router",
         "which replica a request goes to",
         {"round_robin, least_loaded, power_of_two, prefix_affinity or session"},
         simulated("router: prefix_affinity")},
        {"pools",
         "replicas that only prefill and replicas that only decode",
         {"prefill, decode: replicas, or {replicas, layout, max_sequences, token_budget, memory_fraction}; their GPUs are the candidate's",
          "link, latency: the way of the KV cache between them"},
         simulated("pools: {prefill: 2, decode: 6, link: 50 GB/s, latency: 1 ms}")},
        {"autoscale",
         "replicas come and go with the load",
         {"least, most: replicas", "scale_up_above, scale_down_below: requests in a replica, mean over replicas",
          "every: how often it looks", "cold_start: until a new replica serves; left out: computed from the weights"},
         simulated("autoscale: {least: 1, most: 8, scale_up_above: 60, scale_down_below: 20, every: 10 s, cold_start: "
                   "90 s}")},
        {"faults",
         "replicas lost at a time, and brought back",
         {"a list of {replica, at, back}; replicas count from 0; without back it stays away"},
         simulated("faults: [{replica: 0, at: 600 s, back: 900 s}]")},
        {"drift",
         "expert popularity that moves",
         {"every so often this share of it is dealt anew"},
         simulated("drift: {every: 60 s, share: 10 %}")},
        {"rebalance",
         "experts placed anew by their recent load",
         {"every: how often", "redundant: extra expert slots of a layer"},
         simulated("rebalance: {every: 600 s, redundant: 32}")},
    };
}

}  // namespace

std::vector<Item> arrival_items() {
    return {
        {"gamma",
         "requests come in bursts (cv above 1) or evenly (below)",
         {"rate: mean", "cv: standard deviation of the gaps over their mean, 0.001 to 100"},
         "method: simulate\nworkload: {load: {gamma: {rate: 4/s, cv: 2}}}"},
        {"weibull",
         "the same with gaps of another shape",
         {"rate: mean", "cv: 0.001 to 100"},
         "method: simulate\nworkload: {load: {weibull: {rate: 4/s, cv: 2}}}"},
        {"diurnal",
         "a mean rate that swings over the day",
         {"peak_over_mean: 1 to 2", "period: one swing; it starts at its lowest"},
         "method: simulate\nworkload: {load: {diurnal: {rate: 4/s, peak_over_mean: 1.8, period: 24 h}}}"},
        {"trace",
         "as recorded in the trace that gives the lengths",
         {"speed: 2 is twice the rate", "from, to: which part of it", "repeat: so many times"},
         "method: simulate\nworkload: {lengths: {trace: requests.csv}, load: {trace: {speed: 2}}}"},
        {"servegen",
         "clients as ServeGen publishes them, with their rates, bursts and lengths",
         {"folder: of their files", "speed: factor on every rate", "from, to: which part of it"},
         "method: simulate\nworkload: {load: {servegen: {folder: clients, from: 0 s, to: 3600 s}}}"},
    };
}

std::vector<Item> simulation_items(const Catalog&) {
    std::vector<Item> all = length_of_run();
    for (auto part : {engine_keys(), cluster_keys()}) all.insert(all.end(), part.begin(), part.end());
    all.push_back({"fleets",
                   "candidates that serve one load together",
                   {"a list of {name, members}; a member takes input_from, input_below, output_from, output_below, "
                    "share, priority",
                    "the last member takes what is left"},
                   "method: simulate\nfleets: [{name: both, members: [{candidate: a}]}]"});
    return all;
}

}  // namespace moeplan::cli
