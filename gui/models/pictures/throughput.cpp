// Throughput of a GPU against what one user sees, with the front nobody beats.

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/report/format.h"
#include "core/report/pareto.h"
#include "gui/models/pictures/makers.h"

namespace moeplan {
namespace {

const Series* series_of(const CandidateReport& c, std::string_view metric, std::string_view axis) {
    for (const Series& s : c.series) {
        if (s.metric == metric && s.axis == axis) return &s;
    }
    return nullptr;
}

// Tokens a second one user sees are one over the time of a token.
void add_sweep(Picture& picture, const CandidateReport& c, std::size_t index) {
    const Series* rate = series_of(c, "tok_s_per_gpu", "batch");
    const Series* tpot = series_of(c, "tpot_ms", "batch");
    if (!rate || !tpot) return;
    PictureSeries line;
    line.name = c.name;
    line.colour = colour_of_candidate(index);
    for (const SeriesPoint& r : rate->points) {
        const auto t = std::ranges::find(tpot->points, r.x, &SeriesPoint::x);
        if (t == tpot->points.end() || !(t->y.value > 0)) continue;
        line.points.push_back({1000 / t->y.value, r.y.value, interval_of(r.y), "batch " + format_value(r.x, ""), false});
    }
    std::ranges::stable_sort(line.points, {}, &PicturePoint::x);
    if (!line.points.empty()) picture.series.push_back(std::move(line));
}

std::optional<PicturePoint> place_of(const CandidateReport& c) {
    const Metric* user = c.find("tok_s_per_user");
    const Metric* gpu = c.find("tok_s_per_gpu");
    if (!user || !gpu) return std::nullopt;
    return PicturePoint{user->value.value, gpu->value.value, interval_of(gpu->value), setup_of(c), false};
}

void add_places(Picture& picture, const Report& report) {
    for (std::size_t i = 0; i < report.candidates.size(); ++i) {
        const CandidateReport& c = report.candidates[i];
        auto place = place_of(c);
        if (!place) continue;
        place->note = "as the study has it: " + place->note;
        const bool swept = std::ranges::any_of(picture.series, [&](const PictureSeries& s) { return s.name == c.name; });
        PictureSeries dot;
        dot.name = swept ? c.name + ", the study" : c.name;
        dot.colour = colour_of_candidate(i);
        dot.mark = PictureSeries::Mark::dots;
        dot.shape = PictureSeries::Shape::diamond;
        dot.with = c.name;
        dot.in_legend = !swept;
        dot.points = {*place};
        picture.series.push_back(std::move(dot));
    }
}

void add_exploration(Picture& picture, const Exploration& found) {
    std::map<std::string, std::size_t> models;
    std::vector<PictureSeries> dots;
    for (const auto* list : {&found.pareto, &found.best}) {
        for (const CandidateReport& c : *list) {
            const auto place = place_of(c);
            if (!place) continue;
            const auto [at, is_new] = models.try_emplace(c.model, models.size());
            if (is_new) {
                dots.emplace_back();
                dots.back().name = c.model.substr(c.model.rfind('/') + 1);
                dots.back().colour = colour_of_candidate(at->second);
                dots.back().mark = PictureSeries::Mark::dots;
            }
            dots[at->second].points.push_back(*place);
        }
    }
    for (PictureSeries& s : dots) picture.series.push_back(std::move(s));
}

void add_front(Picture& picture) {
    std::vector<PicturePoint> all;
    for (const PictureSeries& s : picture.series) {
        for (const PicturePoint& p : s.points) all.push_back({p.x, p.y, {}, s.name + (p.note.empty() ? "" : ", " + p.note), false});
    }
    std::vector<std::pair<double, double>> places;
    for (const PicturePoint& p : all) places.emplace_back(p.x, p.y);
    PictureSeries line;
    line.name = "nobody does better";
    line.colour = kNeutral;
    line.mark = PictureSeries::Mark::line;
    line.dashed = true;
    for (const std::size_t i : pareto_front(places)) line.points.push_back(all[i]);
    if (line.points.size() > 1) picture.series.insert(picture.series.begin(), std::move(line));
}

}  // namespace

Picture throughput_against_interactivity(const Report& report) {
    Picture picture = picture_named("throughput_against_interactivity");
    picture.meaning = "Up: more tokens from each GPU. Right: each user sees them faster. What is on the dashed front can only gain one by losing the "
                      "other; diamonds are the study as it stands.";
    picture.x = {"output one user sees", "tok/s", Scale::linear, true, {}, 0, {}, false, false};
    picture.y = {"output of one GPU", "tok/s", Scale::linear, true, {}, 0, {}, false, false};
    for (std::size_t i = 0; i < report.candidates.size(); ++i) add_sweep(picture, report.candidates[i], i);
    add_places(picture, report);
    if (report.exploration) add_exploration(picture, *report.exploration);
    if (picture.series.empty()) {
        return nothing_to_draw(picture.id, "No candidate has a speed: none fits, or all are overloaded. Lower the load or add GPUs.");
    }
    add_front(picture);
    return picture;
}

}  // namespace moeplan
