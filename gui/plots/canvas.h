#pragma once
// Where a picture's values lie on the paper, and the painting of its parts. Internal to gui/plots.

#include <set>
#include <string>
#include <vector>

#include <QPointF>
#include <QRectF>
#include <qcustomplot.h>

#include "gui/models/picture.h"
#include "gui/plots/theme.h"

namespace moeplan {

// A picture with its axes; `key` is x's, `value` is y's: exchanged in pictures that lie sideways.
struct Canvas {
    const Picture* picture = nullptr;
    const std::set<std::string>* hidden = nullptr;   // names switched off in the legend
    const PlotTheme* theme = nullptr;
    const QCPAxis* key = nullptr;
    const QCPAxis* value = nullptr;

    QRectF rect() const { return QRectF(key->axisRect()->rect()); }
    QPointF at(double x, double y) const;
    QRectF box(double x0, double x1, double y0, double y1) const;
    bool shows(const std::string& name) const { return !hidden->contains(name); }
    bool shows(const PictureSeries& series) const { return shows(series.with.empty() ? series.name : series.with); }
};

// A segment of a stack as it lies; hidden series leave no gap.
struct BarBox {
    const PictureBars* bars = nullptr;
    const PicturePoint* point = nullptr;
    double from = 0, to = 0;   // along y
    QRectF box;
};
std::vector<BarBox> bar_boxes(const Canvas& canvas);

QRectF span_box(const Canvas& canvas, const PictureSpan& span);
double heat_low(const PictureHeatMap& heat);
double heat_high(const PictureHeatMap& heat);

void paint_heat(QCPPainter& painter, const Canvas& canvas);
void paint_spans(QCPPainter& painter, const Canvas& canvas);
void paint_bars(QCPPainter& painter, const Canvas& canvas);
void paint_series(QCPPainter& painter, const Canvas& canvas);
void paint_markers(QCPPainter& painter, const Canvas& canvas);

// A dot, its middle at `at`.
void paint_dot(QCPPainter& painter, QPointF at, PictureSeries::Shape shape, double radius, const QColor& colour, const QColor& filling);

// Rows of labels over the picture that its markers want, when it is about `width` pixels wide.
int marker_rows(const Canvas& canvas, double width);

}  // namespace moeplan
