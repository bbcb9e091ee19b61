// Bars in CSS, line charts in SVG.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/report/format.h"
#include "core/report/html_sections.h"
#include "core/report/markup.h"
#include "core/report/svg_chart.h"

namespace moeplan {
namespace {

constexpr std::size_t kColours = 6;

std::string esc(std::string_view text) { return escape_markup(text); }

std::string percent_of(double part, double whole) {
    return fmt::format("{:.2f}%", whole > 0 ? std::clamp(part / whole, 0.0, 1.0) * 100 : 0);
}

std::string stack_of(const CandidateReport& c, double scale_gb) {
    std::string bar, legend;
    std::size_t n = 0;
    for (const auto& row : c.memory) {
        if (is_free(row)) continue;
        const std::size_t colour = n++ % kColours;
        const auto text = fmt::format("{} {} GB", row.label, format_number(row.gb));
        bar += fmt::format("<span class=\"f{}\" style=\"width:{}\" title=\"{}\"></span>", colour,
                           percent_of(row.gb, scale_gb), esc(text));
        legend += fmt::format("<span><i class=\"f{}\"></i>{}</span>", colour, esc(text));
    }
    const double used = memory_used_gb(c);
    const bool over = used > c.memory_limit_gb;
    if (c.memory_limit_gb > 0 && c.memory_limit_gb < scale_gb) {
        bar +=
            fmt::format("<b style=\"left:{}\" title=\"limit\"></b>", percent_of(c.memory_limit_gb, scale_gb));
    }
    return fmt::format(
        "<h3>{} <small{}>{} of {} GB</small></h3>\n<div class=\"stack\">{}</div>\n"
        "<div class=\"legend\">{}</div>\n",
        esc(c.name), over ? " class=\"warn\"" : "", format_part(Estimate::exact(used), 100, ""),
        format_number(c.memory_limit_gb), bar, legend);
}

std::string bars_of(const std::vector<BreakdownRow>& rows, std::size_t colour) {
    std::string out = "<div class=\"bars\">\n";
    const double step = total_of(rows).value;
    for (const auto& row : rows) {
        const auto work = fmt::format("{} GFLOP, {} GB per step and GPU", format_number(row.gflops),
                                      format_number(row.gbytes));
        out += fmt::format(
            "<span>{}</span><span class=\"n\" title=\"{}\">{}</span><span class=\"n\">{}</span>"
            "<span class=\"track\"><span class=\"f{}\" style=\"width:{}\"></span></span><small>{}</small>\n",
            esc(row.part), esc(work), esc(format_part(row.ms, step, "ms")),
            esc(format_value(row.share, "fraction")), colour, percent_of(row.share, 1), esc(row.bound));
    }
    return out + "</div>\n";
}

std::string unit_title(const std::string& metric) {
    const std::string_view unit = unit_of(metric);
    std::string label = label_of(metric);
    if (unit.starts_with("USD")) return label + ", USD";
    if (unit.empty() || unit == "bool" || unit == "experts" || unit == "tokens" || unit == "x") return label;
    return fmt::format("{}, {}", label, unit == "fraction" ? "%" : unit);
}

Chart chart_of(const SweepView& view, const std::string& metric, const Report& report) {
    Chart chart;
    chart.title = fmt::format("{} against {}", label_of(metric), view.axis);
    chart.x_title = view.axis;
    chart.y_title = unit_title(metric);
    chart.y_unit = unit_of(metric);
    for (const auto& column : view.columns) {
        if (column.metric != metric) continue;
        ChartLine line{
            report.candidates[static_cast<std::size_t>(column.candidate)].name, column.candidate, {}};
        for (std::size_t i = 0; i < view.xs.size(); ++i) {
            if (column.values[i]) line.points.push_back({view.xs[i], *column.values[i]});
        }
        chart.lines.push_back(std::move(line));
    }
    // The verdict's flips are about its objective: only that picture carries them.
    if (report.verdict && report.verdict->objective == metric) {
        for (const auto& flip : report.verdict->flips) {
            if (flip.axis != view.axis) continue;
            chart.marks.push_back({flip.at, fmt::format("flips at {}", format_number(flip.at, 2))});
        }
    }
    return chart;
}

std::string figure_of(const Chart& chart) {
    std::string legend;
    for (const auto& line : chart.lines) {
        legend += fmt::format("<span><i class=\"f{}\"></i>{}</span>",
                              static_cast<std::size_t>(line.colour) % kColours, esc(line.name));
    }
    return fmt::format("<figure>\n<figcaption>{}</figcaption>\n<div class=\"legend\">{}</div>\n{}</figure>\n",
                       esc(chart.title), legend, svg_of(chart));
}

std::string sweep_table(const SweepView& view, const Report& report) {
    std::string out = fmt::format(
        "<details><summary>Numbers against {}</summary>\n<div class=\"scroll\"><table>\n<thead>"
        "<tr><th class=\"n\">{}</th>",
        esc(view.axis), esc(view.axis));
    for (const auto& column : view.columns) {
        out += fmt::format("<th>{}<br><small>{}</small></th>",
                           esc(report.candidates[static_cast<std::size_t>(column.candidate)].name),
                           esc(label_of(column.metric)));
    }
    out += "<th>better</th></tr></thead>\n<tbody>\n";
    for (std::size_t row = 0; row < view.xs.size(); ++row) {
        out +=
            fmt::format("<tr{}><th class=\"n\">{}</th>", view.leader_changes_at(row) ? " class=\"turn\"" : "",
                        format_number(view.xs[row], 6));
        for (const auto& column : view.columns) {
            const auto& value = column.values[row];
            const auto parts =
                value ? format_parts(*value, unit_of(column.metric)) : FormattedEstimate{"–", ""};
            out += fmt::format("<td>{}", esc(parts.value));
            out += parts.interval.empty() ? "</td>"
                                          : fmt::format(" <small>({})</small></td>", esc(parts.interval));
        }
        std::string leader;
        if (view.leader[row] >= 0) {
            leader = esc(report.candidates[static_cast<std::size_t>(view.leader[row])].name);
            if (!view.certain[row]) leader = "≈ " + leader + " <small>(intervals overlap)</small>";
        }
        out += fmt::format("<td>{}</td></tr>\n", leader);
    }
    return out + "</tbody>\n</table></div></details>\n";
}

std::string side_by_side(const std::string& panels) { return panels.empty() ? panels : "<div class=\"pair\">\n" + panels + "</div>\n"; }

}  // namespace

std::string html_memory(const std::vector<CandidateReport>& candidates) {
    double scale = 0;
    for (const auto& c : candidates) scale = std::max({scale, memory_used_gb(c), c.memory_limit_gb});
    std::string panels;
    for (const auto& c : candidates) {
        if (!c.memory.empty()) panels += "<div class=\"panel\">\n" + stack_of(c, scale) + "</div>\n";
    }
    return side_by_side(panels);
}

std::string html_breakdowns(const std::vector<CandidateReport>& candidates) {
    std::string panels;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        for (const auto& phase : phases_of(candidates[i])) {
            const auto rows = breakdown_of(candidates[i], phase);
            panels += fmt::format("<div class=\"panel\">\n<h3>{}, {} step <small>{}</small></h3>\n{}</div>\n",
                                  esc(candidates[i].name), esc(phase),
                                  esc(format_estimate(total_of(rows), "ms")), bars_of(rows, i % kColours));
        }
    }
    return side_by_side(panels);
}

