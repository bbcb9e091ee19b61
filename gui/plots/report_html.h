#pragma once
// The words and tables of a printed report, as the little HTML that QTextDocument reads. Internal to gui/plots.

#include <string>
#include <vector>

#include "core/report/report.h"

namespace moeplan {

std::string document_style();
// Title and verdict, then the candidates, then a table for each question; each is kept on one page where it fits.
std::vector<std::string> document_sections(const Report& report);
// Where the figures come from.
std::vector<std::string> document_appendix(const Report& report);

}  // namespace moeplan
