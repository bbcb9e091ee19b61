// Every starter study, and studies nobody would write, driven in the real window from end to end.
#include <algorithm>
#include <filesystem>
#include <random>

#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QStatusBar>
#include <QTimer>

#include "gui/models/study_edits.h"
#include "gui/window/look.h"
#include "tests/gui/window/stress_support.h"

using namespace moeplan;

namespace {

constexpr std::size_t kCandidates = 2;   // whose fields are driven; the others' are the same
constexpr int kExtremeAnswer = 1'000;    // milliseconds; an extreme study may take for ever, and is then given up

QStringList nonsense() {
    return {"abc", "-5e400", "12 parsecs", QString(150, '9'), QStringLiteral("½ ünïcödé 😀"), QString::fromUtf8("1\0002", 3), "nan"};
}

void drag(QSlider& slider) {
    for (const auto key : {Qt::Key_Home, Qt::Key_PageUp, Qt::Key_End, Qt::Key_PageDown}) QTest::keyClick(&slider, key);
    for (int position = 0; position <= kSliderSteps; position += kSliderSteps / 10) slider.setValue(position);
}

void type(QLineEdit& line, const QString& text) {
    line.setFocus();
    line.setText(text);
    line.setModified(true);
    QTest::keyClick(&line, Qt::Key_Return);
}

void give_up(Session& session, int after_ms) {
    if (QTest::qWaitFor([&] { return !session.answering(); }, after_ms)) return;
    session.cancel();
    static_cast<void>(QTest::qWaitFor([&] { return !session.answering(); }, kAnswerWithin));
}

void choose(QComboBox& box, std::size_t row) {
    QFocusEvent focus(QEvent::FocusIn);
    QApplication::sendEvent(&box, &focus);   // options are looked up when somebody is about to choose
    if (box.count() > 0) box.setCurrentIndex(static_cast<int>(row % static_cast<std::size_t>(box.count())));
}

// One thing somebody does, drawn at random.
void do_something(TestWindow& w, std::mt19937& random) {
    const auto draw = [&](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random); };
    Session& session = w.session();
    const std::size_t candidates = session.scenario().candidates.size();
    switch (draw(12)) {   // an exploration has no candidates of its own
        case 0:
            if (candidates > 0) session.edit("duplicate", [&](Scenario& s) { duplicate_candidate(s, draw(candidates)); });
            return;
        case 1:
            if (candidates > 0) session.edit("move", [&](Scenario& s) { move_candidate(s, draw(candidates), draw(candidates)); });
            return;
        case 2:
            if (candidates > 2) session.edit("remove", [&](Scenario& s) { remove_candidate(s, draw(candidates)); });
            return;
        case 3: return w.window.set_method_of_study(draw(2) == 0);
        default: break;
    }
    const auto all = editors(w.window);
    FieldEditor* editor = all[static_cast<qsizetype>(draw(static_cast<std::size_t>(all.size())))];
    if (auto* slider = editor->findChild<QSlider*>()) return slider->setValue(static_cast<int>(draw(kSliderSteps + 1)));
    if (auto* box = editor->findChild<QComboBox*>()) return choose(*box, draw(50));
    if (auto* line = editor->findChild<QLineEdit*>()) type(*line, QString("name %1").arg(draw(1000)));
}

}  // namespace

class StressTest : public QObject {
    Q_OBJECT

