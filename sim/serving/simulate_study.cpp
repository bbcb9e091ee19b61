#include "sim/serving/simulate_study.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>

#include <fmt/format.h>

#include "core/analyse/axes.h"
#include "core/analyse/candidate_detail.h"
#include "core/analyse/expectations.h"
#include "core/analyse/metrics.h"
#include "core/analyse/sweep.h"
#include "core/analyse/verdict.h"
#include "core/base/side_by_side.h"
#include "core/scenario/files_named.h"
#include "sim/arrivals/make_source.h"
#include "sim/experts/rebalance_summary.h"
#include "sim/measure/combine.h"
#include "sim/serving/capacity.h"
#include "sim/serving/closed_view.h"
#include "sim/serving/pool_report.h"
#include "sim/serving/simulated_candidate.h"
#include "sim/serving/unused_settings.h"

namespace moeplan {
namespace {

// "requests.csv" of candidate "a" among several: "requests-a.csv".
std::string file_for(const std::string& file, const std::string& name, bool several) {
    if (file.empty() || !several) return file;
    const std::filesystem::path path(file);
    std::string safe = name;
    std::ranges::replace(safe, '/', '-');
    return (path.parent_path() / (path.stem().string() + "-" + safe + path.extension().string())).string();
}

// Names that differ where files would not, and files that the study reads.
Problems colliding_files(const Scenario& scenario, const SimulationOptions& options) {
    Problems problems;
    const bool several = scenario.candidates.size() + scenario.fleets.size() > 1;
    for (const std::string& file : {options.requests_file, options.timeline_file}) {
        if (file.empty()) continue;
        if (!several) append(problems, spares_files_named(scenario, file));
        std::map<std::string, std::string> owner;
        const auto add = [&](const std::string& name) {
            const auto [at, added] = owner.emplace(file_for(file, name, true), name);
            if (added && several) append(problems, spares_files_named(scenario, at->first));
            if (!added) problems.push_back({{}, {}, fmt::format("'{}' and '{}' would both write {}", at->second, name, at->first), "give one of them another name", {}});
        };
        for (const Candidate& c : scenario.candidates) add(c.name);
        for (const FleetSpec& f : scenario.fleets) add(f.name);
    }
    return problems;
}

// What a member of a fleet says of its own requests, which the fleet's go before. Empty = nothing.
std::string unheeded(const Candidate& member, const SimulateSpec& study) {
    std::vector<std::string> terms;
    if (member.lengths) terms.push_back("lengths");
    if (member.simulate) {
        const SimulateSpec& own = *member.simulate;
        const auto differs = [&](const char* name, auto field) {
            if (own.*field != study.*field) terms.push_back(fmt::format("simulate.{}", name));
        };
        differs("router", &SimulateSpec::router);
        differs("queue_limit", &SimulateSpec::queue_limit);
        differs("timeout", &SimulateSpec::timeout);
        differs("requests", &SimulateSpec::requests);
        differs("duration", &SimulateSpec::duration);
        differs("warm_up", &SimulateSpec::warm_up);
        differs("priorities", &SimulateSpec::priorities);
    }
    if (terms.empty()) return {};
    return fmt::format("{} of {} {} not heeded in the fleet: its requests, their router and their limits are the study's", fmt::join(terms, ", "), member.name,
                       terms.size() == 1 ? "is" : "are");
}

std::vector<Objective> objectives_of(const Workload& workload) {
    std::vector<Objective> all;
    for (const SloTerm& t : workload.slo) all.push_back({t.metric, t.percentile, t.limit.value});
    return all;
}

struct Simulated {
    CandidateReport report;
    OperatingPoint base;
};

class StudySimulator {
public:
    StudySimulator(const Scenario& scenario, const CostSource& source, const SimulationOptions& options, RunControl& control)
        : scenario_(scenario), source_(source), options_(options), control_(control) {}

    Result<std::vector<Simulated>> run(const ClosedView& view) {
        const std::size_t n = view.prepared.size(), all = n + scenario_.fleets.size();
        several_ = all > 1;
        total_ = all;
        std::vector<Result<Simulated>> found(all, Simulated{});
        for_each_side_by_side(all, [&](std::size_t i) {
            found[i] = i < n ? candidate(view, i) : fleet(view, scenario_.fleets[i - n]);
            told_one_done();
        });
        std::vector<Simulated> out;
        Problems problems;
        for (auto& f : found) {
            if (f) out.push_back(std::move(*f));
            else append_new(problems, f.error());
        }
        if (!problems.empty()) return fail(std::move(problems));
        return out;
    }

private:
    void told_so_far(const std::string& name, const Measured& m) {
        const SimulationReport known = combined(m, nullptr, nullptr);
        const std::lock_guard lock(mutex_);
        options_.so_far(name, known);
    }

