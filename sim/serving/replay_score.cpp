#include "sim/serving/replay_score.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/estimate_math.h"

namespace moeplan {
namespace {

struct Statistic {
    const char* name;
    double q;   // below 0: the mean
};
constexpr std::array<Statistic, 4> kStatistics{{{"mean", -1}, {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}}};

double mean(const std::vector<double>& values) {
    double sum = 0;
    for (const double v : values) sum += v;
    return sum / static_cast<double>(values.size());
}

double value_of(const std::vector<double>& values, const Statistic& s) {
    return s.q < 0 ? mean(values) : quantile_of_sorted(values, s.q);
}

// Optimistic step times can, rarely, make a figure worse: the interval holds all three.
Estimate spanning(double value, double a, double b) {
    return {value, std::min({value, a, b}), std::max({value, a, b})};
}

void add_gaps(const ReplaySide& measured, const std::array<ReplaySide, 3>& predicted,
              std::vector<RequestFigure>& figures) {
    if (std::ranges::any_of(predicted, [](const ReplaySide& p) { return p.gaps.empty(); }) || measured.gaps.empty())
        return;
    for (std::size_t i = 0; i < kStatistics.size(); ++i) {
        if (!(measured.gaps[i] > 0)) continue;
        figures.push_back(
            {"itl_ms", kStatistics[i].name, 1e3 * measured.gaps[i],
             spanning(1e3 * predicted[0].gaps[i], 1e3 * predicted[1].gaps[i], 1e3 * predicted[2].gaps[i])});
    }
}

}  // namespace

ReplaySide side_of(const std::vector<RequestRecord>& records, const Measured& measured) {
    ReplaySide s;
    Ticks first = kNever, last = 0;
    for (const RequestRecord& r : records) {
        s.ttft.push_back(r.ttft_s());
        if (r.output > 1) s.tpot.push_back(r.tpot_s());
        s.e2e.push_back(r.e2e_s());
        first = std::min(first, r.arrival);
        last = std::max(last, r.finished);
    }
    for (auto* v : {&s.ttft, &s.tpot, &s.e2e}) std::ranges::sort(*v);
    if (const MeasuredLatency* gaps = measured.find("itl_ms")) {
        s.gaps = {gaps->mean / 1e3, gaps->p50 / 1e3, gaps->p90 / 1e3, gaps->p99 / 1e3};
    }
    s.duration_s = to_seconds(last - first);
    return s;
}

ReplaySide side_of(const MeasuredRun& run, const std::vector<const MeasuredRequest*>& requests) {
    ReplaySide s;
    double end = 0;
    for (const MeasuredRequest* r : requests) {
        if (r->ttft_s) s.ttft.push_back(*r->ttft_s);
        if (r->tpot_s && r->output_tokens > 1) s.tpot.push_back(*r->tpot_s);
        if (r->e2e_s) s.e2e.push_back(*r->e2e_s);
        if (r->arrival_s && r->e2e_s) end = std::max(end, *r->arrival_s + *r->e2e_s);
    }
    for (auto* v : {&s.ttft, &s.tpot, &s.e2e}) std::ranges::sort(*v);
    for (const Statistic& statistic : kStatistics) {
        if (run.gaps.size() > 0)
            s.gaps.push_back(statistic.q < 0 ? run.gaps.mean_s() : run.gaps.quantile_s(statistic.q));
    }
    s.duration_s = run.duration_s.value_or(end);
    return s;
}

std::vector<RequestErrors> one_by_one(const std::vector<const MeasuredRequest*>& requests,
                                      const std::vector<RequestRecord>& records) {
    std::vector<RequestErrors> all;
    const auto add = [&](const char* metric, auto measured, auto predicted) {
        std::vector<double> errors, sizes;
        for (std::size_t i = 0; i < requests.size(); ++i) {
            const std::optional<double> found = measured(*requests[i]);
            if (!found || !(*found > 0)) continue;
            errors.push_back(predicted(records[i]) / *found - 1);
            sizes.push_back(std::abs(errors.back()));
        }
        if (errors.empty()) return;
        for (auto* v : {&errors, &sizes}) std::ranges::sort(*v);
        all.push_back({metric, errors.size(), quantile_of_sorted(errors, 0.5), mean(sizes),
                       quantile_of_sorted(sizes, 0.5), quantile_of_sorted(sizes, 0.9)});
    };
    add(
        "ttft_ms", [](const MeasuredRequest& r) { return r.ttft_s; },
        [](const RequestRecord& r) { return r.ttft_s(); });
    add(
        "tpot_ms", [](const MeasuredRequest& r) { return r.output_tokens > 1 ? r.tpot_s : std::nullopt; },
        [](const RequestRecord& r) { return r.tpot_s(); });
    add("e2e_ms", [](const MeasuredRequest& r) { return r.e2e_s; }, [](const RequestRecord& r) { return r.e2e_s(); });
    return all;
}

std::vector<RequestFigure> compared(const ReplaySide& measured, const std::array<ReplaySide, 3>& predicted,
                                    double output_tokens, const Estimate& first_token_error) {
    std::vector<RequestFigure> figures;
    const auto add = [&](const char* metric, std::vector<double> ReplaySide::* field, const Estimate& error = Estimate::exact(1)) {
        if ((measured.*field).empty() || (predicted[0].*field).empty()) return;
        for (const Statistic& s : kStatistics) {
            const double found = 1e3 * value_of(measured.*field, s);
            if (!(found > 0)) continue;
            std::array<double, 3> p{};
            for (std::size_t i = 0; i < p.size(); ++i) p[i] = 1e3 * value_of(predicted[i].*field, s);
            figures.push_back({metric, s.name, found, with_error(spanning(p[0], p[1], p[2]), error)});
        }
    };
    add("ttft_ms", &ReplaySide::ttft, first_token_error);
    add("tpot_ms", &ReplaySide::tpot);
    add_gaps(measured, predicted, figures);
    add("e2e_ms", &ReplaySide::e2e);
    if (!(measured.duration_s > 0)) return figures;
    const auto rate = [&](const char* metric, double amount) {
        std::array<double, 3> p{};
        for (std::size_t i = 0; i < p.size(); ++i) p[i] = amount / predicted[i].duration_s;
        figures.push_back({metric, "", amount / measured.duration_s, spanning(p[0], p[1], p[2])});
    };
    rate("requests_per_s", static_cast<double>(predicted[0].e2e.size()));
    rate("output_tok_s", output_tokens);
    return figures;
}

}  // namespace moeplan
