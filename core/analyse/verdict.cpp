#include "core/analyse/verdict.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/analyse/axes.h"
#include "core/analyse/break_even.h"
#include "core/analyse/metrics.h"
#include "core/base/side_by_side.h"
#include "core/analyse/sign_change.h"
#include "core/base/estimate_math.h"
#include "core/base/nearest.h"
#include "core/report/format.h"

namespace moeplan {
namespace {

// A verdict is called decided from this probability on; below it the intervals overlap too much to choose.
constexpr double kSure = 0.90;
constexpr double kLargestBatch = 4096;

std::optional<Estimate> value_of(const Prepared& c, const Evaluation& e, const std::string& objective) {
    for (const Metric& m : bare_metrics_of(c, e)) {
        if (m.id == objective) return m.value;
    }
    return std::nullopt;
}

struct Ranked {
    std::string name;
    Estimate value;   // without the price's spread where both pay the same
    const Prepared* candidate = nullptr;
    const Evaluation* evaluation = nullptr;
};

// The objective at the central price: what is compared when the spread is common to both.
Result<std::optional<Estimate>> at_central_price(const Prepared& c, const OperatingPoint& at, const std::string& objective, const CostSource& source) {
    auto e = evaluate(c, without_price_spread(at), source);
    if (!e) return tl::unexpected(e.error());
    return value_of(c, *e, objective);
}

// Intervals are models of ignorance: nothing is ever 100 % sure.
std::string sure_text(double sure) { return sure > 0.99 ? "over 99 %" : fmt::format("{:.0f} %", 100 * sure); }

// Of candidates, in their order; nothing for one that has none.
using Values = std::vector<std::optional<double>>;

class Judge {
public:
    // Without a source nothing but decide() may be asked.
    Judge(const MetricInfo& info, const CostSource* source) : info_(info), source_(source) {}

    Verdict decide(const Ranked& winner, const Ranked& other, std::size_t unfit) const {
        Verdict v;
        v.objective = info_.id;
        const bool positive = winner.value.low > 0 && other.value.low > 0;
        const double sure = !positive ? (better(winner.value.high, other.value.low) ? 1.0 : 0.5)
                            : info_.lower_is_better ? probability_less(winner.value, other.value)
                                                    : probability_less(other.value, winner.value);
        v.decided = sure >= kSure;
        v.winner = v.decided ? winner.name : "";
        v.sentence = sentence(winner, other, v.decided, sure);
        if (!v.decided) {
            v.warnings.push_back(fmt::format("the intervals of {} and {} overlap: {:.0f} % sure, a decision wants {:.0f} %",
                                             winner.name, other.name, 100 * std::max(sure, 1 - sure), 100 * kSure));
        }
        if (unfit > 0) v.warnings.push_back(fmt::format("{} candidate{} left out because {} not fit or {} overloaded", unfit, unfit == 1 ? " was" : "s were", unfit == 1 ? "it does" : "they do", unfit == 1 ? "is" : "are"));
        return v;
    }

    // `ranked`: best first, at least two.
    Problems flips(Verdict& v, std::span<const Ranked> ranked) const {
        const Ranked &winner = ranked[0], &other = ranked[1];
        auto by_batch = batch_flips(v, ranked);
        if (is_unit_price(info_.id)) money_flips(v, winner, other);
        if (info_.id == "usd_per_correct_answer") quality_flips(v, winner, other);
        return by_batch;
    }

    bool better(double a, double b) const { return info_.lower_is_better ? a < b : a > b; }

private:
    std::string sentence(const Ranked& winner, const Ranked& other, bool decided, double sure) const {
        const double factor = info_.lower_is_better ? other.value.value / winner.value.value : winner.value.value / other.value.value;
        const std::string figures = fmt::format("{} against {} {} ({:.2f}x, ", format_estimate(Estimate::exact(winner.value.value), info_.unit),
                                                format_estimate(Estimate::exact(other.value.value), info_.unit), info_.label, factor);
        // Its interval may reach so far to the worse side that the other is the likelier of the two.
        if (sure < 0.5)
            return fmt::format("whether {} or {} is the better buy is open: {}{} is likelier, {} sure)", winner.name, other.name, figures,
                               other.name, sure_text(1 - sure));
        return fmt::format("{} {}: {}{} sure)", winner.name, decided ? "is the better buy" : "looks better, but it is too close to call",
                           figures, sure_text(sure));
    }

