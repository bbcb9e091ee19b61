#include "core/analyse/expectations.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <ranges>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/report/format.h"

namespace moeplan {
namespace {

std::string name_of_ref(const MetricRef& ref) {
    std::string text = ref.candidate + "." + ref.metric;
    if (ref.at) text += fmt::format("@{}={:g}", ref.at->first, ref.at->second);
    return text;
}

class Checker {
public:
    Checker(const Scenario& scenario, const std::vector<Judged>& candidates, const CostSource& source)
        : scenario_(scenario), candidates_(candidates), source_(source) {}

    Result<std::vector<ExpectationResult>> run() {
        std::vector<ExpectationResult> results;
        for (const Expectation& e : scenario_.expect) results.push_back(one(e));
        if (!problems_.empty()) return fail(std::move(problems_));
        return results;
    }

    Result<std::string> found() {
        const ClaimInfo& claim = *scenario_.claim;
        std::map<std::size_t, std::pair<std::size_t, std::string>> numbers;   // where each begins: its length, what it is now
        for (const ClaimFigure& figure : claim.figures) {
            const std::size_t end = claim.found.find(figure.before);
            const std::size_t begin = claim.found.find_last_not_of("0123456789.", end - 1) + 1;
            if (auto now = written(figure, claim.found.substr(begin, end - begin))) numbers[begin] = {end - begin, std::move(*now)};
        }
        if (!problems_.empty()) return fail(std::move(problems_));
        std::string text = claim.found;
        for (const auto& [at, number] : numbers | std::views::reverse) text.replace(at, number.first, number.second);
        return text;
    }

private:
    // The number of a figure that was once `then`, as it is now.
    std::optional<std::string> written(const ClaimFigure& figure, std::string_view then) {
        std::vector<double> values;
        for (const MetricRef& ref : figure.operands) {
            const std::size_t before = problems_.size();
            const auto value = value_of(ref, figure.spot);
            if (value) values.push_back(value->value);
            else if (problems_.size() == before) problem(figure.spot, fmt::format("{} has no value here", name_of_ref(ref)), {});
        }
        if (values.size() < figure.operands.size()) return std::nullopt;
        using Form = ClaimFigure::Form;
        double value = figure.form == Form::value ? values[0] : figure.form == Form::difference ? values[0] - values[1] : values[0] / values[1];
        if (figure.form == Form::more) value -= 1;
        if (figure.form == Form::less) value = 1 - value;
        if (figure.before.starts_with(" %") || figure.before.starts_with(" point")) value *= 100;
        if (figure.before.starts_with(" B")) value /= 1e9;
        const std::size_t point = then.find('.');
        const std::size_t decimals = point == std::string_view::npos ? 0 : then.size() - point - 1;
        return fmt::format("{:.{}f}", value, decimals);
    }

    ExpectationResult one(const Expectation& e) {
        ExpectationResult result;
        result.name = e.name.empty() ? condition(e) : e.name;
        std::vector<std::optional<Estimate>> values;
        for (const MetricRef& ref : e.operands) values.push_back(value_of(ref, e.spot));
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!values[i]) {
                result.detail = fmt::format("{} has no value here", name_of_ref(e.operands[i]));
                return result;
            }
        }
        const Estimate got = combine(e, values);
        const bool ok = satisfied(e, got.value);
        result.outcome = !ok ? Outcome::fails : e.when_conditional ? Outcome::conditional : Outcome::holds;
        const MetricInfo* info = find_metric(e.operands.front().metric);
        const std::string_view unit = e.form == Expectation::Form::ratio ? "x" : info ? info->unit : "";
        result.detail = fmt::format("{} = {}, wanted {}", subject(e), format_estimate(got, unit), wanted(e, unit));
        if (!got.is_exact() && (satisfied(e, got.low) != ok || satisfied(e, got.high) != ok)) result.detail += "; the interval straddles the limit";
        return result;
    }

    // Scores of two models err each on their own: half-widths add in squares.
    static Estimate independent_difference(const Estimate& a, const Estimate& b) {
        const double mid = a.value - b.value;
        return {mid, mid - std::hypot(a.value - a.low, b.high - b.value), mid + std::hypot(a.high - a.value, b.value - b.low)};
    }

    static Estimate combine(const Expectation& e, const std::vector<std::optional<Estimate>>& values) {
        if (e.form == Expectation::Form::value) return *values[0];
        const Estimate& a = *values[0];
        const Estimate& b = *values[1];
        const MetricInfo* info = find_metric(e.operands.front().metric);
        if (e.form == Expectation::Form::difference && info && info->group == MetricGroup::quality) return independent_difference(a, b);
        // Errors of one device's kernels are common to both operands: extremes are taken together.
        if (e.form == Expectation::Form::difference) {
            const double low = a.low - b.low, mid = a.value - b.value, high = a.high - b.high;
            return {mid, std::min({low, mid, high}), std::max({low, mid, high})};
        }
        const double low = a.low / b.low, mid = a.value / b.value, high = a.high / b.high;
        return {mid, std::min({low, mid, high}), std::max({low, mid, high})};
    }

