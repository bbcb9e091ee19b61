// The verdicts on the public claims: all there, as recorded, and as the documentation tells them.
#include <cstdlib>
#include <map>

#include <nlohmann/json.hpp>

#include "core/analyse/expectations.h"
#include "core/base/write_file.h"
#include "tests/studies/studies.h"
#include "tests/support/catch.h"

using namespace moeplan;
using namespace moeplan::testing;

namespace {

constexpr int kClaims = 28;
const std::filesystem::path kDocument = MOEPLAN_SOURCE_DIR "/docs/claims.md";

std::map<std::string, std::string> recorded_verdicts() {
    const auto baseline = nlohmann::json::parse(read_text(MOEPLAN_SOURCE_DIR "/scenarios/claims/baseline.json"));
    std::map<std::string, std::string> verdicts;
    for (const auto& check : baseline.at("checks")) {
        verdicts[std::filesystem::path(check.at("file").get<std::string>()).filename().string()] =
            check.at("verdict").get<std::string>();
    }
    return verdicts;
}

// The row of a claim in docs/claims.md.
std::string documented(int number) {
    std::istringstream in(read_text(kDocument));
    for (std::string line; std::getline(in, line);) {
        if (line.rfind("| " + std::to_string(number) + " |", 0) == 0) return line;
    }
    return "no row";
}

// What a row tells was found: the last column but one.
std::string told_in(const std::string& row) {
    const auto end = row.rfind(" | ["), begin = row.rfind(" | ", end - 1) + 3;
    return row.substr(begin, end - begin);
}

void renew(const std::filesystem::path& file, const std::string& then, const std::string& now) {
    std::string text = read_text(file);
    const auto at = text.find(then);
    REQUIRE(at != std::string::npos);
    REQUIRE(write_file_atomically(file.string(), text.replace(at, then.size(), now)).empty());
}

}  // namespace

TEST_CASE("every claim is there once") {
    std::map<int, int> times;
    for (const auto& file : claims()) {
        const auto scenario = load_scenario(file.string());
        INFO(file.string() << "\n" << (scenario ? std::string() : problems_text(scenario.error())));
        REQUIRE(scenario);
        REQUIRE(scenario->claim);
        ++times[scenario->claim->number];
        CHECK_FALSE(scenario->expect.empty());
        CHECK_FALSE(scenario->claim->source.empty());
        CHECK(scenario->claim->found.size() > 20);
        CHECK(std::stoi(file.filename().string()) == scenario->claim->number);
    }
    CHECK(times.size() == kClaims);
    for (int number = 1; number <= kClaims; ++number) {
        INFO("claim " << number);
        CHECK(times[number] == 1);
    }
}

TEST_CASE("verdicts are as recorded and as documented") {
    const auto recorded = recorded_verdicts();
    CHECK(recorded.size() == kClaims);
    for (const auto& file : claims()) {
        DYNAMIC_SECTION(file.filename().string()) {
            const auto& answer = answer_of(file);
            INFO((answer ? std::string() : problems_text(answer.error())));
            REQUIRE(answer);
            const Scenario& scenario = answer->scenario;
            const std::string verdict(name_of(overall(answer->report.expectations, scenario.expect)));
            std::string details;
            for (const auto& e : answer->report.expectations)
                details += e.name + ": " + std::string(name_of(e.outcome)) + ", " + e.detail + "\n";
            INFO(details << "If the new verdict is right: moeplan check scenarios/claims --baseline "
                            "scenarios/claims/baseline.json "
                            "--update-baseline, and tell it in docs/claims.md.");
            REQUIRE(recorded.count(file.filename().string()) == 1);
            CHECK(recorded.at(file.filename().string()) == verdict);
            const std::string& now = answer->report.found;
            if (std::getenv("MOEPLAN_APPROVE")) {
                renew(file, scenario.claim->found, now);
                renew(kDocument, told_in(documented(scenario.claim->number)), now);
            }
            INFO("If its figures are right: MOEPLAN_APPROVE=1 bin/test_studies, then review the diff; words are yours.");
            CHECK_THAT(read_text(file), ContainsSubstring(now));
            const std::string row = documented(scenario.claim->number);
            CHECK_THAT(row, ContainsSubstring("| " + verdict + " |"));
            CHECK_THAT(row, ContainsSubstring("| " + now + " |"));
            CHECK_THAT(row, ContainsSubstring(file.filename().string()));
        }
    }
}

TEST_CASE("expectations of a claim all have a value and a name of their own") {
    for (const auto& file : claims()) {
        const auto& answer = answer_of(file);
        REQUIRE(answer);
        std::map<std::string, int> names;
        for (const auto& e : answer->report.expectations) {
            INFO(file.string() << ": " << e.name);
            CHECK(++names[e.name] == 1);
            CHECK_THAT(e.detail, !ContainsSubstring("has no value"));
        }
    }
}

TEST_CASE("a number of what a claim found is what is computed now, with as many decimals") {
    const std::string study = "candidates: [{name: a, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm, count: 1}]\n";
    const auto found = [&](const std::string& claim) {
        const auto scenario = parse_scenario("claim: {number: 1, text: t, " + claim + "}\n" + study, "claim.yaml");
        INFO((scenario ? std::string() : problems_text(scenario.error())));
        REQUIRE(scenario);
        const auto report = answered(*scenario);
        INFO((report ? std::string() : problems_text(report.error())));
        REQUIRE(report);
        return report->found;
    };
    CHECK(found("found: 9 B and 9.0 B; 3 times less 7.0 % is 50 % more, figures: ["
                "{before: \" B and\", metric: a.params_total}, {before: \" B;\", metric: a.params_total}, "
                "{before: \" times\", ratio: [a.tpot_ms, a.tpot_ms]}, {before: \" % is\", less: [a.tpot_ms, a.tpot_ms]}, "
                "{before: \" % more\", more: [a.tpot_ms, a.tpot_ms]}]") == "8 B and 8.0 B; 1 times less 0.0 % is 0 % more");
    const auto refused = [&](const std::string& claim) {
        const auto scenario = parse_scenario("claim: {number: 1, text: t, " + claim + "}\n" + study, "claim.yaml");
        REQUIRE_FALSE(scenario);
        return problems_text(scenario.error());
    };
    CHECK_THAT(refused("found: 1 % and 2 %, figures: [{before: \" %\", metric: a.tpot_ms}]"), ContainsSubstring("more than once"));
    CHECK_THAT(refused("found: a few %, figures: [{before: \" %\", metric: a.tpot_ms}]"), ContainsSubstring("no number stands before"));
    CHECK_THAT(refused("found: 1 x, figures: [{before: \" %\", metric: a.tpot_ms}]"), ContainsSubstring("'found' does not say"));
    CHECK_THAT(refused("found: 1 x, figures: [{before: \" x\", metric: b.tpot_ms}]"), ContainsSubstring("'b'"));
}
