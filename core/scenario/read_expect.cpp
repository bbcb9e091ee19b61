#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/scenario/sections.h"

namespace moeplan::scenario {
namespace {

constexpr std::string_view kFigure = "{before: x at 512, ratio: [dense.tpot_ms@batch=512, moe.tpot_ms@batch=512]}";
constexpr std::string_view kExample = "{metric: mixtral.tpot_ms, at_most: 30}";

// Checks what can be checked without the metric catalog: the form, the candidate, the axis.
std::optional<MetricRef> read_ref(const YamlNode& node, KnownNames& candidates) {
    const auto text = node.text();
    if (!text) return std::nullopt;
    auto ref = parse_metric_ref(*text);
    if (!ref) {
        node.problem(
            fmt::format("{}; expected candidate.metric or candidate.metric@axis=value, for example "
                        "'mixtral.tpot_ms@batch=1'",
                        ref.error()));
        return std::nullopt;
    }
    if (ref->at && std::ranges::find(numeric_sweep_axes(), ref->at->first) == numeric_sweep_axes().end()) {
        node.problem(
            fmt::format("'{}' is no axis; expected one of {}", ref->at->first, one_of(numeric_sweep_axes())),
            did_you_mean(ref->at->first, numeric_sweep_axes()));
    }
    if (!candidates.all().empty()) candidates.check(node, ref->candidate);
    return *ref;
}

// The first of `forms` takes one metric, the others two. Which it is, as a number.
std::size_t read_operands(const YamlNode& node, KnownNames& candidates, const std::vector<std::string>& forms,
                          std::string_view example, std::vector<MetricRef>& operands) {
    const auto form = only_form(node, forms, example);
    if (!form) return 0;
    if (form->index == 0) {
        if (auto ref = read_ref(form->body, candidates)) operands.push_back(std::move(*ref));
        return form->index;
    }
    if (!form->body.is_list() || form->body.size() != 2) {
        form->body.problem("expected two metrics such as '[llama.tpot_ms, mixtral.tpot_ms]'");
        return form->index;
    }
    for (const auto& item : form->body.items()) {
        if (auto ref = read_ref(item, candidates)) operands.push_back(std::move(*ref));
    }
    return form->index;
}

void read_bounds(const YamlNode& node, Expectation& expectation) {
    if (const auto most = node.find("at_most")) expectation.at_most = most->number();
    if (const auto least = node.find("at_least")) expectation.at_least = least->number();
    if (const auto between = node.find("between")) {
        if (node["at_most"].exists() || node["at_least"].exists())
            between->problem("'between' excludes 'at_most' and 'at_least'");
        if (const auto range = low_high(*between, [](const YamlNode& n) { return n.number(); })) {
            expectation.at_least = range->first;
            expectation.at_most = range->second;
        }
    }
    if (expectation.at_least && expectation.at_most && *expectation.at_least > *expectation.at_most) {
        node["at_least"].problem("nothing can be at least this and at most that",
                                 "swap at_least and at_most");
    }
    if (const auto is = node.find("is")) expectation.is = is->boolean();
    if (const auto equals = node.find("equals")) expectation.equals = equals->number();
    if (const auto tolerance = node.find("tolerance")) {
        expectation.tolerance = tolerance->fraction();
        if (!node["equals"].exists()) tolerance->problem("'tolerance' needs 'equals'");
    }
    const int ways = int{node["is"].exists()} + int{node["equals"].exists()} +
                     int{node["at_most"].exists() || node["at_least"].exists() || node["between"].exists()};
    if (ways == 0)
        node.problem(fmt::format(
            "expects nothing; add at_most, at_least, between, equals or is, for example '{}'", kExample));
    if (ways > 1) node.problem("mixes bounds, 'equals' and 'is'", "write one expectation for each");
    if (expectation.is && expectation.form != Expectation::Form::value)
        node["is"].problem("'is' asks for a yes-or-no metric, not a ratio or a difference");
}

Expectation read_expectation(const YamlNode& node, KnownNames& candidates) {
    Expectation expectation;
    expectation.spot = spot_of(node);
    if (!node.expect_map(kExample)) return expectation;
    if (const auto name = node.find("name")) take(expectation.name, name->text());
    expectation.form = static_cast<Expectation::Form>(
        read_operands(node, candidates, {"metric", "ratio", "difference"}, kExample, expectation.operands));
    read_bounds(node, expectation);
    if (const auto when = node.find("when"))
        expectation.when_conditional = when->choice({"conditional"}).has_value();
    if (const auto conditional = node.find("conditional"))
        take(expectation.when_conditional, conditional->boolean());
    node.reject_unknown_keys();
    return expectation;
}

ClaimFigure read_figure(const YamlNode& node, KnownNames& candidates, const std::string& found) {
    ClaimFigure figure;
    figure.spot = spot_of(node);
    if (!node.expect_map(kFigure)) return figure;
    const auto before = node["before"];
    take(figure.before, before.text());
    const auto at = figure.before.empty() ? std::string::npos : found.find(figure.before);
    if (at == std::string::npos) before.problem(fmt::format("'found' does not say '{}'", figure.before));
    else if (found.find(figure.before, at + 1) != std::string::npos)
        before.problem(fmt::format("'found' says '{}' more than once", figure.before), "quote more of it");
    else if (at == 0 || std::isdigit(static_cast<unsigned char>(found[at - 1])) == 0)
        before.problem(fmt::format("no number stands before '{}' in 'found'", figure.before));
    figure.form = static_cast<ClaimFigure::Form>(
        read_operands(node, candidates, {"metric", "ratio", "difference", "more", "less"}, kFigure, figure.operands));
    node.reject_unknown_keys();
    return figure;
}

}  // namespace

std::vector<Expectation> read_expectations(const YamlNode& node, KnownNames& candidates) {
    std::vector<Expectation> expectations;
    if (!node.expect_list(fmt::format("- {}", kExample))) return expectations;
    for (const auto& item : node.items()) expectations.push_back(read_expectation(item, candidates));
    return expectations;
}

std::optional<ClaimInfo> read_claim(const YamlNode& node, KnownNames& candidates, bool simulated) {
    if (!node.expect_map("{number: 1, text: what is claimed, source: who says so, found: what we found}"))
        return std::nullopt;
    ClaimInfo claim;
    if (const auto number = node["number"].integer(1, 1'000'000)) claim.number = static_cast<int>(*number);
    take(claim.text, node["text"].text());
    if (const auto source = node.find("source")) take(claim.source, source->text());
    if (const auto found = node.find("found")) take(claim.found, found->text());
    if (const auto figures = node.find("figures")) {
        if (simulated) figures->problem("figures of a claim are computed in closed form", "leave them out");
        if (figures->expect_list(fmt::format("- {}", kFigure))) {
            for (const auto& item : figures->items())
                claim.figures.push_back(read_figure(item, candidates, claim.found));
        }
    }
    node.reject_unknown_keys();
    return claim;
}

}  // namespace moeplan::scenario
