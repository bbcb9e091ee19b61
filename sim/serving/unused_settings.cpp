#include "sim/serving/unused_settings.h"

#include <fmt/format.h>

namespace moeplan {

std::vector<std::string> unused_settings(const Workload& workload, const SimulateSpec& spec, const Prepared& candidate,
                                         std::optional<double> cold_start_s, const SimulationReport& ran) {
    std::vector<std::string> unused;
    const bool shared = workload.prefix_shared > 0 || workload.prefixes;
    if (shared && !spec.prefix_cache) unused.emplace_back("prompts share their beginnings, but prefix_cache is off: all of them are computed");
    if (spec.router == Router::prefix_affinity && !spec.prefix_cache) {
        unused.emplace_back("router: prefix_affinity sends requests to where their beginning was sent before, but prefix_cache is off: nothing is found there");
    }
    if (workload.prefix_shared > 0 && workload.prefixes) unused.emplace_back("prefix_shared is not heeded beside prefixes, which says the same by name");
    if (workload.prefixes && workload.prefixes->tokens < candidate.engine->block_tokens) {
        unused.push_back(fmt::format("prefixes of {} tokens are never found in the cache: its blocks hold {}", workload.prefixes->tokens, candidate.engine->block_tokens));
    }
    if (spec.drift && candidate.layout.ep <= 1) unused.emplace_back("drift moves experts' popularity, but with ep: 1 every rank has them all: it changes nothing");
    if (spec.rebalance && !candidate.model->is_moe()) unused.emplace_back("rebalance places experts anew, and a dense model has none: it changes nothing");
    else if (spec.rebalance && spec.rebalance->every.value >= ran.simulated_s) {
        unused.push_back(fmt::format("rebalancing every {:g} s never came in a run of {:.3g} s: its room was taken all the same", spec.rebalance->every.value, ran.simulated_s));
    }
    if (spec.autoscale && spec.autoscale->every.value >= ran.simulated_s) {
        unused.push_back(fmt::format("autoscaling looks every {:g} s, and the run took {:.3g} s: it never did", spec.autoscale->every.value, ran.simulated_s));
    }
    for (const FaultSpec& fault : spec.faults) {
        if (fault.at.value < ran.simulated_s) continue;
        unused.push_back(fmt::format("replica {} is lost after {:g} s, and the run took {:.3g} s: it never was", fault.replica, fault.at.value, ran.simulated_s));
    }
    if (cold_start_s.value_or(0) >= ran.simulated_s && cold_start_s) {
        unused.push_back(fmt::format("a cold start of {:.0f} s is longer than the run of {:.3g} s: no replica that autoscaling starts can serve in it", *cold_start_s, ran.simulated_s));
    }
    return unused;
}

}  // namespace moeplan
