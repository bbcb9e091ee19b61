#include "sim/serving/simulated_candidate.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/report/simulation_metrics.h"
#include "sim/serving/answer_price.h"

namespace moeplan {
namespace {

constexpr double kNormal95 = 1.96;   // half-width of 95 % of a normal distribution, in standard deviations

const SimulatedLatency* find(const SimulationReport& s, std::string_view metric) {
    const auto at = std::ranges::find(s.latencies, metric, &SimulatedLatency::metric);
    return at == s.latencies.end() ? nullptr : &*at;
}

UnitPrices prices(const SimulationReport& s, const Estimate& usd_per_gpu_hour, double gpus, double utilisation) {
    ServingLoad load;
    load.gpus = gpus;
    // Of what is served in the window that the rates are of: money over tokens is then what either says.
    if (s.requests_per_s.value > 0) {
        load.input_tokens = s.input_tok_s.value / s.requests_per_s.value;
        load.output_tokens = s.output_tok_s.value / s.requests_per_s.value;
    }
    load.requests_per_second = s.requests_per_s;
    load.utilisation = utilisation;
    return unit_prices(usd_per_gpu_hour, load);
}

}  // namespace

double gpus_paid(const ClusterResult& result, std::size_t group, const Server& server) {
    const double span = to_seconds(result.last_end);   // replicas are there from 0 on
    GroupResult nothing;
    nothing.paid_s = 1;
    return span > 0 ? server.gpu_seconds(result.groups[group]) / span : server.gpu_seconds(nothing);
}

Evaluation simulated_evaluation(const Prepared& c, const Evaluation& closed, const SimulationReport& s, double gpus, double batch) {
    Evaluation e = closed;
    const auto seconds = [&](std::string_view metric) {
        const SimulatedLatency* l = find(s, metric);
        return l ? l->mean * 1e-3 : Estimate{};
    };
    e.serving.ttft_s = seconds("ttft_ms");
    e.serving.tpot_s = seconds("tpot_ms");
    e.serving.e2e_s = seconds("e2e_ms");
    e.serving.saturated = false;
    e.serving.running = s.running_mean.value / static_cast<double>(c.replicas);
    e.batch = batch;
    e.busy = s.busy.value;
    // For room or a slot: who waits for the next step alone is not worth a word.
    // Nor who comes again after having been turned away.
    const bool full = s.kv_peak.value > 0.95 || e.serving.running > 0.95 * closed.limit_sequences;
    e.serving.waiting = full && s.counts.rejected == 0 ? s.waiting_mean.value : 0;
    e.requests_per_s = s.requests_per_s;
    e.output_tok_s = s.output_tok_s;
    e.gpus_paid = gpus;
    e.serving.requests_per_s = s.requests_per_s * (1 / static_cast<double>(c.replicas));
    e.serving.saturation = 0;   // the simulation's is reported, where it knows one
    e.money = prices(s, e.at.usd_per_gpu_hour, gpus, e.at.utilisation);
    if (closed.answer && c.quality) e.answer = price_answer(answer_beside_request(closed, *c.quality), e.money.usd_per_request, c.quality->p_correct);
    return e;
}

void put_simulated_metrics(CandidateReport& report, const SimulationReport& simulation) {
    const auto stale = [&](const Metric& m) {
        if (m.id == "saturation") return true;
        const bool latency = m.id == "ttft_ms" || m.id == "tpot_ms" || m.id == "e2e_ms" || m.id == "tok_s_per_user";
        // Nobody was served, or answers have one token: no latency, not 0.
        return latency && (simulation.measured == 0 || find(simulation, m.id == "tok_s_per_user" ? "tpot_ms" : m.id) == nullptr);
    };
    std::erase_if(report.metrics, stale);
    if (const auto batch = std::ranges::find(report.metrics, "batch", &Metric::id); batch != report.metrics.end()) batch->source = kSimulatedSource;
    for (Metric& m : simulated_metrics(simulation)) {
        const auto at = std::ranges::find(report.metrics, m.id, &Metric::id);
        if (at == report.metrics.end()) report.metrics.push_back(std::move(m));
        else *at = std::move(m);
    }
}

void put_pools(CandidateReport& report, const PreparedPools& pools, bool swept) {
    report.layout = describe(pools);
    report.gpus = pools.gpus();
    report.replicas = pools.prefill.replicas + pools.decode.replicas;
    const std::string text = pools.alike() ? "of replicas that both prefill and decode"
                                           : fmt::format("of a replica that decodes ({}){}", describe(pools.decode.layout), swept ? "; nothing is swept" : "");
    report.warnings.push_back("pools are only simulated: figures of single steps are the closed form's, " + text);
}

std::vector<std::string> objective_warnings(const SimulationReport& s, const std::vector<SloTerm>& slo) {
    std::vector<std::string> warnings;
    for (const SloTerm& term : slo) {
        const SimulatedLatency* l = find(s, term.metric + "_ms");
        if (!l) continue;
        const Estimate& value = term.percentile == 50 ? l->p50 : term.percentile == 90 ? l->p90 : term.percentile == 99 ? l->p99 : l->mean;
        const double limit = term.limit.value * 1e3;
        const std::string name = term.percentile > 0 ? fmt::format("{} p{:g}", term.metric, term.percentile) : term.metric;
        if (value.value > limit) warnings.push_back(fmt::format("misses the objective {} <= {:g} ms: {:.0f} ms", name, limit, value.value));
        else if (value.high > limit) warnings.push_back(fmt::format("may miss the objective {} <= {:g} ms: its interval reaches {:.0f} ms", name, limit, value.high));
    }
    return warnings;
}

std::string overload_warning(const SimulationReport& s) {
    if (!s.saturation || s.saturation->value < 1) return {};
    const char* what = s.counts.rejected + s.counts.timed_out > 0 ? "what is too much is turned away or gives up"
                                                                  : "queues grow as long as requests come, and figures with them";
    return fmt::format("overloaded: the offered rate is {:.0f} % of what can be served; {}", 100 * s.saturation->value, what);
}

std::string unmeasured_warning(const SimulationReport& s) {
    if (s.measured > 0 || s.counts.completed == 0 || s.warm_up_detected) return {};
    return fmt::format("warm_up: {:g} s leaves out every request of a run of {:.3g} s: there are no latencies, and rates and prices say nothing", s.warm_up_s, s.simulated_s);
}

std::string unpriced_warning(const SimulationReport& s) {
    if (!(s.output_tok_s.value > 0) || s.output_tok_s.low > 0) return {};
    return "at the slow end of the step times nobody is served: what a token or a request costs has no upper end, and is left out";
}

double sampling_noise(const SimulationReport& s, const std::string& metric) {
    if (s.measured == 0) return 0;
    const auto of_count = [](double n) { return std::min(0.9, kNormal95 / std::sqrt(std::max(1.0, n))); };
    for (const SimulatedLatency& l : s.latencies) {
        if (!metric.starts_with(l.metric)) continue;
        const bool p99 = metric.ends_with("_p99");
        const auto& half = p99 ? l.sampling_p99 : l.sampling_mean;
        const double value = p99 ? l.p99.value : l.mean.value;
        if (half && value > 0) return std::min(0.9, *half / value);
        return of_count(p99 ? 0.01 * static_cast<double>(s.measured) : static_cast<double>(s.measured));   // too few for batch means
    }
    return of_count(static_cast<double>(s.measured));
}

std::vector<std::string> cluster_findings(const ClusterResult& r, const std::vector<Server*>& servers) {
    std::vector<std::string> findings;
    if (r.never_fit > 0) {
        std::int64_t tokens = 0;
        for (const Server* s : servers) tokens = std::max(tokens, s->longest_request());
        findings.push_back(fmt::format("{} of {} requests can never be served and were rejected: the longest has {} tokens, the cache of a replica holds {}",
                                       r.never_fit, r.arrived, r.largest_never_fit, tokens));
    }
    if (r.beyond_context > 0) {
        findings.push_back(fmt::format("{} of {} requests are longer than their model's context: they were served here, and servers refuse them unless it is stretched", r.beyond_context,
                                       r.arrived));
    }
    if (r.unfinished > 0) findings.push_back(fmt::format("{} of {} requests were never finished: no replica took them any more", r.unfinished, r.arrived));
    return findings;
}

namespace {

// Sums over the members of a fleet; what is per request is weighted by the requests each took.
struct FleetTotals {
    double gpus_paid = 0, utilisation = 0, requests = 0;
    Estimate usd_per_hour, correct;
    bool graded = true;
    // What an answer costs beside a request is weighted by the money each member takes.
    double answer_tokens = 0, money = 0;
    Estimate answer_money;
    std::string refused;