    void told_one_done() {
        const std::lock_guard lock(mutex_);
        ++done_;
        if (control_.progress) control_.progress(static_cast<double>(done_) / static_cast<double>(total_));
    }

    Result<std::unique_ptr<Server>> server(const ClosedView& view, std::size_t i, const Evaluation& e, const SimulateSpec& simulate, const PoolMemory* memory) const {
        const Prepared& c = view.prepared[i];
        ServerOptions o;
        o.simulate = simulate;
        o.routing = anchored(c.spec->routing ? *c.spec->routing : scenario_.routing, scenario_.file);
        o.placement = placement_of(*c.spec);
        o.prefix_block_tokens = view.offered[i].prefix_block_tokens;
        o.horizon = {horizon(view.offered[i], simulate, e)};
        o.seed = scenario_.seed;
        const auto& pools = view.pools[i];
        return Server::make(c, e, o, source_, pools ? ServerPools{&*pools, memory} : ServerPools{});
    }

    // The memory of both pools, where the candidate has some; where one does not fit, neither does the candidate.
    Result<std::optional<PoolMemory>> pool_memory(const ClosedView& view, std::size_t i, Evaluation& closed) const {
        if (!view.pools[i]) return std::optional<PoolMemory>{};
        auto memory = memory_of(*view.pools[i], closed.at, source_);
        if (!memory) return tl::unexpected(memory.error());
        closed.fits = closed.fits && memory->fits();
        if (!memory->fits()) closed.misfit = memory->misfit();
        return std::optional(std::move(*memory));
    }

    const PlacementSpec& placement_of(const Candidate& c) const { return c.placement ? *c.placement : scenario_.placement; }

    // How long the run may take: what is offered, and some time to work it off.
    static double horizon(const Offered& offered, const SimulateSpec& simulate, const Evaluation& e) {
        constexpr double kWorkedOff = 1.5;
        if (simulate.duration) return kWorkedOff * simulate.duration->value;
        // A closed loop looked ahead without a server sends no second request.
        const bool all = offered.all && !std::holds_alternative<ClosedLoop>(e.at.load);
        const double n = all ? offered.requests : static_cast<double>(simulate.requests.value_or(kRequestsOfAProcess));
        const double rate = offered.rate.value_or(e.requests_per_s.value);
        return rate > 0 ? kWorkedOff * n / rate : kWorkedOff * 3600;
    }

    CasePlan plan(const std::string& name, const SimulateSpec& simulate, std::optional<FixedLengths> lengths) {
        CasePlan p;
        p.name = name;
        p.simulate = simulate;
        p.objectives = objectives_of(scenario_.workload);
        p.seed = scenario_.seed;
        if (options_.so_far) p.so_far = [this, name](const Measured& m) { told_so_far(name, m); };
        p.source = [this, simulate, lengths] { return make_source(scenario_.workload, simulate, lengths, scenario_.file, scenario_.seed, options_.most_bad); };
        return p;
    }

    Result<CaseRuns> simulate(const CasePlan& p) {
        RunControl quiet;   // progress is by candidate
        quiet.cancel = control_.cancel;
        return run_cases(p, options_, file_for(options_.requests_file, p.name, several_), file_for(options_.timeline_file, p.name, several_), quiet);
    }

    static SimulationReport combine(const CaseRuns& runs, const RunFacts& facts, const std::vector<Server*>& servers, const std::vector<std::string>& owners) {
        const auto measured = [](const std::optional<CaseRun>& r) { return r ? &r->measured : nullptr; };
        RunFacts all = facts;
        for (const Server* server : servers) {
            const Estimate& error = server->candidate().engine->first_token_error;
            all.first_token_error = {1, std::min(all.first_token_error.low, error.low), std::max(all.first_token_error.high, error.high)};
        }
        SimulationReport s = combined(runs.central.measured, measured(runs.optimistic), measured(runs.pessimistic), all);
        const auto& n = s.counts;
        if (n.completed == 0) {
            s.findings.insert(s.findings.begin(), fmt::format("none of {} requests was completed: {} rejected, {} given up, {} never finished; there are no latencies", n.arrived, n.rejected,
                                                              n.timed_out, n.unfinished));
        }
        const auto more = cluster_findings(runs.central.cluster, servers);
        s.findings.insert(s.findings.begin(), more.begin(), more.end());
        s.findings.insert(s.findings.end(), runs.remarks.begin(), runs.remarks.end());
        put_pools(s, runs, servers, owners);
        return s;
    }

