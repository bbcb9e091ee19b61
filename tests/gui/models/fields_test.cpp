// Laws of the fields: whatever is set can be got, saved and read back.
#include <cmath>
#include <filesystem>
#include <random>
#include <set>

#include <QTest>

#include "gui/models/fields.h"
#include "gui/models/study_edits.h"

using namespace moeplan;

namespace {

std::string to_text(const Problems& problems) {
    std::string all;
    for (const auto& problem : problems) all += moeplan::to_text(problem) + "\n";
    return all;
}

// What it is after saving and loading; the test fails where it is not the same.
void check_saved(const Scenario& s, const std::string& what) {
    const auto back = parse_scenario(save_scenario(s), s.file);
    QVERIFY2(back.has_value(), (what + ": " + (back ? "" : to_text(back.error())) + save_scenario(s)).c_str());
    QVERIFY2(*back == s, (what + " is read back as another study:\n" + save_scenario(s) + "\nthen\n" + save_scenario(*back)).c_str());
}

std::vector<std::pair<std::string, Scenario>> studies() {
    std::vector<std::pair<std::string, Scenario>> all;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/studies")) {
        if (entry.path().extension() != ".yaml") continue;
        auto s = load_scenario(entry.path().string());
        if (!s) qFatal("%s", to_text(s.error()).c_str());
        all.emplace_back(entry.path().stem().string(), std::move(*s));
    }
    // Every alternative that starter studies leave out.
    for (const char* change :
         {"workload.lengths={uniform: {input: [100, 2000], output: [50, 500]}}",
          "workload.lengths={lognormal: {input: {mean: 1000, cv: 1}, output: {mean: 200, cv: 0.5}}}",
          "workload.load={poisson: {rate: 4/s}}", "workload.load={batch: 8}", "routing={dirichlet: {kappa: 5}}",
          "routing={power_law: {alpha: 1.2}}", "price={owned: {capital: 30000 USD, power: 1 kW, energy: 0.1 USD/kWh}}",
          "price={gpu_hour: 2.5 USD}", "placement={eplb: {redundant: 8}}", "quality={accuracy: 0.7, questions: 200}",
          "mixtral.quality={accuracy: 0.7, questions: 200}", "mixtral.quality={results: r.json, task: gsm8k, metric: m}"}) {
        auto s = load_scenario(std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/studies/mixtral-vs-llama70b.yaml", {change});
        if (!s) qFatal("%s: %s", change, to_text(s.error()).c_str());
        all.emplace_back(change, std::move(*s));
    }
    return all;
}

// Of the slider, and the ends of what the exact field takes.
std::vector<double> values_of(const NumberField& field, std::mt19937& draw) {
    std::vector<double> values;
    for (const int position : {0, static_cast<int>(draw() % kSliderSteps), static_cast<int>(draw() % kSliderSteps), kSliderSteps})
        values.push_back(slider_value(field, position));
    if (!field.above_lowest) values.push_back(field.lowest);
    values.push_back(field.highest);
    return values;
}

std::size_t indices(const std::string& section, const Scenario& s) { return section.starts_with("candidate") ? s.candidates.size() : 1; }

}  // namespace

class FieldsTest : public QObject {
    Q_OBJECT

    const Catalog& catalog = builtin_catalog();

    void drive_numbers(const std::string& name, const Scenario& study, std::set<std::string>& seen) {
        std::mt19937 draw(7);
        for (const auto& section : field_sections()) {
            for (const auto& field : number_fields(section)) {
                for (std::size_t i = 0; i < std::min<std::size_t>(indices(section, study), 2); ++i) {
                    if (!applies(field, study, catalog, i)) continue;
                    seen.insert(field.id);
                    for (const double value : values_of(field, draw)) {
                        Scenario changed = study;
                        field.set(changed, i, value);
                        const auto got = field.get(changed, i);
                        const std::string what = name + " " + field.id + " = " + show_number(field, value);
                        QVERIFY2(got && *got == value, what.c_str());
                        check_saved(changed, what);
                        if (QTest::currentTestFailed()) return;
                        if (!field.clear) continue;
                        field.clear(changed, i);
                        QVERIFY2(!field.get(changed, i), what.c_str());
                        check_saved(changed, what + " cleared");
                        if (QTest::currentTestFailed()) return;
                    }
                }
            }
        }
    }

