#include "core/scenario/sections.h"

namespace moeplan::scenario {
namespace {

std::optional<QualitySource> read_given(const YamlNode& node) {
    const auto accuracy = node["accuracy"].fraction();
    const auto questions = node["questions"].number(1, 1e9);   // without it there is no interval
    return accuracy && questions ? std::optional<QualitySource>(GivenAccuracy{*accuracy, *questions})
                                 : std::nullopt;
}

std::optional<QualitySource> read_results(const YamlNode& node) {
    EvaluationFile evaluation;
    const auto file = node["results"].text();
    const auto task = node["task"].text();
    const auto metric = node["metric"].text();
    if (const auto samples = node.find("samples")) take(evaluation.samples, samples->text());
    if (!file || !task || !metric) return std::nullopt;
    evaluation.file = *file;
    evaluation.task = *task;
    evaluation.metric = *metric;
    return evaluation;
}

std::optional<QualitySource> read_published(const YamlNode& node) {
    PublishedScore score;
    const auto benchmark = node["benchmark"].text();
    if (const auto evaluator = node.find("evaluator")) take(score.evaluator, evaluator->text());
    if (const auto model = node.find("model")) take(score.model, model->text());
    if (!benchmark) return std::nullopt;
    score.benchmark = *benchmark;
    return score;
}

}  // namespace

std::optional<QualitySpec> read_quality(const YamlNode& node, const std::optional<QualitySpec>& inherited) {
    if (!node.expect_map("{benchmark: gsm8k}")) return std::nullopt;
    std::optional<double> answer;
    if (const auto length = node.find("tokens_per_answer")) answer = tokens(*length);
    const bool has_source =
        node["benchmark"].exists() || node["accuracy"].exists() || node["results"].exists();
    std::optional<QualitySource> source;
    if (!has_source && inherited && node.size() == 1 && node["tokens_per_answer"].exists()) {
        source = inherited->source;
    } else if (const auto form =
                   only_form(node, {"benchmark", "accuracy", "results"}, "{benchmark: gsm8k}")) {
        source = form->index == 0   ? read_published(node)
                 : form->index == 1 ? read_given(node)
                                    : read_results(node);
    }
    node.reject_unknown_keys();
    return source ? std::optional(QualitySpec{*source, answer}) : std::nullopt;
}

}  // namespace moeplan::scenario
