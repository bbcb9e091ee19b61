#include "sim/serving/run_cases.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/whole_file.h"
#include "sim/arrivals/source.h"
#include "sim/measure/invariants.h"
#include "sim/measure/pool_watch.h"
#include "sim/measure/recorder.h"
#include "sim/measure/request_writer.h"
#include "sim/measure/timeline_writer.h"

namespace moeplan {
namespace {

std::int64_t replicas_of(const ClusterOptions& options) {
    std::int64_t all = 0;
    for (const GroupOptions& g : options.groups) all += g.replicas;
    return all;
}

Problems fault_problems(const CasePlan& plan, const ClusterOptions& c) {
    Problems problems;
    for (const FaultOptions& f : c.faults) {
        if (f.replica < replicas_of(c)) continue;
        problems.push_back({{}, "simulate.faults", fmt::format("there is no replica {} in {}", f.replica, plan.name),
                            fmt::format("it has {}, counted from 0", replicas_of(c))});
    }
    return problems;
}

std::vector<std::int32_t> off_at_start(const ClusterOptions& c) {
    std::vector<std::int32_t> off;
    std::int32_t index = 0;
    for (const GroupOptions& g : c.groups) {
        for (std::int64_t i = 0; i < g.replicas; ++i, ++index) {
            if (g.autoscale && i >= g.autoscale->least) off.push_back(index);
        }
    }
    return off;
}

// Of each replica: its pool among all of the run, the prefill pool of a group before its decode pool; -1 = none.
std::vector<std::int32_t> pools_of(const ClusterOptions& c) {
    std::vector<std::int32_t> pools;
    std::int32_t next = 0;
    for (const GroupOptions& g : c.groups) {
        for (std::int64_t i = 0; i < g.replicas; ++i) pools.push_back(!g.pools ? -1 : i < g.pools->prefill ? next : next + 1);
        if (g.pools) next += 2;
    }
    return pools;
}

InvariantSpec invariants_of(const ClusterOptions& c) {
    InvariantSpec spec;
    for (const GroupOptions& g : c.groups) {
        // Pools wait for caches to be sent, swaps for transfers nobody tells, static batches to be filled.
        if (g.pools || g.limits.preemption == Preemption::swap || g.scheduler == Scheduler::static_batch) spec.longest_idle = kNever;
    }
    return spec;
}

// The observers of one run.
class Watched {
public:
    Watched(const CasePlan& plan, const ClusterOptions& cluster, const SimulationOptions& options, std::optional<double> warm_up, const std::string& requests_file,
            const std::string& timeline_file, bool tell)
        : recorder_(recorder_spec(plan, cluster, warm_up, tell ? [this, &plan] { plan.so_far(recorder_.so_far()); } : std::function<void()>{})), checker_(invariants_of(cluster)), check_(options.check) {
        observers_.push_back(&recorder_);
        if (std::ranges::any_of(cluster.groups, [](const GroupOptions& g) { return g.pools.has_value(); })) observers_.push_back(&pool_watch_.emplace(pools_of(cluster)));
        if (check_) observers_.push_back(&checker_);
        if (!requests_file.empty()) {
            const auto format = requests_file.ends_with(".jsonl") ? RequestFormat::jsonl : RequestFormat::csv;
            observers_.push_back(&request_writer_.emplace(requests_.emplace(requests_file).stream(), format));
        }
        if (!timeline_file.empty()) observers_.push_back(&timeline_writer_.emplace(timeline_.emplace(timeline_file).stream()));
    }

    const std::vector<Observer*>& observers() const { return observers_; }
    std::uint64_t checked() const { return check_ ? checker_.checked() : 0; }

    Result<Measured> finish() {
        Problems problems;
        if (check_) {
            checker_.finish();
            problems = checker_.problems();
        }
        if (timeline_writer_) timeline_writer_->finish();
        if (requests_) append(problems, requests_->publish());
        if (timeline_) append(problems, timeline_->publish());
        if (!problems.empty()) return fail(std::move(problems));
        Measured measured = recorder_.finish();
        if (pool_watch_) measured.pools = pool_watch_->finish(measured);
        return measured;
    }

private:
    static RecorderSpec recorder_spec(const CasePlan& plan, const ClusterOptions& cluster, std::optional<double> warm_up, std::function<void()> tick) {
        RecorderSpec spec;
        spec.tick = std::move(tick);
        spec.warm_up_s = plan.simulate.warm_up ? plan.simulate.warm_up->value : warm_up;
        spec.objectives = plan.objectives;
        spec.replicas = static_cast<std::int32_t>(replicas_of(cluster));
        spec.off_at_start = off_at_start(cluster);
        return spec;
    }

    Recorder recorder_;
    InvariantChecker checker_;
    std::optional<PoolWatch> pool_watch_;
    std::optional<WholeFile> requests_, timeline_;
    bool check_;
    std::optional<RequestWriter> request_writer_;
    std::optional<TimelineWriter> timeline_writer_;
    std::vector<Observer*> observers_;
};

}  // namespace

ClusterOptions cluster_of(const CasePlan& plan, StepCase which, bool skip) {
    ClusterOptions c;
    for (std::size_t i = 0; i < plan.servers.size(); ++i) {
        c.groups.push_back(plan.servers[i]->group(which));
        c.groups.back().takes = plan.takes[i];
    }
    const SimulateSpec& s = plan.simulate;
    c.router = s.router;
    c.queue_limit = s.queue_limit;
    if (s.timeout) c.timeout = to_ticks(s.timeout->value);
    for (const FaultSpec& f : s.faults) c.faults.push_back({f.replica, to_ticks(f.at.value), f.back ? to_ticks(f.back->value) : kNever});
    c.seed = plan.seed;
    c.skip = skip;
    return c;
}

Result<CaseRuns> run_cases(const CasePlan& plan, const SimulationOptions& options, const std::string& requests_file,
                           const std::string& timeline_file, RunControl& control) {
    CaseRuns runs;
    const auto one = [&](StepCase which) -> Result<CaseRun> {
        const bool central = which == StepCase::central;
        const ClusterOptions cluster = cluster_of(plan, which, options.skip);
        if (auto problems = fault_problems(plan, cluster); !problems.empty()) return fail(std::move(problems));
        auto source = plan.source();
        if (!source) return tl::unexpected(source.error());
        // The other runs leave out what the central one does: their figures are over the same requests.
        const auto warm_up = central ? std::nullopt : std::optional(runs.central.measured.warm_up_s);
        Watched watched(plan, cluster, options, warm_up, central ? requests_file : std::string{}, central ? timeline_file : std::string{}, central && plan.so_far);
        auto result = simulate(cluster, **source, watched.observers(), control);
        if (!result) return tl::unexpected(result.error());
        for (const Server* s : plan.servers) {
            if (auto problems = s->problems(); !problems.empty()) return fail(std::move(problems));
        }
        auto measured = watched.finish();
        if (!measured) return tl::unexpected(measured.error());
        measured->counts.events = result->events;
        runs.invariants_checked += watched.checked();
        if (central) runs.remarks = remarks_of(**source);
        return CaseRun{std::move(*measured), std::move(*result)};
    };
    auto central = one(StepCase::central);
    if (!central) return tl::unexpected(central.error());
    runs.central = std::move(*central);
    if (!options.intervals) return runs;
    for (auto* into : {&runs.optimistic, &runs.pessimistic}) {
        auto run = one(into == &runs.optimistic ? StepCase::optimistic : StepCase::pessimistic);
        if (!run) return tl::unexpected(run.error());
        *into = std::move(*run);
    }
    return runs;
}

}  // namespace moeplan
