#include "core/analyse/sweep.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/analyse/metrics.h"
#include "core/base/nearest.h"

namespace moeplan {
namespace {

constexpr std::array kDrawn{"tpot_ms", "ttft_ms", "e2e_ms", "output_tok_s", "tok_s_per_user", "tok_s_per_gpu", "usd_per_mtok_output", "usd_per_mtok_total",
                            "usd_per_request", "usd_per_correct_answer", "mfu", "mbu", "activated_experts", "imbalance", "expert_share",
                            "communication_share", "router_share", "dispatch_share", "compute_bound_share", "memory_bound_share",
                            "joules_per_output_token"};

bool drawn(const std::string& id) { return std::ranges::find(kDrawn, id) != kDrawn.end(); }

}  // namespace

Result<std::vector<double>> axis_numbers(const SweepAxis& axis) {
    std::vector<double> numbers;
    Problems problems;
    for (const std::string& text : axis.values) {
        double value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
            problems.push_back({axis.spot.where(), axis.spot.path, fmt::format("'{}' is not a number of axis '{}'", text, axis.name), {}});
        } else {
            numbers.push_back(value);
        }
    }
    if (!problems.empty()) return fail(std::move(problems));
    return numbers;
}

Result<std::vector<Metric>> metrics_at(const Prepared& candidate, const OperatingPoint& base, const std::string& axis, double value,
                                       const Scenario& scenario, const CostSource& source) {
    Prepared turned = candidate;
    OperatingPoint point = base;
    if (auto set = set_axis(axis, value, turned, point, scenario.seed, scenario.placement); !set) return tl::unexpected(set.error());
    auto e = evaluate(turned, point, source);
    if (!e) return tl::unexpected(e.error());
    auto report = report_of(turned, *e, source, {});
    if (!report) return tl::unexpected(report.error());
    if (!e->fits || e->serving.saturated) {
        std::erase_if(report->metrics, [](const Metric& m) { return drawn(m.id); });
    }
    return report->metrics;
}

Result<std::vector<Series>> sweep_axis(const Prepared& candidate, const OperatingPoint& base, const SweepAxis& axis, const Scenario& scenario,
                                       const CostSource& source, bool shared_price) {
    auto numbers = axis_numbers(axis);
    if (!numbers) return tl::unexpected(numbers.error());
    const bool compare = shared_price && !base.usd_per_gpu_hour.is_exact() && axis.name != "gpu_hour";
    std::vector<Series> all;
    for (const double x : *numbers) {
        auto metrics = metrics_at(candidate, base, axis.name, x, scenario, source);
        if (!metrics) return tl::unexpected(metrics.error());
        std::vector<Metric> apart;
        if (compare) {
            auto priced = metrics_at(candidate, without_price_spread(base), axis.name, x, scenario, source);
            if (!priced) return tl::unexpected(priced.error());
            apart = std::move(*priced);
        }
        for (const Metric& m : *metrics) {
            if (!drawn(m.id)) continue;
            auto series = std::ranges::find(all, m.id, &Series::metric);
            if (series == all.end()) series = all.insert(all.end(), Series{m.id, axis.name, {}});
            const auto same = std::ranges::find(apart, m.id, &Metric::id);
            series->points.push_back({x, m.value, same == apart.end() ? std::nullopt : std::optional(same->value)});
        }
    }
    return all;
}

}  // namespace moeplan
