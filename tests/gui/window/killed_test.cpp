// The window, killed in the middle of an edit, and the program started after it.
#include <memory>

#include <QAbstractButton>
#include <QDir>
#include <QImage>
#include <QLineEdit>
#include <QLockFile>
#include <QProcess>

#include "tests/gui/window/stress_support.h"

using namespace moeplan;

namespace {

// Where the program keeps its things when its user's data are in `home`.
QString state_in(const Scratch& home) { return QString::fromStdString(home.path("moeplan")); }

bool has_autosave(const QString& state) { return !QDir(state).entryList({"unsaved-*.json"}).isEmpty(); }

QString saved_study(const Scratch& home) {
    const QString file = QString::fromStdString(home.path("mine.yaml"));
    Session session(builtin_catalog(), QString::fromStdString(home.path("before")));
    session.start_new();
    if (!session.save_as(file)) qFatal("cannot save the study");
    return file;
}

// This program again, as a person at the window.
int edit_until_killed(const QString& state, const QString& file) {
    MainWindow window(builtin_catalog(), state);
    window.show();
    window.open_study(file);
    auto* users = window.findChild<QLineEdit*>("workload.users.value");
    users->setFocus();
    users->selectAll();
    QTest::keyClicks(users, "4711");
    QTest::keyClick(users, Qt::Key_Return);
    return QApplication::exec();
}

class Program {
public:
    Program(const QString& program, const QStringList& arguments, const Scratch& home) {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("XDG_DATA_HOME", QString::fromStdString(home.path().string()));
        environment.insert("QT_QPA_PLATFORM", "offscreen");
        process_.setProcessEnvironment(environment);
        process_.setProcessChannelMode(QProcess::ForwardedChannels);
        process_.start(program, arguments);
    }
    ~Program() { kill(); }
    bool runs() const { return process_.state() != QProcess::NotRunning; }
    // Has what a killed one left in its care.
    bool holds_left_behind_in(const QString& state) const {
        for (const QString& name : QDir(state).entryList({"unsaved-*.lock"})) {
            qint64 owner = 0;
            QString host, program;
            const QLockFile lock(state + "/" + name);
            if (lock.getLockInfo(&owner, &host, &program) && owner == process_.processId()) return true;
        }
        return false;
    }
    void kill() {
        process_.kill();
        process_.waitForFinished();
    }

private:
    QProcess process_;
};

QString real_program() { return QStringLiteral(MOEPLAN_BINARY_DIR "/bin/moeplan-gui"); }

double users_of(const Scenario& s) { return std::get<ClosedLoop>(s.workload.load).concurrency; }

}  // namespace

class KilledTest : public QObject {
    Q_OBJECT

private slots:
    void what_was_typed_into_a_window_that_was_killed_is_recovered_with_one_key() {
        const Scratch home;
        const QString file = saved_study(home);
        Program editor(QCoreApplication::applicationFilePath(), {"--edit", state_in(home), file}, home);
        QTRY_VERIFY_WITH_TIMEOUT(has_autosave(state_in(home)), kAnswerWithin);
        editor.kill();
        MainWindow window(builtin_catalog(), state_in(home));
        window.show();
        auto* bar = window.findChild<QWidget*>("notice.recovered");
        QVERIFY(bar->isVisible());
        QVERIFY(!QApplication::activeModalWidget());
        auto* recover = bar->findChild<QAbstractButton*>("notice.recovered.Recover");
        QVERIFY(recover);
        QTest::keyClick(recover, Qt::Key_Space);
        QVERIFY(!bar->isVisible());
        QCOMPARE(users_of(window.session().scenario()), 4711.0);
        QCOMPARE(window.session().file(), file);
        QVERIFY(window.session().is_modified());
        QTRY_VERIFY_WITH_TIMEOUT(window.session().is_current(), kAnswerWithin);
    }

    void a_picture_of_the_window_has_the_usual_size_on_a_small_screen() {
        const Scratch home;
        const QString picture = QString::fromStdString(home.path("window.png"));
        QProcess program;
        program.start(real_program(), {saved_study(home), "--screenshot", picture});
        QVERIFY(program.waitForFinished(kAnswerWithin));
        const QSize size = QImage(picture).size();
        QVERIFY2(size == QSize(1280, 800), qPrintable(QString("%1 x %2").arg(size.width()).arg(size.height())));
    }

    // The program itself: it takes what was left into its care, and being killed again loses nothing.
    void the_program_keeps_what_a_killed_one_left_through_another_kill() {
        const Scratch home;
        const QString file = saved_study(home);
        {
            Program editor(QCoreApplication::applicationFilePath(), {"--edit", state_in(home), file}, home);
            QTRY_VERIFY_WITH_TIMEOUT(has_autosave(state_in(home)), kAnswerWithin);
        }
        {
            Program program(real_program(), {file}, home);
            QTRY_VERIFY_WITH_TIMEOUT(program.holds_left_behind_in(state_in(home)), kAnswerWithin);
            QVERIFY(!Session(builtin_catalog(), state_in(home)).recovered());   // offered by one program at a time
            QVERIFY(program.runs());
        }
        Session session(builtin_catalog(), state_in(home));
        QVERIFY(session.recovered());
        session.take_recovered();
        QCOMPARE(users_of(session.scenario()), 4711.0);
        QCOMPARE(session.file(), file);
    }

    void the_program_killed_at_any_moment_of_a_long_answer_starts_again() {
        const Scratch home;
        for (const int after : {50, 300, 1'000}) {
            Program program(real_program(), {starter("simulate-moe-or-dense")}, home);
            QTest::qWait(after);
            QVERIFY(program.runs());
        }
        MainWindow window(builtin_catalog(), state_in(home));
        window.show();
        QVERIFY(!window.findChild<QWidget*>("notice.recovered")->isVisible());   // nothing was edited
    }
};

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    const QStringList words = QCoreApplication::arguments();
    if (words.value(1) == "--edit") return edit_until_killed(words.value(2), words.value(3));
    KilledTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "killed_test.moc"
