#include "core/quality/lm_eval.h"

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

std::string data(const std::string& name) {
    return std::string(MOEPLAN_SOURCE_DIR) + "/tests/data/quality/" + name;
}

LmEvalRun run_of(std::string_view text) {
    auto run = parse_lm_eval_run(text, "r.json");
    if (!run) FAIL(to_text(run.error().front()));
    return *run;
}

Problem problem_of(std::string_view text) {
    const auto run = parse_lm_eval_run(text, "r.json");
    REQUIRE_FALSE(run);
    return run.error().front();
}

}  // namespace

TEST_CASE("a results file gives every metric and filter with its standard error and count") {
    const auto run = read_lm_eval_run(data("results_gsm8k.json"));
    REQUIRE(run);
    CHECK(run->model == "meta-llama/Meta-Llama-3-8B-Instruct");
    REQUIRE(run->scores.size() == 2);
    CHECK(run->scores[1].metric == "exact_match,strict-match");
    CHECK(run->scores[1].accuracy == Approx(0.7725549658832449));
    CHECK(*run->scores[1].stderr_ == Approx(0.01154636331254809));
    CHECK(*run->scores[1].questions == 1319);
    CHECK(run->scores[1].evaluator == "lm-evaluation-harness");
    CHECK_THAT(run->scores[1].source, ContainsSubstring("results_gsm8k.json"));
    CHECK(read_lm_eval_results(data("results_gsm8k.json"))->size() == 2);
}

TEST_CASE("the strict filter is chosen unless another is named") {
    const auto run = read_lm_eval_run(data("results_gsm8k.json"));
    CHECK(choose_score(*run)->metric == "exact_match,strict-match");
    CHECK(choose_score(*run, "gsm8k_cot_llama", "exact_match,flexible-extract")->accuracy ==
          Approx(0.7778620166793025));
    CHECK(choose_score(*run, "", "exact_match")->metric == "exact_match,strict-match");
}

TEST_CASE("a group is one score whose count is the sum of its tasks'") {
    const auto run = read_lm_eval_run(data("results_group.json"));
    REQUIRE(run);
    CHECK(run->top_level == std::vector<std::string>{"steer"});
    const auto group = choose_score(*run);
    REQUIRE(group);
    CHECK(group->benchmark == "steer");
    CHECK(*group->questions == 990 + 1321 + 8766 + 10380 + 4396);
    CHECK(*choose_score(*run, "steer9")->questions == 990);
}

TEST_CASE("a published standard error and the count it came from agree on the interval") {
    const auto run = read_lm_eval_run(data("results_gsm8k.json"));
    Score score = *choose_score(*run);
    const Estimate published = *probability_correct(score);
    score.stderr_.reset();
    const Estimate counted = *probability_correct(score);
    CHECK(published.low == Approx(counted.low).margin(0.001));
    CHECK(published.high == Approx(counted.high).margin(0.001));
}

TEST_CASE("a standard error that is not available is absent") {
    const LmEvalRun run = run_of(R"({"results":{"t":{"acc,none":0.5,"acc_stderr,none":"N/A"},
        "u":{"acc,none":0.25,"acc_stderr,none":NaN}},"n-samples":{"t":{"original":9,"effective":4}}})");
    REQUIRE(run.scores.size() == 2);
    CHECK_FALSE(run.scores[0].stderr_);
    CHECK(*run.scores[0].questions == 4);
    CHECK_FALSE(run.scores[1].stderr_);
    CHECK_FALSE(run.scores[1].questions);
}

TEST_CASE("the older form without filters is understood") {
    const LmEvalRun run = run_of(R"({"results":{"arc_challenge":{"acc":0.5,"acc_stderr":0.01,"acc_norm":0.55,
        "acc_norm_stderr":0.011}},"config":{"model":"hf-causal","model_args":"dtype=auto,pretrained=org/m,x=1"}})");
    CHECK(run.model == "org/m");
    REQUIRE(run.scores.size() == 2);
    CHECK(choose_score(run)->metric == "acc");
    CHECK(*choose_score(run)->stderr_ == 0.01);
    CHECK(*choose_score(run, "", "acc_norm")->stderr_ == 0.011);
}

