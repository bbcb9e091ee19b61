#pragma once
// A picture as a value: what is drawn, not how. Made from a Report by gui/models/pictures.h, drawn by gui/plots. Links no
// Widgets. Numbers are in the units named; text is UTF-8.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace moeplan {

enum class Scale : std::uint8_t { linear, logarithmic };

struct PictureAxis {
    std::string label;                       // "sequences in a decode step"
    std::string unit;                        // one of core/report/format.h; shown with the label and in read-outs
    Scale scale = Scale::linear;             // at first
    bool may_log = true;                     // the reader may switch
    std::vector<std::string> categories;     // names at 0, 1, 2 …; an empty name has no tick; none = numbers
    std::optional<double> low, high;         // fixed ends
    bool powers_of_two = false;              // ticks of a logarithmic axis: batches
    bool whole = false;                      // ticks at whole numbers only
};

// Colours are indices into a palette told apart by colour-blind eyes: 0..7, by candidate or by part, 8..15 their paler
// kin; kNeutral = of the text.
constexpr int kNeutral = -1;
constexpr int kPictureColours = 16;

struct PicturePoint {
    double x = 0, y = 0;
    std::optional<std::pair<double, double>> interval;   // of y: a band on lines, whiskers on dots and bars
    std::string note;                                    // shown on hover besides the values
    bool odd = false;                                    // hollow: outside the calibrated range
};

struct PictureSeries {
    enum class Mark : std::uint8_t { line, dots, line_and_dots, steps };
    enum class Shape : std::uint8_t { disc, square, triangle, diamond };   // of dots
    std::string name;                        // legend
    int colour = 0;
    Mark mark = Mark::line_and_dots;
    bool dashed = false;
    bool in_legend = true;
    std::vector<PicturePoint> points;        // ascending x where they are joined
    Shape shape = Shape::disc;
    bool dotted = false;
    std::string with;                        // hides with the series of this name; empty = with its own
};

// Bars over the categories of the x axis. Series of one group lie on top of each other; groups stand side by side.
struct PictureBars {
    std::string name;
    int colour = 0;
    int group = 0;
    bool faint = false;                      // "free": there, but not used
    std::vector<PicturePoint> points;        // x = category
};

struct PictureHeatMap {
    std::int64_t columns = 0, rows = 0;
    std::vector<double> values;              // row by row, from the top of the list of rows (row 0 is drawn lowest)
    std::string label, unit;                 // of the colour scale
    std::optional<double> middle;            // where the colour scale turns: 1 = a fair share
    Scale scale = Scale::linear;
};

// A line or a place worth naming: the device's memory, a crossover, where the study stands. `text` is words alone, centred
// at its place; `region` is words too, at shares of the picture's width and height (0, 0 = lower left).
struct PictureMarker {
    enum class Kind : std::uint8_t { vertical, horizontal, point, text, region };
    Kind kind = Kind::vertical;
    double x = 0, y = 0;
    std::string label;
    int colour = kNeutral;
};

// A stretch of time in a row: a request's wait, prefill and decode.
struct PictureSpan {
    double row = 0, from = 0, to = 0;
    int colour = 0;
    std::string note;
};

struct Picture {
    std::string id;                          // "cost_against_batch": file names, tests, --picture
    std::string title;                       // "Cost against batch"
    std::string meaning;                     // a sentence under the title: what to read from it, and the formula's name
    PictureAxis x, y;
    bool sideways = false;                   // x runs downwards and y to the right: categories with long names
    std::vector<PictureSeries> series;
    std::vector<PictureBars> bars;
    std::optional<PictureHeatMap> heat;
    std::vector<PictureMarker> markers;
    std::vector<PictureSpan> spans;
    std::vector<std::pair<std::string, int>> span_names;   // legend of the spans' colours
    std::string nothing;                     // why there is nothing to draw, and what to do about it; empty = there is

    bool empty() const { return !nothing.empty(); }
};

// Rows of everything drawn: series, x, y, low, high, note; categories by name. RFC 4180.
std::string picture_csv(const Picture& picture);

// What the picture says, in words, for those who do not see it: title, meaning, each series' range, markers.
std::string picture_in_words(const Picture& picture);

}  // namespace moeplan