    // What is no number (nothing over nothing) meets no expectation.
    static bool satisfied(const Expectation& e, double value) {
        if (std::isnan(value)) return false;
        if (e.is) return (value != 0) == *e.is;
        if (e.at_most && value > *e.at_most) return false;
        if (e.at_least && value < *e.at_least) return false;
        if (e.equals) return std::abs(value - *e.equals) <= e.tolerance.value_or(1e-9) * std::abs(*e.equals);
        return true;
    }

    static std::string subject(const Expectation& e) {
        if (e.form == Expectation::Form::value) return name_of_ref(e.operands[0]);
        return name_of_ref(e.operands[0]) + (e.form == Expectation::Form::ratio ? " / " : " - ") + name_of_ref(e.operands[1]);
    }

    static std::string wanted(const Expectation& e, std::string_view unit) {
        const auto show = [&](double v) { return format_value(v, unit); };
        if (e.is) return *e.is ? "yes" : "no";
        if (e.equals) return fmt::format("{} within {:g} %", show(*e.equals), 100 * e.tolerance.value_or(0));
        if (e.at_least && e.at_most) return fmt::format("{} to {}", show(*e.at_least), show(*e.at_most));
        if (e.at_least) return "at least " + show(*e.at_least);
        return "at most " + show(e.at_most.value_or(0));
    }

    static std::string condition(const Expectation& e) {
        const MetricInfo* info = find_metric(e.operands.front().metric);
        const std::string_view unit = e.form == Expectation::Form::ratio ? "x" : info ? info->unit : "";
        return subject(e) + " " + wanted(e, unit);
    }

    void problem(const Spot& spot, std::string what, std::string hint) {
        problems_.push_back({spot.where(), spot.path, std::move(what), std::move(hint)});
    }

    std::optional<Estimate> value_of(const MetricRef& ref, const Spot& spot) {
        const auto judged = std::ranges::find(candidates_, ref.candidate, [](const Judged& j) { return j.candidate->name; });
        std::vector<std::string> names;
        for (const auto& j : candidates_) names.push_back(j.candidate->name);
        if (judged == candidates_.end()) {
            problem(spot, fmt::format("there is no candidate '{}'", ref.candidate), did_you_mean(ref.candidate, names));
            return std::nullopt;
        }
        if (!find_metric(ref.metric)) {
            std::vector<std::string> ids;
            for (const auto& m : metric_catalog()) ids.emplace_back(m.id);
            problem(spot, fmt::format("'{}' is not a metric", ref.metric), did_you_mean(ref.metric, ids));
            return std::nullopt;
        }
        if (!ref.at) {
            const Metric* m = judged->report->find(ref.metric);
            return m ? std::optional(m->value) : std::nullopt;
        }
        if (!judged->closed_form) {
            problem(spot, fmt::format("'{}' is a fleet, or has pools laid out differently: it is known at the study's own load only", ref.candidate), "leave out the @ and what follows");
            return std::nullopt;
        }
        if (!is_numeric_axis(ref.at->first)) {
            problem(spot, fmt::format("'{}' is not an axis", ref.at->first), did_you_mean(ref.at->first, numeric_axes()));
            return std::nullopt;
        }
        auto metrics = metrics_at(*judged->candidate, judged->base, ref.at->first, ref.at->second, scenario_, source_);
        if (!metrics) {
            for (Problem p : metrics.error()) {
                if (p.where.empty()) p.where = spot.where();
                if (p.path.empty()) p.path = spot.path;
                problems_.push_back(std::move(p));
            }
            return std::nullopt;
        }
        const auto found = std::ranges::find(*metrics, ref.metric, &Metric::id);
        return found == metrics->end() ? std::nullopt : std::optional(found->value);
    }

    const Scenario& scenario_;
    const std::vector<Judged>& candidates_;
    const CostSource& source_;
    Problems problems_;
};

}  // namespace

Result<std::vector<ExpectationResult>> check_expectations(const Scenario& scenario, const std::vector<Judged>& candidates, const CostSource& source) {
    return Checker(scenario, candidates, source).run();
}

Result<std::string> found_now(const Scenario& scenario, const std::vector<Judged>& candidates, const CostSource& source) {
    return Checker(scenario, candidates, source).found();
}

Outcome overall(const std::vector<ExpectationResult>& results, const std::vector<Expectation>& expectations) {
    bool all_plain_hold = true, some_conditional = false;
    for (std::size_t i = 0; i < results.size() && i < expectations.size(); ++i) {
        if (expectations[i].when_conditional) some_conditional = some_conditional || results[i].outcome == Outcome::conditional;
        else all_plain_hold = all_plain_hold && results[i].outcome == Outcome::holds;
    }
    if (all_plain_hold) return Outcome::holds;
    return some_conditional ? Outcome::conditional : Outcome::fails;
}

}  // namespace moeplan
