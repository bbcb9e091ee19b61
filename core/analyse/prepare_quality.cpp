#include "core/analyse/prepare_quality.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/base/match.h"
#include "core/base/nearest.h"
#include "core/quality/lm_eval.h"

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

// A samples file, where there is one, is the better evidence: it has every answer.
Result<Score> evaluated(const EvaluationFile& e, const std::string& study_file) {
    auto run = read_lm_eval_run(relative_to(study_file, e.file));
    if (!run) return tl::unexpected(run.error());
    auto score = choose_score(*run, e.task, e.metric);
    if (!score || !e.samples) return score;
    auto samples = read_lm_eval_samples(relative_to(study_file, *e.samples), e.metric);
    if (!samples) return tl::unexpected(samples.error());
    score->accuracy = samples->correct / samples->questions;
    score->questions = samples->questions;
    score->stderr_.reset();
    score->source += fmt::format("; {:.0f} answers of {}", samples->questions, *e.samples);
    return score;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

Result<Score> published(const PublishedScore& p, const ModelSpec& model, const Catalog& catalog, const std::string& evaluator) {
    const std::string wanted = lower(scored_model(p, model));
    const std::string who = p.evaluator.value_or(evaluator);
    std::vector<std::string> benchmarks, evaluators;
    for (const Score& s : catalog.scores()) {
        if (lower(s.model) != wanted) continue;
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
        if (lower(t.model) == lower(model) && t.benchmark == benchmark) return &t;
    }
    return nullptr;
}

}  // namespace

std::string relative_to(const std::string& study_file, const std::string& file) {
    const std::filesystem::path path(file);
    if (path.is_absolute() || study_file.empty()) return file;
    return (std::filesystem::path(study_file).parent_path() / path).string();
}

std::string scored_model(const PublishedScore& spec, const ModelSpec& model) { return spec.model.value_or(model.id); }

std::string common_evaluator(const Catalog& catalog, const std::string& benchmark, const std::vector<std::string>& models) {
    std::vector<std::string> evaluators;
    for (const Score& s : catalog.scores()) {
        if (s.benchmark == benchmark && std::ranges::find(evaluators, s.evaluator) == evaluators.end()) evaluators.push_back(s.evaluator);
    }
    for (const std::string& who : evaluators) {
        const bool all = std::ranges::all_of(models, [&](const std::string& m) {
            return std::ranges::any_of(catalog.scores(), [&](const Score& s) { return s.benchmark == benchmark && s.evaluator == who && lower(s.model) == lower(m); });
        });
        if (all) return who;
    }
    return {};
}

Result<FoundQuality> prepare_quality(const QualitySpec& spec, const ModelSpec& model, const Catalog& catalog,
                                     const std::string& study_file, const std::string& evaluator) {
    auto score = match(
        spec.source, [&](const GivenAccuracy& g) { return given(g, model); },
        [&](const EvaluationFile& e) { return evaluated(e, study_file); },
        [&](const PublishedScore& p) { return published(p, model, catalog, evaluator); });
    if (!score) return tl::unexpected(score.error());
    auto p = probability_correct(*score);
    if (!p) return tl::unexpected(p.error());

    FoundQuality found;
    found.quality.p_correct = *p;
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
