#include "core/report/svg_chart.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/report/format.h"
#include "core/report/markup.h"
#include "core/report/text_width.h"

namespace moeplan {
namespace {

constexpr double kWidth = 620, kHeight = 340;
constexpr double kLeft = 84, kRight = 18, kTop = 16, kBottom = 50;
constexpr int kColours = 6;

// One axis: data to pixels.
struct Axis {
    double low = 0, high = 1;   // in data
    double from = 0, to = 1;    // in pixels
    bool logarithmic = false;

    double at(double v) const {
        const auto f = [&](double x) { return logarithmic ? std::log(x) : x; };
        const double span = f(high) - f(low);
        const double share = span == 0 ? 0.5 : (f(std::clamp(v, low, high)) - f(low)) / span;
        return from + share * (to - from);
    }
};

struct Limits {
    double low = INFINITY, high = -INFINITY;
    void include(double v) {
        if (!std::isfinite(v)) return;
        low = std::min(low, v);
        high = std::max(high, v);
    }
    bool empty() const { return low > high; }
};

Axis x_axis(const Chart& chart) {
    Limits limits;
    for (const auto& line : chart.lines) {
        for (const auto& point : line.points) limits.include(point.x);
    }
    return {limits.low, limits.high, kLeft, kWidth - kRight, !chart.linear && limits.low > 0 && limits.high > 8 * limits.low};
}

Axis y_axis(const Chart& chart) {
    Limits limits;
    for (const auto& line : chart.lines) {
        for (const auto& point : line.points) {
            limits.include(point.y.low);
            limits.include(point.y.high);
        }
    }
    const bool logarithmic = !chart.linear && limits.low > 0 && limits.high > 30 * limits.low;
    if (logarithmic) return {limits.low / 1.1, limits.high * 1.1, kHeight - kBottom, kTop, true};
    // From zero, so that heights compare; a little air above.
    const double low = std::min(0.0, limits.low), high = std::max(limits.high, low);
    return {low, high > low ? high + 0.06 * (high - low) : low + 1, kHeight - kBottom, kTop, false};
}

std::string point_text(double x, double y) { return fmt::format("{:.1f},{:.1f}", x, y); }

std::string band_of(const ChartLine& line, const Axis& x, const Axis& y) {
    const bool exact = std::ranges::all_of(line.points, [](const ChartPoint& p) { return p.y.is_exact(); });
    if (exact || line.points.size() < 2) return {};
    std::string points;
    for (const auto& p : line.points) points += point_text(x.at(p.x), y.at(p.y.high)) + ' ';
    for (auto p = line.points.rbegin(); p != line.points.rend(); ++p)
        points += point_text(x.at(p->x), y.at(p->y.low)) + ' ';
    points.pop_back();
    return fmt::format("<polygon class=\"b{}\" points=\"{}\"/>\n", line.colour % kColours, points);
}

std::string line_of(const ChartLine& line, const Chart& chart, const Axis& x, const Axis& y) {
    std::string points, dots;
    for (const auto& p : line.points) {
        if (!points.empty()) points += ' ';
        points += point_text(x.at(p.x), y.at(p.y.value));
        if (!chart.dots) continue;
        dots += fmt::format(
            "<circle class=\"d{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>{}</title></circle>\n",
            line.colour % kColours, x.at(p.x), y.at(p.y.value),
            escape_markup(fmt::format("{}, {} {}: {}", line.name, chart.x_title, format_number(p.x, 6),
                                      format_estimate(p.y, chart.y_unit))));
    }
    return fmt::format("<polyline class=\"l{}\" points=\"{}\"/>\n{}", line.colour % kColours, points, dots);
}

// The swept values themselves when there is room for them, else round numbers.
std::vector<double> x_ticks(const Chart& chart, const Axis& x) {
    std::vector<double> values;
    for (const auto& line : chart.lines) {
        for (const auto& p : line.points) values.push_back(p.x);
    }
    std::ranges::sort(values);
    const auto repeated_values = std::ranges::unique(values);
    values.erase(repeated_values.begin(), repeated_values.end());
    double nearest = INFINITY;
    for (std::size_t i = 1; i < values.size(); ++i)
        nearest = std::min(nearest, x.at(values[i]) - x.at(values[i - 1]));
    if (nearest >= 34 || values.size() == 1) return values;
    return round_ticks(x.low, x.high, 7, x.logarithmic);
}

// The axis title names the unit; a tick repeats only what reads with the digits.
std::string tick_text(double value, std::string_view unit) {
    if (unit == "fraction") return format_number(value * 100);
    if (unit.starts_with("USD")) return "$" + format_number(value);   // dollars throughout, cents would mix units
    if (unit.empty() || unit == "FLOP" || unit == "bytes") return format_value(value, unit);
    return format_number(value);
}

std::string axes_of(const Chart& chart, const Axis& x, const Axis& y) {
    std::string out;
    for (const double tick : round_ticks(y.low, y.high, 5, y.logarithmic)) {
        if (tick < y.low || tick > y.high) continue;
        const double at = y.at(tick);
        out += fmt::format("<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>\n",
                           kLeft, kWidth - kRight, at);
        out += fmt::format("<text class=\"tick\" text-anchor=\"end\" x=\"{}\" y=\"{:.1f}\">{}</text>\n",
                           kLeft - 8, at + 4, escape_markup(tick_text(tick, chart.y_unit)));
    }
    for (const double tick : x_ticks(chart, x)) {
        if (tick < x.low || tick > x.high) continue;
        out += fmt::format("<text class=\"tick\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{}\">{}</text>\n",
                           x.at(tick), kHeight - kBottom + 18, format_number(tick, 6));
    }
    out += fmt::format("<line class=\"axis\" x1=\"{0}\" x2=\"{1}\" y1=\"{2}\" y2=\"{2}\"/>\n", kLeft,
                       kWidth - kRight, kHeight - kBottom);
    const double middle_x = (kLeft + kWidth - kRight) / 2, middle_y = (kTop + kHeight - kBottom) / 2;
    out += fmt::format("<text class=\"name\" text-anchor=\"middle\" x=\"{}\" y=\"{}\">{}</text>\n", middle_x,
                       kHeight - 10, escape_markup(chart.x_title + (x.logarithmic ? " (log)" : "")));
    out += fmt::format(
        "<text class=\"name\" text-anchor=\"middle\" transform=\"translate(14 {}) rotate(-90)\">{}</text>\n",
        middle_y, escape_markup(chart.y_title + (y.logarithmic ? " (log)" : "")));
    return out;
}

// Labels sit beside their line, each a step lower than the one before, so that near ones do not overlap.
std::string marks_of(const Chart& chart, const Axis& x) {
    std::string out;
    int n = 0;
    for (const auto& mark : chart.marks) {
        if (mark.x < x.low || mark.x > x.high) continue;
        const double at = x.at(mark.x);
        const double width = 6.4 * display_width(mark.label);
        const bool flip = at + 5 + width > kWidth - kRight;
        out += fmt::format("<line class=\"mark\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>\n", at,
                           kTop, kHeight - kBottom);
        out += fmt::format("<text class=\"marked\" text-anchor=\"{}\" x=\"{:.1f}\" y=\"{}\">{}</text>\n",
                           flip ? "end" : "start", flip ? at - 5 : at + 5, kTop + 11 + 15 * (n++ % 5),
                           escape_markup(mark.label));
    }
    return out;
}

}  // namespace

std::vector<double> round_ticks(double low, double high, int wanted, bool logarithmic) {
    std::vector<double> ticks;
    if (logarithmic && low > 0) {
        const int first = static_cast<int>(std::floor(std::log10(low))),
                  last = static_cast<int>(std::ceil(std::log10(high)));
        const bool decades = last - first > 4;
        for (int e = first; e <= last; ++e) {
            for (const double m : {1.0, 2.0, 5.0}) {
                const double tick = m * std::pow(10.0, e);
                if ((m > 1 && decades) || tick < low || tick > high) continue;
                ticks.push_back(tick);
            }
        }
        if (ticks.size() >= 2) return ticks;
        ticks.clear();
    }
    if (!(high > low)) return {low, low};
    const double raw = (high - low) / std::max(wanted, 1);
    const double decade = std::pow(10.0, std::floor(std::log10(raw)));
    double step = 10 * decade;
    for (const double m : {5.0, 2.5, 2.0, 1.0}) {
        if (m * decade >= raw * 0.999) step = m * decade;
    }
    const double start = std::ceil(low / step - 1e-9);
    for (int i = 0; i <= 4 * std::max(wanted, 1) && (start + i) * step <= high * (1 + 1e-12); ++i) {
        ticks.push_back((start + i) * step);
    }
    return ticks.size() >= 2 ? ticks : std::vector<double>{low, high};
}

std::string svg_of(const Chart& chart) {
    const bool any = std::ranges::any_of(chart.lines, [](const ChartLine& l) { return !l.points.empty(); });
    if (!any) return {};
    const Axis x = x_axis(chart), y = y_axis(chart);
    std::string out =
        fmt::format("<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n", kWidth,
                    kHeight, escape_markup(chart.title));
    out += axes_of(chart, x, y);
    for (const auto& line : chart.lines) out += band_of(line, x, y);
    for (const auto& line : chart.lines) out += line_of(line, chart, x, y);
    out += marks_of(chart, x);
    return out + "</svg>\n";
}

}  // namespace moeplan
