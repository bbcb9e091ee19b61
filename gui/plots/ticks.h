#pragma once
// Numbers along axes: few, round, with their unit where it belongs.

#include <QString>
#include <qcustomplot.h>

#include "gui/models/picture.h"

namespace moeplan {

// "time per output token, ms"; without a unit where the numbers carry it.
QString axis_title(const PictureAxis& axis, bool logarithmic);

// Of an axis from `low` to `high`: "10k", "$0.50", "20 %", "100 ms".
QString tick_text(double value, double step, const PictureAxis& axis, bool logarithmic, double high);

// Round places with at least `apart` pixels between neighbours: powers of two, 1-2-5 or powers of ten on logarithmic axes.
QVector<double> tick_places(double low, double high, double pixels, double apart, const PictureAxis& axis, bool logarithmic);

class PictureTicker : public QCPAxisTicker {
public:
    explicit PictureTicker(const QCPAxis* owner) : owner_(owner) {}
    void set_axis(const PictureAxis& axis) { axis_ = axis; }
    void set_label_room(int pixels) { label_room_ = pixels; }   // longest category's name

    void generate(const QCPRange& range, const QLocale& locale, QChar format, int precision, QVector<double>& ticks, QVector<double>* sub_ticks,
                  QVector<QString>* labels) override;

private:
    double length() const;
    void categories(const QCPRange& range, QVector<double>& ticks, QVector<QString>* labels) const;

    const QCPAxis* owner_;
    PictureAxis axis_;
    int label_room_ = 200;
};

}  // namespace moeplan
