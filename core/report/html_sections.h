#pragma once
// The parts of the HTML report, top to bottom; each is empty when the report has nothing to say there. Every
// text that comes from a report is escaped here. Internal to core/report.

#include <string>
#include <string_view>

#include "core/report/report_view.h"

namespace moeplan {

std::string html_header(const Report& report);
std::string html_verdict(const Verdict& verdict);
std::string html_cards(const Report& report);
std::string html_comparison(const std::vector<CandidateReport>& candidates, SourceNotes& sources);
// Panels without a heading.
std::string html_memory(const std::vector<CandidateReport>& candidates);
std::string html_breakdowns(const std::vector<CandidateReport>& candidates);
std::string html_rank_loads(const std::vector<CandidateReport>& candidates);
// Charts, then the numbers; the charts of one axis may be folded away.
std::string html_sweeps(const Report& report, std::string_view folded_axis = {});
std::string html_folded(std::string_view summary, const std::string& content);   // empty when there is no content
std::string html_exploration(const Exploration& exploration, SourceNotes& sources);
std::string html_expectations(const std::vector<ExpectationResult>& results);
std::string html_warnings(const Report& report);
std::string html_sources(const SourceNotes& sources);
std::string html_scenario(const Document& scenario);

}  // namespace moeplan
