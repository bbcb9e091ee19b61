#include "gui/plots/drawing.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "gui/models/text.h"

namespace moeplan {
namespace {

constexpr double kPadding = 0.04;   // of a range, at ends that nothing fixes

// What is between the axes.
class Contents : public QCPLayerable {
public:
    Contents(QCustomPlot& plot, std::function<Canvas()> canvas) : QCPLayerable(&plot, "main"), canvas_(std::move(canvas)) {}

protected:
    void applyDefaultAntialiasingHint(QCPPainter*) const override {}
    void draw(QCPPainter* painter) override {
        const Canvas canvas = canvas_();
        if (canvas.picture->empty()) return;
        painter->save();
        painter->setClipRect(canvas.rect(), Qt::IntersectClip);
        paint_heat(*painter, canvas);
        paint_spans(*painter, canvas);
        paint_bars(*painter, canvas);
        painter->restore();
        paint_series(*painter, canvas);
        paint_markers(*painter, canvas);
    }

private:
    std::function<Canvas()> canvas_;
};

}  // namespace

struct PictureDrawing::Extent {
    double low = INFINITY, high = -INFINITY, least_positive = INFINITY;

    void add(double v) {
        if (!std::isfinite(v)) return;
        low = std::min(low, v);
        high = std::max(high, v);
        if (v > 0) least_positive = std::min(least_positive, v);
    }
    bool empty() const { return low > high; }
};

PictureDrawing::PictureDrawing(QCustomPlot& plot)
    : QObject(&plot), plot_(plot), title_(new TextRow(&plot)), meaning_(new TextRow(&plot)), legend_(new LegendRow(&plot)),
      x_ticker_(new PictureTicker(plot.xAxis)), y_ticker_(new PictureTicker(plot.yAxis)) {
    QCPLayoutGrid& grid = *plot.plotLayout();
    for (int row = 0; row < 3; ++row) grid.insertRow(0);
    grid.addElement(0, 0, title_);
    grid.addElement(1, 0, meaning_);
    grid.addElement(2, 0, legend_);
    grid.setRowSpacing(1);
    plot.xAxis->setTicker(x_ticker_);
    plot.yAxis->setTicker(y_ticker_);
    plot.setNoAntialiasingOnDrag(false);
    plot.setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    plot.axisRect()->setMinimumMargins(QMargins(4, 4, 18, 4));
    new Contents(plot, [this] { return canvas(); });   // the plot's from now on
    for (QCPAxis* axis : {plot.xAxis, plot.yAxis}) {
        connect(axis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this] { zoomed_ = zoomed_ || !setting_; });
    }
}

Canvas PictureDrawing::canvas() const { return {&picture_, &hidden_, &theme_, &key(), &value()}; }

void PictureDrawing::show(const Picture& picture, const PlotTheme& theme, bool titled) {
    const bool same = picture.id == picture_.id && picture.x.label == picture_.x.label && picture.sideways == picture_.sideways;
    picture_ = picture;
    theme_ = theme;
    if (!same) {
        hidden_.clear();
        zoomed_ = false;
        log_x_ = picture.x.scale == Scale::logarithmic;
        log_y_ = picture.y.scale == Scale::logarithmic;
    }
    title_->set(titled ? text_of(picture.title) : QString(), theme.title, theme.text);
    meaning_->set(titled ? text_of(picture.empty() ? picture.nothing : picture.meaning) : QString(), theme.small, theme.muted);
    legend_->set(picture_, theme_, hidden_);
    show_colour_scale();
    dress();
    if (!zoomed_) set_ranges();
    if (width_ > 0) fit(width_);
}

void PictureDrawing::fit(int width) {
    width_ = width;
    const int inner = width - plot_.plotLayout()->margins().left() - plot_.plotLayout()->margins().right() - (scale_ ? 80 : 0);
    title_->fit(inner);
    meaning_->fit(inner);
    legend_->fit(inner);
    const int room = std::clamp(width * 2 / 5, 60, 280);
    x_ticker_->set_label_room(room);
    y_ticker_->set_label_room(room);
    reserve_labels();
    lay_out();
    shorten_labels();
}

