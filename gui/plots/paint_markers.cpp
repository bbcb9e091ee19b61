// Lines and places worth naming. Names of lines stand over the picture, where no curve runs, in as many rows as they need.

#include <algorithm>
#include <cmath>

#include "gui/models/text.h"
#include "gui/plots/canvas.h"

namespace moeplan {
namespace {

using Kind = PictureMarker::Kind;

struct Label {
    const PictureMarker* marker;
    double place = 0;   // of its line, in pixels
    double left = 0;    // of its text
    int row = 0;
};

bool in_range(const QCPAxis& axis, double v) { return axis.range().contains(v); }

// Upright lines: at an x, or at a y of a picture that lies sideways.
const QCPAxis* upright_axis(const Canvas& canvas, const PictureMarker& m) {
    const QCPAxis* axis = m.kind == Kind::vertical ? canvas.key : m.kind == Kind::horizontal ? canvas.value : nullptr;
    return axis && axis->orientation() == Qt::Horizontal ? axis : nullptr;
}
double along(const Canvas& canvas, const PictureMarker& m) { return m.kind == Kind::vertical || upright_axis(canvas, m) == canvas.key ? m.x : m.y; }

// Texts over their lines, kept inside: centred or beside it, wherever no other text and no neighbour's line is; otherwise a row
// higher.
std::vector<Label> upright_labels(const Canvas& canvas, const std::vector<std::pair<const PictureMarker*, double>>& places, double left, double right) {
    const QFontMetricsF metrics(canvas.theme->small);
    std::vector<Label> labels;
    for (const auto& [marker, place] : places) labels.push_back({marker, place, 0, 0});
    std::ranges::stable_sort(labels, {}, &Label::place);
    std::vector<double> ends{left - 10};
    for (std::size_t i = 0; i < labels.size(); ++i) {
        Label& label = labels[i];
        const double width = metrics.horizontalAdvance(text_of(label.marker->label));
        const double next = i + 1 < labels.size() ? labels[i + 1].place - 4 : INFINITY;
        const auto inside = [&](double x) { return std::clamp(x, left, std::max(left, right - width)); };
        label.row = static_cast<int>(ends.size());
        for (const double x : {inside(label.place - width / 2), inside(label.place - 2), inside(label.place - width + 2)}) {
            label.left = x;
            if (x < ends[0] + 10 || x + width > next) continue;
            label.row = 0;
            break;
        }
        if (label.row > 0) {
            label.left = inside(label.place - width / 2);
            const auto free = std::find_if(ends.begin() + 1, ends.end(), [&](double end) { return label.left > end + 10; });
            label.row = static_cast<int>(free - ends.begin());
            if (free == ends.end()) ends.push_back(0);
        }
        ends[static_cast<std::size_t>(label.row)] = label.left + width;
    }
    return labels;
}

void paint_words(QCPPainter& painter, const Canvas& canvas, const QRectF& box, int flags, const QString& text, const QColor& colour, bool chip) {
    painter.setFont(canvas.theme->small);
    if (chip && canvas.theme->background.alpha() > 0) {
        QColor paper = canvas.theme->background;
        paper.setAlpha(200);
        const QRectF area = QFontMetricsF(canvas.theme->small).boundingRect(box, flags, text).adjusted(-2, 0, 2, 0);
        painter.fillRect(area, paper);
    }
    painter.setPen(colour);
    painter.drawText(box, flags | Qt::TextDontClip, text);
}

QPen marker_pen(const Canvas& canvas, const PictureMarker& m) {
    QPen pen(m.colour == kNeutral ? canvas.theme->muted : colour_of(m.colour, *canvas.theme), 1.2);
    pen.setDashPattern({4, 3});
    return pen;
}

void paint_upright(QCPPainter& painter, const Canvas& canvas) {
    std::vector<std::pair<const PictureMarker*, double>> places;
    for (const PictureMarker& m : canvas.picture->markers) {
        const QCPAxis* axis = upright_axis(canvas, m);
        if (axis && in_range(*axis, along(canvas, m))) places.emplace_back(&m, axis->coordToPixel(along(canvas, m)));
    }
    const QRectF rect = canvas.rect();
    const double height = QFontMetricsF(canvas.theme->small).height() + 1;
    for (const Label& label : upright_labels(canvas, places, rect.left(), rect.right())) {
        const double top = rect.top() - (label.row + 1) * height - 2;
        painter.setPen(marker_pen(canvas, *label.marker));
        painter.drawLine(QPointF(label.place, rect.top() - 2), QPointF(label.place, rect.bottom()));
        paint_words(painter, canvas, QRectF(label.left, top, 1, height), Qt::AlignLeft | Qt::AlignVCenter, text_of(label.marker->label), canvas.theme->muted, false);
    }
}

void paint_level(QCPPainter& painter, const Canvas& canvas, const PictureMarker& m) {
    const QCPAxis& axis = m.kind == Kind::vertical ? *canvas.key : *canvas.value;
    const double value = m.kind == Kind::vertical ? m.x : m.y;
    if (!in_range(axis, value)) return;
    const QRectF rect = canvas.rect();
    const double y = axis.coordToPixel(value);
    painter.setPen(marker_pen(canvas, m));
    painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y));
    const double height = QFontMetricsF(canvas.theme->small).height() + 1;
    const double top = y - height < rect.top() ? y + 1 : y - height;
    paint_words(painter, canvas, QRectF(rect.left(), top, rect.width() - 4, height), Qt::AlignRight | Qt::AlignVCenter, text_of(m.label), canvas.theme->muted, true);
}