    void drive_choices(const std::string& name, const Scenario& study, std::set<std::string>& seen) {
        for (const auto& section : field_sections()) {
            for (const auto& field : choice_fields(section)) {
                for (std::size_t i = 0; i < std::min<std::size_t>(indices(section, study), 2); ++i) {
                    const auto now = field.get(study, i);
                    if (!now) continue;
                    const auto options = field.options(study, catalog, i);
                    const bool has = std::ranges::find(options, *now, &Choice::value) != options.end();
                    QVERIFY2(has || options.empty(), (name + " " + field.id + " lacks " + *now).c_str());
                    std::size_t taken = 0;
                    for (const auto& option : options) {
                        if (++taken > 25) break;   // GPUs and layouts are many alike
                        seen.insert(field.id + "=" + option.value);
                        Scenario changed = study;
                        field.set(changed, catalog, i, option.value);
                        const std::string what = name + " " + field.id + " = " + option.value;
                        QVERIFY2(field.get(changed, i) == option.value, what.c_str());
                        check_saved(changed, what);
                        if (QTest::currentTestFailed()) return;
                    }
                }
            }
        }
    }

private slots:
    void every_number_set_is_got_saved_and_read_back() {
        std::set<std::string> seen, all;
        for (const auto& [name, study] : studies()) {
            drive_numbers(name, study, seen);
            if (QTest::currentTestFailed()) return;
        }
        for (const auto& section : field_sections()) {
            for (const auto& field : number_fields(section)) all.insert(field.id);
        }
        for (const auto& id : all) QVERIFY2(seen.count(id), ("no study drives " + id).c_str());
    }

    void every_choice_set_is_got_saved_and_read_back() {
        std::set<std::string> seen;
        for (const auto& [name, study] : studies()) {
            drive_choices(name, study, seen);
            if (QTest::currentTestFailed()) return;
        }
        for (const char* one : {"workload.load=gamma", "workload.load=trace", "routing.kind=zipf", "money.price=owned",
                                "candidate.layout=auto", "candidate.quality=none"})
            QVERIFY2(seen.count(one), one);
    }

    void every_number_shown_is_read_back_without_loss() {
        std::mt19937_64 draw(11);
        for (const auto& section : field_sections()) {
            for (const auto& field : number_fields(section)) {
                for (int i = 0; i < 200; ++i) {
                    double value = slider_value(field, static_cast<int>(draw() % (kSliderSteps + 1)));
                    if (!field.integer && i % 2) value *= 1 + 1e-3 * static_cast<double>(draw() % 1000) / 997.0;
                    value = std::clamp(value, field.lowest, field.highest);
                    const auto back = read_number(field, show_number(field, value));
                    QVERIFY2(back && *back == value, (field.id + ": " + show_number(field, value) + (back ? "" : back.error())).c_str());
                }
            }
        }
    }

    void sliders_reach_both_ends_and_their_values_lie_between() {
        for (const auto& section : field_sections()) {
            for (const auto& field : number_fields(section)) {
                QVERIFY2(field.least >= field.lowest && field.most <= field.highest && field.least < field.most, field.id.c_str());
                QVERIFY2(!field.above_lowest || field.least > field.lowest, field.id.c_str());
                QVERIFY2(!field.logarithmic || field.least > 0, field.id.c_str());
                QCOMPARE(slider_value(field, 0), field.least);
                QCOMPARE(slider_value(field, kSliderSteps), field.most);
                double before = field.least;
                for (int p = 0; p <= kSliderSteps; ++p) {
                    const double value = slider_value(field, p);
                    QVERIFY2(value >= before && value <= field.most, field.id.c_str());
                    QVERIFY2(!field.whole || value == std::floor(value), field.id.c_str());
                    before = value;
                }
            }
        }
    }

    void stepping_walks_a_slider_from_end_to_end_and_back() {
        for (const auto& section : field_sections()) {
            for (const auto& field : number_fields(section)) {
                double value = field.least;
                int steps = 0;
                while (value < field.most && steps <= kSliderSteps) {
                    const double next = stepped(field, value, 1);
                    QVERIFY2(next > value, field.id.c_str());
                    QCOMPARE(stepped(field, next, -1), value);
                    value = next;
                    ++steps;
                }
                QCOMPARE(value, field.most);
                QCOMPARE(stepped(field, value, 1), value);
            }
        }
    }

