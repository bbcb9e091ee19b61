// Broken files of every kind, dropped on the window and on every panel that takes files.
#include <QLabel>
#include <QLineEdit>

#include "tests/gui/window/stress_support.h"

using namespace moeplan;

namespace {

// Ten million bytes that are no text.
std::string garbage(std::string begin) {
    std::uint32_t state = 1;
    begin.reserve(10'000'000);
    while (begin.size() < 10'000'000) {
        state = state * 1664525U + 1013904223U;
        begin += static_cast<char>(state >> 24);
    }
    return begin;
}

}  // namespace

class StressFilesTest : public QObject {
    Q_OBJECT

private slots:
    void broken_files_never_break_the_window_data() {
        QTest::addColumn<QString>("ending");
        for (const char* ending : {".yaml", ".yml", ".json", ".gguf", ".csv", ".jsonl", ".csv.gz", ".jsonl.gz", ".csv.zst", ".parquet", ".png", ""})
            QTest::newRow(*ending ? ending : "none") << ending;
    }
    void broken_files_never_break_the_window() {
        QFETCH(QString, ending);
        const std::string end = ending.toStdString();
        const Scratch folder;
        TestWindow w(folder);
        QVERIFY(w.session().open_example(starter("mixtral-vs-llama70b")));
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_current(), kAnswerWithin);
        const Scenario before = w.session().scenario();
        const std::filesystem::path directory = folder.path("folder" + end);
        std::filesystem::create_directories(directory);
        const std::string files[] = {
            folder.file("empty" + end, ""),
            folder.file("binary" + end, std::string("\0\1\2\xff\xfe\x80GGUF\0\0\0", 13)),
            folder.file("cut" + end, R"({"architectures": ["MixtralForCausalLM"], "hidden_size": 40)"),
            folder.file("deep" + end, std::string(200'000, '[')),
            folder.file("gguf-magic" + end, std::string("GGUF\3\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x7f", 24)),
            folder.file("gzip-magic" + end, std::string("\x1f\x8b\x08\0\0\0\0\0\0\3garbage", 17)),
            folder.file("one-line" + end, std::string(9'000'000, 'x')),
            folder.file("json-garbage" + end, garbage("{\"a\": \"")),
            folder.file("odd name \xf0\x9f\x9a\x80 %20 # ?" + end, "name: [\n"),
            directory.string(),
            folder.path("missing" + end),
        };
        const QStringList targets{"window", "candidates", "candidate[0]", "workload", "routing", "quality", "money", "start"};
        int taken = 0;
        for (const std::string& file : files) {
            for (const QString& target : targets) {
                QWidget* onto = target == "window" ? &w.window : w.window.findChild<QWidget*>(target);
                if (!onto) continue;
                if (drop(*onto, QString::fromStdString(file))) ++taken;
                QVERIFY2(!QApplication::activeModalWidget(), qPrintable(target));
                if (!w.session().answering()) continue;
                if (!QTest::qWaitFor([&] { return !w.session().answering(); }, 2'000)) w.session().cancel();
                QTRY_VERIFY_WITH_TIMEOUT(!w.session().answering(), kAnswerWithin);
            }
            const QString why = broken(w);
            QVERIFY2(why.isEmpty(), qPrintable(QString::fromStdString(file) + ": " + why));
        }
        QVERIFY(taken >= static_cast<int>(std::size(files)));   // by the window at least
        // What was refused stays to be read until the next edit.
        w.session().edit("users", [](Scenario& s) { s.workload.load = ClosedLoop{7}; });
        w.session().undo_stack()->setIndex(0);
        QVERIFY(w.session().scenario() == before);
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_current() && !w.session().answering(), kAnswerWithin);
        QVERIFY(w.session().problems().empty());
    }

    void what_cannot_be_used_is_said() {
        const Scratch folder;
        TestWindow w(folder);
        QSignalSpy told(&w.session(), &Session::told);
        QVERIFY(w.session().open_example(starter("mixtral-vs-llama70b")));
        for (const std::string& file : {folder.file("picture.png", "?"), folder.path("missing.txt"), folder.path("")}) {
            const qsizetype count = told.count();
            QVERIFY(drop(w.window, QString::fromStdString(file)));
            QVERIFY2(told.count() == count + 1, file.c_str());
        }
        for (const std::string& file : {folder.file("empty.yaml", ""), folder.path("missing.yaml"), folder.file("x.yaml", "\xff\xfe")}) {
            drop(w.window, QString::fromStdString(file));
            QVERIFY2(!w.session().problems().empty(), file.c_str());
            QVERIFY(w.window.findChild<QWidget*>("notice.problems")->isVisible());
        }
    }

    void many_files_at_once_are_each_taken_for_what_they_are() {
        const Scratch folder;
        TestWindow w(folder);
        QVERIFY(w.session().open_example(starter("mixtral-vs-llama70b")));
        const std::string model = text_of(MOEPLAN_SOURCE_DIR "/scenarios/catalog/models/mistralai--Mixtral-8x7B-v0.1.json");
        QVERIFY(!model.empty());
        QList<QUrl> urls{QUrl("https://example.org/model.gguf"), QUrl(), QUrl("data:,x")};
        for (int i = 0; i < 15; ++i)
            urls << QUrl::fromLocalFile(QString::fromStdString(folder.file("m" + std::to_string(i) + "/config.json", model)))
                 << QUrl::fromLocalFile(QString::fromStdString(folder.file("n" + std::to_string(i) + ".png", "no model")));
        QVERIFY(drop(w.window, urls));
        QCOMPARE(w.session().scenario().candidates.size(), std::size_t{17});
        QTRY_VERIFY_WITH_TIMEOUT(!w.session().answering(), kAnswerWithin);
        const QString why = broken(w);
        QVERIFY2(why.isEmpty(), qPrintable(why));
    }
};

QTEST_MAIN(StressFilesTest)
#include "stress_files_test.moc"
