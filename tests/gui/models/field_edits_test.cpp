// Edits that touch more than one value, and the search for models.
#include <QAbstractItemModelTester>
#include <QTest>

#include "gui/models/model_search.h"
#include "gui/models/study_edits.h"

using namespace moeplan;

namespace {

Scenario study(const char* name) {
    auto read = load_scenario(std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/studies/" + name + ".yaml");
    if (!read) qFatal("%s", to_text(read.error().front()).c_str());
    return *read;
}

bool kept(const Scenario& s) {
    const auto back = parse_scenario(save_scenario(s), s.file);
    return back && *back == s;
}

QString first_of(const ModelSearch& search) {
    return search.rowCount() > 0 ? search.data(search.index(0, 0), Qt::EditRole).toString() : QString();
}

}  // namespace

class FieldEditsTest : public QObject {
    Q_OBJECT

private slots:
    void closed_forms_leave_out_what_only_a_simulation_knows() {
        for (const char* name : {"simulate-bursts", "simulate-hybrid-fleet", "simulate-shared-prompts", "simulate-recorded-trace",
                                 "simulate-prefill-pools", "simulate-day-autoscaling"}) {
            Scenario s = study(name);
            set_method(s, Method::analyse);
            QVERIFY2(kept(s), name);
            set_method(s, Method::simulate);
            QVERIFY2(kept(s), name);
        }
    }

    void names_are_made_unique_and_written_without_dots() {
        Scenario s = study("mixtral-vs-llama70b");
        QCOMPARE(unique_name(s, "mixtral"), std::string("mixtral-2"));
        QCOMPARE(unique_name(s, "a.b=c"), std::string("a-b-c"));
        QCOMPARE(unique_name(s, ""), std::string("candidate"));
        QCOMPARE(QString::fromStdString(unique_name(s, QString(40, QChar(0x6f22)).toStdString())), QString(30, QChar(0x6f22)));   // whole letters
        QCOMPARE(name_for_model("mistralai/Mixtral-8x7B-v0.1"), std::string("mixtral-8x7b-v0-1"));
        QCOMPARE(name_for_model("/models/my model/config.json"), std::string("my-model"));
        QCOMPARE(name_for_model("/models/x.Q4_K_M.gguf"), std::string("x-q4_k_m"));
        QVERIFY(!wrong_name(s, 0, "llama").empty());
        QVERIFY(wrong_name(s, 1, "llama").empty());
    }

    void a_model_of_another_kind_takes_back_a_layout_it_cannot_have() {
        Scenario s = study("mixtral-vs-llama70b");
        QVERIFY(s.candidates[0].layout->ep > 1);
        set_model(s, builtin_catalog(), 0, "meta-llama/Meta-Llama-3-70B");
        QVERIFY(!s.candidates[0].layout);
        QVERIFY(kept(s));
    }

    void every_candidate_of_every_study_can_be_removed() {
        for (const char* name : {"mixtral-vs-llama70b", "simulate-hybrid-fleet", "simulate-moe-or-dense"}) {
            const Scenario whole = study(name);
            for (std::size_t i = 0; i < whole.candidates.size() && whole.candidates.size() > 1; ++i) {
                Scenario s = whole;
                remove_candidate(s, i);
                QVERIFY2(kept(s), name);
                s = whole;
                duplicate_candidate(s, i);
                move_candidate(s, i, 0);
                QVERIFY2(kept(s), name);
            }
        }
    }

    void models_are_found_by_any_words_of_their_names() {
        ModelSearch search(builtin_catalog());
        QAbstractItemModelTester tester(&search, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const int all = search.rowCount();
        QVERIFY(all > 30);
        search.set_query("MIXTRAL 8x7");
        QVERIFY(search.rowCount() >= 1 && search.rowCount() < all);
        QVERIFY(first_of(search).contains("Mixtral-8x7B"));
        QVERIFY(search.data(search.index(0, 0), Qt::DisplayRole).toString().contains("B active"));
        search.set_query("mixtrla-8x7b");   // nothing has it, something is near
        QVERIFY(first_of(search).contains("Mixtral"));
        search.set_query(std::string(100'000, 'x'));
        QCOMPARE(search.rowCount(), 0);
        search.set_query("");
        QCOMPARE(search.rowCount(), all);
    }

    void models_given_in_the_study_come_first() {
        ModelSearch search(builtin_catalog());
        const int all = search.rowCount();
        const Scenario s = study("application-hypothetical");
        QVERIFY(!s.models.empty());
        search.set_study(s);
        QCOMPARE(search.rowCount(), all + static_cast<int>(s.models.size()));
        QCOMPARE(first_of(search).toStdString(), s.models.begin()->first);
        search.set_study(Scenario{});
        QCOMPARE(search.rowCount(), all);
    }
};

QTEST_GUILESS_MAIN(FieldEditsTest)
#include "field_edits_test.moc"
