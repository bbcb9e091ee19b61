#include <algorithm>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/scenario/engine_flags.h"
#include "core/scenario/sections.h"

namespace moeplan::scenario {
namespace {

constexpr std::string_view kLengthsExample = "{input: 1024, output: 256}";

std::optional<Lengths> read_uniform(const YamlNode& node) {
    if (!node.expect_map("{input: [100, 2000], output: [50, 500]}")) return std::nullopt;
    const auto input = low_high(node["input"], tokens);
    const auto output = low_high(node["output"], tokens);
    node.reject_unknown_keys();
    if (!input || !output) return std::nullopt;
    return UniformLengths{input->first, input->second, output->first, output->second};
}

// cv is the standard deviation over the mean.
std::optional<std::pair<double, double>> mean_cv(const YamlNode& node) {
    if (!node.expect_map("{mean: 1024, cv: 0.8}")) return std::nullopt;
    const auto mean = tokens(node["mean"]);
    const auto cv = node["cv"].number(0, 100);
    node.reject_unknown_keys();
    return mean && cv ? std::optional(std::pair(*mean, *cv)) : std::nullopt;
}

std::optional<Lengths> read_log_normal(const YamlNode& node) {
    if (!node.expect_map("{input: {mean: 1024, cv: 0.8}, output: {mean: 256, cv: 1}}")) return std::nullopt;
    const auto input = mean_cv(node["input"]);
    const auto output = mean_cv(node["output"]);
    node.reject_unknown_keys();
    if (!input || !output) return std::nullopt;
    return LogNormalLengths{input->first, input->second, output->first, output->second};
}

std::optional<Lengths> read_lengths(const YamlNode& node) {
    if (!node.expect_map(kLengthsExample)) return std::nullopt;
    if (node["input"].exists() || node["output"].exists()) {
        const auto fixed = read_fixed_lengths(node);
        return fixed ? std::optional<Lengths>(*fixed) : std::nullopt;
    }
    const auto form = only_form(node, {"uniform", "lognormal", "trace"}, kLengthsExample);
    node.reject_unknown_keys();
    if (!form) return std::nullopt;
    if (form->index == 0) return read_uniform(form->body);
    if (form->index == 1) return read_log_normal(form->body);
    const auto file = form->body.text();
    return file ? std::optional<Lengths>(TraceLengths{*file}) : std::nullopt;
}

// "ttft_p99" -> ttft at 99; "tpot" -> its mean.
std::vector<std::pair<std::string, SloTerm>> slo_terms() {
    std::vector<std::pair<std::string, SloTerm>> terms;
    for (const char* metric : {"ttft", "tpot", "e2e"}) {
        terms.push_back({metric, {metric, 0, {}}});
        for (const int percentile : {50, 90, 99}) {
            terms.push_back(
                {fmt::format("{}_p{}", metric, percentile), {metric, static_cast<double>(percentile), {}}});
        }
    }
    return terms;
}

std::vector<SloTerm> read_slo(const YamlNode& node) {
    std::vector<SloTerm> read;
    if (!node.expect_map("{ttft_p99: 1 s, tpot_p99: 50 ms}")) return read;
    static const auto terms = slo_terms();
    for (const auto& key : node.keys()) {
        const auto known = std::ranges::find(terms, key, &std::pair<std::string, SloTerm>::first);
        if (known == terms.end()) continue;   // rejected below, once all names are known
        SloTerm term = known->second;
        const YamlNode limit = node[key];
        const auto seconds = limit.seconds();
        if (!seconds) continue;
        if (seconds->value <= 0) {
            limit.problem("expected a limit above 0");
            continue;
        }
        term.limit = *seconds;
        read.push_back(term);
    }
    for (const auto& [name, term] : terms) (void)node[name];
    node.reject_unknown_keys();
    return read;
}

}  // namespace

std::optional<FixedLengths> read_fixed_lengths(const YamlNode& node) {
    if (!node.expect_map(kLengthsExample)) return std::nullopt;
    const auto input = tokens(node["input"]);
    const auto output = tokens(node["output"]);
    node.reject_unknown_keys();
    return input && output ? std::optional(FixedLengths{*input, *output}) : std::nullopt;
}

Workload read_workload(const YamlNode& node, bool simulated) {
    Workload workload;
    if (!node.expect_map("{lengths: {input: 1024, output: 256}, load: {concurrency: 32}}")) return workload;
    if (const auto lengths = node.find("lengths")) take(workload.lengths, read_lengths(*lengths));
    if (node["load"].exists()) read_load(node, simulated, workload);
    if (const auto slo = node.find("slo")) workload.slo = read_slo(*slo);
    if (const auto shared = node.find("prefix_shared")) take(workload.prefix_shared, shared->fraction());
    if (const auto prefixes = node.find("prefixes")) read_prefixes(*prefixes, simulated, workload);
    if (const auto sampling = node.find("sampling")) {
        if (const auto index = sampling->choice(sampling_names())) workload.sampling = static_cast<Sampling>(*index);
    }
    node.reject_unknown_keys(request_parameters());
    return workload;
}

}  // namespace moeplan::scenario