std::string html_rank_loads(const std::vector<CandidateReport>& candidates) {
    std::string panels;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const auto& loads = candidates[i].rank_load;
        if (loads.empty()) continue;
        const double hottest = std::ranges::max(loads);
        std::string bars;
        for (std::size_t rank = 0; rank < loads.size(); ++rank) {
            bars += fmt::format("<span class=\"f{}\" style=\"height:{}\" title=\"rank {}: {}\"></span>",
                                i % kColours, percent_of(loads[rank], hottest), rank,
                                esc(format_value(loads[rank], "x")));
        }
        panels += fmt::format(
            "<div class=\"panel\">\n<h3>{} <small>{} ranks, hottest {} of a fair share</small></h3>\n"
            "<div class=\"ranks\">{}</div>\n</div>\n",
            esc(candidates[i].name), loads.size(), esc(format_value(hottest, "x")), bars);
    }
    return side_by_side(panels);
}

std::string html_sweeps(const Report& report, std::string_view folded_axis) {
    std::string out;
    for (const auto& view : sweep_views(report)) {
        std::string charts = "<div class=\"charts\">\n";
        for (const auto& metric : view.metrics) charts += figure_of(chart_of(view, metric, report));
        charts += "</div>\n";
        out += fmt::format("<h2>Against {}</h2>\n", esc(view.axis));
        out += view.axis == folded_axis ? html_folded(fmt::format("Every figure against {}", view.axis), charts) : charts;
        out += sweep_table(view, report);
    }
    return out;
}

}  // namespace moeplan
