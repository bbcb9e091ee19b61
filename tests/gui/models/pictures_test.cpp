// Every picture as a value: what it says of a report made by hand, and that no study of the project breaks one.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include <QTest>

#include "core/catalog/catalog.h"
#include "gui/models/pictures.h"
#include "sim/run.h"
#include "tests/support/example_simulation.h"

using namespace moeplan;

namespace {

Picture picture_of(const Report& report, std::string_view id) { return find_picture(id)->make(report); }

const PictureMarker* marker(const Picture& picture, const std::string& words) {
    const auto found = std::ranges::find_if(picture.markers, [&](const PictureMarker& m) { return m.label.starts_with(words); });
    return found == picture.markers.end() ? nullptr : &*found;
}

bool near(double a, double b) { return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b)); }

// What is wrong with a picture's points; empty when nothing is.
std::string wrong_with(const Picture& picture, const std::string& name, const std::vector<PicturePoint>& points, bool joined) {
    double last = -INFINITY;
    for (const PicturePoint& p : points) {
        if (!std::isfinite(p.x) || !std::isfinite(p.y)) return picture.id + ", " + name + ": not a number";
        if (p.interval && !(p.interval->first <= p.y * (1 + 1e-9) && p.y <= p.interval->second * (1 + 1e-9))) return picture.id + ", " + name + ": outside its interval";
        if (joined && p.x < last) return picture.id + ", " + name + ": runs backwards";
        if (!picture.x.categories.empty() && (p.x < 0 || p.x >= static_cast<double>(picture.x.categories.size()))) return picture.id + ", " + name + ": no such category";
        last = p.x;
    }
    return {};
}

std::string wrong_with(const Picture& picture) {
    if (picture.title.empty()) return picture.id + ": no title";
    if (picture.empty()) return picture.nothing.ends_with('.') ? "" : picture.id + ": no reason";
    if (picture.meaning.empty()) return picture.id + ": no meaning";
    if (picture.series.empty() && picture.bars.empty() && !picture.heat && picture.spans.empty()) return picture.id + ": neither drawn nor empty";
    if (picture.y.label.empty()) return picture.id + ": an axis without a name";
    for (const PictureSeries& s : picture.series) {
        if (std::string wrong = wrong_with(picture, s.name, s.points, s.mark != PictureSeries::Mark::dots); !wrong.empty()) return wrong;
        if (s.name.empty() || s.points.empty()) return picture.id + ": a series without name or points";
    }
    for (const PictureBars& b : picture.bars) {
        if (std::string wrong = wrong_with(picture, b.name, b.points, true); !wrong.empty()) return wrong;
    }
    if (picture.heat && picture.heat->values.size() != static_cast<std::size_t>(picture.heat->rows * picture.heat->columns)) return picture.id + ": cells are missing";
    for (const PictureSpan& span : picture.spans) {
        if (!(span.from <= span.to)) return picture.id + ": a stretch that ends before it begins";
    }
    return {};
}

}  // namespace

class PicturesTest : public QObject {
    Q_OBJECT

private slots:
    void every_picture_has_a_name_of_its_own_and_is_found_by_it() {
        std::set<std::string_view> ids;
        for (const PictureEntry& entry : picture_catalog()) {
            QVERIFY(ids.insert(entry.id).second);
            QCOMPARE(find_picture(entry.id), &entry);
            QCOMPARE(entry.make(simulated_report()).id, std::string(entry.id));
        }
        QVERIFY(ids.size() >= 13);
        QVERIFY(find_picture("cost_against_bach") == nullptr);
    }

    void an_empty_report_says_for_every_picture_what_would_fill_it() {
        for (const PictureEntry& entry : picture_catalog()) {
            const Picture picture = entry.make({});
            QVERIFY2(picture.empty() && wrong_with(picture).empty(), std::string(entry.id).c_str());
        }
    }

    void cost_against_batch_carries_every_point_and_both_crossovers() {
        const Report report = example_report();
        const Picture picture = picture_of(report, "cost_against_batch");
        QCOMPARE(picture.title, std::string("Cost against batch"));
        QCOMPARE(picture.series.size(), std::size_t{2});
        const Series& cost = report.candidates[0].series[1];
        QCOMPARE(picture.series[0].name, report.candidates[0].name);
        QCOMPARE(picture.series[0].points.size(), cost.points.size());
        for (std::size_t i = 0; i < cost.points.size(); ++i) {
            QCOMPARE(picture.series[0].points[i].x, cost.points[i].x);
            QCOMPARE(picture.series[0].points[i].y, cost.points[i].y.value);
            QCOMPARE(picture.series[0].points[i].interval->second, cost.points[i].y.high);
        }
        QCOMPARE(std::ranges::count_if(picture.markers, [](const PictureMarker& m) { return m.label.starts_with("crossover"); }), 2);
        QCOMPARE(marker(picture, "crossover")->x, 7.1);
        QVERIFY(marker(picture, "the study"));
        QCOMPARE(marker(picture, "the study")->x, 32.0);
    }

