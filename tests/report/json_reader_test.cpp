#include "core/report/json_reader.h"

#include <nlohmann/json.hpp>

#include "core/report/report_writer.h"
#include "tests/support/catch.h"
#include "tests/support/detailed_report.h"

using namespace moeplan;
using Json = nlohmann::ordered_json;

namespace {

std::string written(const Report& report) { return make_writer("json").value()->write(report); }

Report explored() {
    Report report = detailed_report();
    report.candidates[0].launched_with = {"16,384 tokens a step"};
    Exploration e;
    e.evaluated = 12'345'678'901;
    e.infeasible = 400;
    e.reasons = {{"weights do not fit", 390}};
    e.left_out = {"an axis that could not take part"};
    e.best = report.candidates;
    e.pareto = {report.candidates[1]};
    report.exploration = e;
    report.verdict.reset();
    return report;
}

Report strange() {
    Report report = detailed_report();
    report.scenario_name = "<b>\"x\" & 'y'\n\x1b[2J\xff 模型";
    report.scenario = Document::Map{{"seed", std::int64_t{9'223'372'036'854'775'807}}, {"whole", 3.0}, {"huge", 1e300}, {"no", Document()}, {"", Document::List{true, -1, "x"}}};
    report.candidates[0].metrics.push_back({"no_such_metric", {-0.0, -1e-300, 1e-300}, ""});
    report.verdict->winner.clear();
    report.candidates[0].simulation->latencies[0].sampling_mean.reset();
    return report;
}

std::string problem_of(const std::string& text) {
    const auto read = read_report_json(text, "r.json");
    REQUIRE_FALSE(read);
    REQUIRE(read.error().size() == 1);
    CHECK(read.error()[0].where.starts_with("r.json"));
    return to_text(read.error()[0]);
}

// The detailed report with one place of its JSON replaced.
std::string with(const std::string& pointer, Json value) {
    Json json = Json::parse(written(detailed_report()));
    json[Json::json_pointer(pointer)] = std::move(value);
    return json.dump();
}

std::string without(const std::string& parent, const std::string& key) {
    Json json = Json::parse(written(detailed_report()));
    json[Json::json_pointer(parent)].erase(key);
    return json.dump();
}

}  // namespace

TEST_CASE("a report read and written again is the same text") {
    for (const Report& report : {Report{}, example_report(), simulated_report(), detailed_report(), explored(), strange()}) {
        const std::string text = written(report);
        const auto read = read_report_json(text, "r.json");
        INFO((read ? "" : to_text(read.error()[0])));
        REQUIRE(read);
        CHECK(written(*read) == text);
    }
}

