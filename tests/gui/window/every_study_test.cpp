#include <filesystem>

#include <QUndoStack>

#include "tests/gui/window/window_support.h"

using namespace moeplan;

class EveryStudyTest : public QObject {
    Q_OBJECT

private slots:
    void every_study_opens_in_the_window_data() {
        QTest::addColumn<QString>("file");
        for (const char* folder : {"/scenarios/studies", "/scenarios/claims"}) {
            for (const auto& entry : std::filesystem::directory_iterator(std::string(MOEPLAN_SOURCE_DIR) + folder)) {
                if (entry.path().extension() != ".yaml") continue;
                QTest::newRow(entry.path().stem().c_str()) << QString::fromStdString(entry.path().string());
            }
        }
    }

    // Simulations and explorations are given up once they have begun: others wait for their ends.
    void every_study_opens_in_the_window() {
        QFETCH(QString, file);
        const Scratch folder;
        TestWindow w(folder);
        QVERIFY(w.session().open_example(file));
        QVERIFY(w.session().problems().empty());
        if (w.session().scenario().method == Method::simulate) {
            QTest::qWait(100);
            w.session().cancel();
        } else {
            QTRY_VERIFY_WITH_TIMEOUT(!w.session().answering(), kAnswerWithin);
            QVERIFY2(w.session().problems().empty(), w.session().problems().empty() ? "" : w.session().problems().front().what.c_str());
            QVERIFY(w.session().is_current());
            for (int tab = 0; w.window.picture_tabs() && tab < w.window.picture_tabs()->count(); ++tab) w.window.step_picture_tab(1);
        }
        const QString text = w.session().text();
        QVERIFY(w.session().set_text(text));
        QCOMPARE(w.session().undo_stack()->count(), 0);   // its text is the same study
    }
};

QTEST_MAIN(EveryStudyTest)
#include "every_study_test.moc"