    void crossovers_of_the_objective_are_not_drawn_over_another_metric() {
        const Picture picture = picture_of(example_report(), "tpot_against_batch");
        QVERIFY(!picture.empty());
        QVERIFY(!marker(picture, "crossover"));
    }

    void a_shared_price_is_left_out_of_bands_and_told_beside_the_point() {
        Report report = example_report();
        for (SeriesPoint& p : report.candidates[0].series[1].points) p.apart = Estimate{p.y.value, p.y.value * 0.99, p.y.value * 1.01};
        const Picture picture = picture_of(report, "cost_against_batch");
        const PicturePoint& first = picture.series[0].points[0];
        QVERIFY(near(first.interval->second, first.y * 1.01));
        QVERIFY(first.note.find("price") != std::string::npos);
        QVERIFY(picture.meaning.find("price") != std::string::npos);
    }

    void another_axis_than_the_batch_gives_the_title() {
        Report report = example_report();
        for (CandidateReport& c : report.candidates) {
            for (Series& s : c.series) s.axis = "utilisation";
        }
        const Picture picture = picture_of(report, "cost_against_batch");
        QCOMPARE(picture.title, std::string("Cost against utilisation"));
        QCOMPARE(picture.x.unit, std::string("fraction"));
        QVERIFY(!marker(picture, "crossover"));
    }

    void a_flip_that_varies_one_candidate_alone_is_no_crossover_of_lines() {
        Report report = example_report();
        for (CandidateReport& c : report.candidates) {
            for (Series& s : c.series) s.axis = "utilisation";
        }
        report.verdict->flips.push_back({"utilisation", 0.39, "", "if mixtral were busy only 39 % of its paid time"});
        const Picture picture = picture_of(report, "cost_against_batch");
        QVERIFY(!picture.series.empty());
        QVERIFY(!marker(picture, "crossover"));
    }

    void without_a_sweep_the_picture_asks_for_one() {
        Report report = example_report();
        for (CandidateReport& c : report.candidates) c.series.clear();
        QVERIFY(picture_of(report, "cost_against_batch").nothing.find("sweep of batch sizes") != std::string::npos);
    }

    void stacks_of_memory_add_up_to_what_the_report_says() {
        const Report report = example_report();
        const Picture picture = picture_of(report, "memory_stacks");
        for (std::size_t i = 0; i < report.candidates.size(); ++i) {
            double drawn = 0, told = 0;
            for (const PictureBars& b : picture.bars) {
                for (const PicturePoint& p : b.points) drawn += p.x == static_cast<double>(i) ? p.y : 0;
            }
            for (const MemoryRow& row : report.candidates[i].memory) told += row.gb;
            QVERIFY(near(drawn, told));
        }
        QCOMPARE(std::ranges::count(picture.bars, true, &PictureBars::faint), 1);
        QVERIFY(picture.bars.back().faint);
        QCOMPARE(marker(picture, "limit")->y, report.candidates[0].memory_limit_gb);
    }

    void parts_of_a_step_add_up_to_the_whole_with_its_interval() {
        const Picture picture = picture_of(example_report(), "step_breakdown");
        QCOMPARE(picture.x.categories, (std::vector<std::string>{"mixtral", "dense"}));
        double parts = 0;
        for (const PictureBars& b : picture.bars) {
            for (const PicturePoint& p : b.points) parts += p.x == 0 ? p.y : 0;
        }
        QVERIFY(near(parts, picture.series.at(0).points.at(0).y));
        QVERIFY(picture.series[0].points[0].interval.has_value());
        QVERIFY(picture_of(example_report(), "prefill_breakdown").empty());
    }