    Result<Simulated> candidate(const ClosedView& view, std::size_t i) {
        const Prepared& c = view.prepared[i];
        auto closed = evaluate(c, operating_point(c, view.study->workload), source_);
        if (!closed) return tl::unexpected(closed.error());
        const auto memory = pool_memory(view, i, *closed);
        if (!memory) return tl::unexpected(memory.error());
        if (!closed->fits) {
            auto report = report_of(c, *closed, source_, scenario_.workload.slo);
            if (!report) return tl::unexpected(report.error());
            report->expert_load = expert_load_map(c);
            if (view.pools[i]) put_pools(*report, *view.pools[i], !scenario_.sweep.empty());
            return Simulated{std::move(*report), closed->at};
        }
        const SimulateSpec& spec = c.spec->simulate ? *c.spec->simulate : scenario_.simulate;
        auto made = server(view, i, *closed, spec, *memory ? &**memory : nullptr);
        if (!made) return tl::unexpected(made.error());
        CasePlan p = plan(c.name, spec, c.spec->lengths);
        p.servers = {made->get()};
        p.takes = {{}};
        auto runs = simulate(p);
        if (!runs) return tl::unexpected(runs.error());
        const auto load = load_of(view, i, *closed, p);
        if (!load) return tl::unexpected(load.error());
        return described(view, i, *closed, *runs, **made, spec, *load);
    }

    // Of replicas that decode, where others only prefill.
    static double batch_of(const Measured& m, const std::optional<PreparedPools>& pools) {
        if (!pools || m.pools.empty()) return m.batch;
        const double in_steps = m.pools.back().busy * static_cast<double>(pools->decode.replicas);
        return in_steps > 0 ? m.pools.back().running_mean / in_steps : 0;
    }

    // What is offered over what can be answered, where requests come at a rate of their own.
    Result<std::optional<double>> load_of(const ClosedView& view, std::size_t i, const Evaluation& closed, const CasePlan& p) const {
        const auto* open = std::get_if<PoissonLoad>(&closed.at.load);
        if (!open) return std::optional<double>{};
        const double replicas = static_cast<double>(view.pools[i] ? view.pools[i]->decode.replicas : view.prepared[i].replicas);
        const auto capacity = capacity_of(p, closed.limit_sequences * replicas, control_);
        if (!capacity) return tl::unexpected(capacity.error());
        const double rate = view.offered[i].rate.value_or(open->rate.value);
        return *capacity && **capacity > 0 ? std::optional(rate / **capacity) : std::nullopt;
    }

    Result<Simulated> described(const ClosedView& view, std::size_t i, const Evaluation& closed, const CaseRuns& runs, Server& made, const SimulateSpec& spec, std::optional<double> load) {
        const Prepared& c = view.prepared[i];
        RunFacts facts;
        facts.gpus_per_replica = c.layout.gpus();
        facts.gpu_hours = made.gpu_seconds(runs.central.cluster.groups[0]) / 3600;
        facts.invariants_checked = runs.invariants_checked;
        if (load) facts.saturation = Estimate::exact(*load);
        SimulationReport s = combine(runs, facts, {&made}, {""});
        if (auto worth = rebalancing(view, i, spec, made, {s.simulated_s}); !worth.empty()) s.findings.push_back(std::move(worth));
        const auto scaled = made.group(StepCase::central).autoscale;
        const auto cold_start_s = scaled ? std::optional(to_seconds(scaled->cold_start)) : std::nullopt;
        for (std::string& unused : unused_settings(scenario_.workload, spec, c, cold_start_s, s)) s.findings.push_back(std::move(unused));
        auto report = report_of(c, simulated_evaluation(c, closed, s, gpus_paid(runs.central.cluster, 0, made), batch_of(runs.central.measured, view.pools[i])), source_, {});
        if (!report) return tl::unexpected(report.error());
        if (auto detail = add_detail(*report, c, closed, source_); !detail) return tl::unexpected(detail.error());
        if (view.pools[i]) put_pools(*report, *view.pools[i], !scenario_.sweep.empty());
        const bool swept = !view.pools[i] || view.pools[i]->alike();
        for (const SweepAxis& axis : scenario_.sweep) {
            if (!swept) break;
            auto series = sweep_axis(c, closed.at, axis, *view.study, source_, control_);
            if (!series) return tl::unexpected(series.error());
            report->series.insert(report->series.end(), series->begin(), series->end());
        }
        put_simulated_metrics(*report, s);
        for (std::string w : {unmeasured_warning(s), overload_warning(s), unpriced_warning(s)}) {
            if (!w.empty()) report->warnings.push_back(std::move(w));
        }
        for (std::string& w : objective_warnings(s, scenario_.workload.slo)) report->warnings.push_back(std::move(w));
        report->simulation = std::move(s);
        return Simulated{std::move(*report), closed.at};
    }

