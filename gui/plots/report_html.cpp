#include "gui/plots/report_html.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/report/format.h"
#include "core/report/markup.h"
#include "core/report/report_view.h"
#include "gui/models/pictures.h"

namespace moeplan {
namespace {

constexpr std::size_t kColumns = 5;   // candidates beside each other

std::string esc(std::string_view text) { return escape_markup(text); }

std::string list_of(const std::vector<std::string>& lines) {
    if (lines.empty()) return {};
    std::string html = "<ul>";
    for (const std::string& line : lines) html += "<li>" + esc(line) + "</li>";
    return html + "</ul>";
}

std::string verdict_of(const Report& report) {
    std::string html = fmt::format("<h1>{}</h1>", esc(report.scenario_name));
    if (report.verdict) {
        html += fmt::format("<p class=\"verdict\">{}</p>", esc(report.verdict->sentence));
        std::vector<std::string> flips;
        for (const Flip& flip : report.verdict->flips) flips.push_back(flip.sentence);
        if (!flips.empty()) html += "<h3>Where it flips</h3>" + list_of(flips);
        if (!report.verdict->warnings.empty()) html += "<h3>With care</h3>" + list_of(report.verdict->warnings);
    }
    html += list_of(report.warnings);
    if (!report.cost_source.empty()) html += fmt::format("<p class=\"small\">Times: {}.</p>", esc(report.cost_source));
    return html;
}

std::string table_begin(const std::vector<CandidateReport>& all, std::size_t from, std::size_t to) {
    std::string html = "<table width=\"100%\" cellspacing=\"0\" cellpadding=\"2\"><tr><th></th>";
    for (std::size_t i = from; i < to; ++i) html += fmt::format("<th align=\"right\">{}</th>", esc(all[i].name));
    return html + "</tr>";
}

// Rows of facts or of a metric: a label, then a cell for each candidate from `from` to `to`.
template <class Cell>
std::string row_of(std::string_view label, std::size_t from, std::size_t to, bool shaded, Cell cell) {
    std::string html = fmt::format("<tr{}><td>{}</td>", shaded ? " bgcolor=\"#f3f3f1\"" : "", esc(label));
    for (std::size_t i = from; i < to; ++i) html += "<td align=\"right\">" + cell(i) + "</td>";
    return html + "</tr>";
}

void add_facts(std::vector<std::string>& sections, const std::vector<CandidateReport>& all) {
    const auto facts = fact_rows(all);
    for (std::size_t from = 0; from < all.size(); from += kColumns) {
        const std::size_t to = std::min(all.size(), from + kColumns);
        std::string html = "<h2>Candidates</h2>" + table_begin(all, from, to);
        bool shaded = false;
        for (const FactRow& fact : facts) html += row_of(fact.label, from, to, shaded = !shaded, [&](std::size_t i) { return esc(fact.cells[i]); });
        sections.push_back(html + "</table>");
    }
}

std::string figure_of(const MetricRow& row, std::size_t i, const std::vector<CandidateReport>& all, SourceNotes& notes) {
    const Metric* metric = row.cells[i];
    if (!metric) return "–";
    const auto parts = format_parts(metric->value, row.unit);
    const int note = notes.number_of(metric->source);
    std::string html = static_cast<int>(i) == row.best && all.size() > 1 ? "<b>" + esc(parts.value) + "</b>" : esc(parts.value);
    if (!parts.interval.empty()) html += fmt::format(" <span class=\"small\">({})</span>", esc(parts.interval));
    if (note > 0) html += fmt::format("<sup>{}</sup>", note);
    return html;
}

void add_metrics(std::vector<std::string>& sections, const std::vector<CandidateReport>& all, SourceNotes& notes) {
    for (const MetricSection& section : metric_sections(all)) {
        for (std::size_t from = 0; from < all.size(); from += kColumns) {
            const std::size_t to = std::min(all.size(), from + kColumns);
            std::string html = fmt::format("<h2>{}</h2>", esc(section.heading)) + table_begin(all, from, to);
            bool shaded = false;
            for (const MetricRow& row : section.rows) {
                html += row_of(row.label, from, to, shaded = !shaded, [&](std::size_t i) { return figure_of(row, i, all, notes); });
            }
            sections.push_back(html + "</table>");
        }
    }
}

void add_warnings(std::vector<std::string>& sections, const std::vector<CandidateReport>& all) {
    std::string html;
    for (const CandidateReport& c : all) {
        if (!c.warnings.empty()) html += fmt::format("<h3>{}</h3>", esc(c.name)) + list_of(c.warnings);
    }
    if (!html.empty()) sections.push_back("<h2>Warnings</h2>" + html);
}

void add_expectations(std::vector<std::string>& sections, const std::vector<ExpectationResult>& expectations) {
    if (expectations.empty()) return;
    std::string html = "<h2>Expectations</h2><table width=\"100%\" cellspacing=\"0\" cellpadding=\"2\">";
    for (const ExpectationResult& e : expectations) {
        html += fmt::format("<tr><td>{}</td><td>{}</td><td class=\"small\">{}</td></tr>", esc(name_of(e.outcome)), esc(e.name), esc(e.detail));
    }
    sections.push_back(html + "</table>");
}

}  // namespace

std::string document_style() {
    return "h1{font-size:18px} h2{font-size:13px;margin-top:6px;margin-bottom:3px} h3{font-size:11px;margin-bottom:1px}"
           "p.verdict{font-size:13px} .small,sup{font-size:8px;color:#555} td,th{font-size:9px} li{font-size:10px}";
}

std::vector<std::string> document_sections(const Report& report) {
    const auto& all = candidates_of(report);
    std::vector<std::string> sections{verdict_of(report)};
    SourceNotes notes;
    add_facts(sections, all);
    add_metrics(sections, all, notes);
    add_warnings(sections, all);
    add_expectations(sections, report.expectations);
    return sections;
}

std::vector<std::string> document_appendix(const Report& report) {
    const auto& all = candidates_of(report);
    SourceNotes notes;
    std::vector<std::string> ignored;
    add_metrics(ignored, all, notes);   // numbers them in the order of the tables
    if (notes.texts().empty()) return {};
    std::string html = "<h2>Where the figures come from</h2><table width=\"100%\" cellspacing=\"0\" cellpadding=\"1\">";
    for (std::size_t i = 0; i < notes.texts().size(); ++i) html += fmt::format("<tr><td class=\"small\" width=\"18\">{}</td><td class=\"small\">{}</td></tr>", i + 1, esc(notes.texts()[i]));
    return {html + "</table>"};
}

}  // namespace moeplan
