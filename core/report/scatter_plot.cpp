#include "core/report/scatter_plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/report/format.h"
#include "core/report/markup.h"
#include "core/report/svg_chart.h"
#include "core/report/text_width.h"

namespace moeplan {
namespace {

constexpr double kWidth = 620, kHeight = 380;
constexpr double kLeft = 92, kRight = 24, kTop = 14, kBottom = 54;
constexpr double kLetter = 6.9;   // widest usual letter at 12 px, so that labels are never thought too narrow
constexpr std::size_t kMostPoints = 3000;
constexpr int kColours = 6;

bool usable(double v, bool logarithmic) { return std::isfinite(v) && (!logarithmic || v > 0); }

// Data to pixels.
struct Scale {
    double low = 0, high = 1;     // in data
    double from = 0, to = 1;      // in pixels
    bool logarithmic = false;

    double at(double v) const {
        const auto f = [&](double x) { return logarithmic ? std::log(x) : x; };
        const double span = f(high) - f(low);
        return from + (span > 0 ? (f(std::clamp(v, low, high)) - f(low)) / span : 0.5) * (to - from);
    }
};

struct Limits {
    double low = INFINITY, high = -INFINITY;
    void include(double v) {
        low = std::min(low, v);
        high = std::max(high, v);
    }
    bool empty() const { return !(low <= high); }
};

// Some air around what is shown, so that no point lies on the frame.
void widen(Limits& limits, bool logarithmic) {
    if (logarithmic) {
        const double share = std::max(std::pow(limits.high / limits.low, 0.04), 1.02);
        limits.low /= share;
        limits.high *= share;
        return;
    }
    const double span = limits.high - limits.low;
    const double air = span > 0 ? 0.04 * span : std::max(std::abs(limits.high) * 0.1, 1e-9);
    limits.low = limits.low >= 0 && limits.low < air ? 0 : limits.low - air;
    limits.high += air;
}

class Drawing {
public:
    explicit Drawing(const ScatterPlot& plot) : plot_(plot) {}

    std::string draw() {
        if (!set_scales()) return {};
        std::string out = fmt::format("<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n",
                                      kWidth, kHeight, escape_markup(plot_.title));
        out += grid() + band() + guides();
        for (const PlotSeries& series : plot_.series) out += series.line ? line_of(series) : dots_of(series);
        return out + "</svg>\n";
    }

private:
    bool seen(const PlotPoint& p) const { return usable(p.x, plot_.x.logarithmic) && usable(p.y, plot_.y.logarithmic); }

    bool set_scales() {
        Limits x, y;
        for (const PlotSeries& series : plot_.series) {
            for (const PlotPoint& p : series.points) {
                if (!seen(p)) continue;
                x.include(p.x);
                y.include(p.y);
            }
        }
        if (x.empty()) return false;
        if (plot_.level && usable(*plot_.level, plot_.y.logarithmic)) y.include(*plot_.level);
        if (plot_.diagonal) x.low = y.low = std::min(x.low, y.low), x.high = y.high = std::max(x.high, y.high);
        widen(x, plot_.x.logarithmic);
        widen(y, plot_.y.logarithmic);
        x_ = {x.low, x.high, kLeft, kWidth - kRight, plot_.x.logarithmic};
        y_ = {y.low, y.high, kHeight - kBottom, kTop, plot_.y.logarithmic};
        return true;
    }

    std::string grid() const {
        std::string out;
        for (const double tick : round_ticks(y_.low, y_.high, 6, y_.logarithmic)) {
            if (tick < y_.low || tick > y_.high) continue;
            const double at = y_.at(tick);
            out += fmt::format("<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>\n", kLeft,
                               kWidth - kRight, at);
            out += fmt::format("<text class=\"tick\" text-anchor=\"end\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", kLeft - 8,
                               at + 4, escape_markup(axis_label(tick, plot_.y.unit)));
        }
        out += x_ticks();
        out += fmt::format("<line class=\"axis\" x1=\"{0}\" x2=\"{1}\" y1=\"{2}\" y2=\"{2}\"/>\n", kLeft,
                           kWidth - kRight, kHeight - kBottom);
        out += fmt::format("<line class=\"axis\" x1=\"{0}\" x2=\"{0}\" y1=\"{1}\" y2=\"{2}\"/>\n", kLeft, kTop,
                           kHeight - kBottom);
        out += fmt::format("<text class=\"name\" text-anchor=\"middle\" x=\"{}\" y=\"{}\">{}</text>\n",
                           (kLeft + kWidth - kRight) / 2, kHeight - 10, escape_markup(plot_.x.title));
        out += fmt::format(
            "<text class=\"name\" text-anchor=\"middle\" transform=\"translate(14 {}) rotate(-90)\">{}</text>\n",
            (kTop + kHeight - kBottom) / 2, escape_markup(plot_.y.title));
        return out;
    }

