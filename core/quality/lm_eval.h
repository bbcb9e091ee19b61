#pragma once
// What EleutherAI's lm-evaluation-harness writes: results_*.json (scores) and samples_*.jsonl (one line an
// answer).

#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/quality/score.h"

namespace moeplan {

// Every metric of one results file that can be read as a probability.
struct LmEvalRun {
    std::string model;                   // model_name, else config.model_args' pretrained= or model=
    std::vector<Score> scores;           // one per task x "metric,filter"; a group of tasks is one too
    std::vector<std::string> top_level;  // tasks and groups that are not part of another group
    std::vector<std::string> left_out;   // "wikitext: word_perplexity,none" and others that are not 0..1
};

// Understands "metric,filter" keys and the older "metric" with "metric_stderr", stderr as "N/A", NaN as
// Python writes it, n-samples (a group's are the sum of its tasks'), groups, and lighteval's config_general.
// Score.questions is n-samples' effective count; Score.stderr_ as written, absent for "N/A".
// Errors: no such file, over 256 MiB, not JSON (line), nested deeper than 200, no "results", no score in it.
Result<LmEvalRun> read_lm_eval_run(const std::string& file);
Result<LmEvalRun> parse_lm_eval_run(std::string_view text, const std::string& name);

// All scores of a results file.
Result<std::vector<Score>> read_lm_eval_results(const std::string& file);

// The one score that is meant. An empty `task` is the file's only top-level task. `metric` is "exact_match"
// or "exact_match,strict-match"; empty: the first of exact_match, acc, pass@1, prompt_level_strict_acc,
// acc_norm, any other; with several filters the first of strict-match, none, flexible-extract, any other.
// Strict before flexible: an answer that needs a lenient parser is not one an application can use. Errors:
// unknown task or metric (with the nearest), or more than one that no rule prefers (with the choices).
Result<Score> choose_score(const LmEvalRun& run, std::string_view task = {}, std::string_view metric = {});

// The same choice among bare "metric,filter" names. `what` names the place in messages ("gsm8k in
// results.json").
Result<std::string> choose_metric(const std::vector<std::string>& names, std::string_view wanted,
                                  const Problem& what);

struct SampleSummary {
    double questions = 0;           // distinct documents
    double correct = 0;             // sum of the metric: fractional where it gives part marks
    std::string metric;             // which key was averaged: "exact_match" or "exact_match,strict-match"
    double mean_characters = 0;     // of the first response: tokens need a tokenizer, characters do not
    double stddev_characters = 0;   // between answers
    double answers_with_text = 0;   // 0 for multiple-choice scoring, which generates nothing
    std::size_t bad_lines = 0;
    Problems first_bad;             // up to 20
};

// Streams a samples file; `metric` as in choose_score. A file that holds each document once per filter
// without naming the filter (older versions) numbers them: "exact_match,#1", "exact_match,#2" in the order of
// the task's filters. Errors: no such file, no usable line, more than 1 % bad lines, unknown or ambiguous
// metric. Lines over 64 MiB are bad.
Result<SampleSummary> read_lm_eval_samples(const std::string& file, const std::string& metric);
Result<SampleSummary> parse_lm_eval_samples(std::istream& stream, const std::string& name,
                                            const std::string& metric);

}  // namespace moeplan
