#pragma once
// What stands around a picture: its words and its legend, as rows that are as high as their width makes them. Internal to
// gui/plots.

#include <set>
#include <string>
#include <vector>

#include <qcustomplot.h>

#include "gui/models/picture.h"
#include "gui/plots/theme.h"

namespace moeplan {

// Words wrapped to the width of the plot.
class TextRow : public QCPLayoutElement {
public:
    explicit TextRow(QCustomPlot* plot) : QCPLayoutElement(plot) {}
    void set(const QString& text, const QFont& font, const QColor& colour);
    void fit(int width);   // sets its height

protected:
    void draw(QCPPainter* painter) override;

private:
    QString text_;
    QFont font_;
    QColor colour_;
};

// Names with their colours, in rows; those switched off are pale.
class LegendRow : public QCPLayoutElement {
public:
    struct Entry {
        enum class Sample : std::uint8_t { line, dots, line_and_dots, box, faint_box };
        std::string name;
        int colour = 0;
        Sample sample = Sample::line;
        bool dashed = false, dotted = false;
        PictureSeries::Shape shape = PictureSeries::Shape::disc;
        QRect place{};   // filled by fit(), from the row's corner
        bool operator==(const Entry&) const = default;
    };

    explicit LegendRow(QCustomPlot* plot) : QCPLayoutElement(plot) {}
    void set(const Picture& picture, const PlotTheme& theme, const std::set<std::string>& hidden);
    void fit(int width);
    const std::vector<Entry>& entries() const { return entries_; }
    const Entry* at(QPoint pixel) const;   // null where there is none

protected:
    void draw(QCPPainter* painter) override;

private:
    void draw_sample(QCPPainter& painter, const Entry& entry, const QRect& box) const;

    std::vector<Entry> entries_;
    PlotTheme theme_;
    std::set<std::string> hidden_;
};

}  // namespace moeplan
