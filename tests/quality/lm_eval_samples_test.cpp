#include "core/quality/lm_eval.h"

#include <sstream>

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

Result<SampleSummary> summary_of(const std::string& text, const std::string& metric = "") {
    std::istringstream stream(text);
    return parse_lm_eval_samples(stream, "s.jsonl", metric);
}

std::string many(int n, const std::string& line) {
    std::string text;
    for (int i = 0; i < n; ++i) text += line + "\n";
    return text;
}

// One generated answer in the current form; `filter` empty leaves the key out as older versions do.
std::string answer(int doc, const std::string& text, int right, const std::string& filter = "") {
    return "{\"doc_id\": " + std::to_string(doc) +
           ", \"doc\": {\"question\": \"q\"}, \"target\": \"4\", \"resps\": [[\"" + text +
           "\"]], \"filtered_resps\": [\"4\"]," + (filter.empty() ? "" : " \"filter\": \"" + filter + "\",") +
           " \"exact_match\": " + std::to_string(right) + "}\n";
}

}  // namespace

TEST_CASE("samples give the count, the sum of the metric and the answers' lengths") {
    const auto summary = summary_of(answer(0, "abcd", 1) + answer(1, "ab", 0) + answer(2, "abcdef", 1));
    REQUIRE(summary);
    CHECK(summary->questions == 3);
    CHECK(summary->correct == 2);
    CHECK(summary->metric == "exact_match");
    CHECK(summary->mean_characters == Approx(4));
    CHECK(summary->stddev_characters == Approx(2));
    CHECK(summary->answers_with_text == 3);
}

TEST_CASE("characters are counted, not bytes") {
    CHECK(summary_of(answer(0, "π≈3", 1))->mean_characters == Approx(3));
}

TEST_CASE("each filter's rows are kept apart and the strict one is chosen") {
    const std::string text = answer(0, "a", 0, "strict-match") + answer(0, "a", 1, "flexible-extract") +
                             answer(1, "b", 1, "strict-match") + answer(1, "b", 1, "flexible-extract");
    CHECK(summary_of(text)->questions == 2);
    CHECK(summary_of(text)->correct == 1);
    CHECK(summary_of(text)->metric == "exact_match,strict-match");
    CHECK(summary_of(text, "exact_match,flexible-extract")->correct == 2);
}

TEST_CASE("documents repeated without naming the filter are numbered and must be chosen") {
    const std::string text = answer(0, "a", 0) + answer(1, "b", 1) + answer(0, "a", 1) + answer(1, "b", 1);
    const auto ambiguous = summary_of(text);
    REQUIRE_FALSE(ambiguous);
    CHECK_THAT(ambiguous.error()[0].what, ContainsSubstring("exact_match,#1, exact_match,#2"));
    CHECK(summary_of(text, "exact_match,#1")->correct == 1);
    CHECK(summary_of(text, "exact_match,#2")->correct == 2);
    CHECK(summary_of(text, "exact_match,#2")->questions == 2);
}

TEST_CASE("multiple-choice samples have a score and no text") {
    const std::string line =
        R"({"doc_id": 0, "target": "9", "resps": [[["-0.1", "True"]]], "acc": 1, "acc_norm": 0})";
    const auto summary = summary_of(line);
    REQUIRE(summary);
    CHECK(summary->metric == "acc");
    CHECK(summary->answers_with_text == 0);
    CHECK(summary_of(line, "acc_norm")->correct == 0);
}

TEST_CASE("truth values and lists of them count as their mean") {
    const auto summary = summary_of(
        R"({"doc_id": 0, "prompt_level_strict_acc": true, "inst_level_strict_acc": [true, false, true, true]})");
    CHECK(summary->correct == 1);
    CHECK(summary->metric == "prompt_level_strict_acc");
}

TEST_CASE("a few bad lines are reported by number and many are refused") {
    const std::string good = many(200, R"({"doc_id": 1, "filter": "none", "acc": 1})");
    const auto few = summary_of(good + "{\"doc_id\": 2, \"acc\n");
    REQUIRE(few);
    CHECK(few->bad_lines == 1);
    REQUIRE(few->first_bad.size() == 1);
    CHECK(few->first_bad[0].where == "s.jsonl:201");
    const auto lots = summary_of(good + many(50, "nonsense"));
    REQUIRE_FALSE(lots);
    CHECK(lots.error().size() == 21);
    CHECK_THAT(lots.error().back().what, ContainsSubstring("50 of 250 lines"));
}

TEST_CASE("rows without what a sample has are bad") {
    CHECK_THAT(summary_of("[1]").error()[0].what, ContainsSubstring("not an object"));
    CHECK_THAT(summary_of(R"({"acc": 1})").error()[0].what, ContainsSubstring("doc_id"));
    CHECK_THAT(summary_of(R"({"doc_id": 1, "target": "x"})").error()[0].what, ContainsSubstring("no metric"));
    CHECK_THAT(summary_of("").error()[0].what, ContainsSubstring("empty"));
    CHECK_THAT(read_lm_eval_samples("no/such.jsonl", "").error()[0].what,
               ContainsSubstring("cannot be opened"));
}

TEST_CASE("an unknown metric is answered with what there is") {
    const auto summary = summary_of(answer(0, "a", 1), "acuracy");
    REQUIRE_FALSE(summary);
    CHECK_THAT(summary.error()[0].what, ContainsSubstring("exact_match"));
}
