#pragma once
// The parts of the terminal report, top to bottom. Each appends whole lines, none longer than the pen's
// width, and nothing at all when the report has nothing to say there. Internal to core/report.

#include <string>

#include "core/report/report_view.h"
#include "core/report/table_grid.h"

namespace moeplan {

void add_heading(std::string& out, const std::string& text, const std::string& note, const Pen& pen);

// Candidates as columns, facts and metrics as rows; split into blocks of candidates that fit the width.
void add_metrics(std::string& out, const std::vector<CandidateReport>& candidates, SourceNotes& sources,
                 const Pen& pen);

// A block per simulated candidate; with more than four, only the better buy's.
void add_simulations(std::string& out, const Report& report, const Pen& pen);
void add_breakdowns(std::string& out, const Report& report, const Pen& pen);
void add_memory(std::string& out, const std::vector<CandidateReport>& candidates, const Pen& pen);
void add_rank_loads(std::string& out, const std::vector<CandidateReport>& candidates, const Pen& pen);
void add_sweeps(std::string& out, const Report& report, const Pen& pen);
void add_exploration(std::string& out, const Exploration& exploration, SourceNotes& sources, const Pen& pen);

// "  label  text", the text wrapped and hanging under itself.
void add_hanging(std::string& out, const std::string& label, int label_width, const std::string& text,
                 Ink ink, const Pen& pen);

}  // namespace moeplan