    static void every_starter() {
        QTest::addColumn<QString>("file");
        for (const auto& entry : std::filesystem::directory_iterator(std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/studies"))
            QTest::newRow(entry.path().stem().c_str()) << QString::fromStdString(entry.path().string());
    }

private slots:
    void every_slider_of_every_starter_study_goes_from_end_to_end_data() { every_starter(); }
    void every_slider_of_every_starter_study_goes_from_end_to_end() {
        QFETCH(QString, file);
        const Scratch folder;
        TestWindow w(folder);
        QVERIFY(w.session().open_example(file));
        const Scenario before = w.session().scenario();
        QStringList names;
        for (auto* editor : editors(w.window, kCandidates)) {
            if (auto* slider = editor->findChild<QSlider*>(); slider && slider->isEnabled()) names << slider->objectName();
        }
        QVERIFY(names.size() > 15);
        for (const QString& name : names) {   // by name: a slider may take others away
            auto* slider = w.window.findChild<QSlider*>(name);
            if (!slider || !qobject_cast<FieldEditor*>(slider->parentWidget())->is_there()) continue;
            drag(*slider);
            const QString why = not_readable(w.session());
            QVERIFY2(why.isEmpty(), qPrintable(name + ": " + why));
            QCoreApplication::processEvents();
        }
        QVERIFY(w.session().undo_stack()->count() > 15);
        give_up(w.session(), kExtremeAnswer);
        QString why = broken(w);
        QVERIFY2(why.isEmpty(), qPrintable(why));
        why = not_saved(w, folder);
        QVERIFY2(why.isEmpty(), qPrintable(why));
        w.session().undo_stack()->setIndex(0);
        Scenario after = w.session().scenario();
        after.file = before.file;   // it was saved elsewhere; nothing else of it changed but where its files are looked for
        QVERIFY(after.candidates == before.candidates && after.sweep == before.sweep && after.money == before.money);
        give_up(w.session(), w.session().scenario().method == Method::analyse ? kAnswerWithin : 0);
        if (w.session().scenario().method == Method::analyse) QVERIFY(w.session().is_current());
    }

    void nonsense_in_every_field_changes_nothing_data() { every_starter(); }
    void nonsense_in_every_field_changes_nothing() {
        QFETCH(QString, file);
        const Scratch folder;
        TestWindow w(folder);
        QVERIFY(w.session().open_example(file));
        const Scenario before = w.session().scenario();
        int fields = 0;
        for (auto* editor : editors(w.window, kCandidates)) {
            auto* line = editor->findChild<QLineEdit*>();
            if (!line || !editor->findChild<QSlider*>()) continue;
            ++fields;
            for (const QString& text : nonsense()) {
                type(*line, text);
                QVERIFY2(w.session().scenario() == before, qPrintable(editor->objectName() + " takes " + text));
                QVERIFY2(!editor->message().isEmpty(), qPrintable(editor->objectName() + " says nothing about " + text));
            }
        }
        QVERIFY(fields > 15);
        const QString why = broken(w);
        QVERIFY2(why.isEmpty(), qPrintable(why));
    }

    void a_hundred_random_edits_are_undone_and_done_again_data() {
        QTest::addColumn<QString>("study");
        QTest::addColumn<unsigned>("seed");
        for (const char* name : {"mixtral-vs-llama70b", "platform-layout-search", "simulate-bursts", "simulate-hybrid-fleet", "finance-rent-or-buy"})
            QTest::newRow(name) << starter(name) << 7U;
        QTest::newRow("another seed") << starter("mixtral-vs-llama70b") << 8U;
    }
    void a_hundred_random_edits_are_undone_and_done_again() {
        QFETCH(QString, study);
        QFETCH(unsigned, seed);
        const Scratch folder;
        TestWindow w(folder);
        QVERIFY(w.session().open_example(study));
        const Scenario before = w.session().scenario();
        QUndoStack* undo = w.session().undo_stack();
        std::mt19937 random(seed);
        for (int tries = 0; undo->count() < 100 && tries < 2'000; ++tries) {
            do_something(w, random);
            const QString why = not_readable(w.session());
            QVERIFY2(why.isEmpty(), qPrintable(undo->undoText() + ": " + why));
            if (tries % 10 == 0) QCoreApplication::processEvents();
        }
        QCOMPARE(undo->count(), 100);
        const Scenario after = w.session().scenario();
        for (int i = 0; i < 100; ++i) undo->undo();
        QVERIFY(!undo->canUndo());
        QVERIFY(w.session().scenario() == before);
        for (int i = 0; i < 100; ++i) undo->redo();
        QVERIFY(w.session().scenario() == after);
        give_up(w.session(), kExtremeAnswer);
        QString why = broken(w);
        QVERIFY2(why.isEmpty(), qPrintable(why));
        why = not_saved(w, folder);
        QVERIFY2(why.isEmpty(), qPrintable(why));
    }

    void twenty_candidates_are_shown_and_answered() {
        const Scratch folder;
        TestWindow w(folder);
        QVERIFY(w.session().open_example(starter("mixtral-vs-llama70b")));
        while (w.session().scenario().candidates.size() < 20)
            w.session().edit("duplicate", [](Scenario& s) { duplicate_candidate(s, s.candidates.size() - 1); });
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_current() && !w.session().answering(), kAnswerWithin);
        QCOMPARE(w.session().report()->candidates.size(), std::size_t{20});
        QVERIFY(w.window.findChild<QWidget*>("candidate[19]"));
        for (int tab = 0; tab < w.window.picture_tabs()->count(); ++tab) {
            w.window.step_picture_tab(1);
            QVERIFY(!w.window.grab().isNull());
        }
        auto* slider = w.window.findChild<QSlider*>("candidate[19].count.slider");
        QVERIFY(slider);
        drag(*slider);
        const QString why = broken(w);
        QVERIFY2(why.isEmpty(), qPrintable(why));
    }

    void a_study_without_a_sweep_is_answered() {
        const Scratch folder;
        TestWindow w(folder);
        w.session().start_new();
        w.session().edit("no sweep", [](Scenario& s) { s.sweep.clear(); });
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_current() && !w.session().answering(), kAnswerWithin);
        for (int tab = 0; tab < w.window.picture_tabs()->count(); ++tab) {
            w.window.step_picture_tab(1);
            QVERIFY(!w.window.grab().isNull());
        }
        // An axis without values is refused or read, but never lost.
        w.session().edit("no values", [](Scenario& s) { s.sweep.push_back({"batch", {}, {}}); });
        QTRY_VERIFY_WITH_TIMEOUT(!w.session().answering(), kAnswerWithin);
        QVERIFY(w.session().is_current() || !w.session().problems().empty());
        w.session().undo_stack()->undo();
        const QString why = broken(w);
        QVERIFY2(why.isEmpty(), qPrintable(why));
    }

