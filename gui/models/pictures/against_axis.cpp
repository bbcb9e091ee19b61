// Cost and time per token along the sweep's axis, the crossover marked.

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/report/format.h"
#include "gui/models/pictures/makers.h"

namespace moeplan {
namespace {

struct AxisWords {
    std::string_view name, title, label, unit;
    Scale scale;
    bool powers_of_two;
    std::string_view path;   // where the study stands, in its scenario
};
constexpr std::array kAxes{
    AxisWords{"batch", "batch", "sequences at a time", "", Scale::logarithmic, true, "workload.load.concurrency"},
    AxisWords{"input", "input length", "input tokens of a request", "tokens", Scale::logarithmic, true, "workload.lengths.input"},
    AxisWords{"output", "output length", "output tokens of a request", "tokens", Scale::logarithmic, true, "workload.lengths.output"},
    AxisWords{"utilisation", "utilisation", "share of paid time that carries the load", "fraction", Scale::linear, false, "utilisation"},
    AxisWords{"gpu_hour", "the GPU's price", "price of a GPU-hour", "USD/h", Scale::linear, false, "price.gpu_hour"},
    AxisWords{"skew", "skew", "skew of the routing (Zipf exponent)", "", Scale::linear, false, "routing.zipf.alpha"},
    AxisWords{"accuracy", "accuracy", "answers that are correct", "fraction", Scale::linear, false, ""},
    AxisWords{"tokens_per_answer", "answer length", "tokens of an answer", "tokens", Scale::logarithmic, true, ""},
};

AxisWords words_of(const std::string& axis) {
    const auto found = std::ranges::find(kAxes, axis, &AxisWords::name);
    return found == kAxes.end() ? AxisWords{axis, axis, axis, "", Scale::linear, false, ""} : *found;
}

// The batch where there is one, otherwise the first axis somebody was swept along.
std::string axis_of(const Report& report, std::string_view metric) {
    std::string axis;
    for (const CandidateReport& c : report.candidates) {
        for (const Series& s : c.series) {
            if (s.metric != metric || s.points.empty()) continue;
            if (s.axis == "batch") return s.axis;
            if (axis.empty()) axis = s.axis;
        }
    }
    return axis;
}

PictureSeries line_of(const CandidateReport& candidate, const Series& series, std::size_t index, std::string_view unit) {
    PictureSeries line;
    line.name = candidate.name;
    line.colour = colour_of_candidate(index);
    for (const SeriesPoint& p : series.points) {
        PicturePoint point{p.x, p.y.value, interval_of(p.apart.value_or(p.y)), {}, false};
        if (p.apart && *p.apart != p.y) point.note = "with the price's own spread: " + format_estimate(p.y, unit);
        line.points.push_back(std::move(point));
    }
    std::ranges::stable_sort(line.points, {}, &PicturePoint::x);
    return line;
}

bool has_apart(const Report& report, std::string_view metric) {
    return std::ranges::any_of(report.candidates, [&](const CandidateReport& c) {
        return std::ranges::any_of(c.series, [&](const Series& s) {
            return s.metric == metric && std::ranges::any_of(s.points, [](const SeriesPoint& p) { return p.apart && *p.apart != p.y; });
        });
    });
}

// Only the batch is the same for all, on the axis and in the verdict; its other flips vary one candidate alone, which no line here does.
void mark_flips(Picture& picture, const Report& report, const std::string& axis, const std::string& metric) {
    if (axis != "batch" || !report.verdict || report.verdict->objective != metric) return;
    for (const Flip& flip : report.verdict->flips) {
        if (flip.axis == axis) picture.markers.push_back({PictureMarker::Kind::vertical, flip.at, 0, "crossover " + format_value(flip.at, words_of(axis).unit), kNeutral});
    }
}

void mark_study(Picture& picture, const Report& report, const AxisWords& words) {
    auto place = scenario_number(report, words.path);
    if (!place && words.name == "batch") place = scenario_number(report, "workload.load.batch");
    if (!place || words.path.empty()) return;
    double low = 0, high = 0;
    bool any = false;
    for (const PictureSeries& s : picture.series) {
        for (const PicturePoint& p : s.points) {
            low = any ? std::min(low, p.x) : p.x;
            high = any ? std::max(high, p.x) : p.x;
            any = true;
        }
    }
    if (any && *place >= low && *place <= high) picture.markers.push_back({PictureMarker::Kind::vertical, *place, 0, "the study", kNeutral});
}

// Prices fall by powers of ten with the batch: small ones would lie on the axis.
bool spreads(const Picture& picture) {
    double low = INFINITY, high = 0;
    for (const PictureSeries& s : picture.series) {
        for (const PicturePoint& p : s.points) low = std::min(low, p.y), high = std::max(high, p.y);
    }
    return low > 0 && high / low > 12;
}

Picture against_axis(const Report& report, std::string_view id, const std::string& metric, std::string_view subject) {
    const std::string axis = axis_of(report, metric);
    const MetricInfo* info = find_metric(metric);
    if (axis.empty() || !info) {
        return nothing_to_draw(id, "This study has no sweep. Add a sweep of batch sizes, such as batch: [1, 2, 4, 8, 16, 32, 64, 128, 256], and "
                                   "every candidate becomes a line with its crossover marked.");
    }
    const AxisWords words = words_of(axis);
    Picture picture = picture_named(id);
    picture.title = fmt::format("{} against {}", subject, words.title);
    picture.meaning = std::string(info->meaning) +
                      (has_apart(report, metric) ? " Bands are the intervals without the price's spread, which all share." : " Bands are the intervals.");
    picture.x = {std::string(words.label), std::string(words.unit), words.scale, true, {}, {}, {}, words.powers_of_two, false};
    picture.y = {std::string(info->label), std::string(info->unit), Scale::linear, true, {}, 0, {}, false, false};
    for (std::size_t i = 0; i < report.candidates.size(); ++i) {
        for (const Series& s : report.candidates[i].series) {
            if (s.metric == metric && s.axis == axis && !s.points.empty()) picture.series.push_back(line_of(report.candidates[i], s, i, info->unit));
        }
    }
    if (spreads(picture)) picture.y.scale = Scale::logarithmic, picture.y.low = {};
    const bool positive_x = std::ranges::all_of(picture.series, [](const PictureSeries& s) { return s.points.front().x > 0; });
    if (!positive_x) picture.x.scale = Scale::linear, picture.x.may_log = false;
    mark_study(picture, report, words);
    mark_flips(picture, report, axis, metric);
    return picture;
}

// The verdict's objective when it is a price that was swept, otherwise that of a million output tokens.
std::string cost_metric(const Report& report) {
    const MetricInfo* info = report.verdict ? find_metric(report.verdict->objective) : nullptr;
    if (info && info->group == MetricGroup::money && !axis_of(report, info->id).empty()) return std::string(info->id);
    return "usd_per_mtok_output";
}

}  // namespace

Picture cost_against_batch(const Report& report) { return against_axis(report, "cost_against_batch", cost_metric(report), "Cost"); }

Picture tpot_against_batch(const Report& report) { return against_axis(report, "tpot_against_batch", "tpot_ms", "Time per token"); }

}  // namespace moeplan