// Words that an axis has no room for go, its unit stays: what is drawn stands in the title too.
void PictureDrawing::shorten_labels() {
    const QRect rect = plot_.axisRect()->rect();
    const QFontMetrics metrics(theme_.small);
    const auto label = [&](QCPAxis& axis, const PictureAxis& shown, bool logarithmic, int room) {
        const QString whole = axis_title(shown, logarithmic);
        const bool silent = whole == text_of(shown.label);   // numbers carry the unit
        for (const QString& words : {whole, silent ? QString() : text_of(shown.unit)}) {
            axis.setLabel(words);
            if (metrics.horizontalAdvance(words) <= room) return;
        }
    };
    const bool sideways = picture_.sideways;
    label(*plot_.xAxis, sideways ? picture_.y : picture_.x, sideways ? log_y_ : log_x_, std::max(60, rect.width() + 40));
    label(*plot_.yAxis, sideways ? picture_.x : picture_.y, sideways ? log_x_ : log_y_, rect.height() + 2 * std::clamp(plot_.axisRect()->minimumMargins().top(), 8, 24));
}

int PictureDrawing::legend_height(int width) const {
    legend_->fit(std::max(100, width));
    const int height = legend_->minimumSize().height();
    if (width_ > 0) legend_->fit(width_);
    return height;
}

// QCustomPlot chooses ticks before it knows how long an axis is: lay out once more when lengths have changed.
void PictureDrawing::lay_out() {
    const QRect before = plot_.axisRect()->rect();
    QCPLayoutGrid& grid = *plot_.plotLayout();
    for (int round = 0; round < 2; ++round) {
        for (const auto phase : {QCPLayoutElement::upPreparation, QCPLayoutElement::upMargins, QCPLayoutElement::upLayout}) grid.update(phase);
        if (plot_.axisRect()->rect() == before) return;
    }
}

void PictureDrawing::reset() {
    zoomed_ = false;
    log_x_ = picture_.x.scale == Scale::logarithmic;
    log_y_ = picture_.y.scale == Scale::logarithmic;
    dress();
    set_ranges();
    reserve_labels();
}

void PictureDrawing::toggle(const std::string& name) {
    if (!hidden_.erase(name)) hidden_.insert(name);
    legend_->set(picture_, theme_, hidden_);
    if (!zoomed_) set_ranges();
    if (width_ > 0) fit(width_);
}

bool PictureDrawing::may_toggle_scale(bool x) const {
    const PictureAxis& axis = x ? picture_.x : picture_.y;
    return axis.may_log && axis.categories.empty() && std::isfinite(extent(x).least_positive);
}

void PictureDrawing::toggle_scale(bool x) {
    if (!may_toggle_scale(x)) return;
    bool& logarithmic = x ? log_x_ : log_y_;
    logarithmic = !logarithmic;
    zoomed_ = false;
    dress();
    set_ranges();
    reserve_labels();
}

void PictureDrawing::dress() {
    setting_ = true;
    plot_.setBackground(QBrush(theme_.background));
    const bool axes = !picture_.empty();
    plot_.axisRect()->setVisible(axes);
    const PictureAxis& across = picture_.sideways ? picture_.y : picture_.x;
    const PictureAxis& up = picture_.sideways ? picture_.x : picture_.y;
    dress_axis(*plot_.xAxis, *x_ticker_, across, picture_.sideways ? log_y_ : log_x_);
    dress_axis(*plot_.yAxis, *y_ticker_, up, picture_.sideways ? log_x_ : log_y_);
    plot_.yAxis->setRangeReversed(picture_.sideways);
    setting_ = false;
}

void PictureDrawing::dress_axis(QCPAxis& axis, PictureTicker& ticker, const PictureAxis& shown, bool logarithmic) {
    ticker.set_axis(shown);
    axis.setVisible(!picture_.empty());
    axis.setScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    const QPen line(theme_.muted, 1);
    const bool names = !shown.categories.empty();
    axis.setBasePen(line);
    axis.setTickPen(names ? QPen(Qt::NoPen) : line);
    axis.setSubTicks(false);
    axis.setTickLength(0, 4);
    axis.setTickLabelFont(theme_.small);
    axis.setTickLabelColor(theme_.text);
    axis.setTickLabelPadding(4);
    axis.setLabelFont(theme_.small);
    axis.setLabelColor(theme_.muted);
    axis.setLabel(axis_title(shown, logarithmic));
    axis.setLabelPadding(4);
    axis.grid()->setVisible(!names && !picture_.heat && !picture_.empty());
    axis.grid()->setPen(QPen(theme_.faint, 1));
    axis.grid()->setZeroLinePen(Qt::NoPen);
    axis.grid()->setSubGridVisible(false);
}

