// One self-contained page: no script, nothing loaded from anywhere.

#include <fmt/format.h>

#include "core/report/html_sections.h"
#include "core/report/html_style.h"
#include "core/report/markup.h"
#include "core/report/report_writer.h"
#include "core/report/simulation_text.h"

namespace moeplan {
namespace {

class HtmlWriter final : public ReportWriter {
public:
    std::string write(const Report& report) const override {
        SourceNotes sources;
        std::string body = html_header(report);
        if (report.verdict) body += html_verdict(*report.verdict);
        body += html_cards(report);
        body += html_sweeps(report);
        if (!report.candidates.empty())
            body += "<h2>Side by side</h2>\n" + html_comparison(report.candidates, sources);
        body += simulations_html(report);
        body += html_memory(report.candidates);
        body += html_breakdowns(report.candidates);
        body += html_rank_loads(report.candidates);
        if (report.exploration) body += html_exploration(*report.exploration, sources);
        body += html_expectations(report.expectations);
        body += html_warnings(report);
        body += html_sources(sources);
        body += html_scenario(report.scenario);
        const std::string title = report.scenario_name.empty() ? "moeplan report" : report.scenario_name;
        return fmt::format(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n{}"
            "<footer>moeplan 0.1 · figures in brackets are intervals; hover a figure for its source.</footer>\n"
            "</main>\n</body>\n</html>\n",
            escape_markup(title), html_style(), body);
    }
};

}  // namespace

std::unique_ptr<ReportWriter> make_html_writer(const TableStyle&) { return std::make_unique<HtmlWriter>(); }

}  // namespace moeplan
