// The calibration report as one page: tables, then pictures drawn from the points.

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/base/upper_median.h"
#include "core/report/calibration_text.h"
#include "core/report/format.h"
#include "core/report/html_style.h"
#include "core/report/markup.h"
#include "core/report/scatter_plot.h"
#include "core/report/validation_text.h"

namespace moeplan {
namespace {

constexpr std::string_view kStyle = R"css(
.chart circle.d0, .chart circle.d1, .chart circle.d2, .chart circle.d3, .chart circle.d4, .chart circle.d5 { opacity: .7; }
.chart .out { fill: none; stroke: var(--bad); stroke-width: 1.4; } .chart .even { stroke: var(--soft); stroke-dasharray: 6 4; }
.legend .odd { border: 1.5px solid var(--bad); border-radius: 50%; }
)css";
constexpr std::size_t kBandBins = 12, kFewestInBand = 8;

std::string esc(std::string_view text) { return escape_markup(text); }

std::string table_of(const CalibrationGrid& grid) {
    std::string out = fmt::format("<h2>{}</h2>\n<div class=\"scroll\"><table>\n<thead><tr>", esc(grid.title));
    for (std::size_t c = 0; c < grid.heads.size(); ++c)
        out += fmt::format("<th{}>{}</th>", c < 2 ? "" : " class=\"n\"", esc(grid.heads[c]));
    out += "</tr></thead>\n<tbody>\n";
    for (const auto& row : grid.rows) {
        out += "<tr>";
        for (std::size_t c = 0; c < row.size(); ++c)
            out += fmt::format("<td{}>{}</td>", c < 2 ? "" : " class=\"n\"", esc(row[c]));
        out += "</tr>\n";
    }
    return out + fmt::format("</tbody>\n</table></div>\n<p class=\"soft\">{}</p>\n", esc(grid.legend));
}

bool missed(const CalibrationPoint& p) {
    return p.predicted && (p.measured < p.predicted->low || p.measured > p.predicted->high);
}

std::string note_of(const CalibrationPoint& p) {
    std::string note = fmt::format("{}: measured {}", p.probe, axis_label(p.measured, AxisUnit::seconds));
    if (p.half_width) note += fmt::format(" ± {}", percent(*p.half_width));
    if (p.predicted)
        note += fmt::format(", predicted {} ({} to {})", axis_label(p.predicted->value, AxisUnit::seconds),
                            axis_label(p.predicted->low, AxisUnit::seconds),
                            axis_label(p.predicted->high, AxisUnit::seconds));
    if (p.throttled) note += ", clock lowered";
    if (p.outside) note += ", beyond what was fitted";
    return note;
}

std::string figure(const std::string& caption, const ScatterPlot& plot, const std::string& odd,
                   const std::string& remark) {
    const std::string svg = svg_of(plot);
    if (svg.empty()) return {};
    std::string legend;
    bool any_odd = false;
    for (const PlotSeries& s : plot.series) {
        if (!s.name.empty()) legend += fmt::format("<span><i class=\"f{}\"></i>{}</span>", s.colour % 6, esc(s.name));
        any_odd = any_odd || std::ranges::any_of(s.points, &PlotPoint::odd);
    }
    if (any_odd) legend += fmt::format("<span><i class=\"odd\"></i>{}</span>", esc(odd));
    if (!remark.empty()) legend += fmt::format("<span>{}</span>", esc(remark));
    return fmt::format("<figure>\n<figcaption>{}</figcaption>\n<div class=\"legend\">{}</div>\n{}</figure>\n",
                       esc(caption), legend, svg);
}

// How wide intervals are around predictions of about one time: high and low over the prediction, medians over bins of
// measured time. `ratio`: around 1 over x, otherwise around the diagonal.
struct Wide {
    double x = 0, low = 0, high = 0;
};
std::optional<PlotBand> band_of(std::vector<Wide> points, bool ratio) {
    std::erase_if(points, [](const Wide& p) { return !(p.x > 0) || !(p.low > 0) || !(p.high > 0); });
    if (points.size() < kFewestInBand) return std::nullopt;
    std::ranges::sort(points, {}, &Wide::x);
    const std::size_t bins = std::min(kBandBins, points.size() / (kFewestInBand / 2));
    PlotBand band;
    for (std::size_t b = 0; b < bins; ++b) {
        const std::size_t from = b * points.size() / bins, to = (b + 1) * points.size() / bins;
        std::vector<double> x, low, high;
        for (std::size_t i = from; i < to; ++i) {
            x.push_back(points[i].x);
            low.push_back(points[i].low);
            high.push_back(points[i].high);
        }
        const double l = upper_median(std::move(low)), h = upper_median(std::move(high));
        // The outer bins reach to the outermost points.
        const double at = b == 0 ? points.front().x : b + 1 == bins ? points.back().x : upper_median(std::move(x));
        band.edges.push_back({at, ratio ? 1 / h : at / h, ratio ? 1 / l : at / l});
    }
    return band;
}

Wide wide_of(const CalibrationPoint& p, double x) {
    return {x, p.predicted->low / p.predicted->value, p.predicted->high / p.predicted->value};
}

using Members = std::vector<const CalibrationFamily*>;

Members predicted_families(const CalibrationReport& report) {
    Members all;
    for (const CalibrationFamily& f : report.families) {
        if (f.here) all.push_back(&f);
    }
    return all;
}

// Families in the order of the report, formats of one together.
std::vector<std::pair<std::string, Members>> by_family(const CalibrationReport& report) {
    std::vector<std::pair<std::string, Members>> groups;
    for (const CalibrationFamily& f : report.families) {
        if (groups.empty() || groups.back().first != f.family) groups.push_back({f.family, {}});
        groups.back().second.push_back(&f);
    }
    return groups;
}

// Six colours: one for each family that takes time, the last for all others.
PlotSeries& series_of(const CalibrationFamily& f, std::vector<PlotSeries>& all) {
    static constexpr std::array<std::string_view, 5> kOwn{"gemm", "moe_ffn", "attention_prefill", "attention_decode",
                                                          "collective"};
    const auto own = std::ranges::find(kOwn, f.family);
    const int colour = static_cast<int>(own - kOwn.begin());
    for (PlotSeries& series : all) {
        if (series.colour == colour) return series;
    }
    all.push_back({own == kOwn.end() ? "others" : f.family, colour, false, {}});
    return all.back();
}

std::string format_name(const CalibrationFamily& f) { return f.format.empty() ? "all" : f.format; }

std::string predicted_figure(const CalibrationReport& report) {
    ScatterPlot plot{"predicted against measured time",
                     {"measured time", AxisUnit::seconds, true},
                     {"predicted time", AxisUnit::seconds, true},
                     {},
                     {},
                     true,
                     {}};
    std::vector<Wide> wide;
    for (const CalibrationFamily* f : predicted_families(report)) {
        PlotSeries& series = series_of(*f, plot.series);
        for (const CalibrationPoint& p : f->points) {
            if (!p.predicted) continue;
            series.points.push_back({p.measured, p.predicted->value, missed(p), note_of(p)});
            wide.push_back(wide_of(p, p.measured));
        }
    }
    std::ranges::sort(plot.series, {}, &PlotSeries::colour);
    plot.band = band_of(std::move(wide), false);
    return figure("Predicted against measured", plot, "outside its own 90 % interval",
                  plot.band ? "shaded: the usual 90 % interval" : "");
}

std::string residual_figure(const std::string& family, const Members& members) {
    const bool computes = members.front()->computes;
    ScatterPlot plot{fmt::format("residuals of {} against size", family),
                     {computes ? "operations (FLOP)" : "bytes", computes ? AxisUnit::flop : AxisUnit::bytes, true},
                     {"predicted / measured", AxisUnit::ratio, true},
                     {},
                     {},
                     false,
                     1.0};
    std::vector<Wide> wide;
    int colour = 0;
    for (const CalibrationFamily* f : members) {
        PlotSeries series{format_name(*f), colour++, false, {}};
        for (const CalibrationPoint& p : f->points) {
            if (!p.predicted || !(p.size > 0)) continue;
            series.points.push_back({p.size, p.predicted->value / p.measured, missed(p), note_of(p)});
            wide.push_back(wide_of(p, p.size));
        }
        plot.series.push_back(std::move(series));
    }
    plot.band = band_of(std::move(wide), true);
    return figure(fmt::format("{}: residual against size", family), plot, "outside its own 90 % interval",
                  plot.band ? "shaded: the usual 90 % interval" : "");
}

std::string measured_figure(const std::string& family, const Members& members) {
    const bool computes = members.front()->computes;
    ScatterPlot plot{fmt::format("measured time of {} against size", family),
                     {computes ? "operations (FLOP)" : "bytes", computes ? AxisUnit::flop : AxisUnit::bytes, true},
                     {"measured time", AxisUnit::seconds, true},
                     {},
                     {},
                     false,
                     {}};
    int colour = 0;
    for (const CalibrationFamily* f : members) {
        PlotSeries series{format_name(*f), colour++, false, {}};
        for (const CalibrationPoint& p : f->points) {
            if (p.size > 0) series.points.push_back({p.size, p.measured, p.throttled, note_of(p)});
        }
        plot.series.push_back(std::move(series));
    }
    return figure(fmt::format("{}: measured time against size", family), plot, "the device lowered its clock", "");
}

std::string progress_figure(const CalibrationReport& report) {
    ScatterPlot plot{"probes over time",
                     {"time spent probing (s)", AxisUnit::number, false},
                     {"attempts", AxisUnit::number, false},
                     {},
                     {},
                     false,
                     {}};
    PlotSeries answered{"answered", 0, true, {{0, 0, false, ""}}}, failed{"failed", 1, true, {{0, 0, false, ""}}};
    for (const CalibrationMoment& m : report.moments) {
        answered.points.push_back({m.seconds, static_cast<double>(m.answered), false, ""});
        failed.points.push_back({m.seconds, static_cast<double>(m.failed), false, ""});
    }
    if (report.moments.empty()) return {};
    plot.series = {std::move(answered), std::move(failed)};
    return figure("Probes over time", plot, "", "");
}

std::string pictures(const CalibrationReport& report) {
    const bool predicted = !predicted_families(report).empty();
    std::string out = predicted ? predicted_figure(report) : "";
    for (const auto& [family, members] : by_family(report)) {
        const bool here = std::ranges::any_of(members, [](const CalibrationFamily* f) { return f->here.has_value(); });
        out += here ? residual_figure(family, members) : measured_figure(family, members);
    }
    out += progress_figure(report);
    return out.empty() ? out : fmt::format("<h2>Pictures</h2>\n<div class=\"charts\">\n{}</div>\n", out);
}

std::string failures(const CalibrationReport& report) {
    std::string out;
    for (const SkippedRows& f : report.failures) out += fmt::format("<li>{}: {}</li>\n", f.n, esc(f.reason));
    if (out.empty()) return {};
    out = fmt::format("<h2>Attempts that failed</h2>\n<ul>\n{}</ul>\n", out);
    std::string probes;
    for (const CalibrationFact& f : report.failed_probes)
        probes += fmt::format("<li>{}: {}</li>\n", esc(f.name), esc(f.value));
    return probes.empty()
               ? out
               : out + fmt::format("<details><summary>Probes without an answer</summary>\n<ul>\n{}</ul>\n</details>\n",
                                   probes);
}

std::string body_of(const CalibrationReport& report) {
    std::string out = fmt::format("<h1>{}</h1>\n<p>{}</p>\n", esc(report.title), esc(calibration_summary_line(report)));
    for (const CalibrationFact& fact : report.facts)
        out += fmt::format("<p class=\"soft\">{}: {}</p>\n", esc(fact.name), esc(fact.value));
    for (const CalibrationGrid& grid : calibration_grids(report)) out += table_of(grid);
    out += pictures(report) + failures(report);
    std::string notes;
    for (const std::string& note : report.notes) notes += fmt::format("<li>{}</li>\n", esc(note));
    return notes.empty() ? out : out + fmt::format("<h2>Notes</h2>\n<ul>\n{}</ul>\n", notes);
}

}  // namespace

std::string write_calibration_html(const CalibrationReport& report) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">\n<title>Calibration of "
        "{}</title>\n<style>{}{}</style>\n</head>\n<body>\n<main>\n{}"
        "<footer>moeplan · point at a dot for its probe.</footer>\n</main>\n</body>\n</html>\n",
        esc(report.title), html_style(), kStyle, body_of(report));
}

}  // namespace moeplan
