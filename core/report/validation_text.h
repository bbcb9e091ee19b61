#pragma once
// What the outputs of validations share: error columns, tables that fit, Markdown. Internal to core/report.

#include <string>
#include <vector>

#include "core/report/json_tree.h"
#include "core/report/markup.h"
#include "core/report/table_sections.h"
#include "core/report/validation.h"

namespace moeplan {

Json stats_json(const std::optional<ErrorStats>& stats);   // null when absent
std::string percent(double fraction);
std::string signed_percent(double fraction);

// A name, then rows, MAPE, median, p90, bias and coverage.
const std::vector<std::string>& summary_heads();
std::vector<std::string> summary_cells(const std::string& name, const ErrorStats& s);

// `names` leading columns hold words and give way when the table is too wide; the rest hold numbers.
void add_table(std::string& out, const std::vector<std::string>& heads, const std::vector<std::vector<std::string>>& rows,
               std::size_t names, const Pen& pen);
void add_markdown(std::string& out, const std::vector<std::string>& heads, const std::vector<std::vector<std::string>>& rows,
                  std::size_t names);

}  // namespace moeplan
