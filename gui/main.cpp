// moeplan-gui [STUDY.yaml] [--screenshot FILE.png]

#include <cstdio>

#include <QApplication>
#include <QCommandLineParser>
#include <QFontDatabase>
#include <QTimer>

#include "gui/window/main_window.h"

namespace {

// Without a display Qt would abort; a screenshot needs none.
bool choose_platform(int argc, char** argv) {
    if (!qEnvironmentVariableIsEmpty("DISPLAY") || !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") || !qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) return true;
    for (int i = 1; i < argc; ++i) {
        if (QByteArray(argv[i]).startsWith("--screenshot")) return qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    std::fputs("moeplan-gui: there is no display; set DISPLAY, or use --screenshot FILE.png\n", stderr);
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    if (!choose_platform(argc, argv)) return 2;
    QApplication app(argc, argv);
    QApplication::setApplicationName("moeplan");
    if (QFontDatabase::families().isEmpty()) {
        std::fputs("moeplan-gui: no font is installed; install one (fonts-dejavu-core)\n", stderr);
        return 2;
    }
    QCommandLineParser parser;
    parser.setApplicationDescription("What serving a mixture-of-experts or a dense model costs, as a picture.");
    parser.addHelpOption();
    parser.addPositionalArgument("study", "a study in YAML", "[STUDY.yaml]");
    const QCommandLineOption screenshot("screenshot", "save a picture of the window and leave", "FILE.png");
    parser.addOption(screenshot);
    parser.process(app);

    moeplan::MainWindow window(moeplan::builtin_catalog());
    if (!parser.positionalArguments().isEmpty()) window.open_study(parser.positionalArguments().constFirst());
    window.show();
    if (parser.isSet(screenshot)) {
        int code = 0;
        QTimer::singleShot(0, &app, [&] {
            code = window.grab().save(parser.value(screenshot)) ? 0 : 2;
            if (code != 0) std::fprintf(stderr, "moeplan-gui: cannot write %s\n", qPrintable(parser.value(screenshot)));
            app.exit(code);
        });
    }
    return QApplication::exec();
}
