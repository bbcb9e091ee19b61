#pragma once
// One line chart as an inline SVG: lines with interval bands, titled axes, marked places. Colours come from
// the page's CSS classes (l0 … l5, b0 … b5, axis, grid, mark), so that light and dark are the page's
// business.

#include <string>
#include <vector>

#include "core/base/estimate.h"

namespace moeplan {

struct ChartPoint {
    double x = 0;
    Estimate y;
};
struct ChartLine {
    std::string name;
    int colour = 0;                   // 0..5, repeats after that
    std::vector<ChartPoint> points;   // ascending x
};
struct ChartMark {
    double x = 0;
    std::string label;
};
struct Chart {
    std::string title;    // for screen readers
    std::string x_title;  // "batch"
    std::string y_title;  // "time per output token"
    std::string y_unit;   // a unit of core/report/format.h
    std::vector<ChartLine> lines;
    std::vector<ChartMark> marks;   // vertical dashed lines; those outside the x range are left out
    bool linear = false;            // both axes, whatever the values span
    bool dots = true;               // a dot with its figures on every point; too many for long series
};

// Unless `linear`, the x axis is logarithmic when all x are positive and span more than a factor of 8; y the same beyond 30.
// A chart without points is an empty string.
std::string svg_of(const Chart& chart);

// Round numbers covering [low, high], about `wanted` of them; at least two. For logarithmic: 1, 2, 5 per
// decade, or whole decades when those are enough.
std::vector<double> round_ticks(double low, double high, int wanted, bool logarithmic);

}  // namespace moeplan
