// moeplan-gui [STUDY.yaml] [--screenshot FILE.png] [--page NAME] [--look light|dark] [--size WxH] [--pictures FOLDER]

#include <cstdio>
#include <optional>

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QFontDatabase>
#include <QFontInfo>
#include <QIcon>
#include <QProcess>
#include <QRegularExpression>
#include <QStyleFactory>
#include <QTemporaryDir>
#include <QTimer>

#include "gui/models/data_folder.h"
#include "gui/session/session.h"
#include "gui/window/look.h"
#include "gui/window/main_window.h"
#include "gui/window/picture_maker.h"

namespace {

constexpr int kFine = 0, kWrongInput = 2;

int refuse(const QString& why) {
    std::fprintf(stderr, "moeplan-gui: %s\n", qPrintable(why));
    return kWrongInput;
}

// Without a display Qt would abort; pictures need none, and what only prints does not either.
bool choose_platform(int argc, char** argv) {
    if (!qEnvironmentVariableIsEmpty("DISPLAY") || !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") ||
        !qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        return true;
    for (int i = 1; i < argc; ++i) {
        const QByteArray word(argv[i]);
        for (const char* without : {"--screenshot", "--pictures", "--help", "-h", "--version", "-v"}) {
            if (word.startsWith(without)) return qputenv("QT_QPA_PLATFORM", "offscreen");
        }
    }
    return false;
}

// A bare font configuration takes a serif face for the usual one.
void choose_font() {
    if (!QFontInfo(QApplication::font()).family().contains("Serif")) return;
    for (const char* family : {"Noto Sans", "DejaVu Sans", "Liberation Sans"}) {
        if (QFontDatabase::families().contains(family)) return QApplication::setFont(QFont(family, 10));
    }
}

struct Wishes {
    QString study, screenshot, page, look, pictures;
    std::optional<QSize> size;
};

void describe(QCommandLineParser& parser) {
    parser.setApplicationDescription("What serving a mixture-of-experts or a dense model costs, as a picture.");
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument("study", "A study in YAML.", "[STUDY.yaml]");
    parser.addOptions(
        {{"screenshot", "Save a picture of the window and leave.", "FILE.png"},
         {"page", "What the picture shows: start, problems, calibration, panel_money …, or a tab of pictures.", "NAME"},
         {"look", "light, dark, or desktop.", "LOOK"},
         {"size", "Of the window, such as 1280x800.", "WxH"},
         {"pictures", "Save pictures of the window on every page, light and dark, plain and for fine screens, and leave.", "FOLDER"}});
}

// The wishes, or what is wrong with them.
QString read_wishes(const QCommandLineParser& parser, Wishes& wishes) {
    const QStringList given = parser.positionalArguments();
    if (given.size() > 1) return QString("one study at a time, found %1").arg(given.size());
    wishes.study = given.value(0);
    wishes.screenshot = parser.value("screenshot");
    wishes.page = parser.value("page");
    wishes.look = parser.value("look");
    wishes.pictures = parser.value("pictures");
    if (!wishes.look.isEmpty() && !QStringList{"light", "dark", "desktop"}.contains(wishes.look))
        return "--look: expected light, dark or desktop, found '" + wishes.look + "'";
    if (parser.isSet("size")) {
        const auto match = QRegularExpression("^(\\d{3,4})x(\\d{3,4})$").match(parser.value("size"));
        if (!match.hasMatch()) return "--size: expected such as 1280x800, found '" + parser.value("size") + "'";
        wishes.size = QSize(match.captured(1).toInt(), match.captured(2).toInt());
    }
    return {};
}

// The same command again at twice the pixels: a screen's scale is fixed when a program starts.
int pictures_for_fine_screens(const Wishes& wishes) {
    QProcess again;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("QT_SCALE_FACTOR", "2");
    again.setProcessEnvironment(environment);
    again.setProcessChannelMode(QProcess::ForwardedChannels);
    again.start(QApplication::applicationFilePath(), QStringList{"--pictures", wishes.pictures, "--size", "1280x720"} +
                                                         (wishes.study.isEmpty() ? QStringList{} : QStringList{wishes.study}));
    again.waitForFinished(-1);
    return again.exitStatus() == QProcess::NormalExit ? again.exitCode() : kWrongInput;
}

int make_all_pictures(moeplan::MainWindow& window, const Wishes& wishes) {
    const QString simulated = moeplan::data_folder() + "/scenarios/studies/simulate-bursts.yaml";
    const QStringList failed = moeplan::make_pictures(window, wishes.pictures, QFileInfo::exists(simulated) ? simulated : QString());
    if (!failed.isEmpty()) return refuse("cannot write " + failed.join(", "));
    return qEnvironmentVariableIsEmpty("QT_SCALE_FACTOR") ? pictures_for_fine_screens(wishes) : kFine;
}

int take_screenshot(moeplan::MainWindow& window, const Wishes& wishes) {
    moeplan::wait_for_answer(window);
    if (!wishes.page.isEmpty() && !moeplan::show_page(window, wishes.page)) {
        return refuse("--page: expected one of " + moeplan::pages_of(window).join(", ") + ", found '" + wishes.page + "'");
    }
    return window.grab().save(wishes.screenshot) ? kFine : refuse("cannot write " + wishes.screenshot);
}

int run(QApplication& app, const Wishes& wishes) {
    // Pictures neither read nor leave anything behind.
    QTemporaryDir passing;
    const bool pictured = !wishes.screenshot.isEmpty() || !wishes.pictures.isEmpty();
    moeplan::MainWindow window(moeplan::builtin_catalog(), pictured ? passing.path() : QString());
    if (!wishes.look.isEmpty()) moeplan::apply_look(wishes.look);
    // A picture is as large as it is asked for, whatever the screen.
    if (wishes.size || !wishes.screenshot.isEmpty()) window.resize(wishes.size.value_or(QSize(1280, 800)));
    if (!wishes.study.isEmpty()) window.open_study(wishes.study);
    window.show();
    if (!pictured) return QApplication::exec();
    int code = kFine;
    QTimer::singleShot(0, &app, [&] {
        code = wishes.pictures.isEmpty() ? take_screenshot(window, wishes) : make_all_pictures(window, wishes);
        app.exit(code);
    });
    QApplication::exec();
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    if (!choose_platform(argc, argv)) {
        std::fputs("moeplan-gui: there is no display; set DISPLAY, or use --screenshot FILE.png\n", stderr);
        return kWrongInput;
    }
    QApplication app(argc, argv);
    QApplication::setApplicationName("moeplan");
    QApplication::setApplicationVersion(MOEPLAN_VERSION);
    QIcon icon;
    for (const char* file : {":/moeplan-gui-48.png", ":/moeplan-gui-128.png"}) icon.addFile(file);
    QApplication::setWindowIcon(icon);
    QApplication::setDesktopFileName("moeplan-gui");
    QApplication::setStyle(QStyleFactory::create("Fusion"));
    if (QFontDatabase::families().isEmpty()) return refuse("no font is installed; install one (fonts-dejavu-core)");
    choose_font();
    QCommandLineParser parser;
    describe(parser);
    parser.process(app);
    Wishes wishes;
    if (const QString wrong = read_wishes(parser, wishes); !wrong.isEmpty()) return refuse(wrong);
    return run(app, wishes);
}