// Beside its place, over or under it: where no name drawn before is, and inside.
QRectF free_box(const Canvas& canvas, QPointF at, QSizeF size, const std::vector<QRectF>& taken) {
    const double w = size.width(), h = size.height();
    const QRectF inside = canvas.rect().adjusted(-2, -2, 2, 2);
    std::vector<QRectF> boxes;
    for (const double down : {0.0, -0.9, 0.9, -1.8, 1.8}) {
        boxes.emplace_back(at.x() + 10, at.y() - h / 2 + down * h, w, h);
        boxes.emplace_back(at.x() - 10 - w, at.y() - h / 2 + down * h, w, h);
    }
    const auto free = [&](const QRectF& box) {
        return inside.contains(box) && std::ranges::none_of(taken, [&](const QRectF& other) { return other.intersects(box); });
    };
    const auto found = std::ranges::find_if(boxes, free);
    return found != boxes.end() ? *found : boxes[at.x() + 10 + w > inside.right() ? 1 : 0];
}

void paint_place(QCPPainter& painter, const Canvas& canvas, const PictureMarker& m, std::vector<QRectF>& taken) {
    if (!in_range(*canvas.key, m.x) || !in_range(*canvas.value, m.y)) return;
    const QPointF at = canvas.at(m.x, m.y);
    QColor paper = canvas.theme->background;
    paper.setAlpha(255);
    paint_dot(painter, at, PictureSeries::Shape::diamond, 5, colour_of(m.colour, *canvas.theme), paper);
    const QFontMetricsF metrics(canvas.theme->small);
    const QRectF box = free_box(canvas, at, {metrics.horizontalAdvance(text_of(m.label)) + 2, metrics.height()}, taken);
    taken.push_back(box);
    paint_words(painter, canvas, box, Qt::AlignLeft | Qt::AlignVCenter, text_of(m.label), canvas.theme->text, true);
}

// Room for words at a place: to the middle between it and its neighbours at the same height.
double room_of(const Canvas& canvas, const PictureMarker& m, double x) {
    double room = 2 * std::min(x - canvas.rect().left() + 40, canvas.rect().right() + 40 - x);
    for (const PictureMarker& other : canvas.picture->markers) {
        if (&other == &m || other.kind != Kind::text || other.y != m.y) continue;
        const double distance = std::abs(canvas.at(other.x, other.y).x() - x);
        if (distance > 1) room = std::min(room, distance - 6);
    }
    return room;
}

void paint_text(QCPPainter& painter, const Canvas& canvas, const PictureMarker& m) {
    const QFontMetricsF metrics(canvas.theme->small);
    const QRectF rect = canvas.rect();
    const QPointF at = canvas.at(m.x, m.y);
    if (!rect.adjusted(-1, -1, 1, 1).contains(at)) return;
    const double room = std::max(20.0, room_of(canvas, m, at.x()));
    const QString words = metrics.elidedText(text_of(m.label), Qt::ElideRight, room);
    const QRectF box(at.x() - room / 2, at.y() - metrics.height() - 2, room, metrics.height() + 1);
    paint_words(painter, canvas, box, Qt::AlignHCenter | Qt::AlignVCenter, words, canvas.theme->muted, !canvas.picture->heat);
}

QRectF region_box(const Canvas& canvas, const PictureMarker& m) {
    const QRectF rect = canvas.rect();
    const double width = QFontMetricsF(canvas.theme->small).horizontalAdvance(text_of(m.label)) / 2 + 4;
    const double x = std::clamp(rect.left() + m.x * rect.width(), rect.left() + width, std::max(rect.left() + width, rect.right() - width));
    const double y = rect.bottom() - m.y * rect.height();
    return {x - width, y - 10, 2 * width, 20};
}

}  // namespace

int marker_rows(const Canvas& canvas, double width) {
    std::vector<std::pair<const PictureMarker*, double>> places;
    bool text_on_top = false;
    for (const PictureMarker& m : canvas.picture->markers) {
        text_on_top = text_on_top || (m.kind == Kind::text && canvas.picture->heat);
        const QCPAxis* axis = upright_axis(canvas, m);
        if (!axis || !in_range(*axis, along(canvas, m))) continue;
        const QCPRange range = axis->range();
        const bool log = axis->scaleType() == QCPAxis::stLogarithmic;
        const double share = log ? std::log(along(canvas, m) / range.lower) / std::log(range.upper / range.lower) : (along(canvas, m) - range.lower) / range.size();
        places.emplace_back(&m, share * width);
    }
    int rows = text_on_top ? 1 : 0;
    for (const Label& label : upright_labels(canvas, places, 0, width)) rows = std::max(rows, label.row + 1);
    return rows;
}

void paint_markers(QCPPainter& painter, const Canvas& canvas) {
    painter.setAntialiasing(true);
    painter.setBrush(Qt::NoBrush);
    paint_upright(painter, canvas);
    std::vector<QRectF> taken;   // by names that keep off each other
    for (const PictureMarker& m : canvas.picture->markers) {
        if (m.kind == Kind::region) taken.push_back(region_box(canvas, m));
        if (m.kind == Kind::point) taken.emplace_back(canvas.at(m.x, m.y) - QPointF(7, 7), QSizeF(14, 14));
    }
    for (const PictureMarker& m : canvas.picture->markers) {
        switch (m.kind) {
            case Kind::vertical:
            case Kind::horizontal:
                if (!upright_axis(canvas, m)) paint_level(painter, canvas, m);
                break;
            case Kind::point: paint_place(painter, canvas, m, taken); break;
            case Kind::text: paint_text(painter, canvas, m); break;
            case Kind::region:
                paint_words(painter, canvas, region_box(canvas, m), Qt::AlignCenter, text_of(m.label), canvas.theme->muted, true);
                break;
        }
    }
}

}  // namespace moeplan
