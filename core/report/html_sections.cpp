// What is said in words and tables. Bars and charts are in html_pictures.cpp.

#include "core/report/html_sections.h"

#include <algorithm>
#include <array>
#include <variant>

#include <fmt/format.h>

#include "core/report/format.h"
#include "core/report/markup.h"
#include "core/report/report_writer.h"

namespace moeplan {
namespace {

std::string esc(std::string_view text) { return escape_markup(text); }

// "0.41 <small>(0.33–0.55)</small>"
std::string estimate_html(const Estimate& estimate, std::string_view unit) {
    const auto parts = format_parts(estimate, unit);
    if (parts.interval.empty()) return esc(parts.value);
    return fmt::format("{} <small>({})</small>", esc(parts.value), esc(parts.interval));
}

std::string fits_badge(const CandidateReport& c) {
    return c.fits ? "<span class=\"badge yes\">fits</span>" : "<span class=\"badge no\">does not fit</span>";
}

std::string source_links(const MetricRow& row, SourceNotes& sources) {
    std::vector<int> numbers;
    for (const Metric* cell : row.cells) {
        const int number = cell ? sources.number_of(cell->source) : 0;
        if (number && !std::ranges::count(numbers, number)) numbers.push_back(number);
    }
    if (numbers.empty()) return {};
    std::string links = "<sup>";
    for (const int number : numbers) links += fmt::format("<a href=\"#source-{0}\">{0}</a>", number);
    return links + "</sup>";
}

std::string metric_cell(const MetricRow& row, std::size_t candidate) {
    const Metric* metric = row.cells[candidate];
    if (!metric) return "<td class=\"soft\">–</td>";
    const char* best = row.best == static_cast<int>(candidate) ? " class=\"best\"" : "";
    return fmt::format("<td{} title=\"{}\">{}</td>", best, esc(metric->source),
                       estimate_html(metric->value, row.unit));
}

std::string heading_row(std::string_view heading, std::size_t columns) {
    return fmt::format("<tr class=\"group\"><th colspan=\"{}\">{}</th></tr>\n", columns, esc(heading));
}

std::string metric_rows(const MetricSection& section, SourceNotes& sources) {
    std::string out;
    for (const auto& row : section.rows) {
        out += fmt::format("<tr><th title=\"{}\">{}{}</th>", esc(row.meaning), esc(row.label),
                           source_links(row, sources));
        for (std::size_t c = 0; c < row.cells.size(); ++c) out += metric_cell(row, c);
        out += "</tr>\n";
    }
    return out;
}

std::string card_figures(const CandidateReport& c, const Report& report) {
    std::vector<std::string> ids{"tpot_ms", "ttft_ms", "usd_per_mtok_output", "usd_per_correct_answer"};
    if (report.verdict && !std::ranges::count(ids, report.verdict->objective)) {
        ids.insert(ids.begin(), report.verdict->objective);
    }
    std::string out;
    for (const auto& id : ids) {
        const Metric* metric = c.find(id);
        if (!metric) continue;
        out += fmt::format("<dt>{}</dt><dd title=\"{}\">{}</dd>\n", esc(label_of(id)), esc(metric->source),
                           estimate_html(metric->value, unit_of(id)));
    }
    return out.empty() ? out : "<dl>\n" + out + "</dl>\n";
}

}  // namespace

std::string html_folded(std::string_view summary, const std::string& content) {
    return content.empty() ? content : fmt::format("<details><summary>{}</summary>\n{}</details>\n", esc(summary), content);
}

std::string html_header(const Report& report) {
    std::string out = fmt::format("<h1>{}</h1>\n", esc(report.scenario_name));
    std::string note = esc(report.scenario_file);
    if (!report.cost_source.empty()) {
        note += fmt::format("{}time from {}", note.empty() ? "" : " · ", esc(report.cost_source));
    }
    return note.empty() ? out : out + fmt::format("<p class=\"soft\">{}</p>\n", note);
}

std::string html_verdict(const Verdict& verdict) {
    std::string out = fmt::format("<section class=\"verdict{}\">\n<strong>{}</strong>\n",
                                  verdict.decided ? "" : " open", esc(verdict.sentence));
    std::string items;
    for (const auto& flip : verdict.flips) items += fmt::format("<li>{}</li>\n", esc(flip.sentence));
    for (const auto& warning : verdict.warnings)
        items += fmt::format("<li class=\"warn\">{}</li>\n", esc(warning));
    if (!items.empty()) out += "<ul>\n" + items + "</ul>\n";
    return out + "</section>\n";
}

std::string html_cards(const Report& report) {
    if (report.candidates.empty()) return {};
    std::string out = "<div class=\"cards\">\n";
    std::size_t n = 0;
    for (const auto& c : report.candidates) {
        const bool winner = report.verdict && report.verdict->winner == c.name;
        std::string facts;
        for (const auto& fact : fact_rows({c})) {
            if (!facts.empty()) facts += " · ";
            facts += esc(fact.cells[0]);
        }
        out += fmt::format(
            "<article class=\"card t{}\">\n<h3>{} {}{}</h3>\n<div class=\"facts\">{}</div>\n{}</article>\n",
            n++ % 6, esc(c.name), fits_badge(c), winner ? " <span class=\"badge yes\">better buy</span>" : "",
            facts, card_figures(c, report));
    }
    return out + "</div>\n";
}

std::string html_comparison(const std::vector<CandidateReport>& candidates, SourceNotes& sources) {
    if (candidates.empty()) return {};
    std::string out = "<div class=\"scroll\"><table>\n<thead><tr><th></th>";
    for (const auto& c : candidates) out += fmt::format("<th>{}</th>", esc(c.name));
    out += "</tr></thead>\n<tbody>\n";
    const std::size_t columns = candidates.size() + 1;
    const std::string_view identity = heading_of(MetricGroup::model);
    out += heading_row(identity, columns);
    for (const auto& fact : fact_rows(candidates)) {
        out += fmt::format("<tr><th>{}</th>", esc(fact.label));
        for (const auto& cell : fact.cells) out += fmt::format("<td>{}</td>", esc(cell));
        out += "</tr>\n";
    }
    for (const auto& section : metric_sections(candidates)) {
        if (section.heading != identity) out += heading_row(section.heading, columns);
        out += metric_rows(section, sources);
    }
    return out + "</tbody>\n</table></div>\n";
}

std::string html_exploration(const Exploration& exploration, SourceNotes& sources) {
    std::string out =
        fmt::format("<h2>Searched</h2>\n<p>{} configurations, {} of them cannot be built.</p>\n",
                    format_count(static_cast<double>(exploration.evaluated)),
                    format_count(static_cast<double>(exploration.infeasible)));
    if (!exploration.reasons.empty()) out += "<table>\n<tbody>\n";
    for (const auto& [reason, n] : exploration.reasons) {
        out += fmt::format("<tr><th>{}</th><td class=\"n\">{}</td></tr>\n", esc(reason),
                           format_count(static_cast<double>(n)));
    }
    if (!exploration.reasons.empty()) out += "</tbody>\n</table>\n";
    if (!exploration.best.empty()) out += "<h2>Best</h2>\n" + html_comparison(exploration.best, sources);
    if (exploration.pareto.empty()) return out;
    return out + "<h2>Throughput per GPU against time per token: nothing beats these</h2>\n" +
           html_comparison(exploration.pareto, sources);
}

std::string html_expectations(const std::vector<ExpectationResult>& results) {
    if (results.empty()) return {};
    std::string out = "<h2>Expected</h2>\n<div class=\"scroll\"><table>\n<tbody>\n";
    for (const auto& r : results) {
        const char* badge = r.outcome == Outcome::holds   ? "yes"
                            : r.outcome == Outcome::fails ? "no"
                                                          : "maybe";
        const char* mark = r.outcome == Outcome::holds ? "✓" : r.outcome == Outcome::fails ? "✗" : "◐";
        out += fmt::format(
            "<tr><td><span class=\"badge {}\">{} {}</span></td><td>{}</td><td class=\"soft\">{}</td></tr>\n",
            badge, mark, name_of(r.outcome), esc(r.name), esc(r.detail));
    }
    return out + "</tbody>\n</table></div>\n";
}

std::string html_warnings(const Report& report) {
    std::string items;
    for (const auto& warning : report.warnings) items += fmt::format("<li>{}</li>\n", esc(warning));
    for (const auto& c : report.candidates) {
        for (const auto& warning : c.warnings)
            items += fmt::format("<li>{}: {}</li>\n", esc(c.name), esc(warning));
    }
    return items.empty() ? items : "<h2>Mind</h2>\n<ul class=\"warn\">\n" + items + "</ul>\n";
}

std::string html_sources(const SourceNotes& sources) {
    if (sources.texts().empty()) return {};
    std::string out = "<h2>Sources</h2>\n<ol class=\"sources\">\n";
    int number = 0;
    for (const auto& text : sources.texts())
        out += fmt::format("<li id=\"source-{}\">{}</li>\n", ++number, esc(text));
    return out + "</ol>\n";
}

std::string html_scenario(const Document& scenario) {
    if (std::holds_alternative<std::monostate>(scenario.value)) return {};
    return fmt::format(
        "<details><summary>The study with every default spelled out</summary>\n<pre>{}</pre></details>\n",
        esc(write_document_json(scenario)));
}

}  // namespace moeplan