TEST_CASE("lighteval's form names its model in config_general and its average is not a task") {
    const LmEvalRun run = run_of(R"({"config_general":{"model_name":"org/m"},"results":{
        "harness|gsm8k|5":{"acc":0.58,"acc_stderr":0.0136},"all":{"acc":0.58,"acc_stderr":0.0136}}})");
    CHECK(run.model == "org/m");
    CHECK(run.top_level == std::vector<std::string>{"harness|gsm8k|5"});
}

TEST_CASE("what is not a probability is left out and named") {
    const LmEvalRun run = run_of(R"({"results":{"w":{"alias":"w","word_perplexity,none":9.1,"brier,none":0.2,
        "acc,none":0.4,"sample_len":1}},"higher_is_better":{"w":{"brier":false,"acc":true}}})");
    REQUIRE(run.scores.size() == 1);
    CHECK(run.left_out == std::vector<std::string>{"w: brier,none", "w: word_perplexity,none"});
    CHECK_THAT(problem_of(R"({"results":{"w":{"word_perplexity,none":9.1}}})").what,
               ContainsSubstring("word_perplexity") && ContainsSubstring("between 0 and 1"));
}

TEST_CASE("several tasks or filters that no rule prefers are listed") {
    const LmEvalRun two = run_of(R"({"results":{"a":{"acc,none":0.5},"b":{"acc,none":0.5}}})");
    const auto task = choose_score(two);
    REQUIRE_FALSE(task);
    CHECK_THAT(task.error()[0].what, ContainsSubstring("a, b"));
    const LmEvalRun filters = run_of(R"({"results":{"a":{"exact_match,x":0.5,"exact_match,y":0.6}}})");
    const auto filter = choose_score(filters);
    REQUIRE_FALSE(filter);
    CHECK_THAT(filter.error()[0].what, ContainsSubstring("exact_match,x, exact_match,y"));
    CHECK(choose_score(filters, "a", "exact_match,y")->accuracy == 0.6);
}

TEST_CASE("a mistyped task or metric is answered with the nearest") {
    const auto run = read_lm_eval_run(data("results_gsm8k.json"));
    const auto task = choose_score(*run, "gsm8k_cot_lama");
    REQUIRE_FALSE(task);
    CHECK_THAT(task.error()[0].hint, ContainsSubstring("gsm8k_cot_llama"));
    const auto metric = choose_score(*run, "", "exact_match,strictmatch");
    REQUIRE_FALSE(metric);
    CHECK_THAT(metric.error()[0].what, ContainsSubstring("no metric 'exact_match,strictmatch'"));
    CHECK_THAT(metric.error()[0].hint, ContainsSubstring("strict-match"));
}

TEST_CASE("files that are something else are refused with what they are") {
    CHECK_THAT(problem_of("{\"results\": {\n \"a\": }").where, ContainsSubstring("r.json:2"));
    CHECK_THAT(problem_of("").what, ContainsSubstring("not valid JSON"));
    CHECK_THAT(problem_of("[1]").what, ContainsSubstring("results"));
    CHECK_THAT(problem_of(R"({"doc_id":1,"acc":1})").what, ContainsSubstring("doc_id"));
    CHECK_THAT(problem_of(R"({"results":{"a":{"alias":"a"}}})").what, ContainsSubstring("no metric"));
    CHECK_THAT(problem_of(R"({"results":)" + std::string(5000, '[')).what,
               ContainsSubstring("nested 5001 deep"));
    CHECK_THAT(read_lm_eval_run(data("absent.json")).error()[0].what, ContainsSubstring("cannot be opened"));
    CHECK_THAT(read_lm_eval_run(data("")).error()[0].what, ContainsSubstring("folder"));
}

TEST_CASE("a group that contains itself many times ends") {
    std::string parts;
    for (int i = 0; i < 300; ++i) parts += i ? ",\"g\"" : "\"g\"";
    const LmEvalRun run = run_of(
        R"({"results":{"g":{"acc,none":0.5}},"n-samples":{"x":{"effective":1}},"group_subtasks":{"g":[)" +
        parts + "]}}");
    CHECK_FALSE(run.scores[0].questions);
    CHECK(run.top_level == std::vector<std::string>{"g"});
}
