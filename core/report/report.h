#pragma once
// What a run found, as values. Writers and the GUI read it; nothing here computes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/document.h"
#include "core/base/estimate.h"
#include "core/report/simulation_report.h"

namespace moeplan {

// The question a metric answers; writers group their rows by it, in this order.
enum class MetricGroup : std::uint8_t { model, memory, speed, utilisation, money, quality, energy };
const std::vector<MetricGroup>& all_metric_groups();
std::string_view heading_of(MetricGroup group);   // "What it is", "Does it fit", "How fast", …

// How a metric's number is to be shown and read.
struct MetricInfo {
    std::string_view id;           // "tpot_ms"
    std::string_view label;        // "time per output token"
    std::string_view unit;   // one of those core/report/format.h shows: "ms"; "" for counts; "bool" for fits
    bool lower_is_better = true;
    std::string_view meaning;      // one sentence, with the formula's name in docs/method.md
    MetricGroup group = MetricGroup::model;
    bool ranks = false;            // better and worse mean something here (a parameter count is neither)
};
const std::vector<MetricInfo>& metric_catalog();
const MetricInfo* find_metric(std::string_view id);   // null when unknown

struct Metric {
    std::string id;
    Estimate value;
    std::string source;   // provenance in words: "roofline", "counted from config.json", "on-demand median of
                          // 12 offers, 2026-05-24"
};

struct BreakdownRow {
    std::string phase;    // "decode" or "prefill"
    std::string part;     // "experts"
    Estimate ms;          // per step
    double share = 0;     // of the phase's step
    double gflops = 0;    // per step and GPU
    double gbytes = 0;
    std::string bound;    // "memory"
};

// One operation of a step of one GPU, all its repetitions in the step together, for the roofline picture.
struct OpRow {
    std::string phase;         // "decode" or "prefill"
    std::string name;          // "attention output projection"
    std::string part;          // of the breakdown: "attention"
    std::string format;        // its arithmetic's number format; empty for copies and collectives
    double gflops = 0, gbytes = 0;
    Estimate ms;
    std::string bound;         // "memory", "compute", "launch", "network"
    bool outside_calibration = false;
};

// What the device can do at most: the lines of the roofline picture.
struct Roof {
    double gb_per_s = 0;       // of memory, as published
    struct Ceiling {
        std::string format;    // "fp8"
        double gflop_per_s = 0;
        bool operator==(const Ceiling&) const = default;
    };
    std::vector<Ceiling> ceilings;   // of the formats this candidate computes in
};

// How evenly the routing loads experts and ranks. 1 = a fair share.
struct ExpertLoadMap {
    std::int64_t experts = 0, top_k = 0;
    std::int64_t layers = 0, ranks = 0;    // rows and columns of rank_load; layers alike are one row
    std::vector<double> rank_load;         // layers x ranks, row by row; one column of ones without ep
    std::vector<double> expert_load;       // layers x experts, row by row, in the experts' own order
    std::string source;                    // "zipf 0.6", "counts from FILE (16 layers)"
};

struct MemoryRow {
    std::string label;    // "experts", "kv cache", "free"
    double gb = 0;        // decimal GB on the fullest GPU
};

struct SeriesPoint {
    double x = 0;
    Estimate y;
    // y without the uncertainty all candidates share (the same GPU-hour's price): what they are compared by.
    std::optional<Estimate> apart{};
};
struct Series {
    std::string metric;   // id of y
    std::string axis;     // "batch", "room", "utilisation", …
    std::vector<SeriesPoint> points;
};

struct CandidateReport {
    std::string name;
    std::string model, gpu, engine, precision, layout;
    std::vector<std::string> launched_with;   // what the study sets otherwise than the engine would: "16,384 tokens a step"
    std::int64_t gpus = 0;       // all replicas
    std::int64_t replicas = 1;
    bool fits = false;
    std::vector<Metric> metrics;
    std::vector<BreakdownRow> breakdown;
    std::vector<MemoryRow> memory;
    double memory_limit_gb = 0;      // the GPU's line
    std::vector<Series> series;
    std::optional<SimulationReport> simulation;   // `method: simulate`
    std::vector<double> rank_load;   // mean share of pairs per EP rank, 1 = fair; empty without EP
    std::vector<OpRow> ops;          // of a decode step, then of a prefill step; candidates of a study only
    Roof roof;
    std::optional<ExpertLoadMap> expert_load;   // absent for dense models
    std::vector<std::string> warnings;

    const Metric* find(std::string_view id) const;
};

struct Flip {
    std::string axis;       // "batch", "utilisation", "price ratio", "accuracy"
    double at = 0;
    std::string unit;
    std::string sentence;   // "below batch 24 llama is cheaper"
};

struct Verdict {
    std::string objective;      // metric id that was compared
    std::string winner;         // candidate name; empty when undecided or only one candidate
    std::string sentence;   // "mixtral is the better buy: $0.41 against $0.93 per Mtok output (2.3x cheaper)"
    bool decided = false;       // false when intervals overlap
    std::vector<Flip> flips;
    std::vector<std::string> warnings;
};

enum class Outcome : std::uint8_t { holds, conditional, fails };
std::string_view name_of(Outcome outcome);   // "holds", "conditional", "fails"

struct ExpectationResult {
    std::string name;      // as given, or made from the condition
    Outcome outcome = Outcome::fails;
    std::string detail;    // "mixtral.usd_per_mtok_output = 0.41 (0.33 - 0.55), wanted at most 1.20"
};

// A space swept too large to list: what was seen, and the rows worth seeing.
struct Exploration {
    std::uint64_t evaluated = 0;
    std::uint64_t infeasible = 0;
    std::vector<std::pair<std::string, std::uint64_t>> reasons;   // why configurations fell out
    std::vector<std::string> left_out;     // names of an axis that could not take part, and why
    std::vector<CandidateReport> best;     // by the objective
    std::vector<CandidateReport> pareto;   // throughput per GPU against TPOT
};

// Two candidates' prices of the same unit of work (the objective, when it is money): at each utilisation of `a` the ratio
// of GPU-hour prices (a's over b's) at which both cost the same, b's utilisation staying what it is.
struct BreakEven {
    std::string a, b;
    struct Point { double utilisation = 0; Estimate price_ratio; };
    std::vector<Point> points;           // ascending utilisation
    double utilisation = 1, price_ratio = 1;   // where the study stands
};

struct Report {
    std::string scenario_name;
    std::string scenario_file;
    Document scenario;                    // resolved: every default spelled out
    std::vector<CandidateReport> candidates;
    std::optional<Verdict> verdict;
    std::vector<BreakEven> break_evens;   // of the winner (or first) against each other candidate
    std::vector<ExpectationResult> expectations;
    std::string found;                    // of a claim: what was found, with the figures computed now; not written to files
    std::optional<Exploration> exploration;
    std::vector<std::string> warnings;
    std::string cost_source;              // "roofline with sourced achievable fractions"

    const CandidateReport* find(std::string_view name) const;
};

}  // namespace moeplan
