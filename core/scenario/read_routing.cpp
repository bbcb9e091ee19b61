#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/scenario/sections.h"

namespace moeplan::scenario {
namespace {

const std::vector<std::string>& form_names() {
    static const std::vector<std::string> names{"zipf", "power_law", "dirichlet", "counts", "trace"};
    return names;
}

std::optional<double> one_number(const YamlNode& node, std::string_view key, std::string_view example,
                                 double at_least, double at_most) {
    if (!node.expect_map(example)) return std::nullopt;
    const auto value = node[key].number(at_least, at_most);
    node.reject_unknown_keys();
    return value;
}

std::optional<RoutingSpec> read_counts(const YamlNode& node) {
    if (!node.is_map()) {
        const auto file = node.text();
        return file ? std::optional<RoutingSpec>(CountsRouting{*file, {}, {}}) : std::nullopt;
    }
    CountsRouting counts;
    const auto file = node["file"].text();
    if (const auto model = node.find("model")) take(counts.model, model->text());
    if (const auto dataset = node.find("dataset")) take(counts.dataset, dataset->text());
    node.reject_unknown_keys();
    if (!file) return std::nullopt;
    counts.file = *file;
    return counts;
}

std::optional<RoutingSpec> read_form(const Form& form) {
    switch (form.index) {
        case 0:
            if (const auto alpha = one_number(form.body, "alpha", "{alpha: 0.6}", 0, 10))
                return ZipfRouting{*alpha};
            return std::nullopt;
        case 1:
            if (const auto alpha = one_number(form.body, "alpha", "{alpha: 1.2}", 0, 10))
                return PowerLawRouting{*alpha};
            return std::nullopt;
        case 2:
            if (const auto kappa = one_number(form.body, "kappa", "{kappa: 5}", 1e-3, 1e9))
                return DirichletRouting{*kappa};
            return std::nullopt;
        case 3: return read_counts(form.body);
        default: {
            const auto file = form.body.text();
            return file ? std::optional<RoutingSpec>(TraceRouting{*file}) : std::nullopt;
        }
    }
}

}  // namespace

std::optional<RoutingSpec> read_routing(const YamlNode& node) {
    if (node.is_map()) {
        const auto form = only_form(node, form_names(), "{zipf: {alpha: 0.6}}");
        node.reject_unknown_keys();
        return form ? read_form(*form) : std::nullopt;
    }
    if (node.is_scalar() && node.raw() == "uniform") return UniformRouting{};
    std::vector<std::string> names = form_names();
    names.insert(names.begin(), "uniform");
    const std::string typed = node.is_scalar() ? *node.raw() : "";
    node.problem(
        fmt::format("expected 'uniform' or a map such as '{{zipf: {{alpha: 0.6}}}}' (one of {}), found {}",
                    one_of(names), node.found()),
        did_you_mean(typed, names));
    return std::nullopt;
}

std::optional<PlacementSpec> read_placement(const YamlNode& node) {
    if (!node.is_map()) {
        const auto kind = node.choice({"contiguous", "round_robin", "balanced", "eplb"});
        return kind ? std::optional(PlacementSpec{static_cast<PlacementKind>(*kind), 0}) : std::nullopt;
    }
    const auto eplb = node["eplb"];
    node.reject_unknown_keys();
    if (!eplb.expect_map("{redundant: 32}")) return std::nullopt;
    const auto redundant = eplb["redundant"].integer(0, kMostGpus);
    eplb.reject_unknown_keys();
    return redundant ? std::optional(PlacementSpec{PlacementKind::eplb, *redundant}) : std::nullopt;
}

}  // namespace moeplan::scenario
