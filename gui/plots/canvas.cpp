#include "gui/plots/canvas.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace moeplan {

QPointF Canvas::at(double x, double y) const {
    const double along = key->coordToPixel(x), across = value->coordToPixel(y);
    return key->orientation() == Qt::Horizontal ? QPointF(along, across) : QPointF(across, along);
}

QRectF Canvas::box(double x0, double x1, double y0, double y1) const { return QRectF(at(x0, y0), at(x1, y1)).normalized(); }

std::vector<BarBox> bar_boxes(const Canvas& canvas) {
    int groups = 1;
    for (const PictureBars& b : canvas.picture->bars) groups = std::max(groups, b.group + 1);
    const double width = 0.62 / groups;
    std::map<std::pair<int, double>, double> tops;
    std::vector<BarBox> boxes;
    for (const PictureBars& b : canvas.picture->bars) {
        if (!canvas.shows(b.name)) continue;
        const double shift = (b.group - (groups - 1) / 2.0) * width;
        for (const PicturePoint& p : b.points) {
            double& top = tops[{b.group, p.x}];
            const double from = top;
            top += p.y;
            boxes.push_back({&b, &p, from, top, canvas.box(p.x + shift - width / 2, p.x + shift + width / 2, from, top)});
        }
    }
    return boxes;
}

QRectF span_box(const Canvas& canvas, const PictureSpan& span) { return canvas.box(span.from, span.to, span.row - 0.4, span.row + 0.4); }

double heat_low(const PictureHeatMap& heat) {
    double low = heat.middle.value_or(INFINITY);
    for (const double v : heat.values) low = std::isnan(v) ? low : std::min(low, v);
    return std::isfinite(low) ? low : 0;
}

double heat_high(const PictureHeatMap& heat) {
    double high = heat.middle.value_or(-INFINITY);
    for (const double v : heat.values) high = std::isnan(v) ? high : std::max(high, v);
    return std::isfinite(high) && high > heat_low(heat) ? high : heat_low(heat) + 0.1;
}

void paint_heat(QCPPainter& painter, const Canvas& canvas) {
    if (!canvas.picture->heat) return;
    const PictureHeatMap& heat = *canvas.picture->heat;
    const double low = heat_low(heat), high = heat_high(heat);
    painter.setAntialiasing(false);
    for (std::int64_t row = 0; row < heat.rows; ++row) {
        for (std::int64_t column = 0; column < heat.columns; ++column) {
            const double value = heat.values[static_cast<std::size_t>(row * heat.columns + column)];
            if (std::isnan(value)) continue;
            const auto x = static_cast<double>(column), y = static_cast<double>(row);
            const QRectF cell = canvas.box(x - 0.5, x + 0.5, y - 0.5, y + 0.5);
            // Whole pixels: neighbours meet without seams.
            const QRectF whole(QPointF(std::round(cell.left()), std::round(cell.top())), QPointF(std::round(cell.right()), std::round(cell.bottom())));
            painter.fillRect(whole, heat_colour(value, low, high, heat.middle, *canvas.theme));
        }
    }
}

void paint_spans(QCPPainter& painter, const Canvas& canvas) {
    painter.setAntialiasing(false);
    for (const PictureSpan& span : canvas.picture->spans) {
        const auto name = std::ranges::find(canvas.picture->span_names, span.colour, &std::pair<std::string, int>::second);
        if (name != canvas.picture->span_names.end() && !canvas.shows(name->first)) continue;
        QRectF box = span_box(canvas, span);
        box.setWidth(std::max(1.0, box.width()));
        painter.fillRect(box, colour_of(span.colour, *canvas.theme));
    }
}

void paint_bars(QCPPainter& painter, const Canvas& canvas) {
    painter.setAntialiasing(false);
    for (const BarBox& b : bar_boxes(canvas)) {
        if (b.bars->faint) {
            painter.setPen(QPen(canvas.theme->faint, 1));
            painter.setBrush(QBrush(canvas.theme->faint, Qt::BDiagPattern));
            painter.drawRect(b.box);
            continue;
        }
        // A pixel of paper between neighbours tells similar colours apart.
        const bool wide = b.box.width() > 3 && b.box.height() > 3;
        painter.fillRect(wide ? b.box.adjusted(0, 0, canvas.picture->sideways ? -1 : 0, canvas.picture->sideways ? 0 : -1) : b.box, colour_of(b.bars->colour, *canvas.theme));
    }
}

}  // namespace moeplan