    // What a contender costs at a batch; nothing where it has no value.
    Result<std::optional<double>> value_at(double batch, const Ranked& r) const {
        OperatingPoint point = r.evaluation->at;
        if (auto* fixed = std::get_if<StaticBatch>(&point.load)) fixed->batch = batch;
        else point.load = ClosedLoop{batch};
        const auto e = evaluate(*r.candidate, point, *source_, info_.id.starts_with("usd_per_answer") || info_.id.starts_with("usd_per_correct"));
        if (!e) return tl::unexpected(e.error());
        // Beyond what fits in memory the curve is flat; the flip would be about queues, not batches.
        if (!e->fits || batch > e->limit_sequences * static_cast<double>(r.candidate->replicas)) return std::optional<double>{};
        const auto v = value_of(*r.candidate, *e, std::string(info_.id));
        return v ? std::optional(v->value) : std::nullopt;
    }

    // Negative where the winner is better at a batch; nothing where one of them has no value. Both side by side.
    Result<std::optional<double>> lag_at(double batch, const Ranked& winner, const Ranked& other) const {
        Result<std::optional<double>> w, o;
        both_side_by_side([&] { w = value_at(batch, winner); }, [&] { o = value_at(batch, other); });
        if (!w) return w;
        if (!o) return o;
        if (!*w || !*o) return std::optional<double>{};
        return std::optional<double>(std::log(**o / **w) * (info_.lower_is_better ? -1 : 1));
    }

    // Between two batches that disagree, to a millionth.
    Result<double> batch_between(double low, double high, double at_low, double at_high, const Ranked& winner, const Ranked& other) const {
        Problems problems;
        const auto lag = [&](double log_batch) -> std::optional<double> {
            auto at = lag_at(std::exp(log_batch), winner, other);
            if (at) return *at;
            problems = at.error();
            return std::nullopt;
        };
        const Bracket b = sign_change({std::log(low), std::log(high)}, at_low, at_high, 1e-6, lag);
        if (!problems.empty()) return fail(std::move(problems));
        return std::exp((b.low + b.high) / 2);
    }

    // What everybody costs at a batch, two side by side.
    Result<Values> values_at(double batch, std::span<const Ranked> ranked) const {
        Values values;
        for (std::size_t i = 0; i < ranked.size(); i += 2) {
            Result<std::optional<double>> first, second;
            both_side_by_side([&] { first = value_at(batch, ranked[i]); },
                              [&] { if (i + 1 < ranked.size()) second = value_at(batch, ranked[i + 1]); });
            if (!first) return tl::unexpected(first.error());
            if (!second) return tl::unexpected(second.error());
            values.push_back(*first);
            if (i + 1 < ranked.size()) values.push_back(*second);
        }
        return values;
    }

    // Of those that have a value; the better ranked where two have the same.
    std::size_t best_of(const Values& values) const {
        std::size_t best = 0;
        for (std::size_t i = 1; i < values.size(); ++i) {
            if (values[i] && (!values[best] || better(*values[i], *values[best]))) best = i;
        }
        return best;
    }

    // Where the best goes over from one to another between two batches; a third may be the best on the way.
    Problems flips_between(Verdict& v, std::span<const Ranked> ranked, double low, double high, std::size_t from, std::size_t to) const {
        const auto at_low = lag_at(low, ranked[from], ranked[to]), at_high = lag_at(high, ranked[from], ranked[to]);
        if (!at_low) return at_low.error();
        if (!at_high) return at_high.error();
        if (!*at_low || !*at_high || (**at_low < 0) == (**at_high < 0)) return {};
        const auto flip = batch_between(low, high, **at_low, **at_high, ranked[from], ranked[to]);
        if (!flip) return flip.error();
        if (ranked.size() > 2) {
            const auto there = values_at(*flip, ranked);
            if (!there) return there.error();
            const std::size_t third = best_of(*there);
            if (third != from && third != to && *flip > low && *flip < high) {
                auto problems = flips_between(v, ranked, low, *flip, from, third);
                return problems.empty() ? flips_between(v, ranked, *flip, high, third, to) : problems;
            }
        }
        v.flips.push_back({"batch", *flip, "", fmt::format("below batch {:.{}f} {} is {}, above it {}", *flip, *flip < 10 ? 1 : 0, ranked[from].name, better_of(ranked), ranked[to].name)});
        return {};
    }

