#include "gui/window/export_report.h"

#include <QFileDialog>
#include <QFileInfo>

#include "core/base/write_file.h"
#include "core/report/report_writer.h"
#include "gui/models/text.h"
#include "gui/session/session.h"
#include "gui/window/main_window.h"

namespace moeplan {

Problems export_report(const Report& report, const QString& format, const QString& file) {
    auto writer = make_writer(format.toStdString());
    if (!writer) return std::move(writer.error());
    return write_file_atomically(file.toStdString(), (*writer)->write(report));
}

void choose_report(MainWindow& window, const QString& format) {
    Session& session = window.session();
    const auto report = session.report();
    if (!report) return;
    const QString wish = QFileInfo(session.title()).completeBaseName().simplified().replace('/', '-') + "." + format;
    QString file = QFileDialog::getSaveFileName(&window, MainWindow::tr("Export the report"), wish, QString("*.%1").arg(format));
    if (file.isEmpty()) return;
    if (QFileInfo(file).suffix().isEmpty()) file += "." + format;
    const Problems problems = export_report(*report, format, file);
    emit session.told(problems.empty() ? MainWindow::tr("Wrote %1").arg(file) : text_of(to_text(problems.front())));
}

}  // namespace moeplan
