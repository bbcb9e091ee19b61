#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/base/number_format.h"
#include "core/parallel/layout_text.h"
#include "core/scenario/sections.h"

namespace moeplan::scenario {
namespace {

constexpr std::int64_t kMostValues = 10'000;   // of one axis

std::optional<double> fraction_above_zero(const YamlNode& node) {
    const auto value = node.fraction();
    if (!value || *value > 0) return value;
    node.problem("expected a fraction above 0");
    return std::nullopt;
}

struct NumericAxis {
    const char* name;
    std::optional<double> (*read)(const YamlNode&);
    bool whole;   // ranges are rounded to whole numbers
    const char* example;
};

constexpr NumericAxis kNumericAxes[] = {
    {"batch", [](const YamlNode& n) { return n.number(1, kMostSequences); }, true, "[1, 4, 16, 64]"},
    {"input", tokens, true, "[256, 1024, 4096]"},
    {"output", tokens, true, "[64, 256, 1024]"},
    {"utilisation", fraction_above_zero, false, "[10 %, 50 %, 100 %]"},
    {"gpu_hour", gpu_hour, false, "[1.50 USD, 3 USD]"},
    {"skew", [](const YamlNode& n) { return n.number(0, 10); }, false, "[0, 0.5, 1]"},
    {"accuracy", [](const YamlNode& n) { return n.fraction(); }, false, "[0.7, 0.8]"},
    {"tokens_per_answer", tokens, true, "[100, 1000]"},
};

std::vector<double> spread(double from, double to, std::int64_t steps, bool logarithmic) {
    std::vector<double> values;
    for (std::int64_t i = 0; i < steps; ++i) {
        const double t = static_cast<double>(i) / static_cast<double>(steps - 1);
        values.push_back(logarithmic ? from * std::pow(to / from, t) : from + (to - from) * t);
    }
    values.back() = to;   // exactly, whatever pow gives
    return values;
}

// {from:, to:, steps:, scale: log} or {from:, to:, times: 2}.
std::optional<std::vector<double>> read_range(const YamlNode& node, const NumericAxis& axis) {
    const auto from = axis.read(node["from"]);
    const auto to = axis.read(node["to"]);
    const bool by_factor = node["times"].exists();
    const auto times = by_factor ? node["times"].number(1.001, 1e6) : std::nullopt;
    const auto steps = by_factor ? std::nullopt : node["steps"].integer(2, kMostValues);
    const auto scale =
        node.find("scale") ? node["scale"].choice({"linear", "log"}) : std::optional<std::size_t>(0);
    node.reject_unknown_keys();
    if (!from || !to || !scale || (by_factor ? !times : !steps)) return std::nullopt;
    if (*from >= *to) {
        node.problem(fmt::format("'from' must be below 'to', found {} and {}", *from, *to));
        return std::nullopt;
    }
    if ((by_factor || *scale == 1) && *from <= 0) {
        node.problem("a range by factors must start above 0");
        return std::nullopt;
    }
    if (!by_factor) return spread(*from, *to, *steps, *scale == 1);
    std::vector<double> values;
    for (double x = *from; x <= *to * (1 + 1e-12) && values.size() < static_cast<std::size_t>(kMostValues);
         x *= *times)
        values.push_back(x);
    return values;
}

std::vector<std::string> read_numeric(const YamlNode& node, const NumericAxis& axis) {
    std::vector<std::string> values;
    if (node.is_map()) {
        for (double value : read_range(node, axis).value_or(std::vector<double>{})) {
            const std::string text = print_number(axis.whole ? std::round(value) : value);
            if (values.empty() || values.back() != text) values.push_back(text);
        }
        return values;
    }
    for (const auto& item : node.items()) {
        if (const auto value = axis.read(item)) values.push_back(print_number(*value));
    }
    return values;
}

std::optional<std::string> layout_text(const YamlNode& node) {
    if (node.is_scalar() && node.raw() == "auto") return "auto";
    const auto layout = read_layout(node);
    return layout ? std::optional(print_layout(*layout)) : std::nullopt;
}

std::optional<std::string> precision_text(const YamlNode& node) {
    if (node.is_scalar() && node.raw() == "native") return "native";
    const auto format = number_format(node);
    return format ? std::optional(std::string(name_of(*format))) : std::nullopt;
}

std::optional<std::string> count_text(const YamlNode& node) {
    const auto count = node.integer(1, kMostGpus);
    return count ? std::optional(std::to_string(*count)) : std::nullopt;
}

std::optional<std::string> name_text(const YamlNode& node) { return node.text(); }

struct NameAxis {
    const char* name;
    std::optional<std::string> (*read)(const YamlNode&);
    const char* example;
};

constexpr NameAxis kNameAxes[] = {
    {"model", name_text, "[mistralai/Mixtral-8x7B-v0.1, meta-llama/Meta-Llama-3-70B]"},
    {"gpu", name_text, "[a100_sxm4_80gb, h100_sxm]"},
    {"count", count_text, "[1, 2, 4, 8]"},
    {"layout", layout_text, "[auto]"},
    {"precision", precision_text, "[bf16, fp8]"},
    {"engine", name_text, "[vllm, sglang]"},
};

std::vector<std::string> read_names(const YamlNode& node, const NameAxis& axis) {
    std::vector<std::string> values;
    for (const auto& item : node.items()) {
        if (auto value = axis.read(item)) values.push_back(std::move(*value));
    }
    return values;
}

std::optional<SweepAxis> read_axis(const std::string& name, const YamlNode& node) {
    const auto numeric = std::ranges::find(kNumericAxes, name, &NumericAxis::name);
    const bool is_numeric = numeric != std::end(kNumericAxes);
    const auto named = std::ranges::find(kNameAxes, name, &NameAxis::name);
    if (!is_numeric && named == std::end(kNameAxes)) return std::nullopt;
    const std::string example = is_numeric ? numeric->example : named->example;
    if (!(is_numeric && node.is_map())) {
        if (!node.expect_list(example)) return std::nullopt;
        if (node.size() == 0)
            node.problem(fmt::format("no values to sweep over; expected a list such as '{}'", example));
        if (node.size() > static_cast<std::size_t>(kMostValues)) {
            node.problem(fmt::format("more than {} values", kMostValues));
            return std::nullopt;
        }
    }
    return SweepAxis{name, is_numeric ? read_numeric(node, *numeric) : read_names(node, *named),
                     spot_of(node)};
}

}  // namespace

std::vector<SweepAxis> read_sweep(const YamlNode& node) {
    std::vector<SweepAxis> axes;
    if (!node.expect_map("{batch: [1, 4, 16, 64]}")) return axes;
    for (const auto& key : node.keys()) {
        const bool known =
            std::ranges::find(kNumericAxes, key, &NumericAxis::name) != std::end(kNumericAxes) ||
            std::ranges::find(kNameAxes, key, &NameAxis::name) != std::end(kNameAxes);
        if (!known) continue;
        if (auto axis = read_axis(key, node[key])) axes.push_back(std::move(*axis));
    }
    for (const auto& axis : kNumericAxes) (void)node[axis.name];
    for (const auto& axis : kNameAxes) (void)node[axis.name];
    node.reject_unknown_keys();
    return axes;
}

}  // namespace moeplan::scenario

namespace moeplan {

const std::vector<std::string>& numeric_sweep_axes() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const auto& axis : scenario::kNumericAxes) all.emplace_back(axis.name);
        return all;
    }();
    return names;
}

}  // namespace moeplan
