#pragma once
// The report of the answer on the screen, as a file for those who have no moeplan.

#include <QString>

#include "core/base/result.h"
#include "core/report/report.h"

namespace moeplan {

class MainWindow;

// One self-contained page with every picture the report has something for, light and dark. Whole or not at all.
Problems export_html(const Report& report, const QString& file);

// For paper. Whole or not at all.
Problems export_pdf(const Report& report, const QString& file);

// Asks where to; says in the status line how it went.
void choose_html_report(MainWindow& window);
void choose_pdf_report(MainWindow& window);

}  // namespace moeplan
