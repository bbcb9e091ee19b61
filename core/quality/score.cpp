#include "core/quality/score.h"

#include <algorithm>
#include <cmath>
#include <exception>

#include <boost/math/distributions/beta.hpp>
#include <fmt/format.h>

#include "core/base/estimate_math.h"
#include "core/base/require.h"

namespace moeplan {
namespace {

constexpr double kNormal95 = 1.6448536269514722;  // 95th percentile of the standard normal
constexpr double kLeastProbability = 0.005;
constexpr double kMostQuestions = 1e12;

Problem problem_of(const Score& score, std::string what, std::string hint = {}) {
    std::string path = score.model;
    if (!score.benchmark.empty()) path += (path.empty() ? "" : " on ") + score.benchmark;
    return {score.source, std::move(path), std::move(what), std::move(hint), ProblemKind::wrong_input};
}

Problems check(const Score& score) {
    Problems problems;
    if (!(score.accuracy >= 0 && score.accuracy <= 1)) {
        const bool percent = score.accuracy > 1 && score.accuracy <= 100;
        problems.push_back(problem_of(
            score, fmt::format("the accuracy is {:g}; a fraction from 0 to 1 is expected", score.accuracy),
            percent ? fmt::format("for {:g} % give {:g}", score.accuracy, score.accuracy / 100) : ""));
    }
    if (score.questions && !(*score.questions >= 1 && *score.questions <= kMostQuestions)) {
        problems.push_back(problem_of(
            score, fmt::format("the number of questions is {:g}; at least 1 is expected", *score.questions)));
    }
    if (score.stderr_ && !(*score.stderr_ >= 0 && *score.stderr_ <= 1)) {
        problems.push_back(problem_of(
            score,
            fmt::format("the standard error is {:g}; a fraction from 0 to 1 is expected", *score.stderr_)));
    }
    return problems;
}

Estimate jeffreys(double accuracy, double n) {
    const double k = std::clamp(accuracy * n, 0.0, n);
    const boost::math::beta_distribution<double> posterior(k + 0.5, n - k + 0.5);
    const double low = k <= 0 ? 0.0 : boost::math::quantile(posterior, 0.05);
    const double high = k >= n ? 1.0 : boost::math::quantile(posterior, 0.95);
    return {accuracy, std::min(low, accuracy), std::max(high, accuracy)};
}

Estimate normal(double accuracy, double standard_error) {
    const double reach = kNormal95 * standard_error;
    return {accuracy, std::max(0.0, accuracy - reach), std::min(1.0, accuracy + reach)};
}

}  // namespace

Result<Estimate> probability_correct(const Score& score) {
    if (Problems problems = check(score); !problems.empty()) return fail(std::move(problems));
    if (score.stderr_ && *score.stderr_ > 0) return normal(score.accuracy, *score.stderr_);
    const std::optional<double> n = score.questions ? score.questions : benchmark_questions(score.benchmark);
    if (!n) {
        return fail(problem_of(
            score,
            fmt::format("how sure the accuracy of {:g} is cannot be told: neither a standard error nor "
                        "the number of questions is given, and the size of '{}' is not known",
                        score.accuracy, score.benchmark),
            "give the number of questions that were asked, or the standard error"));
    }
    try {
        return jeffreys(score.accuracy, *n);
    } catch (const std::exception& e) {
        return fail(problem_of(
            score, fmt::format("no interval for {:g} of {:g} questions: {}", score.accuracy, *n, e.what())));
    }
}

Estimate mean_tokens(const TokensPerAnswer& tokens) {
    require(std::isfinite(tokens.mean) && tokens.mean > 0, "an answer has tokens");
    if (!tokens.stddev || !tokens.questions || !(*tokens.stddev > 0) || !(*tokens.questions >= 1)) {
        return Estimate::exact(tokens.mean);
    }
    const double relative = kNormal95 * *tokens.stddev / std::sqrt(*tokens.questions) / tokens.mean;
    return {tokens.mean, tokens.mean * std::exp(-relative), tokens.mean * std::exp(relative)};
}

Result<Estimate> cost_per_correct_answer(const Estimate& usd_per_attempt, const Estimate& p_correct) {
    require(std::isfinite(usd_per_attempt.high) && usd_per_attempt.low >= 0, "an attempt has a finite cost");
    require(p_correct.low >= 0 && p_correct.low <= p_correct.value && p_correct.value <= p_correct.high &&
                p_correct.high <= 1,
            "P(correct) is an ordered estimate within 0..1");
    if (p_correct.low < kLeastProbability) {
        return fail(Problem{
            "", "",
            fmt::format("no cost per correct answer: P(correct) is {:.2g} % and may be as low as {:.2g} %; "
                        "at least 0.5 % is needed, below that the cost has no useful upper bound",
                        100 * p_correct.value, 100 * p_correct.low),
            "a benchmark the model can solve, or more questions", ProblemKind::wrong_input});
    }
    if (usd_per_attempt.low > 0) return independent_quotient(usd_per_attempt, p_correct);
    return Estimate{usd_per_attempt.value / p_correct.value, usd_per_attempt.low / p_correct.high,
                    usd_per_attempt.high / p_correct.low};
}

}  // namespace moeplan
