// Values -> the form they are read in: candidates, sweeps, expectations, and the whole study.
#include <algorithm>

#include <fmt/format.h>

#include "core/base/number_format.h"
#include "core/parallel/layout_text.h"
#include "core/scenario/sections.h"

namespace moeplan {
namespace scenario {
namespace {

using Map = Document::Map;
using List = Document::List;

std::string format_text(NumberFormat format) { return std::string(name_of(format)); }

std::optional<Document> precision_document(const PrecisionSpec& p) {
    if (!p.linear && !p.experts && !p.embedding && !p.kv) {
        return p.all ? std::optional<Document>(format_text(*p.all)) : std::nullopt;
    }
    Map map;
    for (const auto& [key, format] : {std::pair{"all", p.all}, {"linear", p.linear}, {"experts", p.experts},
                                      {"embedding", p.embedding}, {"kv", p.kv}}) {
        if (format) map.emplace_back(key, format_text(*format));
    }
    return map;
}

// A sweep keeps numbers without their unit; the YAML needs it back.
Document axis_value(const std::string& axis, const std::string& value) {
    if (axis == "layout" && value != "auto") {
        if (const auto layout = parse_layout(value)) return layout_document(*layout);
    }
    const auto number = parse_number(value);
    const bool numeric =
        std::ranges::find(numeric_sweep_axes(), axis) != numeric_sweep_axes().end() || axis == "count";
    if (!numeric || !number) return value;
    if (axis == "gpu_hour") return print_quantity(*number, dollar_units());
    return *number;
}

void add_engine_terms(Map& map, const Candidate& c) {
    map.emplace_back("engine", c.engine);
    if (!c.engine_version.empty()) map.emplace_back("engine_version", c.engine_version);
    if (c.profile != kAutomaticProfile) map.emplace_back("profile", c.profile);
    if (c.experts_on_host > 0 || c.offload_rate) {
        Map offload{{"experts", c.experts_on_host}};
        if (c.offload_rate)
            offload.emplace_back("rate", print_quantity(c.offload_rate->value, byte_rate_units()));
        map.emplace_back("offload", std::move(offload));
    }
    if (c.kv_blocks) map.emplace_back("kv_blocks", *c.kv_blocks);
    if (c.max_sequences) map.emplace_back("max_sequences", *c.max_sequences);
    if (c.token_budget) map.emplace_back("token_budget", *c.token_budget);
    if (c.memory_fraction) map.emplace_back("memory_fraction", *c.memory_fraction);
    if (c.graph_tokens) map.emplace_back("graph_tokens", *c.graph_tokens);
    if (c.whole_prompts) map.emplace_back("whole_prompts", *c.whole_prompts);
    if (c.async_scheduling) map.emplace_back("async_scheduling", *c.async_scheduling);
    if (c.batch_wait) map.emplace_back("batch_wait", Map{{"steps", c.batch_wait->steps}, {"fill", c.batch_wait->fill}});
    if (c.speculative_accept) map.emplace_back("speculative", Map{{"accept", *c.speculative_accept}});
}

Document claim_document(const ClaimInfo& claim) {
    Map map{{"number", claim.number}, {"text", claim.text}};
    if (!claim.source.empty()) map.emplace_back("source", claim.source);
    if (!claim.found.empty()) map.emplace_back("found", claim.found);
    static constexpr const char* kForms[] = {"metric", "ratio", "difference", "more", "less"};
    List figures;
    for (const auto& figure : claim.figures) {
        const std::string form = kForms[static_cast<std::size_t>(figure.form)];
        List operands;
        for (const auto& ref : figure.operands) operands.push_back(print_metric_ref(ref));
        if (figure.form == ClaimFigure::Form::value) figures.push_back(Map{{"before", figure.before}, {form, operands.empty() ? Document("") : operands.front()}});
        else figures.push_back(Map{{"before", figure.before}, {form, operands}});
    }
    if (!figures.empty()) map.emplace_back("figures", figures);
    return map;
}

Document cluster_document(const ClusterSpec& cluster) {
    Map map;
    if (cluster.gpus_per_node) map.emplace_back("gpus_per_node", *cluster.gpus_per_node);
    if (cluster.network)
        map.emplace_back("network", print_quantity(cluster.network->value, byte_rate_units()));
    return map;
}

}  // namespace

Document layout_document(const Layout& layout) {
    Map map{{"tp", layout.tp}};
    for (const auto& [key, size] : {std::pair{"pp", layout.pp}, {"dp", layout.dp}, {"ep", layout.ep}}) {
        if (size != 1) map.emplace_back(key, size);
    }
    if (layout.ep * layout.moe_tp != layout.stage_gpus()) map.emplace_back("moe_tp", layout.moe_tp);
    return map;
}

Document candidate_document(const Candidate& c, const SimulateSpec& study) {
    Map map{{"name", c.name}};
    if (!c.model.empty()) map.emplace_back("model", c.model);
    if (auto precision = precision_document(c.precision))
        map.emplace_back("precision", std::move(*precision));
    if (!c.gpu.empty()) map.emplace_back("gpu", c.gpu);
    map.emplace_back("count", c.count);
    if (c.layout) map.emplace_back("layout", layout_document(*c.layout));
    add_engine_terms(map, c);
    if (c.routing) map.emplace_back("routing", routing_document(*c.routing));
    if (c.placement) map.emplace_back("placement", placement_document(*c.placement));
    if (c.money) add_money(map, *c.money);
    if (c.quality) map.emplace_back("quality", quality_document(*c.quality));
    if (c.lengths) map.emplace_back("lengths", lengths_document(*c.lengths));
    if (c.simulate) map.emplace_back("simulate", simulate_document(*c.simulate, study));
    return map;
}

Document sweep_document(const std::vector<SweepAxis>& sweep) {
    Map map;
    for (const auto& axis : sweep) {
        List values;
        for (const auto& value : axis.values) values.push_back(axis_value(axis.name, value));
        map.emplace_back(axis.name, values);
    }
    return map;
}

Document expectation_document(const Expectation& e) {
    static constexpr const char* kForms[] = {"metric", "ratio", "difference"};
    Map map;
    if (!e.name.empty()) map.emplace_back("name", e.name);
    const std::string form = kForms[static_cast<std::size_t>(e.form)];
    if (e.form == Expectation::Form::value) {
        map.emplace_back(form, e.operands.empty() ? "" : print_metric_ref(e.operands.front()));
    } else {
        List operands;
        for (const auto& ref : e.operands) operands.push_back(print_metric_ref(ref));
        map.emplace_back(form, operands);
    }
    if (e.is) map.emplace_back("is", *e.is);
    if (e.at_least) map.emplace_back("at_least", *e.at_least);
    if (e.at_most) map.emplace_back("at_most", *e.at_most);
    if (e.equals) map.emplace_back("equals", *e.equals);
    if (e.tolerance) map.emplace_back("tolerance", *e.tolerance);
    if (e.when_conditional) map.emplace_back("when", "conditional");
    return map;
}

}  // namespace scenario

Document to_document(const Scenario& s) {
    using namespace scenario;
    Document::Map map{{"name", s.name}};
    if (s.method != Method::analyse) map.emplace_back("method", std::string(name_of(s.method)));
    map.emplace_back("seed", static_cast<std::int64_t>(s.seed));
    map.emplace_back("objective", s.objective);
    map.emplace_back("workload", workload_document(s.workload));
    map.emplace_back("routing", routing_document(s.routing));
    map.emplace_back("placement", placement_document(s.placement));
    add_money(map, s.money);
    map.emplace_back("cold_start", cold_start_document(s.cold_start));
    if (s.quality) map.emplace_back("quality", quality_document(*s.quality));
    if (s.cluster.gpus_per_node || s.cluster.network)
        map.emplace_back("cluster", cluster_document(s.cluster));
    add_models(map, s);
    if (s.method == Method::simulate) map.emplace_back("simulate", simulate_document(s.simulate, {}));
    Document::List candidates, expect;
    for (const auto& candidate : s.candidates) candidates.push_back(candidate_document(candidate, s.simulate));
    map.emplace_back("candidates", candidates);
    if (!s.fleets.empty()) map.emplace_back("fleets", fleets_document(s.fleets));
    if (!s.sweep.empty()) map.emplace_back("sweep", sweep_document(s.sweep));
    for (const auto& expectation : s.expect) expect.push_back(expectation_document(expectation));
    if (!expect.empty()) map.emplace_back("expect", expect);
    if (s.claim) map.emplace_back("claim", claim_document(*s.claim));
    return map;
}

std::string save_scenario(const Scenario& scenario) { return to_yaml(to_document(scenario)); }

}  // namespace moeplan