    void operations_lie_at_their_work_per_byte_and_speed() {
        Report report = example_report();
        report.candidates[0].ops = {{"decode", "expert up projection", "experts", "fp8", 400, 20, {10, 9, 12}, "memory", false},
                                    {"decode", "all-reduce", "communication", "", 0, 1, {1, 1, 1}, "network", false},
                                    {"prefill", "head", "head", "bf16", 900, 1, {2, 2, 2}, "compute", true}};
        report.candidates[0].roof = {3350, {{"fp8", 1.979e6}, {"bf16", 0.989e6}}};
        const Picture picture = picture_of(report, "roofline");
        QCOMPARE(picture.series[0].points.size(), std::size_t{1});   // a collective computes nothing
        QCOMPARE(picture.series[0].points[0].x, 20.0);
        QCOMPARE(picture.series[0].points[0].y, 40000.0);
        QVERIFY(picture.series[1].points[0].odd);
        const auto slope = std::ranges::find_if(picture.series, [](const PictureSeries& s) { return s.name.starts_with("memory"); });
        QVERIFY(slope != picture.series.end());
        for (const PicturePoint& p : slope->points) QVERIFY(near(p.y, p.x * 3350));
    }

    void loads_of_ranks_keep_their_rows_and_stand_apart() {
        Report report = example_report();
        report.candidates[0].expert_load = ExpertLoadMap{4, 2, 2, 2, {1.2, 0.8, 1, 1}, {2, 1, 0.5, 0.5, 1, 1, 1, 1}, "counts"};
        report.candidates[1].rank_load = {0.9, 1.1};
        const Picture picture = picture_of(report, "expert_load");
        QCOMPARE(picture.heat->columns, std::int64_t{5});
        QCOMPARE(picture.heat->rows, std::int64_t{2});
        QCOMPARE(picture.heat->values[0], 1.2);
        QVERIFY(std::isnan(picture.heat->values[2]));
        QCOMPARE(picture.heat->values[8], 0.9);   // told once, true of both layers
        QCOMPARE(picture.y.label, std::string("layer with experts"));
        const Picture popularity = picture_of(report, "expert_popularity");
        QCOMPARE(popularity.series.size(), std::size_t{1});
        QCOMPARE(popularity.series[0].points[0].y, 1.5);
        QCOMPARE(popularity.series[0].points[0].interval->second, 2.0);
    }

    void layers_drawn_at_random_are_not_called_the_models() {
        Report report = example_report();
        report.candidates[0].expert_load = ExpertLoadMap{4, 2, 2, 2, {1.2, 0.8, 1, 1}, {2, 1, 0.5, 0.5, 1, 1, 1, 1}, "Zipf, alpha 0.3"};
        const Picture picture = picture_of(report, "expert_load");
        QCOMPARE(picture.y.label, std::string("draw of a layer"));
        QVERIFY(picture.meaning.find("drawn at random") != std::string::npos);
    }

    void latencies_rise_from_none_to_all_requests() {
        Report report = simulated_report();
        report.candidates[0].simulation->latencies[0].distribution = {{0, 20}, {0.5, 131}, {0.99, 1480}, {1, 6120}};
        const Picture picture = picture_of(report, "latency_distribution");
        QCOMPARE(picture.series[0].points.size(), std::size_t{4});
        QCOMPARE(picture.series[0].points[1].x, 131.0);
        QCOMPARE(picture.series[0].points[1].y, 0.5);
        QCOMPARE(picture.series[1].with, picture.series[0].name);   // its percentiles hide with it
        QVERIFY(wrong_with(picture).empty());
    }

    void requests_are_drawn_from_arrival_over_prefill_and_first_to_last_token() {
        Report report = simulated_report();
        report.candidates[0].simulation->sample = {{1, 10, 10.2, 10.5, 12.0, 100, 50, "completed", 0, 0}, {2, 11, {}, {}, {}, 100, 50, "timed out", 0, 0}};
        const Picture picture = picture_of(report, "request_timeline");
        QCOMPARE(picture.spans.size(), std::size_t{4});
        QCOMPARE(picture.spans[0].to, 10.2);    // taken up
        QCOMPARE(picture.spans[1].from, 10.2);
        QCOMPARE(picture.spans[1].to, 10.5);
        QCOMPARE(picture.spans[2].from, 10.5);
        QCOMPARE(picture.spans[2].to, 12.0);
        QCOMPARE(picture.spans[3].to, 12.0);    // never answered: waits to the end of what is seen
        QCOMPARE(picture.spans[3].colour, picture.spans[0].colour);
    }

