#include "cli/commands/kinds.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "cli/commands/sources.h"
#include "core/base/number_format.h"
#include "core/base/units_text.h"
#include "core/report/format.h"
#include "core/report/report.h"

namespace moeplan::cli {
namespace {

std::vector<Item> model_items(const Catalog& catalog) {
    std::vector<Item> items;
    for (const auto& m : catalog.models()) {
        Item item{m.id,
                  m.aliases.empty() ? "" : fmt::format("also {}", fmt::join(m.aliases, ", ")),
                  {},
                  "candidates: [{name: a, gpu: h100_sxm, model: " + m.id + "}]"};
        if (!m.source.empty()) item.details.push_back("source: " + m.source);
        item.details.push_back("moeplan model " + m.id + " shows its sizes");
        items.push_back(std::move(item));
    }
    return items;
}

std::vector<Item> gpu_items(const Catalog& catalog) {
    std::vector<Item> items;
    for (const auto& d : catalog.devices()) {
        Item item{d.id, fmt::format("{}, {}", d.name, format_value(d.memory.value / kGB, "GB")), {}, {}};
        if (!d.aliases.empty()) item.details.push_back(fmt::format("also {}", fmt::join(d.aliases, ", ")));
        item.details.push_back("moeplan gpu " + d.id + " shows every figure with its source");
        items.push_back(std::move(item));
    }
    return items;
}

std::string before_version(const VersionDefaults& then) {
    std::vector<std::string> figures;
    if (then.memory_fraction) figures.push_back(fmt::format("{} of memory", format_value(*then.memory_fraction, "fraction")));
    if (then.async_scheduling) figures.push_back(*then.async_scheduling ? "steps composed while the one before runs" : "steps composed one by one");
    if (then.filtering) figures.push_back(fmt::format("{} kernels and {} a logit for the top k or top p", format_count(then.filtering->kernels), format_value(then.filtering->bytes_per_logit, "B")));
    return fmt::format("before version {}: {}", fmt::join(then.before.parts, "."), fmt::join(figures, ", "));
}

std::vector<Item> engine_items(const Catalog& catalog) {
    std::vector<Item> items;
    for (const auto& e : catalog.engines()) {
        Item item{e.id,
                  fmt::format("{}: {} of memory, {} sequences, {} tokens a step", e.name,
                              format_value(e.memory_fraction, "fraction"),
                              format_count(static_cast<double>(e.max_sequences)),
                              format_count(static_cast<double>(e.token_budget))),
                  {},
                  {}};
        const auto yes = [](bool value) { return value ? "yes" : "no"; };
        item.details = {fmt::format("kept for itself: {}, and {} per GPU for communication",
                                    format_value(e.reserved.value / kGB, "GB"),
                                    format_value(e.communicator.value / kGB, "GB")),
                        fmt::format("blocks of {} tokens; chunked prefill: {}; continuous batching: {}; "
                                    "experts in host memory: {}",
                                    e.block_tokens, yes(e.chunked_prefill), yes(e.continuous_batching),
                                    yes(e.host_offload)),
                        fmt::format("prompts {}{}; steps are composed {}", e.whole_prompts ? "whole where a step has room" : "in chunks",
                                    e.pipelined_chunks ? ", which follow each other through pipeline stages" : "",
                                    e.async_scheduling ? "while the one before runs" : "one by one"),
                        fmt::format("host time of a step {}, of each sequence in it {}, of each kernel {}",
                                    format_estimate(e.step_overhead_s * 1e3, "ms"),
                                    format_estimate(e.sequence_overhead_s * 1e3, "ms"),
                                    format_estimate(e.kernel_launch_s * 1e3, "ms")),
                        fmt::format("a request reaches the scheduler after {}; cache blocks {}",
                                    format_estimate(e.request_overhead_s * 1e3, "ms"),
                                    e.kv_on_demand ? "are taken as sequences grow" : "are reserved for the longest output")};
        if (e.filtering) item.details.push_back(fmt::format("drawing from the top k or top p: {} kernels, {} a logit", format_count(e.filtering->kernels), format_value(e.filtering->bytes_per_logit, "B")));
        for (const VersionDefaults& then : e.versions) item.details.push_back(before_version(then));
        if (!e.aliases.empty())
            item.details.insert(item.details.begin(), fmt::format("also {}", fmt::join(e.aliases, ", ")));
        for (const auto& [figures, source] : sources_by_figures(e.sources)) {
            item.details.push_back(figures + ": " + source);
        }
        items.push_back(std::move(item));
    }
    return items;
}

std::vector<Item> price_items(const Catalog& catalog) {
    std::map<std::string, Item> by_gpu;
    for (const auto& p : catalog.prices()) {
        Item& item = by_gpu[p.gpu];
        item.name = p.gpu;
        const auto price = format_estimate({p.median_usd, p.low_usd, p.high_usd}, "USD/h");
        item.doc +=
            fmt::format("{}{} {}", item.doc.empty() ? "" : ", ", p.tier, format_value(p.median_usd, "USD/h"));
        item.details.push_back(
            fmt::format("{}: {}, {} offers, {}: {}", p.tier, price, p.offers, p.date, p.source));
        item.example = fmt::format("price: {{tier: {}}}", p.tier);
    }
    std::vector<Item> items;
    for (auto& [gpu, item] : by_gpu) items.push_back(std::move(item));
    return items;
}

// By benchmark: how many models of the catalog have a score, and by whom.
std::vector<Item> score_items(const Catalog& catalog) {
    std::map<std::string, Item> by_benchmark;
    std::map<std::string, std::vector<std::string>> evaluators;
    for (const auto& s : catalog.scores()) {
        Item& item = by_benchmark[s.benchmark];
        item.name = s.benchmark;
        item.example = fmt::format("quality: {{benchmark: {}}}", s.benchmark);
        item.details.push_back(fmt::format("{}: {}{} ({})", s.model, format_value(s.accuracy, "fraction"),
                                           s.variant.empty() ? "" : ", " + s.variant, s.evaluator));
        auto& known = evaluators[s.benchmark];
        if (std::ranges::find(known, s.evaluator) == known.end()) known.push_back(s.evaluator);
    }
    std::vector<Item> items;
    for (auto& [benchmark, item] : by_benchmark) {
        item.doc =
            fmt::format("{} {} by {}", item.details.size(), item.details.size() == 1 ? "score" : "scores",
                        fmt::join(evaluators[benchmark], "; "));
        items.push_back(std::move(item));
    }
    return items;
}

Item metric_item(const MetricInfo& m) {
    Item item{std::string(m.id), std::string(m.label), {std::string(m.meaning)}, {}};
    if (!m.unit.empty())
        item.doc += fmt::format(", {}", m.unit == "bool" ? "yes or no" : std::string(m.unit));
    if (m.ranks) item.details.push_back(m.lower_is_better ? "lower is better" : "higher is better");
    return item;
}

std::vector<Item> metric_items(const Catalog&) {
    std::vector<Item> items;
    for (const auto& m : metric_catalog()) items.push_back(metric_item(m));
    return items;
}

std::vector<Item> objective_items(const Catalog&) {
    std::vector<Item> items;
    for (const auto& m : metric_catalog()) {
        if (!m.ranks || m.unit == "bool") continue;
        items.push_back(metric_item(m));
        items.back().example = fmt::format("objective: {}", m.id);
    }
    return items;
}

std::vector<Item> format_items(const Catalog&) {
    std::vector<Item> items;
    for (const auto format : all_number_formats()) {
        const std::string name(name_of(format));
        items.push_back({name,
                         fmt::format("{} bits a weight{}", print_number(bits_per_weight(format)),
                                     is_gguf(format) ? ", GGUF" : ""),
                         {std::string(source_of_bits(format))},
                         "candidates: [{name: a, model: m, gpu: h100_sxm, precision: " + name + "}]"});
    }
    return items;
}

}  // namespace

const std::vector<Kind>& all_kinds() {
    static const std::vector<Kind> kinds{
        {"models", "model", "models of the catalog", model_items},
        {"gpus", "gpu", "GPUs of the catalog", gpu_items},
        {"engines", "engine", "serving engines and what each costs", engine_items},
        {"prices", "price", "what an hour of a GPU is rented for, by tier", price_items},
        {"scores", "score", "benchmarks with published scores", score_items},
        {"metrics", "metric", "what reports contain and expectations can name", metric_items},
        {"objectives", "objective", "metrics a verdict can compare", objective_items},
        {"routings", "routing", "which experts tokens go to", routing_items},
        {"placements", "placement", "which rank holds which expert", placement_items},
        {"loads", "load", "how requests come", load_items},
        {"lengths", "length", "how long requests and answers are", length_items},
        {"layouts", "layout", "how a replica is spread over GPUs", layout_items},
        {"formats", "format", "number formats of weights and cache", format_items},
        {"sweep-axes", "sweep-axis", "what a sweep can vary", sweep_items},
        {"simulations", "simulation", "what a simulation can be told", simulation_items},
    };
    return kinds;
}

const Kind* find_kind(std::string_view name) {
    const auto found = std::ranges::find_if(
        all_kinds(), [&](const Kind& k) { return k.name == name || k.singular == name; });
    return found == all_kinds().end() ? nullptr : &*found;
}

}  // namespace moeplan::cli
