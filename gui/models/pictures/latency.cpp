// Latencies of simulated requests as shares of requests.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <tuple>

#include <fmt/format.h>

#include "core/report/format.h"
#include "gui/models/pictures/makers.h"

namespace moeplan {
namespace {

struct Kind {
    std::string_view metric, name, objective;
    bool dashed, dotted;
};
constexpr std::array kKinds{
    Kind{"ttft_ms", "first token", "ttft", false, false},
    Kind{"tpot_ms", "per token", "tpot", true, false},
    Kind{"e2e_ms", "last token", "e2e", false, true},
};

const SimulatedLatency* latency_of(const SimulationReport& simulation, std::string_view metric) {
    const auto found = std::ranges::find(simulation.latencies, metric, &SimulatedLatency::metric);
    return found == simulation.latencies.end() || !(found->max > 0) ? nullptr : &*found;
}

std::string tail_note(double share) {
    return share >= 0.995 ? fmt::format("{:.1f} % of requests are faster", share * 100) : fmt::format("{:.0f} % of requests are faster", share * 100);
}

PictureSeries curve_of(const CandidateReport& c, std::size_t index, const Kind& kind, const SimulatedLatency& latency) {
    PictureSeries curve;
    curve.name = fmt::format("{}, {}", c.name, kind.name);
    curve.colour = colour_of_candidate(index);
    curve.mark = PictureSeries::Mark::line;
    curve.dashed = kind.dashed;
    curve.dotted = kind.dotted;
    // Without the whole distribution, the percentiles that are known.
    const std::vector<std::pair<double, double>> known{{0.5, latency.p50.value}, {0.9, latency.p90.value}, {0.95, latency.p95.value}, {0.99, latency.p99.value}, {1, latency.max}};
    for (const auto& [share, ms] : latency.distribution.empty() ? known : latency.distribution) {
        if (ms > 0) curve.points.push_back({ms, share, {}, tail_note(share), false});
    }
    return curve;
}

// p50, p90 and p99 with their intervals of calibration.
PictureSeries percentiles_of(const PictureSeries& curve, const SimulatedLatency& latency) {
    PictureSeries dots;
    dots.name = curve.name + ", percentiles";
    dots.with = curve.name;
    dots.colour = curve.colour;
    dots.mark = PictureSeries::Mark::dots;
    dots.in_legend = false;
    for (const auto& [share, e, name] : {std::tuple{0.5, latency.p50, "p50"}, {0.9, latency.p90, "p90"}, {0.99, latency.p99, "p99"}}) {
        if (e.value > 0) dots.points.push_back({e.value, share, {}, fmt::format("{} {}", name, format_estimate(e, "ms")), false});
    }
    return dots;
}

std::optional<double> milliseconds(const std::string& text) {
    const std::size_t space = text.find_first_not_of("0123456789.eE+-");
    const double value = std::strtod(text.c_str(), nullptr);
    if (space == std::string::npos) return std::nullopt;
    std::string unit = text.substr(space);
    unit.erase(0, unit.find_first_not_of(' '));
    if (unit == "ms") return value;
    if (unit == "s") return value * 1e3;
    if (unit == "us" || unit == "µs") return value * 1e-3;
    if (unit == "min") return value * 6e4;
    if (unit == "h") return value * 3.6e6;
    return std::nullopt;
}

void mark_objectives(Picture& picture, const Report& report) {
    const Document* slo = scenario_node(report, "workload.slo");
    const auto* terms = slo ? std::get_if<Document::Map>(&slo->value) : nullptr;
    if (!terms) return;
    for (const auto& [name, limit] : *terms) {
        const auto* text = std::get_if<std::string>(&limit.value);
        const auto ms = text ? milliseconds(*text) : std::nullopt;
        std::string words = name;
        std::ranges::replace(words, '_', ' ');
        if (ms) picture.markers.push_back({PictureMarker::Kind::vertical, *ms, 0, fmt::format("{} ≤ {}", words, *text), kNeutral});
    }
}

}  // namespace

Picture latency_distribution(const Report& report) {
    Picture picture = picture_named("latency_distribution");
    picture.meaning = "The share of requests that were faster than a time; dots are p50, p90 and p99. Solid: to the first token, dashed: per output token, dotted: to "
                      "the last. Click a name to hide or show its line.";
    picture.x = {"latency", "ms", Scale::logarithmic, true, {}, {}, {}, false, false};
    picture.y = {"faster requests", "fraction", Scale::linear, false, {}, 0, 1.03, false, false};
    bool simulated = false;
    for (std::size_t i = 0; i < report.candidates.size(); ++i) {
        const auto& simulation = report.candidates[i].simulation;
        simulated = simulated || simulation.has_value();
        if (!simulation) continue;
        for (const Kind& kind : kKinds) {
            const SimulatedLatency* latency = latency_of(*simulation, kind.metric);
            if (!latency) continue;
            picture.series.push_back(curve_of(report.candidates[i], i, kind, *latency));
            picture.series.push_back(percentiles_of(picture.series.back(), *latency));
        }
    }
    if (!picture.series.empty()) {
        mark_objectives(picture, report);
        return picture;
    }
    return nothing_to_draw(picture.id, simulated ? "No request was served, so there are no latencies. Lower the load or add replicas."
                                                 : "This study is answered in closed form, which knows means only. Choose method: simulate to see every request.");
}

}  // namespace moeplan
