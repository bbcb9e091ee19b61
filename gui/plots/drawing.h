#pragma once
// A picture in a QCustomPlot: the same for the screen and for files. Axes, grid and layout are QCustomPlot's, what lies
// between them is painted from the Picture itself. Internal to gui/plots.

#include <memory>
#include <optional>
#include <set>
#include <string>

#include <qcustomplot.h>

#include "gui/models/picture.h"
#include "gui/plots/canvas.h"
#include "gui/plots/layout_elements.h"
#include "gui/plots/ticks.h"

namespace moeplan {

class PictureDrawing : public QObject {
    Q_OBJECT

public:
    explicit PictureDrawing(QCustomPlot& plot);

    // Nothing is drawn until the plot is. Zoom, scales and hidden series stay while the picture keeps its id.
    void show(const Picture& picture, const PlotTheme& theme, bool titled);
    void fit(int width);   // wraps words and legend
    int legend_height(int width) const;
    void reset();          // everything in sight, scales as at first
    void toggle(const std::string& name);
    // True when the axis can be and is logarithmic now.
    bool is_logarithmic(bool x) const { return x ? log_x_ : log_y_; }
    bool may_toggle_scale(bool x) const;
    void toggle_scale(bool x);
    bool is_zoomed() const { return zoomed_; }

    const Picture& picture() const { return picture_; }
    const PlotTheme& theme() const { return theme_; }
    const std::set<std::string>& hidden() const { return hidden_; }
    LegendRow& legend() { return *legend_; }
    Canvas canvas() const;

private:
    struct Extent;

    void dress();
    void dress_axis(QCPAxis& axis, PictureTicker& ticker, const PictureAxis& shown, bool logarithmic);
    void set_ranges();
    void reserve_labels();
    void lay_out();
    void shorten_labels();
    void show_colour_scale();
    Extent extent(bool x) const;
    QCPRange range_of(const PictureAxis& axis, bool x) const;
    QCPAxis& key() const { return picture_.sideways ? *plot_.yAxis : *plot_.xAxis; }
    QCPAxis& value() const { return picture_.sideways ? *plot_.xAxis : *plot_.yAxis; }

    QCustomPlot& plot_;
    TextRow* title_;
    TextRow* meaning_;
    LegendRow* legend_;
    QCPColorScale* scale_ = nullptr;
    QSharedPointer<PictureTicker> x_ticker_, y_ticker_, scale_ticker_;
    Picture picture_;
    PlotTheme theme_;
    std::set<std::string> hidden_;
    bool log_x_ = false, log_y_ = false;
    bool zoomed_ = false, setting_ = false;
    int width_ = 0;
};

}  // namespace moeplan
