// Cards of candidates: added, copied, moved, removed; models searched, typed and dropped.
#include <algorithm>

#include <QAbstractItemView>
#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

#include "gui/models/model_search.h"
#include "gui/panels/candidate_card.h"
#include "gui/panels/field_editor.h"
#include "gui/panels/message_line.h"
#include "gui/panels/model_picker.h"
#include "tests/gui/panels/inputs_support.h"

using namespace moeplan;

namespace {

QStringList names(const Inputs& in) {
    QStringList all;
    for (const auto& candidate : in.session.scenario().candidates) all << QString::fromStdString(candidate.name);
    return all;
}

void click(Inputs& in, const QString& name) { QTest::mouseClick(in.find<QToolButton>(name), Qt::LeftButton); }

const ModelEntry& some_model() { return *builtin_catalog().model("mistralai/Mixtral-8x7B-v0.1"); }

}  // namespace

class CandidatesTest : public QObject {
    Q_OBJECT

private slots:
    void duplicated_candidates_have_names_of_their_own() {
        Inputs in;
        click(in, "candidate[0].duplicate");
        click(in, "candidate[1].duplicate");
        QCOMPARE(names(in), (QStringList{"mixtral", "mixtral-2", "mixtral-3", "llama"}));
        QCOMPARE(in.find<QLineEdit>("candidate[1].name.text")->text(), QString("mixtral-2"));
        QVERIFY2(in.not_saved().empty(), in.not_saved().c_str());
        in.session.undo_stack()->undo();
        in.session.undo_stack()->undo();
        QCOMPARE(names(in), (QStringList{"mixtral", "llama"}));
        QVERIFY(!in.window.findChild<CandidateCard*>("candidate[2]"));
    }

    void cards_move_and_expectations_stay_with_their_candidates() {
        Inputs in;
        const auto expect = in.session.scenario().expect;
        click(in, "candidate[0].down");
        QCOMPARE(names(in), (QStringList{"llama", "mixtral"}));
        QCOMPARE(in.find<QLineEdit>("candidate[0].name.text")->text(), QString("llama"));
        QCOMPARE(in.find<QLineEdit>("candidate[0].model.text")->text(), QString("meta-llama/Meta-Llama-3-70B"));
        QVERIFY(in.session.scenario().expect == expect);
        QVERIFY(!in.find<QToolButton>("candidate[0].up")->isEnabled());
        QVERIFY(!in.find<QToolButton>("candidate[1].down")->isEnabled());
        click(in, "candidate[1].up");
        QCOMPARE(names(in), (QStringList{"mixtral", "llama"}));
    }

    void a_removed_candidate_takes_what_names_it_along_and_says_so() {
        Inputs in;
        const Scenario before = in.session.scenario();
        click(in, "candidate[1].remove");
        QCOMPARE(names(in), QStringList{"mixtral"});
        QVERIFY2(in.not_saved().empty(), in.not_saved().c_str());
        QVERIFY(in.session.undo_stack()->undoText().startsWith("remove llama with "));
        QVERIFY(in.find<MessageLine>("candidates.note")->text().startsWith("llama went with "));
        // The last one stays.
        QVERIFY(!in.find<QToolButton>("candidate[0].remove")->isEnabled());
        in.candidates->remove_current();
        QCOMPARE(names(in), QStringList{"mixtral"});
        in.session.undo_stack()->undo();
        QVERIFY(in.session.scenario() == before);
    }

    void a_fleet_goes_with_its_member() {
        Inputs in(starter("simulate-hybrid-fleet"));
        const std::size_t fleets = in.session.scenario().fleets.size();
        QVERIFY(fleets > 0);
        const auto member =
            std::ranges::find(in.session.scenario().candidates, in.session.scenario().fleets[0].members[0].candidate, &Candidate::name);
        click(in, QString("candidate[%1].remove").arg(member - in.session.scenario().candidates.begin()));
        QVERIFY(in.session.scenario().fleets.size() < fleets);
        QVERIFY2(in.not_saved().empty(), in.not_saved().c_str());
    }

