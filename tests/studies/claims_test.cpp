// The verdicts on the public claims: all there, as recorded, and as the documentation tells them.
#include <map>

#include <nlohmann/json.hpp>

#include "core/analyse/expectations.h"
#include "tests/studies/studies.h"
#include "tests/support/catch.h"

using namespace moeplan;
using namespace moeplan::testing;

namespace {

constexpr int kClaims = 28;

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
    std::istringstream in(read_text(MOEPLAN_SOURCE_DIR "/docs/claims.md"));
    for (std::string line; std::getline(in, line);) {
        if (line.rfind("| " + std::to_string(number) + " |", 0) == 0) return line;
    }
    return "no row";
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
            const std::string row = documented(scenario.claim->number);
            CHECK_THAT(row, ContainsSubstring("| " + verdict + " |"));
            CHECK_THAT(row, ContainsSubstring(scenario.claim->found));
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
