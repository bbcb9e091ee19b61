// Cost per correct answer, and where two candidates cost the same.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/report/format.h"
#include "gui/models/pictures/makers.h"

namespace moeplan {
namespace {

std::size_t place_of(const Report& report, const std::string& name) {
    const auto found = std::ranges::find(report.candidates, name, &CandidateReport::name);
    return static_cast<std::size_t>(found - report.candidates.begin());
}

void note_part(std::string& note, const CandidateReport& c, std::string_view id, std::string_view words) {
    const Metric* metric = c.find(id);
    const MetricInfo* info = find_metric(id);
    if (metric && info) note += fmt::format("{}{} {}", note.empty() ? "" : "; ", words, format_estimate(metric->value, info->unit));
}

PictureSeries curve_of(const Report& report, const BreakEven& even) {
    PictureSeries curve;
    curve.name = fmt::format("{} = {}", even.a, even.b);
    curve.colour = colour_of_candidate(place_of(report, even.b));
    curve.mark = PictureSeries::Mark::line;
    for (const BreakEven::Point& p : even.points) {
        curve.points.push_back({p.utilisation, p.price_ratio.value, interval_of(p.price_ratio),
                                fmt::format("{} costs the same as {} when its GPU-hour is {} that of {}", even.a, even.b, format_value(p.price_ratio.value, "x"), even.b), false});
    }
    return curve;
}

// Where the study stands for each pair; one mark where they stand alike.
void mark_study(Picture& picture, const Report& report, const BreakEven& even) {
    const auto alike = std::ranges::find_if(picture.markers, [&](const PictureMarker& m) {
        return m.kind == PictureMarker::Kind::point && m.x == even.utilisation && std::abs(m.y - even.price_ratio) < 0.02 * std::abs(m.y);
    });
    if (alike != picture.markers.end()) {
        alike->label += ", " + even.b;
        alike->colour = kNeutral;
        return;
    }
    picture.markers.push_back({PictureMarker::Kind::point, even.utilisation, even.price_ratio, "the study, " + even.b,
                               colour_of_candidate(place_of(report, even.b))});
}

// One mark needs no names.
void name_single_mark(Picture& picture) {
    const auto is_point = [](const PictureMarker& m) { return m.kind == PictureMarker::Kind::point; };
    if (std::ranges::count_if(picture.markers, is_point) != 1) return;
    const auto mark = std::ranges::find_if(picture.markers, is_point);
    mark->label = "the study";
    mark->colour = kNeutral;
}

}  // namespace

Picture cost_per_correct_answer(const Report& report) {
    const auto& candidates = candidates_of(report);
    Picture picture = picture_named("cost_per_correct_answer");
    picture.meaning = "Cost of an attempt over the chance that it is correct; whiskers are the interval (method: cost per correct answer).";
    picture.sideways = true;
    picture.x = {"", "", Scale::linear, false, {}, {}, {}, false, false};
    picture.y = {"cost per correct answer", "USD", Scale::linear, true, {}, 0, {}, false, false};
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        picture.x.categories.push_back(candidates[i].name);
        const Metric* cost = candidates[i].find("usd_per_correct_answer");
        if (!cost) continue;
        PictureSeries dot;
        dot.name = candidates[i].name;
        dot.colour = colour_of_candidate(i);
        dot.mark = PictureSeries::Mark::dots;
        dot.in_legend = false;
        std::string note;
        note_part(note, candidates[i], "accuracy", "correct");
        note_part(note, candidates[i], "usd_per_answer", "an answer costs");
        dot.points = {{static_cast<double>(i), cost->value.value, interval_of(cost->value), std::move(note), false}};
        picture.series.push_back(std::move(dot));
    }
    if (!picture.series.empty()) return picture;
    return nothing_to_draw(picture.id, "It is not known how often the candidates are correct. Choose a benchmark under quality, such as gpqa_diamond, or give "
                                       "an accuracy of your own.");
}

Picture break_even(const Report& report) {
    Picture picture = picture_named("break_even");
    for (const BreakEven& even : report.break_evens) {
        if (!even.points.empty()) picture.series.push_back(curve_of(report, even));
    }
    if (picture.series.empty()) {
        return nothing_to_draw(picture.id, "There are no two candidates whose prices of the same work could be equal. Add a second candidate that fits, or choose money as "
                                           "the objective.");
    }
    const BreakEven& first = report.break_evens.front();
    picture.meaning = fmt::format("On a line {0} and the other cost the same: across, how busy {0} is; up, the price of its GPU-hour over the other's, whose utilisation stays as it is "
                                  "(method: break-even).",
                                  first.a);
    picture.x = {"utilisation of " + first.a, "fraction", Scale::linear, false, {}, 0, {}, false, false};
    picture.y = {"ratio of the GPU-hours' prices", "x", Scale::linear, true, {}, 0, {}, false, false};
    for (const BreakEven& even : report.break_evens) mark_study(picture, report, even);
    name_single_mark(picture);
    picture.markers.push_back({PictureMarker::Kind::region, 0.72, 0.12, first.a + " is cheaper", kNeutral});
    picture.markers.push_back({PictureMarker::Kind::region, 0.22, 0.9, (report.break_evens.size() == 1 ? first.b : "the other") + " is cheaper", kNeutral});
    return picture;
}

}  // namespace moeplan