    // Labels keep a distance from each other and stay inside the picture.
    std::string x_ticks() const {
        std::string out;
        double free_from = 0;
        for (const double tick : round_ticks(x_.low, x_.high, 6, x_.logarithmic)) {
            if (tick < x_.low || tick > x_.high) continue;
            const double at = x_.at(tick);
            out += fmt::format("<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>\n", at, kTop,
                               kHeight - kBottom);
            const std::string label = axis_label(tick, plot_.x.unit);
            const double half = kLetter * display_width(label) / 2;
            const double middle = std::clamp(at, half + 2, kWidth - half - 2);
            if (middle - half < free_from) continue;
            free_from = middle + half + 8;
            out += fmt::format("<text class=\"tick\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{}\">{}</text>\n", middle,
                               kHeight - kBottom + 18, escape_markup(label));
        }
        return out;
    }

    std::string band() const {
        if (!plot_.band) return {};
        std::string upper, lower;
        for (const PlotBand::Edge& e : plot_.band->edges) {
            if (!usable(e.x, x_.logarithmic) || !usable(e.low, y_.logarithmic) || !usable(e.high, y_.logarithmic))
                continue;
            upper += fmt::format("{:.1f},{:.1f} ", x_.at(e.x), y_.at(e.high));
            lower = fmt::format("{:.1f},{:.1f} ", x_.at(e.x), y_.at(e.low)) + lower;
        }
        if (upper.empty()) return {};
        lower.pop_back();
        return fmt::format("<polygon class=\"b0\" points=\"{}{}\"/>\n", upper, lower);
    }

    std::string guides() const {
        std::string out;
        if (plot_.diagonal)
            out += fmt::format("<line class=\"even\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n",
                               x_.at(x_.low), y_.at(x_.low), x_.at(x_.high), y_.at(x_.high));
        if (plot_.level && usable(*plot_.level, y_.logarithmic))
            out += fmt::format("<line class=\"even\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>\n", kLeft,
                               kWidth - kRight, y_.at(*plot_.level));
        return out;
    }

    // Every n-th where there are too many.
    template <class Take>
    void each(const PlotSeries& series, Take take) const {
        const std::size_t step = (series.points.size() + kMostPoints - 1) / kMostPoints;
        for (std::size_t i = 0; i < series.points.size(); i += std::max<std::size_t>(step, 1)) {
            if (seen(series.points[i])) take(series.points[i]);
        }
    }

    std::string dots_of(const PlotSeries& series) const {
        std::string out;
        each(series, [&](const PlotPoint& p) {
            const std::string shape = p.odd ? std::string("out") : fmt::format("d{}", series.colour % kColours);
            out +=
                fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\">", shape, x_.at(p.x), y_.at(p.y));
            if (!p.note.empty()) out += fmt::format("<title>{}</title>", escape_markup(p.note));
            out += "</circle>\n";
        });
        return out;
    }

    std::string line_of(const PlotSeries& series) const {
        std::string points;
        each(series, [&](const PlotPoint& p) { points += fmt::format("{:.1f},{:.1f} ", x_.at(p.x), y_.at(p.y)); });
        if (points.empty()) return {};
        points.pop_back();
        return fmt::format("<polyline class=\"l{}\" points=\"{}\"/>\n", series.colour % kColours, points);
    }

    const ScatterPlot& plot_;
    Scale x_, y_;
};

// Three digits without trailing zeros; powers of ten where it would get long.
std::string brief(double value) {
    const double size = std::abs(value);
    if (size != 0 && (size < 1e-3 || size >= 1e7)) return fmt::format("{:.2g}", value);
    std::string text = format_number(value);
    if (text.find('.') == std::string::npos) return text;
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

// 1.5e9 -> "1.5 G"; decimal, as ticks are.
std::string scaled(double value, std::string_view unit) {
    static constexpr std::array<std::string_view, 8> kPrefixes{"", "k", "M", "G", "T", "P", "E", "Z"};
    std::size_t i = 0;
    while (std::abs(value) >= 999.5 && i + 1 < kPrefixes.size()) {
        value /= 1000;
        ++i;
    }
    return fmt::format("{} {}{}", brief(value), kPrefixes[i], unit);
}

std::string seconds_label(double value) {
    const double size = std::abs(value);
    if (size == 0 || size >= 0.9995) return brief(value) + " s";
    if (size < 0.9995e-6) return brief(value * 1e9) + " ns";
    if (size < 0.9995e-3) return brief(value * 1e6) + " µs";
    return brief(value * 1e3) + " ms";
}

}  // namespace

std::string axis_label(double value, AxisUnit unit) {
    switch (unit) {
        case AxisUnit::seconds: return seconds_label(value);
        case AxisUnit::flop: return scaled(value, "FLOP");
        case AxisUnit::bytes: return scaled(value, "B");
        case AxisUnit::ratio: return "×" + brief(value);
        case AxisUnit::number: break;
    }
    return brief(value);
}

std::string svg_of(const ScatterPlot& plot) { return Drawing(plot).draw(); }

}  // namespace moeplan
