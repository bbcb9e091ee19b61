// Runs itself as another program, which edits and is killed.
#include <cstdio>

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QProcess>

#include "tests/gui/session/session_support.h"

using namespace moeplan;

namespace {

int edit_until_killed(const QString& state, const QString& file) {
    Session session(builtin_catalog(), state);
    if (!file.isEmpty()) session.open(file);
    else session.start_new();
    session.edit("change users", [](Scenario& s) { set_users(s, 4711); });
    return QCoreApplication::exec();
}

bool has_autosave(const QString& state) { return !QDir(state).entryList({"unsaved-*.json"}).isEmpty(); }

class Editor {
public:
    Editor(const QString& state, const QString& file) { process_.start(QCoreApplication::applicationFilePath(), {"--edit", state, file}); }
    ~Editor() { kill(); }
    void kill() {
        process_.kill();
        process_.waitForFinished();
    }

private:
    QProcess process_;
};

}  // namespace

class RecoveryTest : public QObject {
    Q_OBJECT

private slots:
    void edits_of_a_program_that_was_killed_are_offered_and_taken() {
        const Scratch folder;
        const QString state = path_in(folder, "state");
        const QString file = path_in(folder, "study.yaml");
        {
            Session session(builtin_catalog(), path_in(folder, "other"));
            session.start_new();
            QVERIFY(session.save_as(file));
        }
        Editor editor(state, file);
        QTRY_VERIFY_WITH_TIMEOUT(has_autosave(state), kAnswerWithin);
        {
            Session beside(builtin_catalog(), state);   // the other still runs: its edits are its own
            QVERIFY(!beside.recovered().has_value());
        }
        QVERIFY(has_autosave(state));
        editor.kill();
        Session session(builtin_catalog(), state);
        QVERIFY(session.recovered().has_value());
        QCOMPARE(session.recovered()->file, file);
        {
            Session second(builtin_catalog(), state);   // offered once
            QVERIFY(!second.recovered().has_value());
        }
        session.take_recovered();
        QVERIFY(!session.recovered().has_value());
        QCOMPARE(users_of(session.scenario()), 4711.0);
        QCOMPARE(session.file(), file);
        QVERIFY(session.is_modified());
        QVERIFY(session.save());
        auto loaded = load_scenario(file.toStdString());
        QVERIFY(loaded.has_value());
        QCOMPARE(users_of(*loaded), 4711.0);
    }

    void what_is_taken_is_safe_from_the_next_kill_too() {
        const Scratch folder;
        const QString state = path_in(folder, "state");
        Editor editor(state, {});
        QTRY_VERIFY_WITH_TIMEOUT(has_autosave(state), kAnswerWithin);
        editor.kill();
        Session session(builtin_catalog(), state);
        session.take_recovered();
        QCOMPARE(QDir(state).entryList({"unsaved-*.json"}).size(), 1);
    }

    void what_is_thrown_away_is_gone() {
        const Scratch folder;
        const QString state = path_in(folder, "state");
        Editor editor(state, {});
        QTRY_VERIFY_WITH_TIMEOUT(has_autosave(state), kAnswerWithin);
        editor.kill();
        {
            Session session(builtin_catalog(), state);
            QVERIFY(session.recovered().has_value());
            session.discard_recovered();
            QVERIFY(!session.recovered().has_value());
        }
        QVERIFY(!has_autosave(state));
        QVERIFY(QDir(state).entryList({"*.lock"}).isEmpty());
    }

    void what_is_not_answered_is_offered_again() {
        const Scratch folder;
        const QString state = path_in(folder, "state");
        Editor editor(state, {});
        QTRY_VERIFY_WITH_TIMEOUT(has_autosave(state), kAnswerWithin);
        editor.kill();
        for (int i = 0; i < 3; ++i) {
            Session session(builtin_catalog(), state);
            QVERIFY(session.recovered().has_value());
        }
    }

    void text_that_cannot_be_read_is_kept_as_it_was_typed() {
        const Scratch folder;
        const QString state = path_in(folder, "state");
        {
            Session session(builtin_catalog(), state);
            session.start_new();
            session.set_text("name: [\n");
            session.keep_for_next_time();
        }
        Session session(builtin_catalog(), state);
        QCOMPARE(session.recovered()->yaml, QString("name: [\n"));
        session.take_recovered();
        QCOMPARE(session.draft()->yaml, QString("name: [\n"));
    }

    void a_session_that_ends_well_leaves_nothing() {
        const Scratch folder;
        const QString state = path_in(folder, "state");
        {
            Session session(builtin_catalog(), state);
            session.start_new();
            session.edit("change users", [](Scenario& s) { set_users(s, 3); });
            QTRY_VERIFY_WITH_TIMEOUT(has_autosave(state), kAnswerWithin);
        }
        QVERIFY(!has_autosave(state));
        {
            Session session(builtin_catalog(), state);
            session.start_new();
            session.edit("change users", [](Scenario& s) { set_users(s, 3); });
            session.keep_for_next_time();
        }
        Session session(builtin_catalog(), state);
        QVERIFY(session.recovered().has_value());
    }
};

int main(int argc, char** argv) {
    QCoreApplication app(argc, argv);
    const QStringList words = QCoreApplication::arguments();
    if (words.value(1) == "--edit") return edit_until_killed(words.value(2), words.value(3));
    RecoveryTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "recovery_test.moc"
