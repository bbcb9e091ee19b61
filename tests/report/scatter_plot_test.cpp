#include "core/report/scatter_plot.h"

#include <cmath>
#include <regex>
#include <sstream>

#include "core/report/text_width.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

ScatterPlot times(std::vector<PlotPoint> points) {
    ScatterPlot plot{"a title",
                     {"measured time", AxisUnit::seconds, true},
                     {"predicted time", AxisUnit::seconds, true},
                     {},
                     {},
                     true,
                     {}};
    plot.series.push_back({"gemm bf16", 0, false, std::move(points)});
    return plot;
}

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

// Every coordinate and every label lies inside the picture.
void check_inside(const std::string& svg) {
    static const std::regex coordinate(R"re( (x|cx|x1|x2|y|cy|y1|y2)="(-?[0-9.]+)")re");
    for (std::sregex_iterator it(svg.begin(), svg.end(), coordinate), end; it != end; ++it) {
        const double value = std::stod((*it)[2]);
        CHECK(value >= 0);
        CHECK(value <= ((*it)[1].str().find('x') != std::string::npos ? 620 : 380));
    }
    static const std::regex label(R"re(class="tick" text-anchor="(middle|end)" x="([0-9.]+)" y="[0-9.]+">([^<]*)<)re");
    double last_end = -1, last_x = -1;
    for (std::sregex_iterator it(svg.begin(), svg.end(), label), end; it != end; ++it) {
        const double x = std::stod((*it)[2]), width = 6.5 * display_width((*it)[3].str());
        const bool middle = (*it)[1] == "middle";
        CHECK((middle ? x - width / 2 : x - width) >= 0);
        CHECK((middle ? x + width / 2 : x) <= 620);
        if (middle) {
            INFO((*it)[3].str());
            if (x > last_x) CHECK(x - width / 2 >= last_end);
            last_end = x + width / 2;
            last_x = x;
        }
    }
}

}  // namespace

TEST_CASE("A plot names both axes with units and holds every point") {
    const std::string svg =
        svg_of(times({{1e-5, 1.1e-5, false, "first"}, {1e-3, 0.9e-3, true, "second"}, {0.2, 0.21, false, ""}}));
    CHECK(count_of(svg, "<circle class=\"d0\"") == 2);
    CHECK(count_of(svg, "<circle class=\"out\"") == 1);
    for (const char* part : {">measured time<", ">predicted time<", "100 µs", "10 ms", "<title>second</title>",
                             "class=\"even\"", "aria-label=\"a title\""})
        CHECK_THAT(svg, ContainsSubstring(part));
    check_inside(svg);
}

TEST_CASE("A point of equal coordinates lies on the diagonal") {
    const std::string svg = svg_of(times({{1e-5, 1e-5, false, ""}, {1e-3, 2e-3, false, ""}}));
    static const std::regex line(R"re(class="even" x1="([0-9.]+)" y1="([0-9.]+)" x2="([0-9.]+)" y2="([0-9.]+)")re");
    static const std::regex dot(R"re(cx="([0-9.]+)" cy="([0-9.]+)")re");
    std::smatch l, d;
    REQUIRE(std::regex_search(svg, l, line));
    REQUIRE(std::regex_search(svg, d, dot));
    const double share = (std::stod(d[1]) - std::stod(l[1])) / (std::stod(l[3]) - std::stod(l[1]));
    CHECK(std::stod(d[2]) == Approx(std::stod(l[2]) + share * (std::stod(l[4]) - std::stod(l[2]))).margin(0.3));
}

TEST_CASE("What cannot be drawn is left out, and nothing is NaN") {
    const double nan = std::nan(""), inf = INFINITY;
    ScatterPlot plot = times(
        {{nan, 1, false, ""}, {1, inf, false, ""}, {0, 1, false, ""}, {1, -1, false, ""}, {1e-3, 1e-3, false, ""}});
    plot.band = PlotBand{{{1e-3, nan, 1}, {1e-3, 1e-4, 1e-2}, {2e-3, 1e-4, inf}}};
    const std::string svg = svg_of(plot);
    CHECK(count_of(svg, "<circle") == 1);
    CHECK(svg.find("nan") == std::string::npos);
    CHECK(svg.find("inf") == std::string::npos);
    check_inside(svg);
    CHECK(svg_of(times({{nan, 1, false, ""}})).empty());
    CHECK(svg_of(times({})).empty());
}

