#include "core/report/checks.h"

#include <nlohmann/json.hpp>

#include "core/report/text_width.h"
#include "tests/support/approved.h"

using namespace moeplan;
using nlohmann::json;

namespace {

std::vector<CheckedFile> example() {
    CheckedFile study{"studies/a.yaml", "A & B <study>", {{"fits", Outcome::holds, "yes, wanted yes"},
                      {"cost \"low\"", Outcome::fails, "1.40, wanted at most 1.20"}}, {}, {}, {}, 0.012};
    CheckedFile broken{"studies/b.yaml",
                       "",
                       {},
                       {{"studies/b.yaml:3", "candidates[0].gpu", "unknown GPU 'h100x'",
                         "did you mean 'h100_sxm'?", ProblemKind::wrong_input}},
                       {},
                       {},
                       0};
    CheckedFile claim{"claims/03.yaml",
                      "Mixtral needs 5x less compute",
                      {{"short", Outcome::holds, "5.4, wanted 4.8 to 5.8"},
                       {"long", Outcome::fails, "3.9, wanted 4.8 to 5.8"}},
                      {},
                      CheckedClaim{3, "Mixtral needs about 5x less compute per token than Llama 3 70B", "A",
                                   "true at short context; attention takes over at 32k"},
                      Outcome::conditional,
                      0.02};
    CheckedFile first = claim;
    first.claim->number = 1;
    first.claim->text = "46.7 B total, 12.9 B active";
    first.claim->found = "as stated";
    first.verdict = Outcome::holds;
    return {study, broken, claim, first};
}

}  // namespace

TEST_CASE("the verdict of a file is that of its worst expectation, unless it was weighed", "[report]") {
    const auto files = example();
    CHECK(outcome_of(files[0]) == Outcome::fails);
    CHECK(outcome_of(files[1]) == Outcome::fails);
    CHECK(outcome_of(files[2]) == Outcome::conditional);
    CHECK(outcome_of(CheckedFile{}) == Outcome::holds);
    CheckedFile conditional;
    conditional.expectations = {{"x", Outcome::holds, ""}, {"y", Outcome::conditional, ""}};
    CHECK(outcome_of(conditional) == Outcome::conditional);
}

TEST_CASE("a wrong claim is a finding, a broken study a failure", "[report]") {
    auto files = example();
    CHECK(is_failure(files[0]));
    CHECK(is_failure(files[1]));
    files[2].verdict = Outcome::fails;
    CHECK_FALSE(is_failure(files[2]));
    files[2].problems = files[1].problems;
    CHECK(is_failure(files[2]));
}

TEST_CASE("checks as JSON have one entry per expectation and one per claim", "[report]") {
    const json read = json::parse(write_checks_json(example()));
    const auto& checks = read.at("checks");
    REQUIRE(checks.size() == 5);
    for (const auto& check : checks) {
        for (const char* key : {"file", "name", "verdict", "detail"}) CHECK(check.at(key).is_string());
    }
    CHECK(checks[1]["verdict"] == "fails");
    CHECK_THAT(checks[2]["detail"].get<std::string>(), ContainsSubstring("did you mean 'h100_sxm'?"));
    CHECK(checks[3]["verdict"] == "conditional");
    CHECK(checks[3]["claim"] == 3);
    CHECK(checks[3]["expectations"].size() == 2);
    CHECK(json::parse(write_checks_json({})).at("checks").is_array());
}

TEST_CASE("JUnit counts what it holds and escapes names", "[report]") {
    const std::string xml = write_junit(example());
    CHECK_THAT(xml, ContainsSubstring(
                        "<testsuites name=\"moeplan check\" tests=\"5\" failures=\"1\" errors=\"1\">"));
    CHECK_THAT(xml, ContainsSubstring("name=\"A &amp; B &lt;study&gt;\""));
    CHECK_THAT(xml, ContainsSubstring("name=\"cost &quot;low&quot;\""));
    const auto count = [&](const std::string& what) {
        int n = 0;
        for (auto at = xml.find(what); at != std::string::npos; at = xml.find(what, at + 1)) ++n;
        return n;
    };
    CHECK(count("<testcase ") == 5);
    CHECK(count("<failure ") == 1);
    CHECK(count("<error ") == 1);
    CHECK(count("<testsuite ") == count("</testsuite>"));
    check_approved(xml, "report/checks.xml");
}

TEST_CASE("the claims table is ordered by number and fits the width", "[report]") {
    const auto files = example();
    for (const int width : {40, 80, 110}) {
        const std::string table = write_checks_table(files, {false, width, true});
        std::size_t start = 0;
        for (std::size_t end; (end = table.find('\n', start)) != std::string::npos; start = end + 1) {
            CHECK(display_width(table.substr(start, end - start)) <= width);
        }
    }
    const std::string table = write_checks_table(files, {false, 110, true});
    CHECK(table.find("46.7 B total") < table.find("Mixtral needs about"));
    CHECK_THAT(table,
               ContainsSubstring("2 claims: 1 hold, 1 hold only under conditions, 0 do not hold. 2 studies checked. 2 failed."));
    check_approved(table, "report/checks.txt");
    check_approved(write_checks_markdown(files), "report/checks.md");
}
