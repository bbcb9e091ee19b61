// moeplan-plot from outside.

#include <algorithm>
#include <filesystem>

#include <QFile>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSvgRenderer>
#include <QTest>

#include "core/report/report_writer.h"
#include "gui/models/pictures.h"
#include "tests/support/example_simulation.h"
#include "tests/support/process.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

const std::string kProgram = std::string(MOEPLAN_BINARY_DIR) + "/bin/moeplan-plot";

test::Finished plot(std::vector<std::string> words) {
    words.insert(words.begin(), kProgram);
    test::Started start;
    start.words = std::move(words);
    start.environment = {{"QT_QPA_PLATFORM", ""}, {"DISPLAY", ""}};
    return test::run_program(start);
}

std::string report_in(const Scratch& scratch) { return scratch.file("report.json", make_json_writer({})->write(simulated_report())); }

QJsonArray list_in(const std::string& folder) {
    QFile file(QString::fromStdString(folder + "/pictures.json"));
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).array() : QJsonArray();
}

}  // namespace

class PlotProgramTest : public QObject {
    Q_OBJECT

private slots:
    void every_picture_is_listed_with_its_files_or_the_reason_there_are_none() {
        const Scratch scratch;
        const std::string folder = scratch.path("a/pictures");
        const auto done = plot({report_in(scratch), "--out", folder});
        QCOMPARE(QString::fromStdString(done.err), QString());
        QCOMPARE(done.code, 0);
        const QJsonArray list = list_in(folder);
        QCOMPARE(static_cast<std::size_t>(list.size()), picture_catalog().size());
        int drawn = 0, empty = 0;
        for (const QJsonValue& value : list) {
            const QJsonObject item = value.toObject();
            QVERIFY(!item["title"].toString().isEmpty() && !item["page"].toString().isEmpty());
            if (item.contains("nothing")) {
                QVERIFY(!item.contains("files"));
                ++empty;
                continue;
            }
            for (const char* look : {"light", "dark"}) {
                const QString file = item["files"].toObject()[look].toString();
                QCOMPARE(file, item["id"].toString() + "-" + look + ".svg");
                QVERIFY(QSvgRenderer(QString::fromStdString(folder) + "/" + file).isValid());
            }
            ++drawn;
        }
        QVERIFY(drawn >= 5 && empty >= 1);
    }

    void one_picture_in_one_look_is_one_file() {
        const Scratch scratch;
        const auto done = plot({report_in(scratch), "--out", scratch.path("o"), "--picture", "memory_stacks", "--look", "dark", "--format", "png", "--size", "400x300", "--scale", "1"});
        QCOMPARE(done.code, 0);
        QCOMPARE(list_in(scratch.path("o")).size(), 1);
        QCOMPARE(QImage(QString::fromStdString(scratch.path("o/memory_stacks-dark.png"))).size(), QSize(400, 300));
        QVERIFY(!std::filesystem::exists(scratch.path("o/memory_stacks-light.png")));
    }

    void a_whole_report_is_a_pdf() {
        const Scratch scratch;
        QCOMPARE(plot({report_in(scratch), "--pdf-report", scratch.path("r.pdf")}).code, 0);
        QFile file(QString::fromStdString(scratch.path("r.pdf")));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll().startsWith("%PDF"));
    }

    void all_that_is_wrong_is_told_at_once() {
        const Scratch scratch;
        const auto done = plot({report_in(scratch), "--out", scratch.path("o"), "--format", "svgg", "--look", "drak", "--picture", "roofnile", "--size", "big", "--scale", "x"});
        QCOMPARE(done.code, 2);
        QCOMPARE(std::ranges::count(done.err, '\n'), 5);
        for (const char* words : {"'svg'", "'dark'", "'roofline'", "WIDTHxHEIGHT", "not a number"}) QVERIFY2(done.err.find(words) != std::string::npos, words);
        QVERIFY(!std::filesystem::exists(scratch.path("o")));
    }

    void what_is_no_report_is_refused() {
        const Scratch scratch;
        for (const std::string& file : {scratch.path("nowhere.json"), scratch.file("broken.json", "{\"moeplan\":"), scratch.file("empty.json", "")}) {
            const auto done = plot({file, "--out", scratch.path("o")});
            QCOMPARE(done.code, 2);
            QVERIFY(done.err.find(file) != std::string::npos);
        }
        QCOMPARE(plot({}).code, 2);
        QCOMPARE(plot({"--nonsense"}).code, 2);
        QCOMPARE(plot({report_in(scratch)}).code, 2);   // nothing to write
        QCOMPARE(plot({"--help"}).code, 0);
    }

    void a_folder_that_cannot_be_made_is_told() {
        const Scratch scratch;
        const std::string file = scratch.file("in-the-way", "");
        const auto done = plot({report_in(scratch), "--out", file + "/pictures"});
        QCOMPARE(done.code, 2);
        QVERIFY(done.err.find("in-the-way") != std::string::npos);
    }
};

QTEST_MAIN(PlotProgramTest)
#include "plot_program_test.moc"
