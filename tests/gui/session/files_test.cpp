#include <unistd.h>

#include <algorithm>

#include <QDir>
#include <QFileInfo>
#include <QUndoStack>

#include "tests/gui/session/session_support.h"

using namespace moeplan;

namespace {

constexpr const char* kCommented = "# About this study.\nname: mine   # inner\nworkload: {load: {concurrency: 4}}\n"
                                   "candidates:\n  - {name: a, model: mistralai/Mixtral-8x7B-v0.1, gpu: h100_sxm, count: 2}\n";

}  // namespace

class FilesTest : public QObject {
    Q_OBJECT

private slots:
    void every_study_saved_elsewhere_is_the_same_study_and_finds_its_files() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        const QString copy = path_in(folder, "deep/copy.yaml");
        QDir().mkpath(path_in(folder, "deep"));
        QVERIFY(studies().size() > 50);
        for (const std::string& file : studies()) {
            QVERIFY2(session.open(QString::fromStdString(file)), file.c_str());
            QVERIFY2(session.save_as(copy), file.c_str());
            auto loaded = load_scenario(copy.toStdString());
            QVERIFY2(loaded.has_value(), file.c_str());
            QVERIFY2(*loaded == session.scenario(), file.c_str());
            QVERIFY(!session.is_modified());
        }
    }

    void an_example_saved_elsewhere_still_finds_its_routing_counts() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        QVERIFY(session.open_example(QString::fromStdString(study("mixtral-vs-llama70b"))));
        QVERIFY(session.file().isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(session.is_current(), kAnswerWithin);
        const QString copy = path_in(folder, "mine.yaml");
        QVERIFY(session.save_as(copy));
        const auto counts = std::get<CountsRouting>(session.scenario().routing).file;
        QVERIFY(QFileInfo(QString::fromStdString(counts)).isAbsolute());
        QVERIFY(QFileInfo::exists(QString::fromStdString(counts)));
        session.ask_again();
        QTRY_VERIFY_WITH_TIMEOUT(session.is_current(), kAnswerWithin);
    }

    void a_study_moved_with_its_neighbour_names_it_relative_to_the_new_place() {
        const Scratch folder;
        folder.file("a/study.yaml", "name: x\nrouting: {counts: ../counts.csv}\ncandidates:\n"
                                    "  - {name: a, model: mistralai/Mixtral-8x7B-v0.1, gpu: h100_sxm, count: 2}\n");
        folder.file("counts.csv", "layer,expert,count\n0,0,1\n");
        QDir().mkpath(path_in(folder, "b/c"));
        Session session(builtin_catalog(), path_in(folder, "state"));
        QVERIFY(session.open(path_in(folder, "a/study.yaml")));
        QVERIFY(session.save_as(path_in(folder, "b/c/study.yaml")));
        QCOMPARE(std::get<CountsRouting>(session.scenario().routing).file, std::string("../../counts.csv"));
    }

    void undo_after_saving_elsewhere_still_names_files_from_there() {
        const Scratch folder;
        folder.file("a/study.yaml", "name: x\nrouting: {counts: ../counts.csv}\ncandidates:\n"
                                    "  - {name: a, model: mistralai/Mixtral-8x7B-v0.1, gpu: h100_sxm, count: 2}\n");
        folder.file("counts.csv", "layer,expert,count\n0,0,1\n");
        Session session(builtin_catalog(), path_in(folder, "state"));
        QVERIFY(session.open(path_in(folder, "a/study.yaml")));
        session.edit("rename", [](Scenario& s) { s.name = "y"; });
        QVERIFY(session.save_as(path_in(folder, "study.yaml")));
        session.undo_stack()->undo();
        QCOMPARE(session.scenario().name, std::string("x"));
        QCOMPARE(std::get<CountsRouting>(session.scenario().routing).file, std::string("counts.csv"));
        QVERIFY(session.is_modified());
    }

    void comments_that_saving_would_lose_are_kept_beside_the_file() {
        const Scratch folder;
        const QString file = QString::fromStdString(folder.file("study.yaml", kCommented));
        Session session(builtin_catalog(), path_in(folder, "state"));
        QVERIFY(session.open(file));
        session.edit("rename", [](Scenario& s) { s.name = "yours"; });
        QSignalSpy told(&session, &Session::told);
        QVERIFY(session.save());
        QCOMPARE(text_of(file.toStdString() + ".bak"), std::string(kCommented));
        QVERIFY(text_of(file.toStdString()).starts_with("# About this study.\nname: yours\n"));
        QVERIFY(told.front().front().toString().contains("study.yaml.bak"));
        session.edit("rename", [](Scenario& s) { s.name = "ours"; });
        QVERIFY(session.save());
        QVERIFY(!QFileInfo::exists(file + ".bak2"));
    }

    void what_somebody_else_wrote_meanwhile_is_kept_beside_the_file() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        const QString file = path_in(folder, "study.yaml");
        QVERIFY(session.save_as(file));
        folder.file("study.yaml", "name: theirs\n");
        session.edit("rename", [](Scenario& s) { s.name = "mine"; });
        QVERIFY(session.save());
        QCOMPARE(text_of(file.toStdString() + ".bak"), std::string("name: theirs\n"));
    }

    void what_was_kept_before_stays_beside_what_is_kept_now() {
        const Scratch folder;
        const QString file = QString::fromStdString(folder.file("study.yaml", kCommented));
        folder.file("study.yaml.bak", "somebody else's\n");
        Session session(builtin_catalog(), path_in(folder, "state"));
        QVERIFY(session.open(file));
        session.edit("rename", [](Scenario& s) { s.name = "yours"; });
        QVERIFY(session.save());
        QCOMPARE(text_of(file.toStdString() + ".bak"), std::string("somebody else's\n"));
        QCOMPARE(text_of(file.toStdString() + ".bak2"), std::string(kCommented));
    }

    void a_file_that_cannot_be_read_leaves_the_study_and_can_be_mended() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        const Scenario before = session.scenario();
        const QString file = QString::fromStdString(folder.file("broken.yaml", "name: x\ncandidates:\n  - {nme: a}\n"));
        QVERIFY(!session.open(file));
        QCOMPARE(session.scenario(), before);
        QVERIFY(session.file().isEmpty());
        QVERIFY(session.draft().has_value());
        QCOMPARE(session.draft()->file, file);
        QVERIFY(std::ranges::any_of(session.problems(), [&](const Problem& p) { return session.line_of(p) == 3; }));
        QVERIFY(session.set_text(kCommented));
        QCOMPARE(session.file(), file);
        QVERIFY(session.is_modified());
    }

    void nothing_is_saved_while_a_text_cannot_be_read() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        const QString file = QString::fromStdString(folder.file("study.yaml", kCommented));
        QVERIFY(session.open(file));
        QSignalSpy told(&session, &Session::told);
        QVERIFY(!session.set_text("name: [\n"));
        QVERIFY(!session.save());
        QVERIFY(!session.save_as(path_in(folder, "other.yaml")));
        QVERIFY(told.back().front().toString().startsWith("Not saved"));
        QCOMPARE(text_of(file.toStdString()), std::string(kCommented));
        session.drop_draft();
        const QString broken = QString::fromStdString(folder.file("broken.yaml", "name: ["));
        QVERIFY(!session.open(broken));
        QVERIFY(!session.save());
        QVERIFY(told.back().front().toString().contains("broken.yaml"));
        session.drop_draft();
        QCOMPARE(session.problems().size(), std::size_t{0});
        QVERIFY(session.save());
    }

    void nonsense_is_refused_with_a_problem_each_time() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        const Scenario before = session.scenario();
        const std::string binary("\0\xff\xfe\x01", 4);
        for (const std::string& file :
             {folder.path("missing.yaml"), folder.file("binary.yaml", binary), folder.file("empty.yaml", ""),
              folder.file("open.yaml", "name: [1, 2"), folder.file("big.yaml", std::string(5 << 20, 'x')), folder.path().string()}) {
            QVERIFY2(!session.open(QString::fromStdString(file)), file.c_str());
            QVERIFY2(!session.problems().empty(), file.c_str());
            QCOMPARE(session.scenario(), before);
        }
    }

    void a_place_that_cannot_be_written_is_a_problem_and_nothing_is_lost() {
        const Scratch folder;
        Session session(builtin_catalog(), path_in(folder, "state"));
        session.start_new();
        session.edit("rename", [](Scenario& s) { s.name = "mine"; });
        QVERIFY(!session.save_as(path_in(folder, "no/such/folder/study.yaml")));
        QVERIFY(!session.problems().empty());
        QVERIFY(session.is_modified());
        QVERIFY(session.file().isEmpty());
        if (::geteuid() != 0) {
            std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
            QVERIFY(!session.save_as(path_in(folder, "study.yaml")));
            std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
        }
        QVERIFY(!session.save_as("/dev/full"));
        QVERIFY(session.is_modified());
        QVERIFY(session.save_as(path_in(folder, "study.yaml")));
        QVERIFY(session.problems().empty());
    }

    void the_last_ten_files_are_remembered_newest_first() {
        const Scratch folder;
        for (int i = 0; i < 12; ++i) {
            Session session(builtin_catalog(), path_in(folder, "state"));
            session.start_new();
            QVERIFY(session.save_as(path_in(folder, ("s" + std::to_string(i) + ".yaml").c_str())));
        }
        Session session(builtin_catalog(), path_in(folder, "state"));
        QCOMPARE(session.recent_files().size(), 10);
        QCOMPARE(session.recent_files().front(), path_in(folder, "s11.yaml"));
        std::filesystem::remove(folder.path("s11.yaml"));
        QCOMPARE(session.recent_files().front(), path_in(folder, "s10.yaml"));
    }
};

QTEST_GUILESS_MAIN(FilesTest)
#include "files_test.moc"
