#pragma once
// How often a model is right, from a published score, the user's own evaluation, or by hand,
// and what a correct answer therefore costs. Reading evaluation files: lm_eval.h.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/estimate.h"
#include "core/base/result.h"

namespace moeplan {

struct Score {
    std::string model;        // as in the source
    std::string benchmark;    // "gsm8k"
    double accuracy = 0;      // 0..1
    std::optional<double> questions;  // how many were asked (distinct items); absent = not published
    std::optional<double> stderr_;    // as published; wins over questions
    std::string evaluator;    // who ran it: scores of different evaluators are not comparable
    std::string source;
    std::string metric;       // "exact_match,strict-match"; empty = the benchmark's usual
    std::string as_published;  // the source's own name of the model; empty = the same
    std::string variant;       // instruct, base, reasoning, high effort …; empty = not stated
};

struct TokensPerAnswer {
    std::string model;
    std::string benchmark;
    double mean = 0;                     // output tokens of one attempt
    std::optional<double> questions;     // answers averaged
    std::optional<double> stddev;        // per answer, when samples were there
    std::string source;
    std::string as_published;            // the source's own name of the model; empty = the same
    std::string variant;
};

// 90 % interval of P(correct).
// * stderr_ > 0: accuracy -+ 1.645 stderr_, clipped to 0..1.
// * questions (or, absent, the benchmark's published size): Jeffreys, the 5 % and 95 % quantiles of
//   Beta(k + 1/2, n - k + 1/2) with k = accuracy * n; reaching 0 when nothing and 1 when everything was
//   right. Source: Brown, Cai, DasGupta, Interval Estimation for a Binomial Proportion, Statistical Science
//   16(2), 2001. A stderr_ of 0 (all right or all wrong) says nothing about n and is not used when n is
//   known.
// Errors: accuracy outside 0..1, questions below 1, no sample size known (names what to give).
Result<Estimate> probability_correct(const Score& score);

// Published number of questions of a benchmark, if known: "gsm8k" -> 1319. Spelling is forgiving: case,
// dashes and a "(CoT)" do not matter. A plain "gpqa" or "aime" is taken as the smallest set of that name
// (Diamond, one year's exams), which gives the wider interval. Sources are in the table in
// benchmark_size.cpp.
std::optional<double> benchmark_questions(std::string_view benchmark);

// How many independent items are behind `samples` answers: evaluations sample each question several times
// (1584 answers on GPQA Diamond are 198 questions, eight times), and a question asked again is not a new
// question. The smaller of `samples` and the benchmark's published size; `samples` where that is unknown.
double distinct_questions(std::string_view benchmark, double samples);

// 90 % interval of the mean: mean -+ 1.645 stddev / sqrt(questions), low kept above zero by working on the
// logarithm. Exact where the spread or the number of answers is not known: there is nothing to compute an
// interval from. Requires: mean > 0.
Estimate mean_tokens(const TokensPerAnswer& tokens);

// usd_per_attempt / P, the expected spend until a correct answer when attempts are independent and can be
// checked (Cost-of-Pass, arXiv 2504.13359). The two intervals are independent: their widths add in quadrature
// of the logarithm (estimate_math.h); a free attempt (low of 0) falls back on the extremes. Refused when P's
// lower bound is below 0.5 %: the cost has no useful upper bound.
Result<Estimate> cost_per_correct_answer(const Estimate& usd_per_attempt, const Estimate& p_correct);

}  // namespace moeplan
