#include "gui/plots/nearest.h"

#include <algorithm>
#include <cmath>

#include "core/report/format.h"
#include "gui/models/text.h"

namespace moeplan {
namespace {

constexpr double kReach = 28;   // pixels

std::string place_text(const PictureAxis& axis, double at) {
    const auto index = std::llround(at);
    if (!axis.categories.empty() && index >= 0 && index < static_cast<long long>(axis.categories.size())) {
        return (axis.label.empty() ? "" : axis.label + " ") + axis.categories[static_cast<std::size_t>(index)];
    }
    return axis.label + ": " + format_value(at, axis.unit);
}

std::string value_text(const PictureAxis& axis, const PicturePoint& p) {
    const Estimate e = p.interval ? Estimate{p.y, std::min(p.y, p.interval->first), std::max(p.y, p.interval->second)} : Estimate::exact(p.y);
    return axis.label + ": " + format_estimate(e, axis.unit);
}

QString words_of(const Canvas& canvas, const std::string& name, const PicturePoint& p) {
    const Picture& picture = *canvas.picture;
    std::string text = name + "\n" + place_text(picture.x, p.x) + "\n" + value_text(picture.y, p);
    if (!p.note.empty()) text += "\n" + p.note;
    return text_of(text);
}

std::optional<Nearest> nearest_point(const Canvas& canvas, QPointF pixel) {
    const PictureSeries* best_series = nullptr;
    const PicturePoint* best = nullptr;
    double best_distance = kReach * kReach;
    QPointF best_at;
    for (const PictureSeries& s : canvas.picture->series) {
        if (!canvas.shows(s)) continue;
        for (const PicturePoint& p : s.points) {
            const QPointF at = canvas.at(p.x, p.y);
            const QPointF off = at - pixel;
            const double distance = QPointF::dotProduct(off, off);
            if (!(distance < best_distance) || !canvas.rect().adjusted(-4, -4, 4, 4).contains(at)) continue;
            best_distance = distance;
            best_series = &s;
            best = &p;
            best_at = at;
        }
    }
    if (!best) return std::nullopt;
    return Nearest{best_at, words_of(canvas, best_series->name, *best), true};
}

std::optional<Nearest> bar_under(const Canvas& canvas, QPointF pixel) {
    for (const BarBox& b : bar_boxes(canvas)) {
        if (b.box.contains(pixel)) return Nearest{b.box.center(), words_of(canvas, b.bars->name, *b.point), false};
    }
    return std::nullopt;
}

std::optional<Nearest> span_under(const Canvas& canvas, QPointF pixel) {
    for (const PictureSpan& span : canvas.picture->spans) {
        const QRectF box = span_box(canvas, span).adjusted(-1, -1, 1, 1);
        if (box.contains(pixel)) return Nearest{pixel, text_of(span.note), false};
    }
    return std::nullopt;
}

std::optional<Nearest> cell_under(const Canvas& canvas, QPointF pixel) {
    if (!canvas.picture->heat || !canvas.rect().contains(pixel)) return std::nullopt;
    const PictureHeatMap& heat = *canvas.picture->heat;
    const bool upright = canvas.key->orientation() == Qt::Horizontal;
    const double x = std::round(canvas.key->pixelToCoord(upright ? pixel.x() : pixel.y()));
    const double y = std::round(canvas.value->pixelToCoord(upright ? pixel.y() : pixel.x()));
    if (x < 0 || y < 0 || x >= static_cast<double>(heat.columns) || y >= static_cast<double>(heat.rows)) return std::nullopt;
    const double value = heat.values[static_cast<std::size_t>(static_cast<std::int64_t>(y) * heat.columns + static_cast<std::int64_t>(x))];
    if (std::isnan(value)) return std::nullopt;
    const std::string text = place_text(canvas.picture->y, y) + "\n" + place_text(canvas.picture->x, x) + "\n" + heat.label + ": " + format_value(value, heat.unit);
    return Nearest{canvas.at(x, y), text_of(text), false};
}

}  // namespace

std::optional<Nearest> nearest_to(const Canvas& canvas, QPointF pixel) {
    if (canvas.picture->empty()) return std::nullopt;
    if (auto point = nearest_point(canvas, pixel)) return point;
    if (auto bar = bar_under(canvas, pixel)) return bar;
    if (auto span = span_under(canvas, pixel)) return span;
    return cell_under(canvas, pixel);
}

}  // namespace moeplan
