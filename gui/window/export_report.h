#pragma once
// The report of the answer on the screen, as a file for those who have no moeplan.

#include <QString>

#include "core/base/result.h"
#include "core/report/report.h"

namespace moeplan {

class MainWindow;

// "html": self-contained, with its pictures. "pdf": for paper. Whole or not at all. Errors: another format; what writing says.
Problems export_report(const Report& report, const QString& format, const QString& file);

// Asks where to; says in the status line how it went.
void choose_report(MainWindow& window, const QString& format);

}  // namespace moeplan