    void break_even_marks_where_the_study_stands() {
        Report report = example_report();
        report.break_evens = {{"mixtral", "dense", {{0.1, {0.2, 0.1, 0.3}}, {1, {2, 1, 3}}}, 0.5, 1.25}};
        const Picture picture = picture_of(report, "break_even");
        QCOMPARE(picture.series[0].points[1].y, 2.0);
        QCOMPARE(marker(picture, "the study")->x, 0.5);
        QCOMPARE(marker(picture, "the study")->y, 1.25);
        QVERIFY(marker(picture, "mixtral is cheaper")->y < marker(picture, "dense is cheaper")->y);
    }

    void two_places_of_the_study_are_told_apart_by_their_pairs() {
        Report report = example_report();
        for (const auto& [b, ratio] : {std::pair{"one", 1.25}, {"two", 1.251}, {"three", 3.0}, {"four", 3.01}})
            report.break_evens.push_back({"mixtral", b, {{0.1, {0.2, 0.1, 0.3}}, {1, {2, 1, 3}}}, 0.5, ratio});
        std::vector<std::string> labels;
        for (const PictureMarker& m : picture_of(report, "break_even").markers) {
            if (m.kind == PictureMarker::Kind::point) labels.push_back(m.label);
        }
        QCOMPARE(labels, (std::vector<std::string>{"the study, one, two", "the study, three, four"}));
    }

    void slopes_of_two_gpus_bear_their_names() {
        Report report = example_report();
        for (CandidateReport& c : report.candidates) {
            c.ops = {{"decode", "head", "head", "bf16", 400, 20, {10, 9, 12}, "memory", false}};
            c.roof = {3350, {{"bf16", 0.989e6}}};
        }
        report.candidates[0].gpu = "h100_sxm";
        report.candidates[1].gpu = "h200_sxm";
        report.candidates[1].roof.gb_per_s = 4800;
        const Picture picture = picture_of(report, "roofline");
        for (const char* gpu : {"h100_sxm", "h200_sxm"}) {
            const PictureMarker* name = marker(picture, gpu);
            QVERIFY(name);
            QVERIFY(near(name->y, name->x * (gpu == std::string("h100_sxm") ? 3350 : 4800)));
        }
    }

    void the_front_holds_what_nobody_beats() {
        Report report = example_report();
        for (CandidateReport& c : report.candidates) {   // a swept speed, so that there are lines
            Series rate{"tok_s_per_gpu", "batch", {}};
            for (const SeriesPoint& p : c.series[0].points) rate.points.push_back({p.x, Estimate::exact(p.x * 500 / p.y.value)});
            c.series.push_back(rate);
        }
        const Picture picture = picture_of(report, "throughput_against_interactivity");
        const auto front = std::ranges::find(picture.series, "nobody does better", &PictureSeries::name);
        QVERIFY(front != picture.series.end());
        QVERIFY(front->points.size() > 5);
        for (std::size_t i = 1; i < front->points.size(); ++i) {
            QVERIFY(front->points[i].x > front->points[i - 1].x);
            QVERIFY(front->points[i].y < front->points[i - 1].y);
        }
    }

    void numbers_of_a_picture_are_rows_of_csv() {
        const std::string csv = picture_csv(picture_of(example_report(), "cost_against_batch"));
        QCOMPARE(std::ranges::count(csv, '\n'), 1 + 18 + 3);   // heading, points, markers
        QVERIFY(csv.starts_with("series,x,y,low,high,note\r\n"));
        QVERIFY(picture_in_words(picture_of(example_report(), "cost_against_batch")).find("mixtral") != std::string::npos);
    }

    void every_study_and_claim_gives_pictures_without_a_fault_data() {
        QTest::addColumn<QString>("file");
        for (const char* folder : {"studies", "claims"}) {
            for (const auto& file : std::filesystem::directory_iterator(std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/" + folder)) {
                if (file.path().extension() == ".yaml") QTest::newRow(file.path().stem().c_str()) << QString::fromStdString(file.path().string());
            }
        }
    }
    void every_study_and_claim_gives_pictures_without_a_fault() {
        QFETCH(QString, file);
        const auto scenario = load_scenario(file.toStdString());
        QVERIFY(scenario.has_value());
        RunControl control;
        const auto report = run(*scenario, builtin_catalog(), control);
        QVERIFY(report.has_value());
        std::size_t drawn = 0;
        for (const PictureEntry& entry : picture_catalog()) {
            const Picture picture = entry.make(*report);
            const std::string wrong = wrong_with(picture);
            QVERIFY2(wrong.empty(), wrong.c_str());
            if (!picture.empty()) ++drawn;
        }
        QVERIFY(drawn >= 1);
    }
};

QTEST_GUILESS_MAIN(PicturesTest)
#include "pictures_test.moc"
