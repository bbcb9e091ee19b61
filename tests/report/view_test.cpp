#include "core/report/report_view.h"

#include <algorithm>

#include "core/report/svg_chart.h"
#include "tests/support/catch.h"
#include "tests/support/example_report.h"

using namespace moeplan;

namespace {

const MetricRow& row_named(const std::vector<MetricSection>& sections, const std::string& id) {
    for (const auto& section : sections) {
        for (const auto& row : section.rows) {
            if (row.id == id) return row;
        }
    }
    throw std::runtime_error("no row " + id);
}

CandidateReport with(const std::string& name, const char* id, Estimate value) {
    CandidateReport c;
    c.name = name;
    c.metrics = {{id, value, "here"}};
    return c;
}

}  // namespace

TEST_CASE("every metric of every candidate is in exactly one section", "[report]") {
    const Report report = example_report();
    auto candidates = report.candidates;
    candidates[1].metrics.push_back({"something_new", Estimate::exact(3), ""});
    std::size_t rows = 0;
    const auto sections = metric_sections(candidates);
    for (const auto& section : sections) rows += section.rows.size();
    CHECK(rows == candidates[0].metrics.size() + 1);
    CHECK(sections.back().heading == "Other");
    CHECK(sections.back().rows[0].cells[0] == nullptr);
    CHECK(sections.front().heading == "What it is");
}

TEST_CASE("what a candidate is launched with is a fact where a study says so", "[report]") {
    auto candidates = example_report().candidates;
    const auto named = [&](const char* name) {
        const auto facts = fact_rows(candidates);
        const auto found = std::ranges::find(facts, name, &FactRow::label);
        return found == facts.end() ? std::vector<std::string>{} : found->cells;
    };
    CHECK(named("launched with").empty());
    candidates[1].launched_with = {"16,384 tokens a step", "256 sequences at most"};
    CHECK(named("launched with") == std::vector<std::string>{"", "16,384 tokens a step, 256 sequences at most"});
}

TEST_CASE("a candidate is better only when its interval overlaps no other", "[report]") {
    const auto best = [](const char* id, Estimate a, Estimate b) {
        const std::vector<CandidateReport> both{with("a", id, a), with("b", id, b)};
        return row_named(metric_sections(both), id).best;
    };
    CHECK(best("tpot_ms", {10, 9, 11}, {20, 18, 22}) == 0);
    CHECK(best("tpot_ms", {10, 9, 19}, {20, 18, 22}) == -1);
    CHECK(best("output_tok_s", {10, 9, 11}, {20, 18, 22}) == 1);
    CHECK(best("params_total", Estimate::exact(1), Estimate::exact(2)) == -1);   // neither is better
    CHECK(best("fits", Estimate::exact(1), Estimate::exact(1)) == -1);
    const std::vector<CandidateReport> alone{with("a", "tpot_ms", {10, 9, 11})};
    CHECK(row_named(metric_sections(alone), "tpot_ms").best == -1);
}

TEST_CASE("a ratio is given for exactly two candidates", "[report]") {
    std::vector<CandidateReport> candidates{with("a", "tpot_ms", {10, 9, 11}),
                                            with("b", "tpot_ms", {20, 18, 22})};
    CHECK(row_named(metric_sections(candidates), "tpot_ms").ratio == 0.5);
    candidates.push_back(with("c", "tpot_ms", {30, 28, 32}));
    CHECK_FALSE(row_named(metric_sections(candidates), "tpot_ms").ratio);
}

TEST_CASE("a sweep puts the objective first and marks where the leader changes", "[report]") {
    const auto views = sweep_views(example_report());
    REQUIRE(views.size() == 1);
    const auto& view = views[0];
    CHECK(view.axis == "batch");
    CHECK(view.metrics == std::vector<std::string>{"usd_per_mtok_output", "tpot_ms"});
    REQUIRE(view.xs.size() == 9);
    CHECK(std::ranges::is_sorted(view.xs));
    std::vector<double> turns;
    for (std::size_t i = 0; i < view.xs.size(); ++i) {
        if (view.leader_changes_at(i)) turns.push_back(view.xs[i]);
    }
    CHECK(turns == std::vector<double>{8, 16});
    CHECK(view.certain.front());
    CHECK_FALSE(view.certain[3]);
}

TEST_CASE("sweeps with different points keep the gaps", "[report]") {
    Report report = example_report();
    auto& points = report.candidates[1].series[1].points;
    points.erase(points.begin() + 2, points.end());
    const auto view = sweep_views(report).at(0);
    CHECK(view.xs.size() == 9);
    CHECK(view.columns[1].values[1].has_value());
    CHECK_FALSE(view.columns[1].values[5].has_value());
    CHECK(view.leader[5] == -1);
    CHECK_FALSE(view.leader_changes_at(5));
}

TEST_CASE("sources are numbered once, in order of first mention", "[report]") {
    SourceNotes notes;
    CHECK(notes.number_of("b") == 1);
    CHECK(notes.number_of("a") == 2);
    CHECK(notes.number_of("b") == 1);
    CHECK(notes.number_of("") == 0);
    CHECK(notes.texts() == std::vector<std::string>{"b", "a"});
}

TEST_CASE("axis ticks are round, ascending and inside", "[report]") {
    CHECK(round_ticks(0, 53, 5, false) == std::vector<double>{0, 20, 40});
    CHECK(round_ticks(0, 1, 5, false).size() >= 5);
    CHECK(round_ticks(1, 100, 5, true) == std::vector<double>{1, 2, 5, 10, 20, 50, 100});
    for (const auto& [low, high] :
         {std::pair{0.0, 7.3}, {3.0, 3.1}, {0.02, 900.0}, {1e-9, 1e9}, {5.0, 5.0}}) {
        for (const bool logarithmic : {false, true}) {
            const auto ticks = round_ticks(low, high, 5, logarithmic);
            CHECK(ticks.size() >= 2);
            CHECK(ticks.size() <= 24);
            CHECK(std::ranges::is_sorted(ticks));
        }
    }
}

TEST_CASE("a chart keeps all it draws inside its frame", "[report]") {
    Chart chart{"t", "batch", "cost", "USD", {{"a", 0, {{1, {1, 0.5, 2}}, {256, {0.01, 0.005, 0.02}}}}},
                {{16, "flips at 16"}, {250, "flips at 250"}, {9999, "outside"}}};
    const std::string svg = svg_of(chart);
    CHECK_THAT(svg, ContainsSubstring("flips at 250"));
    CHECK(svg.find("outside") == std::string::npos);
    for (std::size_t at = svg.find(" cy=\""); at != std::string::npos; at = svg.find(" cy=\"", at + 1)) {
        const double y = std::stod(svg.substr(at + 5));
        CHECK((y >= 0 && y <= 340));
    }
    CHECK(svg.find("nan") == std::string::npos);
    CHECK(svg_of(Chart{}).empty());
    chart.lines[0].points.resize(1);
    CHECK_THAT(svg_of(chart), ContainsSubstring("<circle"));
}
