#pragma once
// A report made by hand, for tests of what reads reports: two candidates, every section filled. The figures
// are plausible and consistent with each other (parts add up to the step, memory to the limit), not measured.

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "core/report/report.h"

namespace moeplan {

namespace example {

inline Estimate about(double value, double down, double up) {
    return {value, value * (1 - down), value * (1 + up)};
}

// $ per million output tokens at a batch whose step takes `ms`, on 2 GPUs at 2.50 USD each.
inline Estimate usd(const Estimate& ms, double batch) { return ms * (5.0 / 3600.0 * 1e6 / 1e3 / batch); }

inline std::vector<BreakdownRow> breakdown(const std::string& phase, double step_ms,
                                           const std::vector<std::pair<std::string, double>>& shares) {
    std::vector<BreakdownRow> rows;
    for (const auto& [part, share] : shares) {
        const bool network = part == "communication";
        rows.push_back({phase, part, about(step_ms * share, 0.04, 0.05), share, 40 * share, 24 * share,
                        network ? "network" : phase == "prefill" ? "compute" : "memory"});
    }
    return rows;
}

struct Figures {
    double total, active, flops, kv_bytes, weights_gb, kv_gb, concurrency, fixed_ms, per_sequence_ms,
        accuracy;
    bool moe;
};

inline Estimate step_ms(const Figures& f, double batch) {
    const double saturating = f.moe ? 1 - std::pow(0.75, batch) : 1;   // top-2 of 8, uniform: 1-(1-p)^n
    return about(f.fixed_ms * (f.moe ? 0.25 + 0.75 * saturating : 1) + f.per_sequence_ms * batch, 0.04, 0.05);
}

inline void add_metrics(CandidateReport& c, const Figures& f) {
    const auto add = [&](const char* id, Estimate e, const char* source) {
        c.metrics.push_back({id, e, source});
    };
    const Estimate tpot = step_ms(f, 32);
    const Estimate rate = inverse(32e3, tpot);
    const char* counted = "counted from config.json";
    const char* roofline = "roofline with sourced achievable fractions";
    const char* price = "on-demand median of 12 offers, 2026-05-24";
    const char* score = "GSM8K, one evaluator for both, 1319 questions; Wilson 90 %";
    add("params_total", Estimate::exact(f.total), counted);
    add("params_active", Estimate::exact(f.active), counted);
    add("flops_per_output_token", Estimate::exact(f.flops), counted);
    if (f.moe) add("activated_experts", {7.97, 7.96, 7.98}, "uniform routing, closed form");
    add("fits", Estimate::exact(1), "memory model");
    add("weights_gb_per_gpu", Estimate::exact(f.weights_gb), counted);
    add("memory_used_gb_per_gpu", about(f.weights_gb + f.kv_gb + 3.1, 0.01, 0.02), "memory model");
    add("kv_bytes_per_token", Estimate::exact(f.kv_bytes), counted);
    add("max_concurrency", Estimate::exact(f.concurrency), "memory model");
    add("ttft_ms", about(f.active / 12.9e9 * 41, 0.2, 0.3), roofline);
    add("tpot_ms", tpot, roofline);
    add("e2e_ms", tpot * 256 + about(f.active / 12.9e9 * 41, 0.2, 0.3), roofline);
    add("output_tok_s", rate, roofline);
    add("tok_s_per_gpu", rate * 0.5, roofline);
    add("mfu", rate * (f.flops / 1979e12 / 2), roofline);
    add("saturation", {0.62, 0.55, 0.7}, roofline);
    add("usd_per_hour", {5.0, 4.8, 5.4}, price);
    add("usd_per_mtok_output", usd(tpot, 32), price);
    add("usd_per_request", usd(tpot, 32) * 256e-6, price);
    add("accuracy", {f.accuracy, f.accuracy - 0.017, f.accuracy + 0.016}, score);
    add("usd_per_correct_answer", usd(tpot, 32) * (180e-6 / f.accuracy), score);
}

inline CandidateReport candidate(const std::string& name, const std::string& model, const Figures& f) {
    CandidateReport c;
    c.name = name;
    c.model = model;
    c.gpu = "h100_sxm";
    c.engine = "vllm";
    c.precision = "fp8";
    c.layout = "tp 2";
    c.gpus = 2;
    c.fits = true;
    add_metrics(c, f);
    c.memory = {{"weights", f.weights_gb}, {"kv cache", f.kv_gb}, {"activations", 1.3}, {"engine", 1.8},
                {"free", 80 - f.weights_gb - f.kv_gb - 3.1}};
    c.memory_limit_gb = 80;
    Series cost{"usd_per_mtok_output", "batch", {}}, tpot{"tpot_ms", "batch", {}};
    for (const double batch : {1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0}) {
        tpot.points.push_back({batch, step_ms(f, batch)});
        cost.points.push_back({batch, usd(step_ms(f, batch), batch)});
    }
    c.series = {tpot, cost};
    return c;
}

}  // namespace example

// A mixture of experts against a dense model: the mixture is cheaper at batch 1 to 4 and from 32 up, and in
// between the two cannot be told apart.
inline Report example_report() {
    using namespace example;
    Report report;
    report.scenario_name = "Mixtral 8x7B against a dense 30B on H100";
    report.scenario_file = "studies/mixtral-vs-dense30b.yaml";
    report.cost_source = "roofline with sourced achievable fractions";
    report.scenario = Document::Map{
        {"name", report.scenario_name},
        {"workload", Document::Map{{"lengths", Document::Map{{"input", 1024}, {"output", 256}}},
                                   {"load", Document::Map{{"concurrency", 32}}}}},
        {"price", Document::Map{{"gpu_hour", 2.5}}},
        {"candidates", Document::List{Document::Map{{"name", "mixtral"}}, Document::Map{{"name", "dense"}}}},
    };
    auto mixtral = candidate("mixtral", "mistralai/Mixtral-8x7B-v0.1",
                             {46.7e9, 12.9e9, 25.9e9, 131072, 23.4, 41.2, 480, 10.2, 0.055, 0.612, true});
    auto dense = candidate("dense", "example/dense-30b",
                           {30.5e9, 30.5e9, 61.4e9, 196608, 15.3, 49.6, 386, 8.4, 0.165, 0.637, false});
    mixtral.breakdown = breakdown(
        "decode",
        step_ms({46.7e9, 12.9e9, 25.9e9, 131072, 23.4, 41.2, 480, 10.2, 0.055, 0.612, true}, 32).value,
        {{"experts", 0.64},
         {"attention", 0.21},
         {"communication", 0.07},
         {"dispatch", 0.04},
         {"router", 0.01},
         {"head", 0.02},
         {"host", 0.01}});
    dense.breakdown = breakdown("decode", 8.4 + 0.165 * 32,
                                {{"feed-forward", 0.66},
                                 {"attention", 0.24},
                                 {"communication", 0.07},
                                 {"head", 0.02},
                                 {"host", 0.01}});
    mixtral.warnings = {"load is at 62 % of capacity; queueing is not modelled above 80 %"};
    report.candidates = {std::move(mixtral), std::move(dense)};
    report.verdict = Verdict{
        "usd_per_mtok_output", "mixtral",
        "mixtral is the better buy: $0.52 against $0.59 per Mtok output (1.1x cheaper)", true,
        {{"batch", 7.1, "", "between batch 7.1 and 15 dense is cheaper, though the intervals overlap"},
         {"batch", 15.2, "", "above batch 15 mixtral is cheaper again"},
         {"price ratio", 1.14, "x", "mixtral stays the better buy until its GPU hour costs 1.14x dense's"},
         {"accuracy", 0.55, "fraction", "below P(correct) 0.55 dense is cheaper per correct answer"}},
        {"scores come from the vendors' own reports"}};
    report.expectations = {
        {"mixtral fits", Outcome::holds, "mixtral.fits = yes, wanted yes"},
        {"mixtral.usd_per_mtok_output at most 1.20", Outcome::holds, "0.52 (0.50–0.55), wanted at most 1.20"},
        {"compute ratio", Outcome::conditional,
         "2.37, wanted between 2.2 and 2.6; holds at this context only"},
        {"dense.tpot_ms at most 12", Outcome::fails, "13.7 ms (13.1–14.4), wanted at most 12"}};
    report.warnings = {"prices older than 30 days: on-demand median of 12 offers, 2026-05-24"};
    return report;
}

}  // namespace moeplan
