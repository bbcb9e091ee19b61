#pragma once
// The parts of the HTML report, top to bottom; each is empty when the report has nothing to say there. Every
// text that comes from a report is escaped here. Internal to core/report.

#include <string>

#include "core/report/report_view.h"

namespace moeplan {

std::string html_header(const Report& report);
std::string html_verdict(const Verdict& verdict);
std::string html_cards(const Report& report);
std::string html_comparison(const std::vector<CandidateReport>& candidates, SourceNotes& sources);
std::string html_memory(const std::vector<CandidateReport>& candidates);
std::string html_breakdowns(const std::vector<CandidateReport>& candidates);
std::string html_rank_loads(const std::vector<CandidateReport>& candidates);
std::string html_sweeps(const Report& report);   // charts, then the numbers
std::string html_exploration(const Exploration& exploration, SourceNotes& sources);
std::string html_expectations(const std::vector<ExpectationResult>& results);
std::string html_warnings(const Report& report);
std::string html_sources(const SourceNotes& sources);
std::string html_scenario(const Document& scenario);

}  // namespace moeplan
