#include <algorithm>

#include <fmt/format.h>

#include "core/scenario/engine_flags.h"
#include "core/scenario/sections.h"

namespace moeplan::scenario {
namespace {

constexpr std::size_t kMostCandidates = 1000;
constexpr std::string_view kExample =
    "{name: mixtral, model: mistralai/Mixtral-8x7B-v0.1, precision: fp8, gpu: h100_sxm, count: 2, layout: "
    "{tp: 2}}";

bool swept(const Scenario& scenario, std::string_view axis) {
    return std::ranges::find(scenario.sweep, axis, &SweepAxis::name) != scenario.sweep.end();
}

// The count, which a layout given without one implies, and pools whose layouts are known.
void read_gpus(const YamlNode& node, const std::optional<PoolsSpec>& pools, Candidate& candidate) {
    if (const auto layout = node.find("layout")) candidate.layout = read_layout(*layout);
    const auto count = node.find("count");
    const auto read = count ? count->integer(1, kMostGpus) : std::nullopt;
    take(candidate.count, read);
    if (pools && !count) {
        if (const auto gpus = gpus_of(*pools, candidate.layout)) {
            candidate.count = *gpus;
            return;
        }
    }
    // Pools with layouts of their own are held against the count where the whole is known (core/analyse/pools.h).
    if (!candidate.layout || (pools && pools->own_layouts())) return;
    const std::int64_t gpus = candidate.layout->gpus();
    if (!count) {
        candidate.count = gpus;
    } else if (read && candidate.count % gpus != 0) {
        node["layout"].problem(
            fmt::format("one replica of this layout takes {} GPUs (tp x dp x pp), count is {}", gpus,
                        candidate.count),
            fmt::format("count must be {} or a multiple", gpus));
    }
}

void read_engine_terms(const YamlNode& node, Candidate& candidate) {
    if (const auto engine = node.find("engine")) take(candidate.engine, engine->text());
    if (const auto version = node.find("engine_version")) {
        if (const auto text = version->raw(); text && parse_engine_version(*text)) candidate.engine_version = *text;
        else if (text) version->problem(fmt::format("'{}' is not a version", *text), "0.12.0");
    }
    if (const auto profile = node.find("profile")) take(candidate.profile, profile->text());
    if (const auto blocks = node.find("kv_blocks")) take(candidate.kv_blocks, blocks->number(1, 1e12));
    read_engine_limits(node, candidate.max_sequences, candidate.token_budget, candidate.memory_fraction);
    if (const auto graphs = node.find("graph_tokens")) take(candidate.graph_tokens, graphs->integer(0, kMostOfAnything));
    if (const auto whole = node.find("whole_prompts")) take(candidate.whole_prompts, whole->boolean());
    if (const auto async = node.find("async_scheduling")) take(candidate.async_scheduling, async->boolean());
    if (const auto wait = node.find("batch_wait"); wait && wait->expect_map("{steps: 20, fill: 90 %}")) {
        BatchWait read;
        take(read.steps, (*wait)["steps"].integer(1, kMostBatchWait));
        if (const auto fill = wait->find("fill")) take(read.fill, fill->fraction());
        wait->reject_unknown_keys();
        candidate.batch_wait = read;
    }
    if (const auto offload = node.find("offload");
        offload && offload->expect_map("{experts: 80 %, rate: 50 GB/s}")) {
        take(candidate.experts_on_host, (*offload)["experts"].fraction());
        if ((*offload)["rate"].exists()) candidate.offload_rate = (*offload)["rate"].bytes_per_second();
        offload->reject_unknown_keys();
    }
    if (const auto speculative = node.find("speculative");
        speculative && speculative->expect_map("{accept: 2.4}")) {
        take(candidate.speculative_accept, (*speculative)["accept"].number(1, 100));
        speculative->reject_unknown_keys();
    }
}

void read_overrides(const YamlNode& node, const Scenario& scenario, Candidate& candidate) {
    if (const auto routing = node.find("routing")) candidate.routing = read_routing(*routing);
    if (const auto placement = node.find("placement")) candidate.placement = read_placement(*placement);
    if (has_money(node)) candidate.money = read_money(node, scenario.money);
    if (const auto quality = node.find("quality"))
        candidate.quality = read_quality(*quality, scenario.quality);
    if (const auto lengths = node.find("lengths")) candidate.lengths = read_fixed_lengths(*lengths);
    if (const auto simulate = node.find("simulate"))
        candidate.simulate = read_simulate(*simulate, scenario.simulate, scenario.method == Method::simulate);
}

Candidate read_candidate(const YamlNode& node, const Scenario& scenario) {
    Candidate candidate;
    candidate.spot = spot_of(node);
    if (!node.expect_map(kExample)) return candidate;
    take(candidate.name, read_name(node["name"], "candidate"));
    // A sweep over models (or GPUs) supplies what the candidate leaves out.
    if (node["model"].exists() || !swept(scenario, "model")) take(candidate.model, node["model"].text());
    if (node["gpu"].exists() || !swept(scenario, "gpu")) take(candidate.gpu, node["gpu"].text());
    if (const auto precision = node.find("precision")) candidate.precision = read_precision(*precision);
    read_engine_terms(node, candidate);
    read_overrides(node, scenario, candidate);
    const SimulateSpec& simulate = candidate.simulate ? *candidate.simulate : scenario.simulate;
    read_gpus(node, scenario.method == Method::simulate ? simulate.pools : std::nullopt, candidate);
    node.reject_unknown_keys(engine_flags());
    return candidate;
}

}  // namespace

std::optional<Layout> read_layout(const YamlNode& node) {
    if (!node.is_map()) {
        if (node.is_scalar() && node.raw() == "auto") return std::nullopt;
        node.problem(
            fmt::format("expected 'auto' or a map such as '{{tp: 2, ep: 4}}', found {}", node.found()));
        return std::nullopt;
    }
    Layout layout;
    for (const auto& [key, into] : {std::pair{"tp", &layout.tp}, {"pp", &layout.pp}, {"dp", &layout.dp}}) {
        if (const auto axis = node.find(key)) take(*into, axis->integer(1, kMostGpus));
    }
    const auto ep = node.find("ep") ? node["ep"].integer(1, kMostGpus) : std::nullopt;
    const auto moe_tp = node.find("moe_tp") ? node["moe_tp"].integer(1, kMostGpus) : std::nullopt;
    node.reject_unknown_keys();
    const std::int64_t ranks = layout.stage_gpus();
    layout.ep = ep ? *ep : moe_tp && ranks % *moe_tp == 0 ? ranks / *moe_tp : 1;
    layout.moe_tp = moe_tp ? *moe_tp : ranks % layout.ep == 0 ? ranks / layout.ep : 1;
    if (layout.ep * layout.moe_tp != ranks) {
        node.problem(fmt::format("ep x moe_tp must equal tp x dp, found {} x {} against {} x {}", layout.ep,
                                 layout.moe_tp, layout.tp, layout.dp),
                     "leave moe_tp out: it is tp x dp / ep");
        return std::nullopt;
    }
    return layout;
}

void read_engine_limits(const YamlNode& owner, std::optional<std::int64_t>& max_sequences,
                        std::optional<std::int64_t>& token_budget, std::optional<double>& memory_fraction) {
    if (const auto most = owner.find("max_sequences"))
        take(max_sequences, most->integer(1, static_cast<std::int64_t>(kMostSequences)));
    if (const auto budget = owner.find("token_budget")) take(token_budget, budget->integer(1, kMostOfAnything));
    if (const auto fraction = owner.find("memory_fraction")) {
        const auto read = fraction->fraction();
        if (read && *read <= 0) fraction->problem("expected a fraction above 0");
        take(memory_fraction, read);
    }
}

PrecisionSpec read_precision(const YamlNode& node) {
    PrecisionSpec precision;
    if (!node.is_map()) {
        if (node.is_scalar() && node.raw() == "native") return precision;
        precision.all = number_format(node);
        return precision;
    }
    for (const auto& [key, into] : {std::pair{"all", &precision.all},
                                    {"linear", &precision.linear},
                                    {"experts", &precision.experts},
                                    {"embedding", &precision.embedding},
                                    {"kv", &precision.kv}}) {
        if (const auto part = node.find(key)) *into = number_format(*part);
    }
    node.reject_unknown_keys();
    return precision;
}

void read_candidates(const YamlNode& root, Scenario& scenario) {
    const YamlNode list = root["candidates"];
    if (!list.exists() && swept(scenario, "model")) return;
    if (!list.exists()) {
        root.problem("there are no candidates",
                     fmt::format("add 'candidates:' with entries such as '{}'", kExample));
        return;
    }
    if (!list.expect_list(fmt::format("- {}", kExample))) return;
    if (list.size() == 0 && !swept(scenario, "model"))
        list.problem("the list of candidates is empty", fmt::format("add '- {}'", kExample));
    if (list.size() > kMostCandidates) {
        list.problem(fmt::format("more than {} candidates", kMostCandidates), "use a sweep");
        return;
    }
    for (const auto& node : list.items()) {
        Candidate candidate = read_candidate(node, scenario);
        const auto same = std::ranges::find(scenario.candidates, candidate.name, &Candidate::name);
        if (same != scenario.candidates.end() && !candidate.name.empty()) {
            node["name"].problem(fmt::format("the name '{}' is taken by the candidate on line {}",
                                             candidate.name, same->spot.line));
        }
        scenario.candidates.push_back(std::move(candidate));
    }
}

}  // namespace moeplan::scenario
