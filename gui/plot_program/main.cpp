// moeplan-plot REPORT.json: the pictures of a report as files, and the report as a PDF, off-screen.

#include <cstdio>
#include <string>

#include <QApplication>
#include <QCommandLineParser>
#include <QFontDatabase>

#include "gui/plots/report_files.h"

namespace {

constexpr int kWrongInput = 2;

int complain(const moeplan::Problems& problems) {
    for (const moeplan::Problem& p : problems) std::fprintf(stderr, "moeplan-plot: %s\n", moeplan::to_text(p).c_str());
    return problems.empty() ? 0 : kWrongInput;
}

void add_options(QCommandLineParser& parser) {
    parser.setApplicationDescription("Draws the pictures of a report that `moeplan run --format json` wrote.");
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument("report", "the report", "REPORT.json");
    parser.addOptions({{"out", "Folder for the pictures and their list, pictures.json.", "FOLDER"},
                       {"format", "svg, png, pdf or csv.", "FORMAT", "svg"},
                       {"look", "light, dark or both.", "LOOK", "both"},
                       {"picture", "Only this picture; may be given again.", "ID"},
                       {"size", "Width and height in pixels.", "WIDTHxHEIGHT", "800x480"},
                       {"no-titles", "Without title and meaning, for a page that has them beside the picture."},
                       {"scale", "Device pixels for a pixel of a PNG.", "NUMBER", "2"},
                       {"pdf-report", "The whole report as one document.", "FILE.pdf"}});
}

moeplan::PlotRequest request_of(const QCommandLineParser& parser) {
    const auto text = [&](const char* name) { return parser.value(name).toStdString(); };
    moeplan::PlotRequest request;
    if (!parser.positionalArguments().isEmpty()) request.report = parser.positionalArguments().constFirst().toStdString();
    request.folder = text("out");
    request.format = text("format");
    request.look = text("look");
    request.size = text("size");
    request.scale = text("scale");
    request.pdf_report = text("pdf-report");
    request.titles = !parser.isSet("no-titles");
    for (const QString& id : parser.values("picture")) request.pictures.push_back(id.toStdString());
    return request;
}

}  // namespace

int main(int argc, char** argv) {
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
    if (qEnvironmentVariableIsEmpty("QT_LOGGING_RULES")) qputenv("QT_LOGGING_RULES", "*.debug=false;*.info=false;*.warning=false");
    QApplication app(argc, argv);
    QApplication::setApplicationName("moeplan-plot");
    QApplication::setApplicationVersion("0.1.0");
    QCommandLineParser parser;
    add_options(parser);
    if (!parser.parse(QApplication::arguments())) return complain({{{}, {}, parser.errorText().toStdString(), "see moeplan-plot --help"}});
    if (parser.isSet("help")) {
        std::fputs(qPrintable(parser.helpText()), stdout);
        return 0;
    }
    if (parser.isSet("version")) {
        std::puts("moeplan-plot 0.1.0");
        return 0;
    }
    if (QFontDatabase::families().isEmpty()) return complain({{{}, {}, "no font is installed, so pictures would have no letters", "install one: fonts-dejavu-core"}});
    return complain(moeplan::plot_report(request_of(parser), static_cast<std::size_t>(parser.positionalArguments().size())));
}
