// Lines with bands, dots with whiskers.

#include <algorithm>
#include <cmath>

#include "gui/plots/canvas.h"

namespace moeplan {
namespace {

constexpr double kLineWidth = 1.8, kDot = 4.2, kSmallDot = 2.8, kWhisker = 4;
constexpr std::ptrdiff_t kMostDots = 40;   // in sight on a joined line: more say no more than the line

// What a logarithmic axis cannot show is left out; what it shows only the upper part of begins at its end.
bool can_show(const QCPAxis& axis, double value) { return std::isfinite(value) && (axis.scaleType() == QCPAxis::stLinear || value > 0); }
double reachable(const QCPAxis& axis, double value) {
    return axis.scaleType() == QCPAxis::stLogarithmic && !(value > 0) ? axis.range().lower : value;
}

QPen pen_of(const PictureSeries& series, const Canvas& canvas) {
    QPen pen(colour_of(series.colour, *canvas.theme), series.colour == kNeutral || series.points.size() > 150 ? 1.2 : kLineWidth);
    if (series.dashed) pen.setDashPattern({5, 3});
    if (series.dotted) pen.setDashPattern({1.2, 2.2});
    pen.setJoinStyle(Qt::RoundJoin);
    return pen;
}

void paint_band(QCPPainter& painter, const Canvas& canvas, const PictureSeries& series) {
    QPolygonF outline;
    for (const PicturePoint& p : series.points) {
        if (p.interval && can_show(*canvas.key, p.x)) outline << canvas.at(p.x, reachable(*canvas.value, p.interval->second));
    }
    for (auto p = series.points.rbegin(); p != series.points.rend(); ++p) {
        if (p->interval && can_show(*canvas.key, p->x)) outline << canvas.at(p->x, reachable(*canvas.value, p->interval->first));
    }
    if (outline.size() < 4) return;
    QColor filling = colour_of(series.colour, *canvas.theme);
    filling.setAlphaF(canvas.theme->dark ? 0.24F : 0.18F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(filling);
    painter.drawPolygon(outline);
}

void paint_line(QCPPainter& painter, const Canvas& canvas, const PictureSeries& series) {
    QPolygonF line;
    for (const PicturePoint& p : series.points) {
        if (!can_show(*canvas.key, p.x) || !can_show(*canvas.value, p.y)) continue;
        const QPointF at = canvas.at(p.x, p.y);
        if (series.mark == PictureSeries::Mark::steps && !line.isEmpty()) line << QPointF(at.x(), line.back().y());
        line << at;
    }
    painter.setPen(pen_of(series, canvas));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(line);
}

void paint_whisker(QCPPainter& painter, const Canvas& canvas, const PictureSeries& series, const PicturePoint& p) {
    const QPointF low = canvas.at(p.x, reachable(*canvas.value, p.interval->first)), high = canvas.at(p.x, reachable(*canvas.value, p.interval->second));
    const bool across = canvas.value->orientation() == Qt::Horizontal;
    const QPointF end = across ? QPointF(0, kWhisker) : QPointF(kWhisker, 0);
    painter.setPen(QPen(colour_of(series.colour, *canvas.theme), 1.4));
    painter.drawLine(low, high);
    painter.drawLine(low - end, low + end);
    painter.drawLine(high - end, high + end);
}

void paint_dots(QCPPainter& painter, const Canvas& canvas, const PictureSeries& series, bool alone) {
    const QColor colour = colour_of(series.colour, *canvas.theme);
    QColor paper = canvas.theme->background;
    paper.setAlpha(255);
    const QRectF room = canvas.rect().adjusted(-1, -1, 1, 1);
    const bool few = series.points.size() <= 80;
    const bool clutter = !alone && std::ranges::count_if(series.points, [&](const PicturePoint& p) {
                                       return canvas.key->range().contains(p.x) && canvas.value->range().contains(p.y);
                                   }) > kMostDots;
    for (const PicturePoint& p : series.points) {
        if (!can_show(*canvas.key, p.x) || !can_show(*canvas.value, p.y) || (clutter && !p.odd)) continue;
        if (alone && p.interval && few) paint_whisker(painter, canvas, series, p);
        const QPointF at = canvas.at(p.x, p.y);
        if (room.contains(at)) paint_dot(painter, at, series.shape, alone ? kDot : kSmallDot, colour, p.odd ? paper : colour);
    }
}

}  // namespace

void paint_dot(QCPPainter& painter, QPointF at, PictureSeries::Shape shape, double radius, const QColor& colour, const QColor& filling) {
    painter.setPen(QPen(colour, 1.3));
    painter.setBrush(filling);
    switch (shape) {
        case PictureSeries::Shape::disc: painter.drawEllipse(at, radius, radius); break;
        case PictureSeries::Shape::square: painter.drawRect(QRectF(at.x() - radius * 0.85, at.y() - radius * 0.85, radius * 1.7, radius * 1.7)); break;
        case PictureSeries::Shape::triangle:
            painter.drawPolygon(QPolygonF{{at.x(), at.y() - radius * 1.2}, {at.x() + radius * 1.1, at.y() + radius * 0.8}, {at.x() - radius * 1.1, at.y() + radius * 0.8}});
            break;
        case PictureSeries::Shape::diamond:
            painter.drawPolygon(QPolygonF{{at.x(), at.y() - radius * 1.4}, {at.x() + radius * 1.4, at.y()}, {at.x(), at.y() + radius * 1.4}, {at.x() - radius * 1.4, at.y()}});
            break;
    }
}

void paint_series(QCPPainter& painter, const Canvas& canvas) {
    using Mark = PictureSeries::Mark;
    painter.setAntialiasing(true);
    painter.save();
    painter.setClipRect(canvas.rect(), Qt::IntersectClip);
    for (const PictureSeries& s : canvas.picture->series) {
        if (canvas.shows(s) && s.mark != Mark::dots) paint_band(painter, canvas, s);
    }
    for (const PictureSeries& s : canvas.picture->series) {
        if (canvas.shows(s) && s.mark != Mark::dots) paint_line(painter, canvas, s);
    }
    painter.restore();
    painter.setAntialiasing(true);
    for (const PictureSeries& s : canvas.picture->series) {
        if (canvas.shows(s) && (s.mark == Mark::dots || s.mark == Mark::line_and_dots)) paint_dots(painter, canvas, s, s.mark == Mark::dots);
    }
}

}  // namespace moeplan
