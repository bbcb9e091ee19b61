#include "core/analyse/sweep.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <unordered_set>

#include <fmt/format.h>

#include "core/analyse/metrics.h"
#include "core/base/side_by_side.h"
#include "core/base/nearest.h"

namespace moeplan {
namespace {

constexpr std::array kDrawn{"tpot_ms", "ttft_ms", "e2e_ms", "output_tok_s", "tok_s_per_user", "tok_s_per_gpu", "usd_per_mtok_output", "usd_per_mtok_total",
                            "usd_per_request", "usd_per_correct_answer", "mfu", "mbu", "activated_experts", "imbalance", "expert_share",
                            "communication_share", "router_share", "dispatch_share", "compute_bound_share", "memory_bound_share",
                            "joules_per_output_token"};

bool drawn(const std::string& id) {
    static const std::unordered_set<std::string_view> ids(kDrawn.begin(), kDrawn.end());
    return ids.contains(id);
}

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

namespace {

// The study's point and candidate with one axis turned. `turned` outlives the timer.
struct Turned {
    Prepared candidate;
    OperatingPoint point;
};

Result<Turned> turn(const Prepared& candidate, const OperatingPoint& base, const std::string& axis, double value, const Scenario& scenario) {
    Turned t{candidate, base};
    if (auto set = set_axis(axis, value, t.candidate, t.point, scenario.seed, scenario.placement); !set) return tl::unexpected(set.error());
    return t;
}

Result<std::vector<Metric>> bare(const Turned& t, const Evaluation& e, StepTimer& timer) {
    auto metrics = bare_metrics_of(t.candidate, e, timer);
    if (metrics && (!e.fits || e.serving.saturated)) {
        std::erase_if(*metrics, [](const Metric& m) { return drawn(m.id); });
    }
    return metrics;
}

// What one point of a sweep draws, and the same at the central price.
struct Point {
    std::vector<Metric> metrics, apart;
};

Result<Point> point_at(const Turned& t, const CostSource& source, bool compare) {
    StepTimer timer = timer_of(t.candidate, source);
    const auto e = evaluate(t.candidate, t.point, timer);
    if (!e) return tl::unexpected(e.error());
    auto metrics = bare(t, *e, timer);
    if (!metrics) return tl::unexpected(metrics.error());
    Point p{std::move(*metrics), {}};
    std::erase_if(p.metrics, [](const Metric& m) { return !drawn(m.id); });
    if (!compare) return p;
    const auto central = repriced(*e, t.candidate, Estimate::exact(t.point.usd_per_gpu_hour.value), timer);
    if (!central) return tl::unexpected(central.error());
    auto apart = bare(t, *central, timer);
    if (!apart) return tl::unexpected(apart.error());
    p.apart = std::move(*apart);
    std::erase_if(p.apart, [](const Metric& m) { return !drawn(m.id); });
    return p;
}

// Where `id` is: nearly always at the place it has elsewhere.
template <class Values>
auto find_near(Values& values, std::size_t place, const std::string& id, std::string std::ranges::range_value_t<Values>::*member) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::min(place, values.size()));
    if (at != values.end() && (*at).*member == id) return at;
    return std::ranges::find(values, id, member);
}

void add_point(std::vector<Series>& all, const std::string& axis, double x, const Point& p) {
    for (std::size_t i = 0; i < p.metrics.size(); ++i) {
        const Metric& m = p.metrics[i];
        auto series = find_near(all, i, m.id, &Series::metric);
        if (series == all.end()) series = all.insert(all.end(), Series{m.id, axis, {}});
        const auto same = find_near(p.apart, i, m.id, &Metric::id);
        series->points.push_back({x, m.value, same == p.apart.end() ? std::nullopt : std::optional(same->value)});
    }
}

}  // namespace

Result<std::vector<Metric>> metrics_at(const Prepared& candidate, const OperatingPoint& base, const std::string& axis, double value,
                                       const Scenario& scenario, const CostSource& source) {
    const auto t = turn(candidate, base, axis, value, scenario);
    if (!t) return tl::unexpected(t.error());
    StepTimer timer = timer_of(t->candidate, source);
    const auto e = evaluate(t->candidate, t->point, timer);
    if (!e) return tl::unexpected(e.error());
    return bare(*t, *e, timer);
}

Result<std::vector<Series>> sweep_axis(const Prepared& candidate, const OperatingPoint& base, const SweepAxis& axis, const Scenario& scenario,
                                       const CostSource& source, const RunControl& control, bool shared_price) {
    const auto numbers = axis_numbers(axis);
    if (!numbers) return tl::unexpected(numbers.error());
    const bool compare = shared_price && !base.usd_per_gpu_hour.is_exact() && axis.name != "gpu_hour";
    std::vector<Result<Point>> points(numbers->size(), Point{});
    for_each_side_by_side(points.size(), [&](std::size_t i) {
        if (control.cancelled()) return;
        const auto t = turn(candidate, base, axis.name, (*numbers)[i], scenario);
        points[i] = t ? point_at(*t, source, compare) : tl::unexpected(t.error());
    });
    if (control.cancelled()) return fail({{}, {}, "cancelled", {}});
    std::vector<Series> all;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (!points[i]) return tl::unexpected(points[i].error());
        add_point(all, axis.name, (*numbers)[i], *points[i]);
    }
    return all;
}

}  // namespace moeplan
