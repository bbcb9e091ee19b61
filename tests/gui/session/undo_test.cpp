#include <algorithm>

#include <QUndoStack>

#include "tests/gui/session/session_support.h"

using namespace moeplan;

class UndoTest : public QObject {
    Q_OBJECT

private slots:
    void a_hundred_steps_back_and_forth_give_the_same_studies() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        std::vector<Scenario> seen{session.scenario()};
        for (int i = 0; i < 100; ++i) {
            session.edit("change users", [&](Scenario& s) { set_users(s, 100 + i); });
            seen.push_back(session.scenario());
        }
        for (int i = 100; i-- > 0;) {
            session.undo_stack()->undo();
            QCOMPARE(session.scenario(), seen[static_cast<std::size_t>(i)]);
        }
        QVERIFY(!session.is_modified());
        for (int i = 1; i <= 100; ++i) {
            session.undo_stack()->redo();
            QCOMPARE(session.scenario(), seen[static_cast<std::size_t>(i)]);
        }
        QVERIFY(session.is_modified());
    }

    void a_drag_is_one_step() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        const Scenario before = session.scenario();
        for (int users = 1; users < 50; ++users) session.edit("change users", [&](Scenario& s) { set_users(s, users); }, "users");
        QCOMPARE(session.undo_stack()->count(), 1);
        QCOMPARE(session.undo_stack()->undoText(), QString("change users"));
        session.edit("change the seed", [](Scenario& s) { s.seed = 7; }, "seed");
        QCOMPARE(session.undo_stack()->count(), 2);
        session.undo_stack()->undo();
        session.undo_stack()->undo();
        QCOMPARE(session.scenario(), before);
    }

    void a_drag_that_comes_back_leaves_no_step() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        const double users = users_of(session.scenario());
        session.edit("change users", [&](Scenario& s) { set_users(s, users + 1); }, "users");
        session.edit("change users", [&](Scenario& s) { set_users(s, users); }, "users");
        QCOMPARE(users_of(session.scenario()), users);
        QCOMPARE(session.undo_stack()->count(), 0);
        QVERIFY(!session.is_modified());
    }

    void an_edit_that_changes_nothing_is_none() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        QSignalSpy changed(&session, &Session::scenario_changed);
        session.edit("change nothing", [](Scenario&) {});
        QCOMPARE(session.undo_stack()->count(), 0);
        QCOMPARE(changed.count(), 0);
    }

    void typed_text_is_undone_with_its_comment() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        const QString before = session.text();
        QVERIFY(session.set_text("# mine\n" + QString(before).replace("concurrency: 32", "concurrency: 48")));
        QVERIFY(session.text().startsWith("# mine\n"));
        QCOMPARE(users_of(session.scenario()), 48.0);
        session.undo_stack()->undo();
        QCOMPARE(session.text(), before);
        session.undo_stack()->redo();
        QVERIFY(session.text().startsWith("# mine\n"));
    }

    void text_that_cannot_be_read_leaves_the_study_and_says_where() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        const Scenario before = session.scenario();
        QVERIFY(!session.set_text("name: x\nworklod: 3\n"));
        QCOMPARE(session.scenario(), before);
        QVERIFY(session.draft().has_value());
        QVERIFY(!session.problems().empty());
        QVERIFY(std::ranges::any_of(session.problems(), [&](const Problem& p) { return session.line_of(p) == 2; }));
        session.edit("change users", [](Scenario& s) { set_users(s, 5); });
        QVERIFY(!session.draft().has_value());
        QVERIFY(session.problems().empty());
    }

    void text_that_cannot_be_read_is_a_change_and_comes_back_by_undo() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        const QString good = session.text(), broken = "name: x\nworklod: 3\n";
        QVERIFY(!session.set_text(broken));
        QVERIFY(session.is_modified());
        session.edit("change users", [](Scenario& s) { set_users(s, 5); });
        session.undo_stack()->undo();
        QVERIFY(session.draft().has_value());
        QCOMPARE(session.draft()->yaml, broken);
        QVERIFY(std::ranges::any_of(session.problems(), [&](const Problem& p) { return session.line_of(p) == 2; }));
        session.undo_stack()->undo();
        QVERIFY(!session.draft().has_value());
        QVERIFY(session.problems().empty());
        QVERIFY(!session.is_modified());
        session.undo_stack()->redo();
        QCOMPARE(session.draft()->yaml, broken);
        // Mended as it was, nothing is left to be saved.
        QVERIFY(session.set_text(good));
        QVERIFY(!session.is_modified());
    }

    void a_text_given_up_comes_back_by_undo() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        const Scenario before = session.scenario();
        QVERIFY(!session.set_text("name: [\n"));
        session.drop_draft();
        QVERIFY(!session.draft().has_value());
        QCOMPARE(session.scenario(), before);
        session.undo_stack()->undo();
        QCOMPARE(session.draft()->yaml, QString("name: [\n"));
    }
};

QTEST_GUILESS_MAIN(UndoTest)
#include "undo_test.moc"
