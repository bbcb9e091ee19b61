#include "core/quality/score.h"

#include <cmath>

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

Score score_of(double accuracy, std::optional<double> questions, std::optional<double> standard_error = {}) {
    Score score;
    score.model = "a-model";
    score.benchmark = "own-questions";
    score.accuracy = accuracy;
    score.questions = questions;
    score.stderr_ = standard_error;
    score.source = "by hand";
    return score;
}

}  // namespace

TEST_CASE("Jeffreys' interval is exact where Beta(1/2, 3/2) has a closed form") {
    // One question, wrong: Beta(1/2, 3/2). CDF(x) = (2/pi) (asin sqrt x + sqrt(x (1-x))); at the upper bound
    // it is 0.95.
    const Estimate p = *probability_correct(score_of(0, 1));
    const double x = p.high;
    CHECK(2 / std::acos(-1.0) * (std::asin(std::sqrt(x)) + std::sqrt(x * (1 - x))) == Approx(0.95));
    CHECK(p.low == 0);
    CHECK(p.value == 0);
}

TEST_CASE("swapping right and wrong mirrors Jeffreys' interval") {
    const Estimate right = *probability_correct(score_of(0.9, 10));
    const Estimate wrong = *probability_correct(score_of(0.1, 10));
    CHECK(right.low == Approx(1 - wrong.high));
    CHECK(right.high == Approx(1 - wrong.low));
}

TEST_CASE("with many questions Jeffreys approaches the normal interval") {
    const double n = 1319, p = 0.7725549658832449;  // an lm-evaluation-harness gsm8k run
    const Estimate jeffreys = *probability_correct(score_of(p, n));
    const Estimate normal = *probability_correct(score_of(p, n, 0.01154636331254809));
    CHECK(jeffreys.low == Approx(normal.low).margin(0.0005));
    CHECK(jeffreys.high == Approx(normal.high).margin(0.0005));
    CHECK(normal.high - normal.low == Approx(2 * 1.6448536 * 0.01154636331254809));
}

TEST_CASE("more questions narrow the interval and it always holds the value") {
    double width = 2;
    for (const double n : {1.0, 10.0, 100.0, 1000.0, 1e6}) {
        const Estimate p = *probability_correct(score_of(0.37, n));
        CHECK(p.low <= p.value);
        CHECK(p.value <= p.high);
        CHECK(p.high - p.low < width);
        width = p.high - p.low;
    }
    for (const double accuracy : {0.0, 1e-9, 1e-5, 0.5, 1 - 1e-9, 1.0}) {
        const Estimate p = *probability_correct(score_of(accuracy, 200));
        CHECK((p.low >= 0 && p.low <= p.value && p.value <= p.high && p.high <= 1));
    }
}

TEST_CASE("a standard error of zero does not make a small perfect score certain") {
    const Estimate p = *probability_correct(score_of(1.0, 20, 0.0));
    CHECK(p.high == 1);
    CHECK(p.low < 0.95);
}

TEST_CASE("a published benchmark's size stands in for the number of questions") {
    Score score = score_of(0.6, {});
    score.benchmark = "GPQA Diamond";
    const Estimate p = *probability_correct(score);
    CHECK(p == *probability_correct(score_of(0.6, 198)));
}

TEST_CASE("a score without any sample size is refused with what to give") {
    const auto p = probability_correct(score_of(0.6, {}));
    REQUIRE_FALSE(p);
    CHECK_THAT(p.error()[0].what, ContainsSubstring("own-questions") && ContainsSubstring("standard error"));
    CHECK_THAT(p.error()[0].hint, ContainsSubstring("number of questions"));
}

TEST_CASE("impossible scores are refused, all faults at once") {
    const auto p = probability_correct(score_of(77.3, 0.0, -1.0));
    REQUIRE_FALSE(p);
    REQUIRE(p.error().size() == 3);
    CHECK_THAT(p.error()[0].what, ContainsSubstring("77.3"));
    CHECK_THAT(p.error()[0].hint, ContainsSubstring("0.773"));
    CHECK_FALSE(probability_correct(score_of(std::nan(""), 10)));
}

TEST_CASE("benchmark names are forgiving and unknown ones have no size") {
    CHECK(*benchmark_questions("gsm8k") == 1319);
    CHECK(*benchmark_questions("GSM-8K (CoT)") == 1319);
    CHECK(*benchmark_questions("MMLU-Pro") == 12032);
    CHECK(*benchmark_questions("MMLU") == 14042);
    CHECK(*benchmark_questions("ARC-Challenge") == 1172);
    CHECK(*benchmark_questions("AIME 2025") == 30);
    CHECK(*benchmark_questions("gpqa_main") == 448);
    CHECK_FALSE(benchmark_questions("LiveCodeBench"));
    CHECK_FALSE(benchmark_questions(""));
}

TEST_CASE("asking a question again does not make it another question") {
    CHECK(distinct_questions("gpqa", 1584) == 198);
    CHECK(distinct_questions("gsm8k", 512) == 512);
    CHECK(distinct_questions("chess", 100) == 100);
}

TEST_CASE("the mean of answer lengths is as sure as the number of answers makes it") {
    TokensPerAnswer tokens;
    tokens.mean = 1000;
    CHECK(mean_tokens(tokens) == Estimate::exact(1000));
    tokens.stddev = 500;
    tokens.questions = 100;
    // 1.645 * 500 / 10 / 1000 = 0.0822 on the logarithm
    CHECK(mean_tokens(tokens).high == Approx(1000 * std::exp(0.0822427)).epsilon(1e-6));
    CHECK(mean_tokens(tokens).low == Approx(1000 * std::exp(-0.0822427)).epsilon(1e-6));
}

TEST_CASE("a correct answer costs an attempt over the chance that it is correct") {
    const Estimate cost = *cost_per_correct_answer(Estimate::exact(0.01), {0.5, 0.4, 0.8});
    CHECK(cost.value == Approx(0.02));
    CHECK(cost.low == Approx(0.0125));
    CHECK(cost.high == Approx(0.025));
}

TEST_CASE("independent uncertainties of cost and accuracy add less than their extremes") {
    const Estimate cost = *cost_per_correct_answer({0.01, 0.008, 0.0125}, {0.5, 0.4, 0.625});
    CHECK(cost.value == Approx(0.02));
    // ln 1.25 on both sides of both: sqrt 2 ln 1.25
    CHECK(cost.high == Approx(0.02 * std::pow(1.25, std::sqrt(2.0))));
    CHECK(cost.low == Approx(0.02 / std::pow(1.25, std::sqrt(2.0))));
    CHECK(cost.high < 0.0125 / 0.4);
}

TEST_CASE("a free attempt gives a free answer") {
    CHECK(*cost_per_correct_answer(Estimate::exact(0), {0.5, 0.4, 0.8}) == Estimate::exact(0));
}

TEST_CASE("a model that may never be right has no cost per correct answer") {
    const auto cost = cost_per_correct_answer(Estimate::exact(0.01), {0.0083, 0.001, 0.03});
    REQUIRE_FALSE(cost);
    CHECK_THAT(cost.error()[0].what, ContainsSubstring("0.1 %") && ContainsSubstring("0.5 %"));
    CHECK(cost_per_correct_answer(Estimate::exact(0.01), {0.02, 0.005, 0.03}));
}
