#pragma once
// How often a model is right, from a published score, the user's own evaluation, or by hand,
// and what a correct answer therefore costs.

#include <optional>
#include <string>
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

// 90 % interval of P(correct). With questions: Jeffreys (Beta(k+1/2, n-k+1/2)); with stderr_: normal, clipped;
// with neither the published benchmark size if known; otherwise refused.
// Errors: accuracy outside 0..1, no sample size known (names what to give).
Result<Estimate> probability_correct(const Score& score);

// Published number of questions of a benchmark ("gsm8k" -> 1319), if known.
std::optional<double> benchmark_questions(std::string_view benchmark);

// usd_per_attempt / P, the expected spend until a correct answer when attempts are independent and can be checked
// (Cost-of-Pass, arXiv 2504.13359). Refused when P's lower bound is below 0.5 %.
Result<Estimate> cost_per_correct_answer(const Estimate& usd_per_attempt, const Estimate& p_correct);

// Reads lm-evaluation-harness results_*.json: every task x metric,filter pair with its stderr ("N/A" allowed)
// and n-samples. `sample_file` (samples_*.jsonl) adds answer lengths when responses are in it.
Result<std::vector<Score>> read_lm_eval_results(const std::string& file);
struct SampleSummary {
    double questions = 0;
    double correct = 0;
    std::string metric;             // which key was averaged ("exact_match")
    double mean_characters = 0;     // of the first response: tokens need a tokenizer, characters do not
    double stddev_characters = 0;
};
Result<SampleSummary> read_lm_eval_samples(const std::string& file, const std::string& metric);

}  // namespace moeplan