    void add(const Prepared& m, double paid, double taken) {
        gpus_paid += paid;
        usd_per_hour = usd_per_hour + m.price.usd * paid;
        utilisation += m.money.utilisation * paid;
        requests += taken;
        graded = graded && m.quality;
        if (m.quality) correct = correct + m.quality->p_correct * taken;
    }
    void add_answers(const std::string& name, const AnswerLength& length, double usd_an_hour, double taken) {
        if (refused.empty() && !length.refused.empty()) refused = fmt::format("{}: {}", name, length.refused);
        answer_tokens += length.output_tokens * taken;
        money += usd_an_hour;
        answer_money = answer_money + length.spread * (length.requests * usd_an_hour);
    }
    AnswerLength answer() const {
        AnswerLength all;
        all.refused = refused;
        all.output_tokens = answer_tokens / requests;
        if (!(money > 0)) return all;   // free of charge: nothing to weigh, and nothing to pay
        all.requests = answer_money.value / money;
        all.spread = answer_money * (1 / answer_money.value);
        return all;
    }
};

void fleet_money(CandidateReport& r, const FleetTotals& t, const SimulationReport& s) {
    const UnitPrices p = prices(s, t.usd_per_hour * (1 / t.gpus_paid), t.gpus_paid, t.utilisation / t.gpus_paid);
    const std::string source = "GPU-hours of all members", by_requests = "of the members, by the requests each took";
    const auto add = [&](const char* id, const std::optional<Estimate>& value, const std::string& from) {
        if (value) r.metrics.push_back({id, *value, from});
    };
    add("usd_per_hour", p.usd_per_hour, source);
    add("usd_per_month", p.usd_per_month, source);
    add("usd_per_mtok_input", p.usd_per_mtok_input, source + "; all money over input tokens");
    add("usd_per_mtok_output", p.usd_per_mtok_output, source + "; all money over output tokens");
    add("usd_per_mtok_total", p.usd_per_mtok_total, source + "; all money over input and output tokens");
    add("usd_per_request", p.usd_per_request, source);
    if (!t.graded || t.requests <= 0) return;
    const Estimate accuracy = t.correct * (1 / t.requests);
    add("accuracy", accuracy, by_requests);
    const AnswerCost answer = price_answer(t.answer(), p.usd_per_request, accuracy);
    add("tokens_per_answer", Estimate::exact(answer.output_tokens), by_requests);
    if (answer.usd_per_answer.value > 0) add("usd_per_answer", answer.usd_per_answer, source + "; one attempt, as long as each member's answers are");
    add("usd_per_correct_answer", answer.usd_per_correct, "cost of an attempt / P(correct), arXiv 2504.13359");
    if (!answer.refused.empty()) r.warnings.push_back("no cost per correct answer: " + answer.refused);
}

}  // namespace

CandidateReport fleet_report(const std::string& name, const std::vector<FleetPart>& members, const CaseRuns& runs, SimulationReport simulation) {
    CandidateReport r;
    r.name = name;
    r.fits = true;
    r.replicas = 0;
    std::vector<std::string> models, gpus, engines, precisions, layouts;
    const auto once = [](std::vector<std::string>& into, const std::string& text) {
        if (std::ranges::find(into, text) == into.end()) into.push_back(text);
    };
    FleetTotals totals;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const Prepared& m = *members[i].candidate;
        once(models, m.model->id);
        once(gpus, m.device->name);
        once(engines, m.engine_name());
        once(precisions, describe(m.precision));
        once(layouts, members[i].layout);
        r.gpus += m.layout.gpus() * m.replicas + m.other_gpus;
        r.replicas += members[i].server->replicas();
        const std::uint64_t taken = runs.central.cluster.groups[i].requests;
        const double paid = gpus_paid(runs.central.cluster, i, *members[i].server);
        totals.add(m, paid, static_cast<double>(taken));
        if (members[i].answer) totals.add_answers(m.name, *members[i].answer, m.price.usd.value * paid, static_cast<double>(taken));
        simulation.findings.push_back(fmt::format("{} took {} of {} requests", m.name, taken, runs.central.cluster.arrived));
    }
    r.model = fmt::format("{}", fmt::join(models, " + "));
    r.gpu = fmt::format("{}", fmt::join(gpus, " + "));
    r.engine = fmt::format("{}", fmt::join(engines, " + "));
    r.precision = fmt::format("{}", fmt::join(precisions, " + "));
    r.layout = fmt::format("{}", fmt::join(layouts, " + "));
    r.metrics.push_back({"gpus", Estimate::exact(static_cast<double>(r.gpus)), "the study"});
    r.metrics.push_back({"fits", Estimate::exact(1), "all members fit"});
    fleet_money(r, totals, simulation);
    put_simulated_metrics(r, simulation);
    r.simulation = std::move(simulation);
    return r;
}

}  // namespace moeplan