TEST_CASE("Axes over many sizes, one size and hardly any size keep their labels apart and inside") {
    for (const auto& points :
         std::vector<std::vector<PlotPoint>>{{{1e-9, 1e-9, false, ""}, {1e5, 1e5, false, ""}},
                                             {{3e-4, 3e-4, false, ""}},
                                             {{3e-4, 3e-4, false, ""}, {3.00001e-4, 3.00002e-4, false, ""}},
                                             {{1e-300, 1e300, false, ""}}}) {
        const std::string svg = svg_of(times(points));
        check_inside(svg);
        CHECK(count_of(svg, "class=\"tick\"") >= 3);
    }
    for (const AxisUnit unit :
         {AxisUnit::number, AxisUnit::seconds, AxisUnit::flop, AxisUnit::bytes, AxisUnit::ratio}) {
        for (const bool logarithmic : {false, true}) {
            ScatterPlot plot{"t",
                             {"x", unit, logarithmic},
                             {"y", unit, logarithmic},
                             {{"s", 0, true, {{1, 1, false, ""}, {123456789, 1e15, false, ""}}}},
                             {},
                             false,
                             1.0};
            check_inside(svg_of(plot));
        }
    }
}

TEST_CASE("A band runs along its upper edge and back along its lower") {
    ScatterPlot plot = times({{1e-4, 1e-4, false, ""}, {1e-2, 1e-2, false, ""}});
    plot.band = PlotBand{{{1e-4, 0.9e-4, 1.1e-4}, {1e-2, 0.8e-2, 1.2e-2}}};
    const std::string svg = svg_of(plot);
    static const std::regex polygon(R"re(<polygon class="b0" points="([^"]*)")re");
    std::smatch found;
    REQUIRE(std::regex_search(svg, found, polygon));
    const std::string points = found[1];
    CHECK(count_of(points, ",") == 4);
    std::vector<double> x;
    std::istringstream words(points);
    for (std::string word; words >> word;) x.push_back(std::stod(word));
    REQUIRE(x.size() == 4);
    CHECK(x[0] < x[1]);
    CHECK(x[1] == x[2]);
    CHECK(x[0] == x[3]);
}

TEST_CASE("Too many points are thinned and texts cannot break out") {
    std::vector<PlotPoint> many;
    for (int i = 1; i <= 10000; ++i) many.push_back({i * 1e-6, i * 1e-6, false, "<script>\"&"});
    ScatterPlot plot = times(std::move(many));
    plot.x.title = "<b>";
    const std::string svg = svg_of(plot);
    CHECK(count_of(svg, "<circle") <= 3000);
    CHECK(count_of(svg, "<circle") >= 2000);
    CHECK(svg.find("<script>") == std::string::npos);
    CHECK(svg.find("<b>") == std::string::npos);
}

TEST_CASE("Labels of axes carry a prefix people read") {
    CHECK(axis_label(2e-5, AxisUnit::seconds) == "20 µs");
    CHECK(axis_label(5e-10, AxisUnit::seconds) == "0.5 ns");
    CHECK(axis_label(1, AxisUnit::seconds) == "1 s");
    CHECK(axis_label(1e-3, AxisUnit::seconds) == "1 ms");
    CHECK(axis_label(1.5e9, AxisUnit::flop) == "1.5 GFLOP");
    CHECK(axis_label(1e6, AxisUnit::bytes) == "1 MB");
    CHECK(axis_label(0.5, AxisUnit::ratio) == "×0.5");
    CHECK(axis_label(2000, AxisUnit::number) == "2,000");
}
