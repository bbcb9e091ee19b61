#include "core/analyse/prepare_quality.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/lower_case.h"
#include "core/base/match.h"
#include "core/base/nearest.h"
#include "core/quality/lm_eval.h"
#include "core/scenario/files_named.h"

namespace moeplan {
namespace {

Result<Score> given(const GivenAccuracy& g, const ModelSpec& model) {
    Score s;
    s.model = model.id;
    s.accuracy = g.accuracy;
    s.questions = g.questions;
    s.evaluator = "the study";
    s.source = fmt::format("given: {:.1f} % of {:.0f} questions", 100 * g.accuracy, g.questions);
    return s;
}

struct Evaluated {
    Score score;
    Estimate length_spread = Estimate::exact(1);
};

// 90 % interval of the mean answer length over the samples, relative to it. Characters stand for tokens: their ratio
// is one model's own and cancels.
Estimate spread_of(const SampleSummary& samples) {
    if (samples.answers_with_text < 2 || samples.mean_characters <= 0) return Estimate::exact(1);
    TokensPerAnswer lengths;
    lengths.mean = samples.mean_characters;
    lengths.stddev = samples.stddev_characters;
    lengths.questions = samples.answers_with_text;
    return mean_tokens(lengths) * (1 / samples.mean_characters);
}

// A samples file, where there is one, is the better evidence: it has every answer.
Result<Evaluated> evaluated(const EvaluationFile& e, const std::string& study_file) {
    auto run = read_lm_eval_run(relative_to(study_file, e.file));
    if (!run) return tl::unexpected(run.error());
    auto score = choose_score(*run, e.task, e.metric);
    if (!score) return tl::unexpected(score.error());
    Evaluated found{*score, Estimate::exact(1)};
    if (!e.samples) return found;
    auto samples = read_lm_eval_samples(relative_to(study_file, *e.samples), e.metric);
    if (!samples) return tl::unexpected(samples.error());
    found.score.accuracy = samples->correct / samples->questions;
    found.score.questions = samples->questions;
    found.score.stderr_.reset();
    found.score.source += fmt::format("; {:.0f} answers of {}", samples->questions, *e.samples);
    found.length_spread = spread_of(*samples);
    return found;
}

Result<Score> published(const PublishedScore& p, const ModelSpec& model, const Catalog& catalog, const std::string& evaluator) {
    const std::string wanted = lower_case(scored_model(p, model));
    const std::string who = p.evaluator.value_or(evaluator);
    std::vector<std::string> benchmarks, evaluators;
    for (const Score& s : catalog.scores()) {
        if (lower_case(s.model) != wanted) continue;
        if (s.benchmark != p.benchmark) {
            if (std::ranges::find(benchmarks, s.benchmark) == benchmarks.end()) benchmarks.push_back(s.benchmark);
            continue;
        }
        if (who.empty() || s.evaluator == who) return s;
        if (std::ranges::find(evaluators, s.evaluator) == evaluators.end()) evaluators.push_back(s.evaluator);
    }
    if (!evaluators.empty()) {
        return fail({{}, {}, fmt::format("'{}' published no {} score of '{}'", who, p.benchmark, model.id), "there are scores by " + one_of(evaluators)});
    }
    const std::string known = benchmarks.empty() ? "no published score of it is known; give accuracy and questions, or results: FILE"
                                                 : "known benchmarks: " + one_of(benchmarks);
    return fail({{}, {}, fmt::format("no {} score of '{}' is known", p.benchmark, scored_model(p, model)), known});
}

const TokensPerAnswer* answer_length(const Catalog& catalog, const std::string& model, const std::string& benchmark) {
    for (const TokensPerAnswer& t : catalog.tokens_per_answer()) {
        if (lower_case(t.model) == lower_case(model) && t.benchmark == benchmark) return &t;
    }
    return nullptr;
}

}  // namespace

std::string scored_model(const PublishedScore& spec, const ModelSpec& model) { return spec.model.value_or(model.id); }

std::string common_evaluator(const Catalog& catalog, const std::string& benchmark, const std::vector<std::string>& models) {
    std::vector<std::string> evaluators;
    for (const Score& s : catalog.scores()) {
        if (s.benchmark == benchmark && std::ranges::find(evaluators, s.evaluator) == evaluators.end()) evaluators.push_back(s.evaluator);
    }
    for (const std::string& who : evaluators) {
        const bool all = std::ranges::all_of(models, [&](const std::string& m) {
            return std::ranges::any_of(catalog.scores(), [&](const Score& s) { return s.benchmark == benchmark && s.evaluator == who && lower_case(s.model) == lower_case(m); });
        });
        if (all) return who;
    }
    return {};
}

Result<FoundQuality> prepare_quality(const QualitySpec& spec, const ModelSpec& model, const Catalog& catalog,
                                     const std::string& study_file, const std::string& evaluator) {
    const auto without_spread = [](const Result<Score>& s) -> Result<Evaluated> {
        if (!s) return tl::unexpected(s.error());
        return Evaluated{*s, Estimate::exact(1)};
    };
    const auto evidence = match(
        spec.source, [&](const GivenAccuracy& g) { return without_spread(given(g, model)); },
        [&](const EvaluationFile& e) { return evaluated(e, study_file); },
        [&](const PublishedScore& p) { return without_spread(published(p, model, catalog, evaluator)); });
    if (!evidence) return tl::unexpected(evidence.error());
    const Score* score = &evidence->score;
    auto p = probability_correct(*score);
    if (!p) return tl::unexpected(p.error());

    FoundQuality found;
    found.quality.score = *score;
    found.quality.p_correct = *p;
    found.quality.length_spread = evidence->length_spread;
    found.quality.p_source = score->source;
    found.quality.evaluator = score->evaluator;
    found.quality.tokens_source = "the workload's output length";
    if (spec.tokens_per_answer) {
        found.quality.tokens_per_answer = spec.tokens_per_answer;
        found.quality.tokens_source = "given in the study";
    } else if (const auto* by_benchmark = std::get_if<PublishedScore>(&spec.source)) {
        if (const TokensPerAnswer* t = answer_length(catalog, scored_model(*by_benchmark, model), by_benchmark->benchmark)) {
            found.quality.tokens_per_answer = t->mean;
            found.quality.tokens_source = t->source;
        }
    }
    return found;
}

}  // namespace moeplan
