#include <algorithm>

#include <QElapsedTimer>
#include <QTimer>
#include <QUndoStack>

#include "tests/gui/session/session_support.h"

using namespace moeplan;

namespace {

// Long enough that nobody waits for its end.
void simulate(Scenario& s, std::int64_t requests) {
    s.method = Method::simulate;
    s.sweep.clear();
    s.workload.load = PoissonLoad{PerSecond{2}};
    s.simulate.requests = requests;
}

double users_answered(const Report& report) {
    const Document* at = &report.scenario;
    for (const char* key : {"workload", "load", "concurrency"}) {
        const auto& map = std::get<Document::Map>(at->value);
        at = &std::ranges::find(map, key, &std::pair<std::string, Document>::first)->second;
    }
    const auto* whole = std::get_if<std::int64_t>(&at->value);
    return whole ? static_cast<double>(*whole) : std::get<double>(at->value);
}

}  // namespace

class AnswersTest : public QObject {
    Q_OBJECT

private slots:
    void the_last_edit_is_answered_last() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        std::vector<double> answered;
        connect(&session, &Session::answered, this, [&] { answered.push_back(users_answered(*session.report())); });
        session.start_new();
        for (int users = 1; users <= 200; ++users) {
            session.edit("change users", [&](Scenario& s) { set_users(s, users); }, "users");
            if (users % 20 == 0) QTest::qWait(5);
        }
        QTRY_VERIFY_WITH_TIMEOUT(session.is_current(), kAnswerWithin);
        QCOMPARE(answered.back(), 200.0);
        QVERIFY(!session.answering());
        QVERIFY(session.last_answer_ms() > 0);
        for (std::size_t i = 2; i < answered.size(); ++i)
            QVERIFY(answered[i] > answered[i - 1]);  // the first is the study before the edits
    }

    void answers_are_what_the_command_line_gives() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        QVERIFY(session.open_example(QString::fromStdString(study("mixtral-vs-llama70b"))));
        QTRY_VERIFY_WITH_TIMEOUT(session.is_current(), kAnswerWithin);
        QCOMPARE(session.report()->candidates.size(), std::size_t{2});
        QVERIFY(session.report()->verdict.has_value());
        QVERIFY(session.problems().empty());
    }

    void a_study_without_an_answer_says_why_at_a_line_of_its_text() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        QTRY_VERIFY_WITH_TIMEOUT(session.is_current(), kAnswerWithin);
        const auto last = session.report();
        session.edit("change the model", [](Scenario& s) { s.candidates[1].model = "mixtrall"; });
        QTRY_VERIFY_WITH_TIMEOUT(!session.problems().empty(), kAnswerWithin);
        QCOMPARE(session.report(), last);
        QVERIFY(!session.is_current());
        const auto line = session.line_of(session.problems().front());
        QVERIFY(line.has_value());
        const QStringList lines = session.text().split('\n');
        QVERIFY2(lines.mid(*line - 1, 3).join(' ').contains("llama") || lines[*line - 1].contains("mixtrall"),
                 qPrintable(lines[*line - 1]));
        session.undo_stack()->undo();
        QTRY_VERIFY_WITH_TIMEOUT(session.is_current(), kAnswerWithin);
        QVERIFY(session.problems().empty());
    }

    void a_value_no_study_can_hold_is_a_problem_not_a_crash() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        session.edit("no GPUs", [](Scenario& s) { s.candidates[0].count = 0; });
        QTRY_VERIFY_WITH_TIMEOUT(!session.problems().empty(), kAnswerWithin);
        session.edit("nobody", [](Scenario& s) { s.candidates.clear(); });
        QTRY_VERIFY_WITH_TIMEOUT(!session.answering(), kAnswerWithin);
        QVERIFY(!session.problems().empty());
    }

    void a_simulation_of_a_million_requests_is_given_up_at_once() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        QTRY_VERIFY_WITH_TIMEOUT(session.is_current(), kAnswerWithin);
        session.edit("simulate", [](Scenario& s) { simulate(s, 100'000'000); });
        QVERIFY(session.answering());
        QTest::qWait(300);
        QVERIFY(session.answering());
        session.cancel();
        QVERIFY(!session.answering());
        QVERIFY(session.report() != nullptr);
        QVERIFY(!session.is_current());
        // The thread is free again: a closed form is answered.
        session.edit("analyse", [](Scenario& s) { s.method = Method::analyse; });
        QTRY_VERIFY_WITH_TIMEOUT(session.is_current(), kAnswerWithin);
    }

    void a_simulation_given_up_leaves_the_last_whole_answer() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        QTRY_VERIFY_WITH_TIMEOUT(session.is_current(), kAnswerWithin);
        const auto whole = session.report();
        session.edit("simulate", [](Scenario& s) { simulate(s, 100'000'000); });
        QTRY_VERIFY_WITH_TIMEOUT(session.is_partial(), kAnswerWithin);
        QVERIFY(session.report() != whole);
        QSignalSpy answered(&session, &Session::answered);
        session.cancel();
        QCOMPARE(session.report(), whole);
        QVERIFY(!session.is_partial());
        QVERIFY(!session.is_current());
        QCOMPARE(answered.count(), 1);
        // Another study has none of it.
        session.ask_again();
        QTRY_VERIFY_WITH_TIMEOUT(session.is_partial(), kAnswerWithin);
        session.start_new();
        session.cancel();
        QVERIFY(session.report() != whole);
    }

    void a_newer_edit_ends_a_long_simulation() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        session.edit("simulate", [](Scenario& s) { simulate(s, 100'000'000); });
        QTest::qWait(100);
        session.edit("fewer", [](Scenario& s) { s.simulate.requests = 2000; });
        QTRY_VERIFY_WITH_TIMEOUT(session.is_current(), kAnswerWithin);
        QCOMPARE(session.report()->candidates.front().simulation->counts.arrived, std::uint64_t{2000});
    }

    void the_window_goes_on_while_a_simulation_runs() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        int ticks = 0;
        QTimer timer;
        connect(&timer, &QTimer::timeout, this, [&] { ++ticks; });
        timer.start(10);
        session.edit("simulate", [](Scenario& s) { simulate(s, 100'000'000); });
        QTRY_VERIFY_WITH_TIMEOUT(ticks > 20, kAnswerWithin);
        QVERIFY(session.answering());
    }

    void progress_of_a_simulation_is_heard_of() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        QSignalSpy progress(&session, &Session::progress_changed);
        session.edit("simulate", [](Scenario& s) { simulate(s, 2000); });
        QTRY_VERIFY_WITH_TIMEOUT(session.is_current(), kAnswerWithin);
        QVERIFY(progress.count() > 0);
        QCOMPARE(session.progress(), 1.0);
    }

    void closing_in_the_middle_of_a_simulation_is_quick_and_clean() {
        const Scratch folder;
        for (int i = 0; i < 5; ++i) {
            Session session(builtin_catalog(), path_in(folder, "state"));
            session.start_new();
            session.edit("simulate", [](Scenario& s) { simulate(s, 100'000'000); });
            QTest::qWait(20 * i);
        }
    }
};

QTEST_GUILESS_MAIN(AnswersTest)
#include "answers_test.moc"