    void nonsense_is_refused_in_a_sentence() {
        const std::string huge(100'000, '9');
        for (const auto& section : field_sections()) {
            for (const auto& field : number_fields(section)) {
                for (const std::string& text :
                     {std::string(), std::string("abc"), std::string("1e999"), std::string("-5"), std::string("12 parsecs"), huge,
                      std::string("½"), std::string("1\0002", 3), std::string("1,5"), std::string("nan"), std::string("inf"),
                      std::string("--3"), std::string("1e"), std::string("0x10")}) {
                    const auto read = read_number(field, text);
                    QVERIFY2(!read, (field.id + " takes " + text.substr(0, 20)).c_str());
                    QVERIFY2(read.error().starts_with("expected ") && read.error().size() < 220, read.error().c_str());
                    QVERIFY2(read.error().find('\0') == std::string::npos, field.id.c_str());
                }
            }
        }
    }

    void people_write_numbers_in_many_ways() {
        const auto reads = [](const char* id, const char* text) { return read_number(*find_number_field(id), text).value_or(-1); };
        QCOMPARE(reads("workload.input", "1,024"), 1024.0);
        QCOMPARE(reads("workload.input", " 2k tokens "), 2000.0);
        QCOMPARE(reads("workload.input", "1 token"), 1.0);
        QCOMPARE(reads("workload.input", "1e3"), 1000.0);
        QCOMPARE(reads("workload.slo_tpot", "50"), 0.05);
        QCOMPARE(reads("workload.slo_tpot", "0.05 s"), 0.05);
        QCOMPARE(reads("workload.rate", "4"), 4.0);
        QCOMPARE(reads("workload.rate", "120/min"), 2.0);
        QCOMPARE(reads("money.gpu_hour", "$2.50"), -1.0);
        QCOMPARE(reads("money.gpu_hour", "$2.50/h"), 2.5);
        QCOMPARE(reads("money.gpu_hour", "2.5"), 2.5);
        QCOMPARE(reads("money.utilisation", "40 %"), 0.4);
        QCOMPARE(reads("money.utilisation", "40"), 0.4);
        QCOMPARE(reads("money.utilisation", "12.3456789012345678 %"), 0.123456789012345678);
        QCOMPARE(reads("candidate.count", "2.5"), -1.0);
    }

    void every_field_explains_itself() {
        std::set<std::string> ids;
        const auto check = [&](const std::string& id, const std::string& label, const std::string& help) {
            QVERIFY2(ids.insert(id).second, ("twice: " + id).c_str());
            QVERIFY2(!label.empty() && label.size() <= 40, id.c_str());
            QVERIFY2(help.size() >= 20 && help.back() == '.', id.c_str());
        };
        for (const auto& section : field_sections()) {
            for (const auto& field : number_fields(section)) check(field.id, field.label, field.help);
            for (const auto& field : choice_fields(section)) check(field.id, field.label, field.help);
            for (const auto& field : text_fields(section)) check(field.id, field.label, field.help);
        }
        QVERIFY(ids.size() > 60);
    }

    void a_load_of_another_kind_keeps_its_number() {
        Scenario s = studies().front().second;
        s.workload.load = ClosedLoop{32};
        s.workload.arrivals.reset();
        const auto& load = *find_choice_field("workload.load");
        load.set(s, catalog, 0, "poisson");
        QCOMPARE(*find_number_field("workload.rate")->get(s, 0), 32.0);
        load.set(s, catalog, 0, "batch");
        QCOMPARE(*find_number_field("workload.batch")->get(s, 0), 32.0);
        load.set(s, catalog, 0, "gamma");
        QVERIFY(s.method == Method::simulate);
        QCOMPARE(*find_number_field("workload.rate")->get(s, 0), 32.0);
        load.set(s, catalog, 0, "concurrency");
        QCOMPARE(*find_number_field("workload.users")->get(s, 0), 32.0);
    }

    void layouts_offered_divide_the_count() {
        auto s = *load_scenario(std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/studies/mixtral-vs-llama70b.yaml");
        const auto& layout = *find_choice_field("candidate.layout");
        find_number_field("candidate.count")->set(s, 0, 8);
        const auto offered = layout.options(s, catalog, 0);
        QVERIFY(offered.size() > 5);
        for (const auto& one : offered) {
            layout.set(s, catalog, 0, one.value);
            QCOMPARE(s.candidates[0].count, std::int64_t{8});
        }
        // A count the layout does not divide takes it back.
        layout.set(s, catalog, 0, "tp=8");
        find_number_field("candidate.count")->set(s, 0, 3);
        QVERIFY(!s.candidates[0].layout);
    }

    void candidates_follow_the_study_in_what_they_do_not_say_themselves() {
        auto s = *load_scenario(std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/studies/finance-rent-or-buy.yaml");
        QVERIFY(s.candidates[0].money && s.candidates[1].money);
        const auto price = s.candidates[1].money->price;
        find_number_field("money.utilisation")->set(s, 0, 0.123);
        for (const auto& candidate : s.candidates) QCOMPARE(candidate.money->utilisation, 0.123);
        QVERIFY(s.candidates[1].money->price == price);
        s.candidates[0].money->utilisation = 0.9;
        find_number_field("money.utilisation")->set(s, 0, 0.5);
        QCOMPARE(s.candidates[0].money->utilisation, 0.9);
    }

    void buying_starts_at_the_price_of_renting() {
        auto s = *load_scenario(std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/studies/mixtral-vs-llama70b.yaml");
        const double rent = catalog.price("h100_sxm", "on_demand")->median_usd;
        find_choice_field("money.price")->set(s, catalog, 0, "owned");
        QVERIFY(std::abs(hourly_cost(std::get<Ownership>(s.money.price)).value - rent) < 1e-3);
    }
};

QTEST_GUILESS_MAIN(FieldsTest)
#include "fields_test.moc"
