#include "gui/window/export_report.h"

#include <vector>

#include <QEventLoop>
#include <QFileInfo>
#include <QTimer>

#include "core/base/write_file.h"
#include "core/report/html_page.h"
#include "gui/models/pictures.h"
#include "gui/models/text.h"
#include "gui/plots/picture_file.h"
#include "gui/plots/report_document.h"
#include "gui/session/session.h"
#include "gui/window/choose_file.h"
#include "gui/window/main_window.h"

namespace moeplan {
namespace {

constexpr int kAwaitedMs = 1000;

Result<std::string> svg_of(const Picture& picture, Look look) {
    PictureFileOptions options;
    options.look = look;
    options.title = false;   // the page has it
    auto bytes = picture_bytes(picture, "svg", options);
    if (!bytes) return tl::unexpected(std::move(bytes.error()));
    return bytes->toStdString();
}

Result<std::vector<EmbeddedPicture>> pictures_of(const Report& report) {
    std::vector<EmbeddedPicture> pictures;
    for (const PictureEntry& entry : picture_catalog()) {
        const Picture picture = entry.make(report);
        if (picture.empty()) continue;
        auto light = svg_of(picture, Look::light), dark = svg_of(picture, Look::dark);
        if (!light) return tl::unexpected(std::move(light.error()));
        if (!dark) return tl::unexpected(std::move(dark.error()));
        pictures.push_back({picture.id, picture.title, picture.meaning, std::string(entry.page), std::move(*light), std::move(*dark)});
    }
    return pictures;
}

QString wished_name(const Session& session, const char* extension) {
    const QFileInfo file(session.file());
    const QString name =
        session.file().isEmpty() ? session.title().simplified().replace('/', '-') : file.path() + "/" + file.completeBaseName();
    return name + extension;
}

// What keeps the study on the screen from having a report; empty when nothing does. An answer that is about to come is awaited.
QString wanting(Session& session) {
    if (session.answering() && !session.is_partial()) {
        QEventLoop waiting;
        QTimer::singleShot(kAwaitedMs, &waiting, &QEventLoop::quit);
        QObject::connect(&session, &Session::answering_changed, &waiting, &QEventLoop::quit);
        waiting.exec(QEventLoop::ExcludeUserInputEvents);
    }
    if (session.is_current() && !session.is_partial()) return {};
    if (session.answering()) return MainWindow::tr("Not exported: the answer is still being worked out");
    return session.problems().empty() ? MainWindow::tr("Not exported: this study is not answered (F5 answers it)")
                                      : MainWindow::tr("Not exported: this study has no answer");
}

void choose(MainWindow& window, const char* extension, const QString& filter, Problems (*write)(const Report&, const QString&)) {
    window.take_typed();
    Session& session = window.session();
    if (const QString why = wanting(session); !why.isEmpty()) {
        emit session.told(why);
        return;
    }
    const auto report = session.report();
    const QString file =
        choose_file_to_write(window, MainWindow::tr("Export the report"), wished_name(session, extension), filter, {extension});
    if (file.isEmpty()) return;
    const Problems problems = write(*report, file);
    emit session.told(problems.empty() ? MainWindow::tr("Wrote %1").arg(file) : text_of(to_text(problems.front())));
}

}  // namespace

Problems export_html(const Report& report, const QString& file) {
    auto pictures = pictures_of(report);
    if (!pictures) return std::move(pictures.error());
    return write_file_atomically(file.toStdString(), write_html(report, *pictures));
}

Problems export_pdf(const Report& report, const QString& file) {
    return write_file_atomically(file.toStdString(), report_pdf(report).toStdString());
}

void choose_html_report(MainWindow& window) { choose(window, ".html", MainWindow::tr("Web pages (*.html)"), export_html); }
void choose_pdf_report(MainWindow& window) { choose(window, ".pdf", MainWindow::tr("Documents (*.pdf)"), export_pdf); }

}  // namespace moeplan
