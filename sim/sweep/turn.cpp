#include "sim/sweep/turn.h"

#include <charconv>
#include <variant>

#include <fmt/format.h>

#include "core/analyse/axes.h"
#include "core/base/match.h"
#include "core/base/require.h"
#include "core/parallel/layout_text.h"

namespace moeplan {
namespace {

double number_of(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    require(error == std::errc{} && end == text.data() + text.size(), "turn: not a number");
    return value;
}

Problems wrong(const std::string& axis, const std::string& value, std::string what, std::string hint = {}) {
    return {{"sweep", axis, fmt::format("{}: {}", value, what), std::move(hint)}};
}

void scale(double& low, double& high, double mean) {
    const double factor = mean / ((low + high) / 2);
    low *= factor;
    high *= factor;
}

// False when the lengths are a trace's.
bool set_mean(Lengths& lengths, bool input, double mean) {
    return match(
        lengths,
        [&](FixedLengths& l) { (input ? l.input : l.output) = mean; return true; },
        [&](UniformLengths& l) {
            if (input) scale(l.input_low, l.input_high, mean);
            else scale(l.output_low, l.output_high, mean);
            return true;
        },
        [&](LogNormalLengths& l) { (input ? l.input_mean : l.output_mean) = mean; return true; },
        [](TraceLengths&) { return false; });
}

Problems turn_length(const std::string& name, const std::string& value, Scenario& s) {
    const bool input = name == "input";
    const double mean = number_of(value);
    if (!set_mean(s.workload.lengths, input, mean))
        return wrong(name, value, "the lengths are a trace's and cannot be varied", "sweep another axis");
    for (Candidate& c : s.candidates) {
        if (c.lengths) (input ? c.lengths->input : c.lengths->output) = mean;
    }
    return {};
}

void turn_batch(double batch, Scenario& s) {
    if (auto* fixed = std::get_if<StaticBatch>(&s.workload.load)) {
        fixed->batch = batch;
        return;
    }
    s.workload.load = ClosedLoop{batch};
    s.workload.arrivals.reset();
}

template <class Change>
void for_all_money(Scenario& s, const Change& change) {
    change(s.money);
    for (Candidate& c : s.candidates) {
        if (c.money) change(*c.money);
    }
}

void turn_skew(double alpha, Scenario& s) {
    RoutingSpec routing = UniformRouting{};
    if (alpha > 0) routing = ZipfRouting{alpha};
    s.routing = routing;
    for (Candidate& c : s.candidates) {
        if (c.routing) c.routing = routing;
    }
}

Problems turn_quality(const std::string& name, const std::string& value, Scenario& s) {
    bool given = true;
    const auto change = [&](std::optional<QualitySpec>& quality) {
        if (!quality) return;
        if (name == "tokens_per_answer") quality->tokens_per_answer = number_of(value);
        else if (auto* accuracy = std::get_if<GivenAccuracy>(&quality->source)) accuracy->accuracy = number_of(value);
        else given = false;
    };
    change(s.quality);
    for (Candidate& c : s.candidates) change(c.quality);
    if (given) return {};
    return wrong(name, value, "the accuracy comes from a score and cannot be varied",
                 "give it as a number: quality: {accuracy: 0.8, questions: 1000}");
}

void turn_precision(const std::string& value, Candidate& c) {
    const auto kv = c.precision.kv;
    c.precision = {};
    if (value == "native") return;
    c.precision.all = number_format_named(value);
    c.precision.kv = kv;
}

Problems turn_layout(const std::string& name, const std::string& value, Scenario& s) {
    std::optional<Layout> layout;
    if (value != "auto") {
        auto parsed = parse_layout(value);
        if (!parsed) return wrong(name, value, parsed.error().front().what, parsed.error().front().hint);
        layout = *parsed;
    }
    for (Candidate& c : s.candidates) c.layout = layout;
    return {};
}

Problems turn_name(const std::string& name, const std::string& value, Scenario& s) {
    if (name == "layout") return turn_layout(name, value, s);
    for (Candidate& c : s.candidates) {
        if (name == "model") c.model = value;
        else if (name == "gpu") c.gpu = value;
        else if (name == "engine") c.engine = value;
        else if (name == "count") c.count = static_cast<std::int64_t>(number_of(value));
        else if (name == "precision") turn_precision(value, c);
        else require(false, "turn: not an axis");
    }
    return {};
}

}  // namespace

Problems turn(const std::string& name, const std::string& value, Scenario& scenario) {
    if (!is_numeric_axis(name)) return turn_name(name, value, scenario);
    if (name == "input" || name == "output") return turn_length(name, value, scenario);
    if (name == "accuracy" || name == "tokens_per_answer") return turn_quality(name, value, scenario);
    const double number = number_of(value);
    if (name == "batch") turn_batch(number, scenario);
    else if (name == "skew") turn_skew(number, scenario);
    else if (name == "utilisation") for_all_money(scenario, [&](MoneySpec& money) { money.utilisation = number; });
    else if (name == "gpu_hour") for_all_money(scenario, [&](MoneySpec& money) { money.price = GivenPrice{number}; });
    else require(false, "turn: not an axis");
    return {};
}

}  // namespace moeplan
