#include "gui/models/picture.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/number_format.h"
#include "core/report/csv.h"
#include "core/report/format.h"

namespace moeplan {
namespace {

std::string place(const PictureAxis& axis, double at) {
    if (!axis.categories.empty()) {
        const double index = std::round(at);
        if (index >= 0 && index < static_cast<double>(axis.categories.size())) return axis.categories[static_cast<std::size_t>(index)];
    }
    return exact_number(at);
}

void add_points(std::string& text, const Picture& picture, const std::string& name, const std::vector<PicturePoint>& points) {
    for (const PicturePoint& p : points) {
        text += csv_row({name, place(picture.x, p.x), exact_number(p.y), p.interval ? exact_number(p.interval->first) : "",
                         p.interval ? exact_number(p.interval->second) : "", p.note});
    }
}

void add_heat(std::string& text, const Picture& picture) {
    const PictureHeatMap& heat = *picture.heat;
    for (std::int64_t row = 0; row < heat.rows; ++row) {
        for (std::int64_t column = 0; column < heat.columns; ++column) {
            const double value = heat.values[static_cast<std::size_t>(row * heat.columns + column)];
            if (std::isnan(value)) continue;
            text += csv_row({picture.y.label + " " + place(picture.y, static_cast<double>(row)), place(picture.x, static_cast<double>(column)), exact_number(value), "", "", ""});
        }
    }
}

std::string range_of(const std::vector<PicturePoint>& points, const std::string& unit) {
    const auto [low, high] = std::ranges::minmax_element(points, {}, &PicturePoint::y);
    return low == high || low->y == high->y ? format_value(low->y, unit) : fmt::format("{} to {}", format_value(low->y, unit), format_value(high->y, unit));
}

}  // namespace

std::string picture_csv(const Picture& picture) {
    std::string text = csv_row({"series", "x", "y", "low", "high", "note"});
    for (const PictureSeries& series : picture.series) add_points(text, picture, series.name, series.points);
    for (const PictureBars& bars : picture.bars) add_points(text, picture, bars.name, bars.points);
    if (picture.heat) add_heat(text, picture);
    for (const PictureSpan& span : picture.spans) {
        const auto name = std::ranges::find(picture.span_names, span.colour, &std::pair<std::string, int>::second);
        text += csv_row({name == picture.span_names.end() ? "" : name->first, exact_number(span.from), exact_number(span.to), "", "", span.note});
    }
    for (const PictureMarker& m : picture.markers) {
        const bool words = m.kind == PictureMarker::Kind::text || m.kind == PictureMarker::Kind::region;
        if (words) continue;
        text += csv_row({m.label, m.kind == PictureMarker::Kind::horizontal ? "" : exact_number(m.x), m.kind == PictureMarker::Kind::vertical ? "" : exact_number(m.y), "", "", ""});
    }
    return text;
}

std::string picture_in_words(const Picture& picture) {
    std::string text = picture.title + ". ";
    if (picture.empty()) return text + picture.nothing;
    text += picture.meaning;
    for (const PictureSeries& s : picture.series) {
        if (!s.points.empty()) text += fmt::format(" {}: {} {}.", s.name, picture.y.label, range_of(s.points, picture.y.unit));
    }
    for (const PictureBars& b : picture.bars) {
        if (!b.points.empty()) text += fmt::format(" {}: {}.", b.name, range_of(b.points, picture.y.unit));
    }
    for (const PictureMarker& m : picture.markers) {
        if (m.kind == PictureMarker::Kind::vertical) text += fmt::format(" {} at {} {}.", m.label, picture.x.label, format_value(m.x, picture.x.unit));
        if (m.kind == PictureMarker::Kind::horizontal) text += fmt::format(" {} at {} {}.", m.label, picture.y.label, format_value(m.y, picture.y.unit));
    }
    return text;
}

}  // namespace moeplan
