// A simulated candidate on the page: latencies, what happened, pictures over time.

#include <algorithm>

#include <fmt/format.h>

#include "core/report/markup.h"
#include "core/report/simulation_text.h"
#include "core/report/simulation_view.h"
#include "core/report/svg_chart.h"

namespace moeplan {
namespace {

std::string esc(std::string_view text) { return escape_markup(text); }

std::string latency_table(const SimulationReport& simulation) {
    const auto lines = latency_lines(simulation, Glyphs::unicode);
    if (lines.empty()) return {};
    std::string out = "<div class=\"scroll\"><table>\n<thead><tr><th></th>";
    for (const auto& cell : lines.front().cells) out += fmt::format("<th>{}</th>", esc(cell.heading));
    out += "</tr></thead>\n<tbody>\n";
    for (const auto& line : lines) {
        out += fmt::format("<tr><th>{}</th>", esc(line.label));
        for (const auto& cell : line.cells) {
            out += fmt::format("<td>{}", esc(cell.value));
            if (!cell.interval.empty()) out += fmt::format(" <small>({})</small>", esc(cell.interval));
            out += "</td>";
        }
        out += "</tr>\n";
    }
    return out +
           "</tbody>\n</table></div>\n"
           "<p class=\"soft\">± is the noise of a finite run (95 %); in brackets: with optimistic and pessimistic step "
           "times.</p>\n";
}

std::string facts_list(const SimulationReport& simulation) {
    std::string out = "<div class=\"scroll\"><table>\n<tbody>\n";
    for (const auto& fact : simulation_facts(simulation, Glyphs::unicode)) {
        out += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", esc(fact.label), esc(fact.text));
    }
    return out + "</tbody>\n</table></div>\n";
}

// Seconds, minutes or hours: whichever leaves two or three digits.
struct TimeUnit { double seconds = 1; const char* name = "s"; };
TimeUnit time_unit(double span_s) {
    if (span_s > 2 * 3600) return {3600, "h"};
    if (span_s > 120) return {60, "min"};
    return {};
}

std::string unit_title(const SimulatedSeries& series) {
    if (series.unit.empty()) return series.label;
    return fmt::format("{}, {}", series.label, series.unit == "fraction" ? "%" : series.unit);
}

struct Picture {
    std::string title;
    std::vector<const SimulatedSeries*> lines;   // of one unit
};

std::string picture_of(const Picture& picture, const SimulationReport& simulation) {
    Chart chart;
    chart.title = picture.title;
    chart.linear = true;
    chart.dots = false;
    chart.y_unit = picture.lines.front()->unit;
    chart.y_title = picture.lines.size() == 1 ? unit_title(*picture.lines.front()) : "requests";
    const TimeUnit unit = time_unit(picture.lines.front()->points.back().first);
    chart.x_title = fmt::format("simulated time, {}", unit.name);
    std::string legend;
    int colour = 0;
    for (const SimulatedSeries* series : picture.lines) {
        ChartLine line{series->label, colour, {}};
        for (const auto& [at, value] : series->points)
            line.points.push_back({at / unit.seconds, Estimate::exact(value)});
        chart.lines.push_back(std::move(line));
        legend += fmt::format("<span><i class=\"f{}\"></i>{}</span>", colour++, esc(series->label));
    }
    if (simulation.warm_up_s > 0) chart.marks.push_back({simulation.warm_up_s / unit.seconds, "end of warm-up"});
    if (picture.lines.size() < 2) legend.clear();
    else legend = fmt::format("<div class=\"legend\">{}</div>\n", legend);
    return fmt::format("<figure>\n<figcaption>{}</figcaption>\n{}{}</figure>\n", esc(picture.title), svg_of(chart),
                       legend);
}

std::string pictures(const SimulationReport& simulation) {
    std::vector<Picture> all;
    Picture requests{"Requests in the system", {}};
    for (const auto& series : simulation.series) {
        if (series.points.size() < 2) continue;
        if (series.id == "running" || series.id == "waiting") requests.lines.push_back(&series);
    }
    if (!requests.lines.empty()) all.push_back(std::move(requests));
    for (const auto& series : simulation.series) {
        if (series.points.size() < 2 || series.id == "running" || series.id == "waiting" || !moves(series)) continue;
        std::string title = series.label;
        if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') title[0] = static_cast<char>(title[0] - 'a' + 'A');
        all.push_back({std::move(title), {&series}});
    }
    if (all.empty()) return {};
    std::string out = "<div class=\"charts\" style=\"margin-top:16px\">\n";
    for (const auto& picture : all) out += picture_of(picture, simulation);
    return out + "</div>\n";
}

}  // namespace

std::string simulations_html(const Report& report, bool charts) {
    std::string out;
    for (const auto& candidate : report.candidates) {
        if (!candidate.simulation) continue;
        const SimulationReport& simulation = *candidate.simulation;
        out += fmt::format("<h2>Simulated: {}</h2>\n<p class=\"soft\">{}</p>\n", esc(candidate.name),
                           esc(simulation_note(simulation, Glyphs::unicode)));
        out += latency_table(simulation);
        std::string findings;
        for (const auto& finding : simulation.findings) findings += fmt::format("<li>{}</li>\n", esc(finding));
        if (!findings.empty()) out += "<ul class=\"warn\">\n" + findings + "</ul>\n";
        out += facts_list(simulation);
        if (charts) out += pictures(simulation);
    }
    return out;
}

}  // namespace moeplan
