#pragma once
// Series of several candidates with their interval bands, on logarithmic axes. The only includer of QCustomPlot.

#include <QWidget>

#include "core/report/report.h"

class QCustomPlot;

namespace moeplan {

class SeriesPlot : public QWidget {
    Q_OBJECT

public:
    explicit SeriesPlot(QWidget* parent = nullptr);

    // Draws `metric` over the first axis the report was swept along; says so when there is nothing to draw.
    void show_metric(const Report& report, const std::string& metric);

private:
    void apply_theme();
    QCustomPlot* plot_;
};

}  // namespace moeplan
