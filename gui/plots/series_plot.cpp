#include "gui/plots/series_plot.h"

#include <algorithm>
#include <array>

#include <QPalette>
#include <QVBoxLayout>
#include <qcustomplot.h>

namespace moeplan {
namespace {

// Okabe and Ito's palette: told apart by colour-blind eyes.
const std::array<QColor, 6> kColours{QColor(0, 114, 178), QColor(213, 94, 0), QColor(0, 158, 115), QColor(204, 121, 167), QColor(230, 159, 0), QColor(86, 180, 233)};

QString text_of(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }

QCPGraph* add_line(QCustomPlot* plot, const std::vector<SeriesPoint>& points, double Estimate::*end, const QPen& pen) {
    QCPGraph* graph = plot->addGraph();
    for (const SeriesPoint& p : points) graph->addData(p.x, p.y.*end);
    graph->setPen(pen);
    return graph;
}

void add_candidate(QCustomPlot* plot, const CandidateReport& candidate, const Series& series, const QColor& colour) {
    QColor band = colour;
    band.setAlpha(40);
    QCPGraph* low = add_line(plot, series.points, &Estimate::low, Qt::NoPen);
    QCPGraph* high = add_line(plot, series.points, &Estimate::high, Qt::NoPen);
    high->setBrush(band);
    high->setChannelFillGraph(low);
    low->removeFromLegend();
    high->removeFromLegend();
    QCPGraph* middle = add_line(plot, series.points, &Estimate::value, QPen(colour, 2));
    middle->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, colour, 6));
    middle->setName(text_of(candidate.name));
}

void logarithmic(QCPAxis* axis) {
    axis->setScaleType(QCPAxis::stLogarithmic);
    axis->setTicker(QSharedPointer<QCPAxisTickerLog>::create());
    axis->setNumberFormat("gb");
    axis->setNumberPrecision(3);
}

}  // namespace

SeriesPlot::SeriesPlot(QWidget* parent) : QWidget(parent), plot_(new QCustomPlot(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(plot_);
    plot_->setAntialiasedElements(QCP::aeAll);
    plot_->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    plot_->setMinimumHeight(260);
    plot_->setAccessibleName("plot");
    logarithmic(plot_->xAxis);
    logarithmic(plot_->yAxis);
}

// QCustomPlot knows nothing of the desktop's palette.
void SeriesPlot::apply_theme() {
    const QColor text = palette().color(QPalette::WindowText);
    QColor faint = text;
    faint.setAlpha(50);
    plot_->setBackground(palette().color(QPalette::Base));
    for (QCPAxis* axis : {plot_->xAxis, plot_->yAxis}) {
        axis->setBasePen(QPen(text));
        axis->setTickPen(QPen(text));
        axis->setSubTickPen(QPen(faint));
        axis->setTickLabelColor(text);
        axis->setLabelColor(text);
        axis->grid()->setPen(QPen(faint, 1, Qt::DotLine));
    }
    plot_->legend->setTextColor(text);
    plot_->legend->setBrush(palette().color(QPalette::Base));
    plot_->legend->setBorderPen(Qt::NoPen);
}

void SeriesPlot::show_metric(const Report& report, const std::string& metric) {
    plot_->clearGraphs();
    apply_theme();
    std::size_t drawn = 0;
    std::string axis;
    bool rising = false;   // the legend goes to the corner the curves leave free
    for (const CandidateReport& candidate : report.candidates) {
        const auto series = std::ranges::find_if(candidate.series, [&](const Series& s) { return s.metric == metric && (axis.empty() || s.axis == axis); });
        if (series == candidate.series.end() || series->points.empty()) continue;
        axis = series->axis;
        rising = rising || series->points.back().y.value > series->points.front().y.value;
        add_candidate(plot_, candidate, *series, kColours[drawn++ % kColours.size()]);
    }
    const MetricInfo* info = find_metric(metric);
    plot_->xAxis->setLabel(drawn ? text_of(axis) : QStringLiteral("nothing to draw: the study has no sweep"));
    plot_->yAxis->setLabel(info ? text_of(info->label) + " (" + text_of(info->unit) + ")" : text_of(metric));
    plot_->legend->setVisible(drawn > 0);
    plot_->axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignTop | (rising ? Qt::AlignLeft : Qt::AlignRight));
    plot_->rescaleAxes();
    plot_->replot();
}

}  // namespace moeplan
