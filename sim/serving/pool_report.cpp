#include "sim/serving/pool_report.h"

#include <algorithm>

#include <fmt/format.h>

namespace moeplan {
namespace {

// Fewer requests than this, on average, are not worth a word.
constexpr double kWaits = 0.5;
// A pool that computes prompts for less of its time than this is waited for because prompts come together, not because it is short.
constexpr double kBusy = 0.7;

Estimate over_runs(const CaseRuns& runs, std::size_t pool, double MeasuredPool::*figure) {
    Estimate e = Estimate::exact(runs.central.measured.pools[pool].*figure);
    for (const auto* run : {&runs.optimistic, &runs.pessimistic}) {
        if (!*run) continue;
        const double value = (*run)->measured.pools[pool].*figure;
        e.low = std::min(e.low, value);
        e.high = std::max(e.high, value);
    }
    return e;
}

std::string percent(const Estimate& share) { return fmt::format("{:.0f} %", 100 * share.value); }

}  // namespace

std::vector<SimulatedPool> pool_report(const CaseRuns& runs, std::size_t first, const Server& server, const std::string& owner) {
    std::vector<SimulatedPool> pools = server.pools();
    for (std::size_t i = 0; i < pools.size(); ++i) {
        SimulatedPool& p = pools[i];
        if (!owner.empty()) p.name = owner + ": " + p.name;
        const auto figure = [&](double MeasuredPool::*which) { return over_runs(runs, first + i, which); };
        p.busy = figure(&MeasuredPool::busy);
        p.kv_mean = figure(&MeasuredPool::kv_mean);
        p.kv_peak = figure(&MeasuredPool::kv_peak);
        p.running_mean = figure(&MeasuredPool::running_mean);
        p.waiting_mean = figure(&MeasuredPool::waiting_mean);
        p.sending_mean = figure(&MeasuredPool::sending_mean) + figure(&MeasuredPool::link_waiting_mean);
    }
    return pools;
}

std::string bottleneck(const SimulatedPool& prefill, const SimulatedPool& decode, double links) {
    const double prompts = prefill.waiting_mean.value, caches = decode.waiting_mean.value;
    const double most = std::max({prompts, caches, links});
    const std::string other_prefill = fmt::format("the {} pool is in steps {} of the time", prefill.name, percent(prefill.busy));
    const std::string other_decode = fmt::format("the {} pool holds {} of its cache", decode.name, percent(decode.kv_mean));
    if (most < kWaits) {
        return fmt::format("neither pool holds the other up: {}, {}", other_prefill, other_decode);
    }
    // Caches that cannot leave fill the replicas they are on, and prompts wait for that; a full pool to go to is no fault of links.
    if (links == most || (links >= kWaits && prefill.kv_peak.value > 0.95 && prefill.busy.value < 0.9 && decode.kv_peak.value < 0.95)) {
        return fmt::format("the links of the {} pool are the bottleneck: {:.1f} caches wait for one on average; {}, {}", prefill.name, links,
                           other_prefill, other_decode);
    }
    if (prompts == most && prefill.busy.value < kBusy) {
        return fmt::format("requests wait mostly for the {} pool, {:.1f} on average, but it has time to spare: in steps {} of it; {}",
                           prefill.name, prompts, percent(prefill.busy), other_decode);
    }
    if (prompts == most) {
        return fmt::format("the {} pool is the bottleneck: {:.1f} requests wait there on average, in steps {} of the time; {}", prefill.name,
                           prompts, percent(prefill.busy), other_decode);
    }
    return fmt::format("the {} pool is the bottleneck: {:.1f} requests wait there on average for room or a slot, {} of its cache is held "
                       "({} at most); {}",
                       decode.name, caches, percent(decode.kv_mean), percent(decode.kv_peak), other_prefill);
}

void put_pools(SimulationReport& report, const CaseRuns& runs, const std::vector<Server*>& servers, const std::vector<std::string>& owners) {
    std::size_t first = 0;
    for (std::size_t i = 0; i < servers.size(); ++i) {
        auto pools = pool_report(runs, first, *servers[i], owners[i]);
        if (pools.empty()) continue;
        // Where requests were left over a pool is gone, and no bottleneck.
        if (runs.central.cluster.unfinished == 0) report.findings.push_back(bottleneck(pools[0], pools[1], runs.central.measured.pools[first].link_waiting_mean));
        first += pools.size();
        report.pools.insert(report.pools.end(), pools.begin(), pools.end());
    }
}

}  // namespace moeplan