TEST_CASE("a report read has the values of the one written") {
    const Report report = explored();
    const Report read = read_report_json(written(report), "r.json").value();
    REQUIRE(read.candidates.size() == 2);
    const CandidateReport &from = report.candidates[0], &to = read.candidates[0];
    CHECK(to.find("tpot_ms")->value == from.find("tpot_ms")->value);
    CHECK(to.find("tpot_ms")->source == from.find("tpot_ms")->source);
    CHECK(to.find("fits")->value == Estimate::exact(1));
    CHECK(to.launched_with == from.launched_with);
    CHECK(to.breakdown[2].ms == from.breakdown[2].ms);
    CHECK(to.ops[3].name == from.ops[3].name);
    CHECK(to.ops[3].gbytes == from.ops[3].gbytes);
    CHECK(to.roof.ceilings == from.roof.ceilings);
    CHECK(to.expert_load->rank_load == from.expert_load->rank_load);
    CHECK(to.series[1].points[4].apart == from.series[1].points[4].apart);
    CHECK(to.simulation->latencies[0].distribution == from.simulation->latencies[0].distribution);
    CHECK_FALSE(to.simulation->latencies[2].sampling_p99);
    CHECK(to.simulation->sample[11].outcome == "rejected");
    CHECK_FALSE(to.simulation->sample[12].finished);
    CHECK(to.simulation->series[2].points == from.simulation->series[2].points);
    CHECK(read.break_evens[0].points[3].price_ratio == report.break_evens[0].points[3].price_ratio);
    CHECK(read.exploration->evaluated == 12'345'678'901);
    CHECK(read.exploration->left_out == report.exploration->left_out);
    CHECK(read.expectations[3].outcome == Outcome::fails);
    CHECK(read.scenario == report.scenario);
}

TEST_CASE("a report of before the pictures is read too") {
    Json json = Json::parse(written(detailed_report()));
    json.erase("break_evens");
    for (const char* key : {"ops", "roof", "expert_load"}) json["candidates"][0].erase(key);
    json["candidates"][0]["simulation"].erase("sample");
    json["candidates"][0]["simulation"]["latencies"]["ttft_ms"].erase("distribution");
    json["from the future"] = 1;
    const auto read = read_report_json(json.dump(), "r.json");
    REQUIRE(read);
    CHECK(read->candidates[0].ops.empty());
    CHECK_FALSE(read->candidates[0].expert_load);
}

TEST_CASE("what is wrong in a report is said with its place") {
    CHECK_THAT(problem_of(""), ContainsSubstring("r.json:1") && ContainsSubstring("not valid JSON"));
    CHECK_THAT(problem_of("{\n\n\"a\": ,}"), ContainsSubstring("r.json:3"));
    CHECK_THAT(problem_of("[1, 2]"), ContainsSubstring("not a report"));
    CHECK_THAT(problem_of("{}"), ContainsSubstring("not a report") && ContainsSubstring("--format json"));
    CHECK_THAT(problem_of(with("/moeplan", "9.9")), ContainsSubstring("version 0.1") && ContainsSubstring("9.9"));
    CHECK_THAT(problem_of(with("/moeplan", 1)), ContainsSubstring("expected a text, found a number"));
    CHECK_THAT(problem_of(with("/candidates/0/series/1/points/3/low", 1e9)), ContainsSubstring("candidates[0].series[1].points[3]") && ContainsSubstring("low <= value <= high"));
    CHECK_THAT(problem_of(with("/candidates/0/series/1/points/3/apart", Json::array({1, 2, 3}))), ContainsSubstring("points[3].apart"));
    CHECK_THAT(problem_of(with("/candidates/1/metrics/tpot_ms", "fast")), ContainsSubstring("candidates[1].metrics.tpot_ms") && ContainsSubstring("an object, found a text"));
    CHECK_THAT(problem_of(with("/candidates/1/metrics/tpot_ms/value", nullptr)), ContainsSubstring("'value' is missing"));
    CHECK_THAT(problem_of(with("/candidates/1/gpus", -1)), ContainsSubstring("candidates[1].gpus"));
    CHECK_THAT(problem_of(with("/candidates/1/gpus", 1.5)), ContainsSubstring("candidates[1].gpus"));
    CHECK_THAT(problem_of(with("/candidates/1/gpus", 18'000'000'000'000'000'000ULL)), ContainsSubstring("2^53"));
    CHECK_THAT(problem_of(with("/candidates", "none")), ContainsSubstring("expected a list, found a text"));
    CHECK_THAT(problem_of(with("/candidates/0", 7)), ContainsSubstring("candidates[0]") && ContainsSubstring("an object"));
    CHECK_THAT(problem_of(with("/candidates/0/expert_load/layers", 4)), ContainsSubstring("candidates[0].expert_load.rank_load") && ContainsSubstring("4 x 4 numbers, found 12"));
    CHECK_THAT(problem_of(with("/candidates/0/expert_load/ranks", 9'000'000'000'000'000LL)), ContainsSubstring("at most 1000000"));
    CHECK_THAT(problem_of(with("/candidates/0/ops/0/outside_calibration", 0)), ContainsSubstring("ops[0].outside_calibration"));
    CHECK_THAT(problem_of(with("/candidates/0/simulation/series/0/points/2", Json::array({1}))), ContainsSubstring("points[2]: expected a pair"));
    CHECK_THAT(problem_of(with("/expectations/0/verdict", "hold")), ContainsSubstring("did you mean 'holds'?"));
    CHECK_THAT(problem_of(with("/break_evens/0/points/1/high", 0)), ContainsSubstring("break_evens[0].points[1]"));
    CHECK_THAT(problem_of(without("/candidates/0", "breakdown")), ContainsSubstring("'breakdown' is missing"));
}

TEST_CASE("depth and numbers of a report are bounded") {
    CHECK_THAT(problem_of(std::string(100'000, '[')), ContainsSubstring("nested"));
    std::string huge = with("/candidates/0/memory_limit_gb", 77.25);
    huge.replace(huge.find("77.25"), 5, "1e999");
    CHECK_THAT(problem_of(huge), ContainsSubstring("r.json"));
    std::string not_a_number = with("/candidates/0/memory_limit_gb", 77.25);
    not_a_number.replace(not_a_number.find("77.25"), 5, "NaN");
    CHECK_THAT(problem_of(not_a_number), ContainsSubstring("memory_limit_gb"));
    CHECK_THAT(problem_of("\xff\xfe"), ContainsSubstring("not valid JSON"));
}

TEST_CASE("a report cut short anywhere is a problem and never a crash") {
    const std::string text = written(detailed_report());
    for (std::size_t i = 0; i < 200; ++i) CHECK_FALSE(read_report_json(text.substr(0, (text.size() - 3) * i / 200), "r.json"));
}
