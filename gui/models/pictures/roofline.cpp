// Every operation of a step under what its device can do at most.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/report/format.h"
#include "gui/models/pictures/makers.h"

namespace moeplan {
namespace {

constexpr double kMilli = 1e-3;

PicturePoint point_of(const OpRow& op, double phase_ms) {
    return {op.gflops / op.gbytes, op.gflops / (op.ms.value * kMilli), {},
            fmt::format("{} ({}): {}, {} of the step, bound by {}{}{}", op.name, op.part, format_estimate(op.ms, "ms"),
                        format_value(phase_ms > 0 ? op.ms.value / phase_ms : 0, "fraction"), op.bound, op.format.empty() ? "" : ", in " + op.format,
                        op.outside_calibration ? "; outside the calibrated range" : ""),
            op.outside_calibration};
}

// Copies and collectives compute nothing and have no place here.
bool has_place(const OpRow& op) { return op.gflops > 0 && op.gbytes > 0 && op.ms.value > 0; }

void add_ops(Picture& picture, const CandidateReport& c, std::size_t index) {
    for (const auto& [phase, shape] : {std::pair{"decode", PictureSeries::Shape::disc}, {"prefill", PictureSeries::Shape::square}}) {
        double total = 0;
        for (const OpRow& op : c.ops) total += op.phase == phase ? op.ms.value : 0;
        PictureSeries dots;
        dots.name = fmt::format("{}, {}", c.name, phase);
        dots.colour = colour_of_candidate(index);
        dots.mark = PictureSeries::Mark::dots;
        dots.shape = shape;
        for (const OpRow& op : c.ops) {
            if (op.phase == phase && has_place(op)) dots.points.push_back(point_of(op, total));
        }
        std::ranges::stable_sort(dots.points, {}, &PicturePoint::x);
        if (!dots.points.empty()) picture.series.push_back(std::move(dots));
    }
}

std::pair<double, double> reach(const Picture& picture) {
    double low = 1, high = 1000;
    for (const PictureSeries& s : picture.series) {
        low = std::min(low, s.points.front().x);
        high = std::max(high, s.points.back().x);
    }
    return {low / 2, high * 12};
}

struct Roofs {
    std::vector<std::pair<std::string, Roof::Ceiling>> ceilings;   // with the GPU's name
    std::vector<std::pair<std::string, double>> slopes;
};

Roofs distinct_roofs(const std::vector<CandidateReport>& candidates) {
    Roofs all;
    for (const CandidateReport& c : candidates) {
        if (c.roof.gb_per_s <= 0 || c.ops.empty()) continue;
        if (std::ranges::find(all.slopes, c.gpu, &std::pair<std::string, double>::first) == all.slopes.end()) all.slopes.emplace_back(c.gpu, c.roof.gb_per_s);
        for (const Roof::Ceiling& ceiling : c.roof.ceilings) {
            const std::pair entry{c.gpu, ceiling};
            if (std::ranges::find(all.ceilings, entry) == all.ceilings.end()) all.ceilings.push_back(entry);
        }
    }
    return all;
}

PictureSeries line(std::string name, bool dashed) {
    PictureSeries series;
    series.name = std::move(name);
    series.colour = kNeutral;
    series.mark = PictureSeries::Mark::line;
    series.dashed = dashed;
    series.in_legend = false;
    return series;
}

// A ceiling from its ridge on, and the memory's slope up to the highest ridge.
void add_roofs(Picture& picture, const std::vector<CandidateReport>& candidates) {
    const Roofs roofs = distinct_roofs(candidates);
    const auto [low, high] = reach(picture);
    std::size_t nth = 0;
    for (const auto& [gpu, rate] : roofs.slopes) {
        double top = 0;
        for (const auto& [owner, ceiling] : roofs.ceilings) top = owner == gpu ? std::max(top, ceiling.gflop_per_s) : top;
        if (top <= 0) continue;
        PictureSeries slope = line(fmt::format("memory of {}", gpu), false);
        slope.points = {{low, low * rate, {}, format_value(rate, "GB/s"), false}, {top / rate, top, {}, format_value(rate, "GB/s"), false}};
        picture.series.push_back(std::move(slope));
        if (roofs.slopes.size() > 1) {   // one after the other up their slopes, which may be close
            const double up = 0.25 + 0.2 * static_cast<double>(nth++ % 3);
            const double x = low * std::pow(top / rate / low, up);
            picture.markers.push_back({PictureMarker::Kind::text, x, x * rate, gpu, kNeutral});
        }
        for (const auto& [owner, ceiling] : roofs.ceilings) {
            if (owner != gpu) continue;
            const double ridge = ceiling.gflop_per_s / rate;
            PictureSeries flat = line(fmt::format("{} of {}", ceiling.format, gpu), ceiling.gflop_per_s < top);
            flat.points = {{ridge, ceiling.gflop_per_s, {}, "dense peak", false}, {std::max(high, ridge * 4), ceiling.gflop_per_s, {}, "dense peak", false}};
            // Devices alike share a name; whose line it is stands beside the mouse.
            const bool named = std::ranges::any_of(picture.markers, [&](const PictureMarker& m) {
                return m.label == ceiling.format && std::abs(m.y - ceiling.gflop_per_s) < 0.2 * ceiling.gflop_per_s;
            });
            const double right = std::max(high, ridge * 4);   // names side by side: lines may be close
            if (!named) picture.markers.push_back({PictureMarker::Kind::text, right / std::pow(3.5, 0.5 + static_cast<double>(picture.markers.size() % 3)), ceiling.gflop_per_s, ceiling.format, kNeutral});
            picture.series.push_back(std::move(flat));
        }
    }
}

}  // namespace

Picture roofline(const Report& report) {
    const auto& candidates = candidates_of(report);
    Picture picture = picture_named("roofline");
    picture.meaning = "Each dot is an operation of a step, all its repetitions together. Under the slope memory is the limit, under a flat line arithmetic is; "
                      "the further below the line, the less of the device is used (method: roofline).";
    picture.x = {"arithmetic per byte moved", "FLOP/byte", Scale::logarithmic, true, {}, {}, {}, false, false};
    picture.y = {"speed", "GFLOP/s", Scale::logarithmic, true, {}, {}, {}, false, false};
    for (std::size_t i = 0; i < candidates.size(); ++i) add_ops(picture, candidates[i], i);
    if (picture.series.empty()) {
        return nothing_to_draw(picture.id, "The operations of a step are not in this report. They are kept for the candidates of a study that fit their GPUs.");
    }
    add_roofs(picture, candidates);
    return picture;
}

}  // namespace moeplan
