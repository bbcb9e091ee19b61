#pragma once
// A whole report as a document for printing: verdict, figures with intervals and sources, pictures.

#include <QByteArray>

#include "core/report/report.h"

namespace moeplan {

// PDF, A4, pages numbered. The same report gives the same pages; the file also says when it was made.
QByteArray report_pdf(const Report& report);

}  // namespace moeplan
