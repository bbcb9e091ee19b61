// Simulated candidates in the terminal: latencies, what happened, and how it went over time.

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/report/simulation_view.h"
#include "core/report/table_sections.h"

namespace moeplan {
namespace {

constexpr std::size_t kMostShown = 4;
constexpr int kFactLabel = 10;

// Each latency as a line of figures and, under it, their intervals.
bool add_grid(std::string& out, const std::vector<LatencyLine>& lines, const Pen& pen) {
    std::vector<Grid::Column> columns{{0}};
    for (const auto& line : lines) columns[0].width = std::max(columns[0].width, display_width(line.label));
    for (std::size_t c = 0; c < lines.front().cells.size(); ++c) {
        int width = 0;
        for (const auto& line : lines) {
            const LatencyCell& cell = line.cells[c];
            width = std::max(
                {width, display_width(cell.value), display_width(cell.interval) + 2, display_width(cell.heading)});
        }
        columns.push_back({width});
    }
    Grid grid(columns);
    if (grid.width() > pen.width()) return false;
    std::vector<Cell> head{{}};
    for (const auto& cell : lines.front().cells) head.push_back({{std::string(cell.heading), Ink::dim}});
    grid.add(std::move(head));
    for (const auto& line : lines) {
        std::vector<Cell> values{{{pen.safe(line.label)}}}, intervals{{}};
        bool any = false;
        for (const auto& cell : line.cells) {
            values.push_back({{cell.value}});
            any = any || !cell.interval.empty();
            intervals.push_back({{cell.interval.empty() ? "" : fmt::format("({})", cell.interval), Ink::dim}});
        }
        grid.add(std::move(values));
        if (any) grid.add(std::move(intervals));
    }
    append_lines(out, grid.lines(pen));
    return true;
}

// Where the columns do not fit: a paragraph per latency.
void add_paragraphs(std::string& out, const std::vector<LatencyLine>& lines, const Pen& pen) {
    for (const auto& line : lines) {
        const std::string label = pen.safe(line.label);
        std::string text = label;
        for (const auto& cell : line.cells) {
            text += fmt::format("{} {} {}", text == label ? ":" : ",", cell.heading, cell.value);
            if (!cell.interval.empty()) text += fmt::format(" ({})", cell.interval);
        }
        add_hanging(out, "", 0, text, Ink::plain, pen);
    }
}

// One glyph per column: the mean of the points that fall into it, over the largest.
std::string curve_of(const SimulatedSeries& series, std::size_t columns, const Pen& pen) {
    static constexpr std::array kLevels{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const std::size_t n = series.points.size(), drawn = std::min(columns, n);
    std::vector<double> means(drawn);
    for (std::size_t c = 0; c < drawn; ++c) {
        const std::size_t from = n * c / drawn, to = n * (c + 1) / drawn;
        for (std::size_t i = from; i < to; ++i) means[c] += series.points[i].second / static_cast<double>(to - from);
    }
    const double highest = std::ranges::max(means);
    std::string line;
    for (const double mean : means) {
        const auto step =
            static_cast<std::size_t>(std::clamp<long>(std::lround(highest > 0 ? mean / highest * 7 : 0), 0, 7));
        line += pen.pick(kLevels[step], std::to_string(step));
    }
    return line;
}

void add_curves(std::string& out, const SimulationReport& simulation, const Pen& pen) {
    constexpr int kLabel = 16, kPeak = 16;
    int room = std::min(pen.width() - 2 - kLabel - 2 - 2 - kPeak, 72);
    if (room < 12) return;
    std::size_t longest = 0;
    for (const auto& series : simulation.series) longest = std::max(longest, series.points.size());
    room = std::min(room, static_cast<int>(longest));
    bool any = false;
    for (const auto& series : simulation.series) {
        if (series.points.size() < 2 || !moves(series)) continue;
        if (!any) out += '\n';
        any = true;
        double highest = 0;
        for (const auto& point : series.points) highest = std::max(highest, point.second);
        const std::string peak = "to " + format_value(highest, series.unit, pen.glyphs());
        const std::string curve = padded(curve_of(series, static_cast<std::size_t>(room), pen), room);
        out += "  " + padded(shortened(pen.safe(series.label), kLabel, pen.unicode()), kLabel) + "  " +
               pen.ink(curve, Ink::accent) + "  " + pen.ink(shortened(peak, kPeak, pen.unicode()), Ink::dim) + '\n';
    }
    if (any) {
        const std::string span =
            fmt::format("0 to {}, means of what falls into a column",
                        format_value(simulation.series.front().points.back().first, "s", pen.glyphs()));
        out += std::string(kLabel + 4, ' ') +
               pen.ink(shortened(span, pen.width() - kLabel - 4, pen.unicode()), Ink::dim) + '\n';
    }
}

void add_simulation(std::string& out, const CandidateReport& candidate, const Pen& pen) {
    const SimulationReport& simulation = *candidate.simulation;
    add_heading(out, "Simulated: " + pen.safe(candidate.name), "", pen);
    add_hanging(out, "", 0, simulation_note(simulation, pen.glyphs()), Ink::dim, pen);
    const auto lines = latency_lines(simulation, pen.glyphs());
    if (!lines.empty()) {
        out += '\n';
        if (!add_grid(out, lines, pen)) add_paragraphs(out, lines, pen);
    }
    out += '\n';
    for (const auto& fact : simulation_facts(simulation, pen.glyphs()))
        add_hanging(out, pen.safe(fact.label), kFactLabel, pen.safe(fact.text), Ink::plain, pen);
    add_curves(out, simulation, pen);
    if (!simulation.findings.empty()) out += '\n';
    for (const auto& finding : simulation.findings) add_hanging(out, "!", 1, pen.safe(finding), Ink::warn, pen);
}

// Of many candidates the winner alone is shown in full.
bool is_shown(const Report& report, const CandidateReport& candidate) {
    return report.candidates.size() <= kMostShown || (report.verdict && report.verdict->winner == candidate.name);
}

bool has_sampling(const CandidateReport& c) {
    return std::ranges::any_of(c.simulation->latencies,
                               [](const auto& l) { return l.sampling_mean || l.sampling_p99; });
}

bool has_interval(const CandidateReport& c) {
    return std::ranges::any_of(c.simulation->latencies, [](const auto& l) { return !l.mean.is_exact(); });
}

}  // namespace

void add_simulations(std::string& out, const Report& report, const Pen& pen) {
    std::size_t shown = 0, all = 0;
    bool sampling = false, interval = false;
    for (const auto& candidate : report.candidates) {
        if (!candidate.simulation) continue;
        ++all;
        if (!is_shown(report, candidate)) continue;
        add_simulation(out, candidate, pen);
        sampling = sampling || has_sampling(candidate);
        interval = interval || has_interval(candidate);
        ++shown;
    }
    std::string legend;
    if (sampling) legend += fmt::format("{} is the noise of a finite run (95 %). ", pen.pick("±", "+-"));
    if (interval) legend += "In brackets: with optimistic and pessimistic step times. ";
    if (!legend.empty()) {
        out += '\n';
        add_hanging(out, "", 0, legend, Ink::dim, pen);
    }
    if (shown == all) return;
    out += '\n';
    add_hanging(out, "", 0,
                fmt::format("{} more simulated candidates are in the json, md and html formats", all - shown), Ink::dim,
                pen);
    // What was found of those must not stay unseen.
    for (const auto& candidate : report.candidates) {
        if (!candidate.simulation || is_shown(report, candidate)) continue;
        for (const auto& finding : candidate.simulation->findings) {
            add_hanging(out, "!", 1, pen.safe(candidate.name) + ": " + pen.safe(finding), Ink::warn, pen);
        }
    }
}

}  // namespace moeplan
