#pragma once
// Many measurements in one picture, as an inline SVG: points and lines over two axes with units, each linear or
// logarithmic, and bands. Colours come from the page's CSS classes (d0 … d5, l0 … l5, b0 … b5, axis, grid, tick, name,
// out, even), so that light and dark are the page's business.

#include <optional>
#include <string>
#include <vector>

namespace moeplan {

enum class AxisUnit { number, seconds, flop, bytes, ratio };

struct PlotAxis {
    std::string title;   // "measured time"
    AxisUnit unit = AxisUnit::number;
    bool logarithmic = false;
};

struct PlotPoint {
    double x = 0, y = 0;
    bool odd = false;    // drawn hollow in a warning colour: outside its interval, throttled
    std::string note;    // shown when pointed at; may be empty
};

struct PlotSeries {
    std::string name;    // for the legend, which is the page's
    int colour = 0;      // 0..5, repeats after that
    bool line = false;   // joined by a line instead of dots
    std::vector<PlotPoint> points;
};

// A filled strip; ascending x.
struct PlotBand {
    struct Edge {
        double x = 0, low = 0, high = 0;
    };
    std::vector<Edge> edges;
};

struct ScatterPlot {
    std::string title;               // for screen readers
    PlotAxis x, y;
    std::vector<PlotSeries> series;
    std::optional<PlotBand> band;
    bool diagonal = false;           // the line y = x, and the same limits on both axes
    std::optional<double> level;     // a horizontal line
};

// Points that are not finite, or not positive on a logarithmic axis, are left out. More than 3000 points in a series are
// thinned evenly. A plot without points is an empty string. The same plot gives the same bytes.
std::string svg_of(const ScatterPlot& plot);

// "20 µs" "1.5 GFLOP" "64 MB" "×1.25" "1,200": what stands at the ticks.
std::string axis_label(double value, AxisUnit unit);

}  // namespace moeplan