    void a_new_name_is_taken_over_by_expectations_and_a_taken_one_refused() {
        Inputs in;
        auto* name = in.find<QLineEdit>("candidate[0].name.text");
        name->setFocus();
        name->selectAll();
        QTest::keyClicks(name, "moe");
        QTest::keyClick(name, Qt::Key_Return);
        QCOMPARE(names(in), (QStringList{"moe", "llama"}));
        QVERIFY2(in.not_saved().empty(), in.not_saved().c_str());
        for (const char* wrong : {"llama", "a.b", "x=1", " "}) {
            name->selectAll();
            QTest::keyClicks(name, wrong);
            QTest::keyClick(name, Qt::Key_Return);
            QCOMPARE(names(in).front(), QString("moe"));
            QVERIFY2(!qobject_cast<FieldEditor*>(name->parentWidget())->message().isEmpty(), wrong);
            QTest::keyClick(name, Qt::Key_Escape);
            QCOMPARE(name->text(), QString("moe"));
        }
    }

    void a_name_typed_whole_is_found_before_those_that_hold_it() {
        ModelSearch search(builtin_catalog());
        for (const char* typed : {"deepseek-v3", "DeepSeek V3", "deepseek-ai/DeepSeek-V3"}) {
            search.set_query(typed);
            QCOMPARE(search.index(0, 0).data(Qt::EditRole).toString(), QString("deepseek-ai/DeepSeek-V3"));
            QVERIFY(search.rowCount() > 1);
        }
        search.set_query("mixtral");
        QVERIFY(search.index(0, 0).data(Qt::EditRole).toString().section('/', 1).startsWith("Mixtral"));
    }

    void a_long_name_is_shown_from_its_beginning() {
        Inputs in;
        in.session.edit("rename", [](Scenario& s) { s.candidates[0].name = std::string(90, 'x') + "-end"; });
        QCOMPARE(in.find<QLineEdit>("candidate[0].name.text")->cursorPosition(), 0);
    }

    void a_model_is_found_by_words_and_added() {
        Inputs in;
        QTest::mouseClick(in.find<QAbstractButton>("candidates.add"), Qt::LeftButton);
        auto* text = in.find<QLineEdit>("candidates.model.text");
        QTRY_VERIFY(text->hasFocus() || QApplication::activePopupWidget());
        QTest::keyClicks(text, "qwen3 235");
        auto* completer = in.find<ModelPicker>("candidates.model")->findChild<QCompleter*>();
        QVERIFY(completer->model()->rowCount() >= 1 && completer->model()->rowCount() < 10);
        const QString id = completer->model()->index(0, 0).data(Qt::EditRole).toString();
        QVERIFY(id.contains("235", Qt::CaseInsensitive));
        emit completer->activated(id);
        QCOMPARE(in.session.scenario().candidates.size(), std::size_t{3});
        QCOMPARE(in.session.scenario().candidates[2].model, id.toStdString());
        QVERIFY2(in.not_saved().empty(), in.not_saved().c_str());
        QVERIFY(text->text().isEmpty());
    }

    void an_unknown_model_is_refused_with_the_nearest() {
        Inputs in;
        const Scenario before = in.session.scenario();
        auto* text = in.find<QLineEdit>("candidate[0].model.text");
        text->setFocus();
        for (const char* wrong : {"mistralai/Mixtral-8x7B-v0.2", "gpt-4", "/no/such/config.json", ""}) {
            text->selectAll();
            QTest::keyClicks(text, wrong);
            if (*wrong == '\0') QTest::keyClick(text, Qt::Key_Delete);
            QTest::keyClick(text, Qt::Key_Return);
            QVERIFY2(!in.find<ModelPicker>("candidate[0].model")->message().isEmpty(), wrong);
            QVERIFY(in.session.scenario() == before);
            QTest::keyClick(text, Qt::Key_Escape);
            QCOMPARE(text->text(), QString("mistralai/Mixtral-8x7B-v0.1"));
        }
    }

