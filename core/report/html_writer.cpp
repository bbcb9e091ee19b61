// One self-contained page: no script, nothing loaded from anywhere.

#include <fmt/format.h>

#include "core/report/html_figures.h"
#include "core/report/html_page.h"
#include "core/report/html_sections.h"
#include "core/report/html_style.h"
#include "core/report/markup.h"
#include "core/report/report_writer.h"
#include "core/report/simulation_text.h"

namespace moeplan {
namespace {

// Pictures where there are some, what a page can draw itself folded under them; else the latter alone.
std::string section(std::string_view heading, const std::string& pictures, const std::string& plain, std::string_view summary) {
    if (pictures.empty() && plain.empty()) return {};
    return fmt::format("<h2>{}</h2>\n", heading) + (pictures.empty() ? plain : pictures + html_folded(summary, plain));
}

std::string quiet_lines(const HtmlFigures& figures, std::string_view why_plain) {
    std::string out;
    if (!why_plain.empty()) out += fmt::format("<p class=\"soft\">Plain charts: {}.</p>\n", escape_markup(why_plain));
    for (const std::string& line : figures.left_out()) out += fmt::format("<p class=\"soft\">A picture was left out: {}.</p>\n", escape_markup(line));
    return out;
}

std::string body_of(const Report& report, const HtmlFigures& figures, std::string_view why_plain) {
    SourceNotes sources;
    std::string body = html_header(report);
    if (report.verdict) body += html_verdict(*report.verdict);
    body += html_cards(report);
    body += section("At a glance", figures.of("Compare"), {}, {});
    body += html_sweeps(report, figures.has("cost_against_batch") ? "batch" : "");
    if (!report.candidates.empty()) body += "<h2>Side by side</h2>\n" + html_comparison(report.candidates, sources);
    body += section("Money", figures.of("Money"), {}, {});
    const std::string simulated = figures.of("Simulation");
    body += simulations_html(report, simulated.empty()) + section("Simulated, in pictures", simulated, {}, {});
    body += section("Memory of the fullest GPU", figures.of("Memory"), html_memory(report.candidates), "In numbers");
    body += section("Where a step goes", figures.of("Step"), html_breakdowns(report.candidates), "In numbers");
    const std::string experts = figures.of("Experts");
    body += section(experts.empty() ? "Load of the expert-parallel ranks" : "Load of the experts and their ranks", experts, html_rank_loads(report.candidates), "Mean load of the ranks");
    if (report.exploration) body += html_exploration(*report.exploration, sources);
    body += html_expectations(report.expectations);
    body += html_warnings(report);
    body += html_sources(sources);
    body += html_scenario(report.scenario);
    return body + quiet_lines(figures, why_plain);
}

class HtmlWriter final : public ReportWriter {
public:
    std::string write(const Report& report) const override { return write_html(report, {}); }
};

}  // namespace

std::string write_html(const Report& report, const std::vector<EmbeddedPicture>& pictures, std::string_view why_plain) {
    const std::string title = report.scenario_name.empty() ? "moeplan report" : report.scenario_name;
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n{}"
        "<footer>moeplan 0.1 · figures in brackets are intervals; hover a figure for its source.</footer>\n"
        "</main>\n</body>\n</html>\n",
        escape_markup(title), html_style(), body_of(report, HtmlFigures(pictures), why_plain));
}

std::unique_ptr<ReportWriter> make_html_writer(const TableStyle&) { return std::make_unique<HtmlWriter>(); }

}  // namespace moeplan