    // As far as two of them have a value.
    Problems batch_flips(Verdict& v, std::span<const Ranked> ranked) const {
        std::optional<std::size_t> last;
        double last_batch = 1;
        for (double batch = 1; batch <= kLargestBatch; batch *= 2) {
            const auto values = values_at(batch, ranked);
            if (!values) return values.error();
            if (std::ranges::count_if(*values, [](const auto& value) { return value.has_value(); }) < 2) break;
            const std::size_t best = best_of(*values);
            if (last && !(*values)[*last]) {   // nothing crosses: the best has no room for more
                v.flips.push_back({"room", last_batch, "", fmt::format("{} is the best up to batch {:.0f} and does not take {:.0f}, where {} is", ranked[*last].name, last_batch, batch, ranked[best].name)});
            } else if (last && best != *last) {
                if (auto problems = flips_between(v, ranked, last_batch, batch, *last, best); !problems.empty()) return problems;
            }
            last = best;
            last_batch = batch;
        }
        if (v.flips.empty() && last)
            v.flips.push_back({"any batch", last_batch, "", fmt::format("no flip over batch 1 to {:.0f}: {} is {} at all of them", last_batch, ranked[*last].name, better_of(ranked))});
        return {};
    }

    static const char* better_of(std::span<const Ranked> ranked) { return ranked.size() > 2 ? "the best" : "better"; }

    void money_flips(Verdict& v, const Ranked& winner, const Ranked& other) const {
        const double ratio = winner.value.value / other.value.value;
        if (!(ratio > 0 && ratio < 1)) return;
        const double use = winner.evaluation->at.utilisation * ratio;
        v.flips.push_back({"utilisation", use, "", fmt::format("if {} were busy only {:.0f} % of its paid time and {} stayed at {:.0f} %, they would cost the same",
                                                             winner.name, 100 * use, other.name, 100 * other.evaluation->at.utilisation)});
        v.flips.push_back({"price ratio", 1 / ratio, "x", fmt::format("{}'s GPU-hour could rise {:.2f}x before {} is cheaper", winner.name, 1 / ratio, other.name)});
    }

    void quality_flips(Verdict& v, const Ranked& winner, const Ranked& other) const {
        const double p = winner.candidate->quality->p_correct.value;
        const double flip = p * winner.value.value / other.value.value;
        v.flips.push_back({"accuracy", flip, "", fmt::format("{} stays the better buy down to an accuracy of {:.1f} % (now {:.1f} %)", winner.name, 100 * flip, 100 * p)});
        answer_length_flip(v, winner, other);
    }

    // The answer length of the winner at which both cost the same, on its own curve.
    void answer_length_flip(Verdict& v, const Ranked& winner, const Ranked& other) const {
        const double now = winner.evaluation->answer->output_tokens;
        StepTimer timer = timer_of(*winner.candidate, *source_);
        Prepared longer = *winner.candidate;
        const auto lag = [&](double tokens) -> std::optional<double> {
            longer.quality->tokens_per_answer = tokens;
            const auto e = evaluate(longer, winner.evaluation->at, timer);
            if (!e || !e->answer || !e->answer->usd_per_correct) return std::nullopt;
            return e->answer->usd_per_correct->value - other.value.value;
        };
        double low = now, high = now;
        std::optional<double> at_high;
        for (int i = 0; i < 8 && !(at_high && *at_high > 0); ++i) {
            high *= 2;
            at_high = lag(high);
            if (!at_high) return;
        }
        if (*at_high <= 0) return;
        if (const double at_low = winner.value.value - other.value.value; at_low < 0) {
            bool known = true;
            const auto still_known = [&](double tokens) {
                const auto at = lag(tokens);
                known = known && at;
                return at;
            };
            low = sign_change({now, high}, at_low, *at_high, 1e-6 * now, still_known).low;
            if (!known) return;
        }
        v.flips.push_back({"tokens per answer", low, "tokens", fmt::format("{} stays cheaper until its answers are {:.0f} tokens long (now {:.0f})", winner.name, low, now)});
    }

