#include <nlohmann/json.hpp>

#include "tests/cli/moeplan.h"

using namespace moeplan::test;
using Json = nlohmann::json;

namespace {

const std::string kHolds = "expect: [{name: it fits, metric: a.fits, is: true}]\n";
const std::string kFails = "expect: [{name: it fits, metric: a.fits, is: false}]\n";

}  // namespace

TEST_CASE("check finds the studies of a folder and below, in order", "[cli]") {
    const Scratch scratch;
    scratch.file("studies/b.yaml", small_study(kHolds));
    scratch.file("studies/a.yml", small_study(kFails));
    scratch.file("studies/deeper/c.yaml", small_study(kHolds));
    scratch.file("studies/notes.txt", "not a study");
    const auto result = run({"check", scratch.path("studies"), "--format", "json"});
    CHECK(result.code == 1);
    const Json checks = Json::parse(result.out).at("checks");
    REQUIRE(checks.size() == 3);
    CHECK(checks.at(0).at("file") == scratch.path("studies/a.yml"));
    CHECK(checks.at(0).at("verdict") == "fails");
    CHECK(checks.at(1).at("file") == scratch.path("studies/b.yaml"));
    CHECK(checks.at(2).at("file") == scratch.path("studies/deeper/c.yaml"));
    CHECK(checks.at(2).at("verdict") == "holds");
    CHECK(checks.at(2).at("name") == "it fits");
    CHECK(checks.at(2).at("detail").is_string());
}

TEST_CASE("the order of results does not depend on which thread was first", "[cli]") {
    const Scratch scratch;
    for (int i = 0; i < 24; ++i)
        scratch.file("s/" + std::to_string(100 + i) + ".yaml", small_study(i % 3 ? kHolds : kFails));
    const auto first = run({"check", scratch.path("s"), "--format", "json"});
    for (int i = 0; i < 3; ++i) CHECK(run({"check", scratch.path("s"), "--format", "json"}).out == first.out);
}

TEST_CASE("a folder without studies is told", "[cli]") {
    const Scratch scratch;
    scratch.file("empty/notes.txt", "nothing");
    const auto result = run({"check", scratch.path("empty")});
    CHECK(result.code == 2);
    CHECK_THAT(result.err, ContainsSubstring("there is no study (*.yaml) in this folder"));
}

TEST_CASE("a study that cannot be read fails the check with 2; the others are still checked", "[cli]") {
    const Scratch scratch;
    const auto good = scratch.file("good.yaml", small_study(kHolds)),
               bad = scratch.file("bad.yaml", "candidates: 3\n");
    const auto result = run({"check", good, bad, "--format", "json"});
    CHECK(result.code == 2);
    CHECK(Json::parse(result.out).at("checks").size() == 2);
    CHECK_THAT(result.err, ContainsSubstring(bad + ":1"));
}

TEST_CASE("with a baseline only a changed verdict fails", "[cli]") {
    const Scratch scratch;
    const auto study = scratch.file("s.yaml", small_study(kFails)), baseline = scratch.path("verdicts.json");
    CHECK(run({"check", study, "--baseline", baseline, "--update-baseline"}).code == 0);
    CHECK(Json::parse(text_of(baseline)).at("checks").at(0).at("verdict") == "fails");
    CHECK(run({"check", study, "--baseline", baseline}).code == 0);
    CHECK(run({"check", study}).code == 1);

    scratch.file("s.yaml", small_study(kHolds));
    const auto better = run({"check", study, "--baseline", baseline});
    CHECK(better.code == 1);
    CHECK_THAT(better.err, ContainsSubstring("it fits: was fails, is holds"));
}

TEST_CASE("against a baseline a new check may hold, must not fail, and none may go missing", "[cli]") {
    const Scratch scratch;
    const auto study = scratch.file("s.yaml", small_study(kHolds)), baseline = scratch.path("verdicts.json");
    REQUIRE(run({"check", study, "--baseline", baseline, "--update-baseline"}).code == 0);
    const auto more = [&](const std::string& expectation) {
        scratch.file("s.yaml", small_study("expect: [{name: it fits, metric: a.fits, is: true}, " +
                                           expectation + "]\n"));
        return run({"check", study, "--baseline", baseline});
    };
    CHECK(more("{name: quick, metric: a.tpot_ms, at_least: 0}").code == 0);
    const auto failing = more("{name: quick, metric: a.tpot_ms, at_most: 0}");
    CHECK(failing.code == 1);
    CHECK_THAT(failing.err, ContainsSubstring("quick: is new and fails"));
    scratch.file("s.yaml", small_study());
    const auto gone = run({"check", study, "--baseline", baseline});
    CHECK(gone.code == 1);
    CHECK_THAT(gone.err, ContainsSubstring("it fits: was holds, is gone"));
    // A baseline may cover more studies than are checked today.
    CHECK(run({"check", scratch.file("other.yaml", small_study(kHolds)), "--baseline", baseline}).code == 0);
}

TEST_CASE("a baseline that is none is told with its line", "[cli]") {
    const Scratch scratch;
    const auto study = scratch.file("s.yaml", small_study(kHolds));
    CHECK(run({"check", study, "--baseline", scratch.path("missing.json")}).code == 2);
    const auto wrong =
        run({"check", study, "--baseline",
             scratch.file("b.json",
                          "{\"checks\": [\n{\"file\": \"a\", \"name\": \"b\", \"verdict\": \"hold\"}]}")});
    CHECK(wrong.code == 2);
    CHECK_THAT(wrong.err, ContainsSubstring("b.json:2"));
    CHECK_THAT(wrong.err, ContainsSubstring("did you mean 'holds'?"));
}

TEST_CASE("JUnit and Markdown carry the same verdicts", "[cli]") {
    const Scratch scratch;
    const auto study = scratch.file("s.yaml", small_study(kFails)), junit = scratch.path("junit.xml");
    const auto result = run({"check", study, "--junit", junit, "--format", "md"});
    CHECK(result.code == 1);
    CHECK_THAT(result.out, ContainsSubstring("| fails |"));
    CHECK_THAT(text_of(junit), ContainsSubstring("<failure"));
    CHECK_THAT(text_of(junit), ContainsSubstring("tests=\"1\" failures=\"1\" errors=\"0\""));
}