    // Over the time the run took: what holds at first does so for one interval of many.
    std::string rebalancing(const ClosedView& view, std::size_t i, const SimulateSpec& spec, const Server& made, Seconds horizon) const {
        if (!spec.rebalance || made.epochs().size() < 2) return {};
        const Prepared& c = view.prepared[i];
        const auto routing = anchored(c.spec->routing ? *c.spec->routing : scenario_.routing, scenario_.file);
        const auto without = expert_epochs(c, routing, spec.drift, std::nullopt, horizon, scenario_.seed, placement_of(*c.spec));
        if (!without) return {};
        const RebalanceSummary r = rebalance_summary(made.epochs(), *without, c, horizon);
        return fmt::format("rebalancing: the hottest rank carries {:.2f} times the mean instead of {:.2f}; it stands still {:.2g} % of the time and takes {:.1f} GB more of each GPU; "
                           "of an engine that did nothing but experts it would make {:.2f} times the throughput",
                           r.imbalance_with, r.imbalance_without, 100 * r.paused_share, r.extra_memory.value / 1e9, r.most_gained);
    }

    Result<Simulated> fleet(const ClosedView& view, const FleetSpec& spec) {
        std::vector<std::unique_ptr<Server>> servers;
        std::vector<FleetPart> members;
        std::vector<std::string> names;
        std::int64_t replicas = 0;   // of the members before
        CasePlan p = plan(spec.name, scenario_.simulate, std::nullopt);
        p.simulate.faults.clear();   // its members'
        std::vector<std::string> remarks;
        for (const FleetMember& m : spec.members) {
            const auto at = std::ranges::find(view.prepared, m.candidate, &Prepared::name);
            const auto i = static_cast<std::size_t>(at - view.prepared.begin());
            auto closed = evaluate(*at, operating_point(*at, view.study->workload), source_);
            if (!closed) return tl::unexpected(closed.error());
            auto memory = pool_memory(view, i, *closed);
            if (!memory) return tl::unexpected(memory.error());
            if (!closed->fits) return Simulated{misfit(spec.name, *at, *closed), closed->at};
            auto made = server(view, i, *closed, at->spec->simulate ? *at->spec->simulate : scenario_.simulate, *memory ? &**memory : nullptr);
            if (!made) return tl::unexpected(made.error());
            servers.push_back(std::move(*made));
            names.push_back(at->name);
            members.push_back({&*at, servers.back().get(), view.pools[i] ? describe(*view.pools[i]) : describe(at->layout), {}});
            if (auto remark = unheeded(*at->spec, scenario_.simulate); !remark.empty()) remarks.push_back(std::move(remark));
            for (FaultSpec fault : at->spec->simulate ? at->spec->simulate->faults : scenario_.simulate.faults) {
                fault.replica += replicas;
                p.simulate.faults.push_back(fault);
            }
            replicas += servers.back()->replicas();
            p.servers.push_back(servers.back().get());
            p.takes.push_back(m.takes);
        }
        auto runs = simulate(p);
        if (!runs) return tl::unexpected(runs.error());
        RunFacts facts;
        facts.invariants_checked = runs->invariants_checked;
        double hours = 0;
        for (std::size_t g = 0; g < members.size(); ++g) {
            const GroupResult& group = runs->central.cluster.groups[g];
            hours += members[g].server->gpu_seconds(group) / 3600;
            const double part = static_cast<double>(group.requests) / static_cast<double>(std::max<std::uint64_t>(1, runs->central.cluster.arrived));
            auto answer = member_answer(*members[g].candidate, view.study->workload, part, source_);
            if (!answer) return tl::unexpected(answer.error());
            members[g].answer = std::move(*answer);
        }
        facts.gpu_hours = hours;
        CandidateReport report = fleet_report(spec.name, members, *runs, combine(*runs, facts, p.servers, names));
        if (auto w = unmeasured_warning(*report.simulation); !w.empty()) report.warnings.push_back(std::move(w));
        for (std::string& r : remarks) report.warnings.push_back(std::move(r));
        for (std::string& w : objective_warnings(*report.simulation, scenario_.workload.slo)) report.warnings.push_back(std::move(w));
        return Simulated{std::move(report), operating_point(*members.front().candidate, view.study->workload)};
    }

