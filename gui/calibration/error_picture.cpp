#include "gui/calibration/error_picture.h"

#include <map>

namespace moeplan {
namespace {

constexpr int kColours = 8;   // of the palette; the ninth family is dashed

std::map<KernelFamily, int> places_of(const std::vector<GroupProgress>& planned) {
    std::map<KernelFamily, int> places;
    for (const GroupProgress& group : planned) places.try_emplace(group.family, static_cast<int>(places.size()));
    return places;
}

PictureSeries series_of(KernelFamily family, int place) {
    PictureSeries series;
    series.name = std::string(name_of(family));
    series.colour = place % kColours;
    series.dashed = place >= kColours;
    return series;
}

}  // namespace

Picture error_picture(const std::vector<ErrorMoment>& history, const std::vector<GroupProgress>& planned, double budget_s,
                      std::optional<double> target) {
    Picture picture;
    picture.id = history.empty() ? "calibration_no_error_yet" : "calibration_error";   // nothing to keep the zoom of
    picture.title = "Error on what no fit has seen";
    picture.meaning = "Median relative error of a fifth of the measurements, held out of every fit.";
    picture.x = {"time measured", "s", Scale::linear, false, {}, 0.0, budget_s > 0 ? std::optional(budget_s) : std::nullopt};
    picture.y = {"median error", "fraction", Scale::logarithmic, true, {}, std::nullopt, std::nullopt};
    if (history.empty()) {
        picture.nothing = "There are errors once a family of kernels has some ten measurements.";
        return picture;
    }
    const std::map<KernelFamily, int> places = places_of(planned);
    std::map<KernelFamily, PictureSeries> families;
    PictureSeries all;
    all.name = "all, by share of the budget";
    all.colour = kNeutral;
    all.mark = PictureSeries::Mark::line;
    for (const ErrorMoment& moment : history) {
        for (const auto& [family, error] : moment.families) {
            const auto [at, fresh] = families.try_emplace(family);
            if (fresh) at->second = series_of(family, places.contains(family) ? places.at(family) : 0);
            at->second.points.push_back({moment.seconds, error, {}, {}, {}});
        }
        if (moment.all) all.points.push_back({moment.seconds, *moment.all, {}, {}, {}});
    }
    picture.series.push_back(std::move(all));
    for (auto& [family, series] : families) picture.series.push_back(std::move(series));
    if (target) picture.markers.push_back({PictureMarker::Kind::horizontal, 0, *target, "target", kNeutral});
    return picture;
}

}  // namespace moeplan