PictureDrawing::Extent PictureDrawing::extent(bool x) const {
    Extent e;
    const auto add_point = [&](const PicturePoint& p) {
        e.add(x ? p.x : p.y);
        if (!x && p.interval) e.add(p.interval->first), e.add(p.interval->second);
    };
    const Canvas seen = canvas();
    for (const PictureSeries& s : picture_.series) {
        if (seen.shows(s)) std::ranges::for_each(s.points, add_point);
    }
    if (!picture_.bars.empty() && !x) {
        e.add(0);
        for (const BarBox& b : bar_boxes(seen)) e.add(b.to);
    }
    for (const PictureSpan& span : picture_.spans) {
        e.add(x ? span.from : span.row - 1);
        e.add(x ? span.to : span.row + 1);
    }
    for (const PictureMarker& m : picture_.markers) {
        if ((x && m.kind == PictureMarker::Kind::vertical) || m.kind == PictureMarker::Kind::point) e.add(x ? m.x : m.y);
        if (!x && m.kind == PictureMarker::Kind::horizontal) e.add(m.y);
    }
    return e;
}

QCPRange PictureDrawing::range_of(const PictureAxis& axis, bool x) const {
    if (picture_.heat) return {-0.5, static_cast<double>(x ? picture_.heat->columns : picture_.heat->rows) - 0.5};
    if (x && !axis.categories.empty()) return {-0.6, static_cast<double>(axis.categories.size()) - 0.4};
    Extent e = extent(x);
    if (e.empty()) return {0, 1};
    if (x ? log_x_ : log_y_) {
        double low = std::isfinite(e.least_positive) ? e.least_positive : 1, high = std::max(e.high, low);
        low = std::max(low, high * 1e-9);
        const double room = std::max(1.08, std::pow(high / low, kPadding));
        return {axis.low && *axis.low > 0 ? *axis.low : low / room, axis.high && *axis.high > 0 ? *axis.high : high * room};
    }
    const double span = e.high > e.low ? e.high - e.low : std::max(1e-12, std::abs(e.high));
    const bool from_zero = axis.low == 0.0;
    if (from_zero && e.low < 0) e.low -= span * kPadding;
    const double low = axis.low ? std::min(*axis.low, e.low) : e.low - span * kPadding;
    const double high = axis.high ? *axis.high : e.high + (from_zero ? (e.high > 0 ? e.high : 1) : span) * kPadding;
    return {low, high > low ? high : low + 1};
}

void PictureDrawing::set_ranges() {
    setting_ = true;
    key().setRange(range_of(picture_.x, true));
    value().setRange(range_of(picture_.y, false));
    setting_ = false;
}

// Names of lines stand over the picture.
void PictureDrawing::reserve_labels() {
    const int rows = picture_.empty() ? 0 : marker_rows(canvas(), std::max(50, width_ - 90));
    const int height = static_cast<int>(std::ceil(QFontMetricsF(theme_.small).height())) + 1;
    plot_.axisRect()->setMinimumMargins(QMargins(4, rows * height + 6, 18, 4));
}

void PictureDrawing::show_colour_scale() {
    QCPLayoutGrid& grid = *plot_.plotLayout();
    if (!picture_.heat) {
        if (scale_) {
            grid.remove(scale_);
            grid.simplify();
            scale_ = nullptr;
        }
        return;
    }
    if (!scale_) {
        scale_ = new QCPColorScale(&plot_);
        grid.addElement(3, 1, scale_);
        scale_->setType(QCPAxis::atRight);
        scale_->setBarWidth(14);
        scale_->setRangeDrag(false);
        scale_->setRangeZoom(false);
        scale_ticker_.reset(new PictureTicker(scale_->axis()));
        scale_->axis()->setTicker(scale_ticker_);
    }
    const PictureHeatMap& heat = *picture_.heat;
    const double low = heat_low(heat), high = heat_high(heat);
    QCPColorGradient gradient;
    gradient.clearColorStops();
    for (int i = 0; i <= 64; ++i) gradient.setColorStopAt(i / 64.0, heat_colour(low + (high - low) * i / 64, low, high, heat.middle, theme_));
    scale_->setGradient(gradient);
    scale_->setDataRange({low, high});
    PictureAxis axis;
    axis.label = heat.label;
    axis.unit = heat.unit;
    scale_->setMargins(QMargins(0, 0, 0, 0));
    dress_axis(*scale_->axis(), *scale_ticker_, axis, false);
    scale_->setLabel(axis_title(axis, false));
    scale_->axis()->setLabelFont(theme_.small);
    scale_->axis()->setLabelColor(theme_.muted);
}

}  // namespace moeplan
