#include "gui/calibration/error_picture.h"

#include <map>

namespace moeplan {
namespace {

constexpr int kColours = 8;   // of the palette; the ninth family is dashed

PictureSeries series_of(KernelFamily family, int place) {
    PictureSeries series;
    series.name = std::string(name_of(family));
    series.colour = place % kColours;
    series.dashed = place >= kColours;
    return series;
}

}  // namespace

Picture error_picture(const std::vector<ErrorMoment>& history, std::optional<double> target) {
    Picture picture;
    picture.id = "calibration_error";
    picture.title = "Error on what no fit has seen";
    picture.meaning = "Median relative error of a fifth of the measurements, held out of every fit.";
    picture.x = {"time measured", "s", Scale::linear, true, {}, 0.0, std::nullopt};
    picture.y = {"median error", "fraction", Scale::logarithmic, true, {}, std::nullopt, std::nullopt};
    if (history.empty()) {
        picture.nothing = "There are errors once a family of kernels has some ten measurements.";
        return picture;
    }
    std::map<KernelFamily, PictureSeries> families;
    PictureSeries all;
    all.name = "all, by share of the budget";
    all.colour = kNeutral;
    all.mark = PictureSeries::Mark::line;
    for (const ErrorMoment& moment : history) {
        for (const auto& [family, error] : moment.families) {
            const auto [at, fresh] = families.try_emplace(family);
            if (fresh) at->second = series_of(family, static_cast<int>(family));
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