    void names_of_every_script_are_kept_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("right to left") << QStringLiteral("نموذج الخبراء العربي");
        QTest::newRow("both directions") << QStringLiteral("abc \u202Eשלום עולם\u202C 123");
        QTest::newRow("emoji") << QStringLiteral("👩🏽‍🚀🏳️‍🌈 mixture 🚀");
        QTest::newRow("combining") << QStringLiteral("Z̷͖̄a̴l̶g̵o̵");
        QTest::newRow("long") << QString(100, 'w');
        QTest::newRow("long, two bytes each") << QString(50, QChar(0x0416));
        QTest::newRow("long, three bytes each") << QString(33, QChar(0x6f22));
        QTest::newRow("yaml") << QStringLiteral("- {a: &b *c} # !!null ~ 'x' \"y\" | > %");
        QTest::newRow("null") << QStringLiteral("null");
        QTest::newRow("number") << QStringLiteral("1e5");
        QTest::newRow("markup") << QStringLiteral("<b>bold</b> &amp; <i>");
    }
    void names_of_every_script_are_kept() {
        QFETCH(QString, name);
        const Scratch folder;
        TestWindow w(folder);
        QVERIFY(w.session().open_example(starter("mixtral-vs-llama70b")));
        auto* line = w.window.findChild<QLineEdit*>("candidate[0].name.text");
        QVERIFY(line);
        type(*line, name);
        QCOMPARE(QString::fromStdString(w.session().scenario().candidates[0].name), name);
        w.session().edit("name", [&](Scenario& s) { s.name = name.toStdString() + "\n" + QString(5'000, 'x').toStdString(); });
        for (int copies = 0; copies < 12; ++copies) {
            w.session().edit("duplicate", [](Scenario& s) { duplicate_candidate(s, 0); });
            QString why = not_readable(w.session());
            QVERIFY2(why.isEmpty(), qPrintable(why));
        }
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_current() && !w.session().answering(), kAnswerWithin);
        for (int tab = 0; tab < w.window.picture_tabs()->count(); ++tab) {
            w.window.step_picture_tab(1);
            QVERIFY(!w.window.grab().isNull());
        }
        QString why = broken(w);
        QVERIFY2(why.isEmpty(), qPrintable(why));
        why = not_saved(w, folder);
        QVERIFY2(why.isEmpty(), qPrintable(why));
        QVERIFY(w.window.isVisible());
        QVERIFY2(w.window.width() < 2'000, "a long name widens the window");
    }
};

QTEST_MAIN(StressTest)
#include "stress_test.moc"