    const MetricInfo& info_;
    const CostSource* source_;
};

}  // namespace

namespace {

Result<const MetricInfo*> metric_of(const std::string& objective) {
    if (const MetricInfo* info = find_metric(objective)) return info;
    std::vector<std::string> ids;
    for (const auto& m : metric_catalog()) ids.emplace_back(m.id);
    return fail({{}, "objective", fmt::format("'{}' is not a metric", objective), did_you_mean(objective, ids)});
}

void rank(std::vector<Ranked>& ranked, const Judge& judge) {
    std::ranges::stable_sort(ranked, [&](const Ranked& a, const Ranked& b) { return judge.better(a.value.value, b.value.value); });
}

// With fewer than two that have a value there is nothing to compare.
Verdict without_contest(const std::vector<Ranked>& ranked, std::size_t contenders, const MetricInfo& info) {
    Verdict v;
    v.objective = info.id;
    if (ranked.empty()) {
        v.sentence = fmt::format("no candidate that fits has a {}", info.label);
        return v;
    }
    v.winner = ranked[0].name;
    v.decided = contenders > 1;
    v.sentence = contenders > 1 ? fmt::format("{} is the only one that works: {} {}", v.winner, format_estimate(ranked[0].value, info.unit), info.label)
                                : fmt::format("{}: {} {}", v.winner, format_estimate(ranked[0].value, info.unit), info.label);
    return v;
}

// The value a candidate would have at the central price.
Estimate at_price(const Estimate& value, const std::optional<Estimate>& price, const MetricInfo& info) {
    if (!price || info.group != MetricGroup::money || price->low <= 0 || price->value <= 0) return value;
    return {value.value, std::min(value.value, value.low * (price->value / price->low)), std::max(value.value, value.high * (price->value / price->high))};
}

}  // namespace

Result<std::vector<BreakEven>> break_evens_of(std::span<const Contender> contenders, const std::string& objective, const CostSource& source) {
    std::vector<Payer> payers;
    if (!is_unit_price(objective)) return std::vector<BreakEven>{};
    for (const Contender& c : contenders) {
        if (!c.evaluation->fits || c.evaluation->serving.saturated) continue;
        const OperatingPoint& at = c.evaluation->at;
        auto cost = at_central_price(*c.candidate, at, objective, source);
        if (!cost) return tl::unexpected(cost.error());
        if (*cost) payers.push_back({c.candidate->name, **cost, at.usd_per_gpu_hour.value, at.utilisation});
    }
    return break_evens(payers);
}

std::vector<BreakEven> break_evens_of(std::span<const PricedStanding> standings, const std::string& objective) {
    std::vector<Payer> payers;
    const MetricInfo* info = find_metric(objective);
    if (!info || !is_unit_price(objective)) return {};
    for (const PricedStanding& s : standings) {
        const Metric* m = s.standing.report->fits ? s.standing.report->find(objective) : nullptr;
        if (!m) continue;
        Estimate cost = at_price(m->value, s.usd_per_gpu_hour, *info);
        cost.low *= 1 - s.standing.sampling;
        cost.high *= 1 + s.standing.sampling;
        payers.push_back({s.standing.report->name, cost, s.usd_per_gpu_hour.value, s.utilisation});
    }
    return break_evens(payers);
}

Result<Verdict> judge_reports(std::span<const Standing> standings, const std::string& objective) {
    const auto info = metric_of(objective);
    if (!info) return tl::unexpected(info.error());
    std::vector<Ranked> ranked;
    for (const Standing& s : standings) {
        const Metric* m = s.report->fits ? s.report->find(objective) : nullptr;
        if (!m) continue;
        Estimate value = at_price(m->value, s.shared_price, **info);
        value.low *= 1 - s.sampling;
        value.high *= 1 + s.sampling;
        ranked.push_back({s.report->name, value});
    }
    if (ranked.size() < 2) return without_contest(ranked, standings.size(), **info);
    const Judge judge(**info, nullptr);
    rank(ranked, judge);
    return judge.decide(ranked[0], ranked[1], standings.size() - ranked.size());
}

Result<Verdict> judge(std::span<const Contender> contenders, const std::string& objective, const CostSource& source) {
    const auto info = metric_of(objective);
    if (!info) return tl::unexpected(info.error());
    std::vector<Ranked> ranked;
    for (const Contender& c : contenders) {
        if (!c.evaluation->fits || c.evaluation->serving.saturated) continue;
        if (const auto v = value_of(*c.candidate, *c.evaluation, objective)) ranked.push_back({c.candidate->name, *v, c.candidate, c.evaluation});
    }
    if (ranked.size() < 2) return without_contest(ranked, contenders.size(), **info);
    Judge judge(**info, &source);
    rank(ranked, judge);
    if (same_price(*ranked[0].candidate, *ranked[1].candidate)) {
        for (Ranked* r : {&ranked[0], &ranked[1]}) {
            auto value = at_central_price(*r->candidate, r->evaluation->at, objective, source);
            if (!value) return tl::unexpected(value.error());
            r->value = value->value_or(r->value);
        }
    }
    Verdict v = judge.decide(ranked[0], ranked[1], contenders.size() - ranked.size());
    if (auto problems = judge.flips(v, ranked); !problems.empty()) return fail(std::move(problems));
    return v;
}

}  // namespace moeplan