    static CandidateReport misfit(const std::string& name, const Prepared& member, const Evaluation& e) {
        CandidateReport r;
        r.name = name;
        r.model = member.model->id;
        r.gpu = member.device->name;
        r.metrics.push_back({"fits", Estimate::exact(0), "a member does not"});
        r.warnings.push_back(fmt::format("{} does not fit: {}", member.name, e.misfit));
        return r;
    }

    const Scenario& scenario_;
    const CostSource& source_;
    const SimulationOptions& options_;
    RunControl& control_;
    std::mutex mutex_;
    std::size_t done_ = 0, total_ = 1;
    bool several_ = false;
};

Problems name_axes(const Scenario& scenario) {
    Problems problems;
    for (const SweepAxis& axis : scenario.sweep) {
        if (is_numeric_axis(axis.name)) continue;
        problems.push_back({axis.spot.where(), axis.spot.path, fmt::format("a simulated study does not explore '{}'", axis.name),
                            "`moeplan sweep` simulates every point of such a space; `method: analyse` explores it in closed form"});
    }
    return problems;
}

}  // namespace

Result<Report> simulate_study(const Scenario& scenario, const Catalog& catalog, const CostSource& source, const SimulationOptions& options, RunControl& control) {
    if (auto problems = name_axes(scenario); !problems.empty()) return fail(std::move(problems));
    if (auto problems = colliding_files(scenario, options); !problems.empty()) return fail(std::move(problems));
    auto view = closed_view(scenario, catalog, options.most_bad, control);
    if (!view) return tl::unexpected(view.error());
    auto simulated = StudySimulator(scenario, source, options, control).run(*view);
    if (!simulated) return tl::unexpected(simulated.error());

    Report report;
    report.scenario_name = scenario.name;
    report.scenario_file = scenario.file;
    report.scenario = to_document(scenario);
    report.cost_source = source.describe();
    for (Simulated& s : *simulated) report.candidates.push_back(std::move(s.report));
    const bool shared = std::ranges::all_of(view->prepared, [&](const Prepared& p) { return same_price(p, view->prepared.front()); });
    std::vector<Standing> standings;
    std::vector<PricedStanding> priced;   // fleets have no one price and utilisation
    std::vector<Judged> judged;
    std::vector<Prepared> fleets(scenario.fleets.size());   // only their names are asked
    for (std::size_t i = 0; i < report.candidates.size(); ++i) {
        const std::size_t n = view->prepared.size();
        const auto& simulation = report.candidates[i].simulation;
        standings.push_back({&report.candidates[i], shared ? std::optional(view->prepared.front().price.usd) : std::nullopt,
                             simulation ? sampling_noise(*simulation, scenario.objective) : 0});
        if (i < n) priced.push_back({standings.back(), view->prepared[i].price.usd, view->prepared[i].money.utilisation});
        if (i >= n) fleets[i - n].name = report.candidates[i].name;
        judged.push_back({i < n ? &view->prepared[i] : &fleets[i - n], (*simulated)[i].base, &report.candidates[i], i < n && (!view->pools[i] || view->pools[i]->alike())});
    }
    auto verdict = judge_reports(standings, scenario.objective);
    if (!verdict) return tl::unexpected(verdict.error());
    report.verdict = std::move(*verdict);
    report.break_evens = break_evens_of(priced, scenario.objective);
    auto expectations = check_expectations(*view->study, judged, source);
    if (!expectations) return tl::unexpected(expectations.error());
    report.expectations = std::move(*expectations);
    return report;
}

}  // namespace moeplan
