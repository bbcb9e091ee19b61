// Section "workload": method, shared prompts, objectives, what the verdict compares.
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "core/report/report.h"
#include "gui/models/field_tables.h"
#include "gui/models/study_edits.h"

namespace moeplan::fields {
namespace {

void add_method(FieldTable& table) {
    table.choices.push_back(
        {.id = "workload.method",
         .label = "answered by",
         .help = "Closed forms answer at once with means. A simulation plays every request and knows percentiles, bursts, queues, "
                 "routers and fleets; going back to closed forms takes those out of the study.",
         .options = always({{"analyse", "closed forms: at once"}, {"simulate", "simulation: every request"}}),
         .get = [](const Scenario& s, std::size_t) { return std::optional(std::string(name_of(s.method))); },
         .set = [](Scenario& s, const Catalog&, std::size_t,
                   const std::string& value) { set_method(s, value == "simulate" ? Method::simulate : Method::analyse); }});
    table.choices.push_back({.id = "workload.objective",
                             .label = "verdict by",
                             .help = "What the verdict and its flips compare (docs/method.md: Verdict).",
                             .options =
                                 [](const Scenario& s, const Catalog&, std::size_t) {
                                     std::vector<Choice> all;
                                     for (const auto& metric : metric_catalog()) {
                                         if (metric.ranks || metric.id == s.objective)
                                             all.push_back({std::string(metric.id), std::string(metric.label)});
                                     }
                                     return all;
                                 },
                             .get = [](const Scenario& s, std::size_t) { return std::optional(s.objective); },
                             .set = [](Scenario& s, const Catalog&, std::size_t, const std::string& value) { s.objective = value; }});
}

void add_sampling(FieldTable& table) {
    table.choices.push_back({.id = "workload.sampling",
                             .label = "tokens are drawn",
                             .help = "From the top k or top p, which have to be found among all logits; old versions of vLLM sort them "
                                     "(docs/method.md: Sampling).",
                             .options = always({{"greedy", "the likeliest, or from all"}, {"filtered", "from the top k or top p"}}),
                             .get = [](const Scenario& s, std::size_t) { return std::optional(std::string(name_of(s.workload.sampling))); },
                             .set = [](Scenario& s, const Catalog&, std::size_t,
                                       const std::string& value) { s.workload.sampling = value == "filtered" ? Sampling::filtered : Sampling::greedy; }});
}

bool simulated(const Scenario& s) { return s.method == Method::simulate; }

// Prompts begin with at most as many tokens as they have.
double most_prefix(const Scenario& s) {
    const auto* fixed = std::get_if<FixedLengths>(&s.workload.lengths);
    const bool unknown = s.workload.arrivals && std::holds_alternative<ServeGenArrivals>(*s.workload.arrivals);
    return fixed && !unknown ? std::max(1.0, std::floor(fixed->input)) : kMostTokens;
}

void add_prefixes(FieldTable& table) {
    table.numbers.push_back(
        {.id = "workload.prefix_shared",
         .label = "prompt found in cache",
         .unit = "%",
         .help = "Share of a prompt's tokens whose KV cache is there already, so that prefill skips them (docs/method.md: TTFT).",
         .least = 0,
         .most = 1,
         .lowest = 0,
         .highest = 1,
         .get = [](const Scenario& s, std::size_t) { return std::optional(s.workload.prefix_shared); },
         .set = [](Scenario& s, std::size_t, double value) { s.workload.prefix_shared = value; }});
    const auto drop = [](Scenario& s, std::size_t) { s.workload.prefixes.reset(); };
    table.numbers.push_back(
        {.id = "workload.prefix_tokens",
         .label = "prompts begin alike for",
         .unit = "tokens",
         .help = "Every prompt starts with one of a few texts of this many tokens; they count as input. Known to a simulation only.",
         .least = 1,
         .most = 32768,
         .logarithmic = true,
         .whole = true,
         .lowest = 1,
         .highest = kMostTokens,
         .integer = true,
         .get =
             [](const Scenario& s, std::size_t) {
                 return s.workload.prefixes ? std::optional(static_cast<double>(s.workload.prefixes->tokens)) : std::nullopt;
             },
         .set =
             [](Scenario& s, std::size_t, double value) {
                 if (!simulated(s)) return;
                 if (!s.workload.prefixes) s.workload.prefixes = SharedPrefixes{};
                 s.workload.prefixes->tokens = whole(value);
             // A prompt is at least as long as its beginning.
                 if (value > most_prefix(s)) std::get<FixedLengths>(s.workload.lengths).input = value;
             },
         .fallback = [](const Scenario& s, const Catalog&,
                        std::size_t) { return simulated(s) ? std::optional(Fallback{1, "none"}) : std::nullopt; },
         .clear = drop});
    table.numbers.push_back({.id = "workload.prefix_groups",
                             .label = "different beginnings",
                             .unit = "texts",
                             .help = "How many texts the prompts begin with.",
                             .least = 1,
                             .most = 1000,
                             .logarithmic = true,
                             .whole = true,
                             .lowest = 1,
                             .highest = 1e6,
                             .integer = true,
                             .get =
                                 [](const Scenario& s, std::size_t) {
                                     return s.workload.prefixes ? std::optional(static_cast<double>(s.workload.prefixes->groups))
                                                                : std::nullopt;
                                 },
                             .set =
                                 [](Scenario& s, std::size_t, double value) {
                                     if (s.workload.prefixes) s.workload.prefixes->groups = whole(value);
                                 }});
}

// The first objective of a metric; further ones are left as they are.
template <class Workload_>
auto* term_of(Workload_& workload, const std::string& metric) {
    for (auto& term : workload.slo) {
        if (term.metric == metric) return &term;
    }
    return static_cast<decltype(&workload.slo.front())>(nullptr);
}

void set_percentile(Workload& workload, const std::string& metric, double percentile) {
    auto* term = term_of(workload, metric);
    if (!term || term->percentile == percentile) return;
    // One objective for a metric and percentile: this one.
    SloTerm moved = *term;
    moved.percentile = percentile;
    bool first = true;
    std::erase_if(workload.slo, [&](const SloTerm& t) {
        if (t.metric != metric) return false;
        const bool was_first = std::exchange(first, false);
        return !was_first && t.percentile == percentile;
    });
    *term_of(workload, metric) = moved;
}

struct Objective {
    const char* metric;
    const char* label;
    const char* unit;
    const char* help;
    double least, most, usual;
};

void add_limit(FieldTable& table, const Objective& objective) {
    const std::string metric = objective.metric;
    const std::string id = "workload.slo_" + metric;
    table.numbers.push_back(
        {.id = id,
         .label = objective.label,
         .unit = objective.unit,
         .help = objective.help,
         .least = objective.least,
         .most = objective.most,
         .logarithmic = true,
         .units = &second_units(),
         .lowest = 0,
         .highest = 1e9,
         .above_lowest = true,
         .get = [metric](const Scenario& s, std::size_t) -> std::optional<double> {
             const auto* term = term_of(s.workload, metric);
             return term ? std::optional(term->limit.value) : std::nullopt;
         },
         .set =
             [metric](Scenario& s, std::size_t, double value) {
                 if (auto* term = term_of(s.workload, metric)) term->limit = {value};
                 else s.workload.slo.push_back({metric, s.method == Method::simulate ? 99.0 : 0.0, {value}});
             },
         .fallback = [usual = objective.usual](const Scenario&, const Catalog&,
                                               std::size_t) { return std::optional(Fallback{usual, "no limit"}); },
         .clear = [metric](Scenario& s,
                           std::size_t) { std::erase_if(s.workload.slo, [&](const SloTerm& t) { return t.metric == metric; }); }});
    table.choices.push_back(
        {.id = id + "_at",
         .label = std::string(objective.label, std::string_view(objective.label).rfind(' ')) + " asked of",
         .help = "Of how many requests the limit is asked: their mean, or a percentile. Percentiles need a simulation.",
         .options = always({{"0", "the mean"}, {"50", "half of them (p50)"}, {"90", "90 of 100 (p90)"}, {"99", "99 of 100 (p99)"}}),
         .get = [metric](const Scenario& s, std::size_t) -> std::optional<std::string> {
             const auto* term = term_of(s.workload, metric);
             return term ? std::optional(fmt::format("{}", term->percentile)) : std::nullopt;
         },
         .set =
             [metric](Scenario& s, const Catalog&, std::size_t, const std::string& value) {
                 if (const auto percentile = parse_number(value)) set_percentile(s.workload, metric, *percentile);
             }});
}

}  // namespace

void add_objective_fields(FieldTable& table) {
    add_method(table);
    add_sampling(table);
    add_prefixes(table);
    static constexpr Objective kObjectives[] = {
        {"ttft", "first token within", "ms", "Objective for the time to first token (docs/method.md: TTFT). Empty: no limit.", 0.01, 60,
         1},
        {"tpot", "each token within", "ms",
         "Objective for the time per output token, (last - first)/(n - 1) (docs/method.md: TPOT). Empty: no limit.", 0.001, 1, 0.05},
        {"e2e", "last token within", "s", "Objective for the time to the last token (docs/method.md: E2E). Empty: no limit.", 0.1, 600,
         30}};
    for (const auto& objective : kObjectives) add_limit(table, objective);
}

}  // namespace moeplan::fields