    void a_dropped_model_replaces_a_cards_or_adds_another() {
        Inputs in;
        const QString file = QString::fromStdString(in.scratch.file("my-model/config.json", some_model().config_json));
        Inputs::drop(in.find<QWidget>("candidate[1]"), file);
        QCOMPARE(QString::fromStdString(in.session.scenario().candidates[1].model), file);
        QCOMPARE(in.session.scenario().candidates.size(), std::size_t{2});
        Inputs::drop(in.candidates, file);
        QCOMPARE(in.session.scenario().candidates.size(), std::size_t{3});
        QCOMPARE(names(in).back(), QString("my-model"));
        QVERIFY2(in.not_saved().empty(), in.not_saved().c_str());
    }

    void broken_files_are_said_in_place_and_change_nothing() {
        Inputs in;
        const Scenario before = in.session.scenario();
        const std::string binary("\0\1\2\xff GGUF", 9);
        for (const std::string& file :
             {in.scratch.file("config.json", "{\"architectures\": ["), in.scratch.file("empty.json", ""),
              in.scratch.file("list.json", "[1, 2]"), in.scratch.file("m.gguf", binary), in.scratch.file("nothing.gguf", "")}) {
            Inputs::drop(in.find<QWidget>("candidate[0]"), QString::fromStdString(file));
            QVERIFY2(!in.find<ModelPicker>("candidate[0].model")->message().isEmpty(), file.c_str());
            Inputs::drop(in.candidates, QString::fromStdString(file));
            QVERIFY2(!in.find<ModelPicker>("candidates.model")->message().isEmpty(), file.c_str());
            QVERIFY(in.session.scenario() == before);
        }
        Inputs::drop(in.candidates, QString::fromStdString(in.scratch.file("notes.txt", "hello")));
        QCOMPARE(in.session.undo_stack()->count(), 0);
        QVERIFY(!QApplication::activeModalWidget());
    }

    void a_dropped_trace_gives_lengths_and_arrivals() {
        Inputs in;
        const QString file = QString::fromStdString(in.scratch.file("trace.csv", "arrival_s,input_tokens,output_tokens\n0,100,10\n1,200,20\n"));
        Inputs::drop(in.workload, file);
        const Workload& workload = in.session.scenario().workload;
        QVERIFY(in.session.scenario().method == Method::simulate);
        QVERIFY(std::holds_alternative<TraceLengths>(workload.lengths));
        QVERIFY(workload.arrivals && std::holds_alternative<TraceArrivals>(*workload.arrivals));
        QVERIFY2(in.not_saved().empty(), in.not_saved().c_str());
        in.session.undo_stack()->undo();
        QVERIFY(in.session.scenario().method == Method::analyse);
    }

    void a_broken_trace_is_said_in_place_and_changes_nothing() {
        Inputs in;
        const Scenario before = in.session.scenario();
        for (const std::string& file :
             {in.scratch.file("empty.csv", ""), in.scratch.file("words.csv", "hello,world\n1,2\n"), in.scratch.file("cut.jsonl.gz", "\x1f\x8b\x08"),
              in.scratch.file("no.jsonl", "{\"a\": 1}\n")}) {
            Inputs::drop(in.workload, QString::fromStdString(file));
            QVERIFY2(!in.find<FieldEditor>("workload.trace")->message().isEmpty(), file.c_str());
            QVERIFY(in.find<QLineEdit>("workload.trace.text")->isVisible());
            QVERIFY(in.session.scenario() == before);
        }
    }

    void keys_work_on_the_card_that_has_the_focus() {
        Inputs in;
        in.find<QLineEdit>("candidate[1].name.text")->setFocus();
        QTest::keyClick(in.find<QLineEdit>("candidate[1].name.text"), Qt::Key_D, Qt::ControlModifier);
        QCOMPARE(names(in), (QStringList{"mixtral", "llama", "llama-2"}));
        in.find<QLineEdit>("candidate[2].name.text")->setFocus();
        QTest::keyClick(in.find<QLineEdit>("candidate[2].name.text"), Qt::Key_Up, Qt::AltModifier);
        QCOMPARE(names(in), (QStringList{"mixtral", "llama-2", "llama"}));
    }
};

QTEST_MAIN(CandidatesTest)
#include "candidates_test.moc"
