#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "core/catalog/readers.h"

namespace moeplan {

namespace {

struct Evaluation {
    std::string evaluator, source;
    std::optional<double> questions;
};

std::string text_or_empty(const YamlNode& node) {
    return node.exists() ? node.raw().value_or(std::string{}) : std::string{};
}

void read_row(const YamlNode& row, const Evaluation& by, std::vector<Score>& out) {
    Score score;
    score.model = required_text(row, "model");
    score.as_published = text_or_empty(row["published"]);
    score.variant = text_or_empty(row["variant"]);
    score.evaluator = by.evaluator;
    score.source = by.source;
    score.questions = by.questions;
    const YamlNode table = row["percent"];
    if (!table.is_map()) row.problem("'percent' is missing: {benchmark: score in percent, …}");
    else
        for (const std::string& benchmark : table.keys()) {
            score.benchmark = benchmark;
            if (const auto percent = table[benchmark].number(0, 100)) {
                score.accuracy = *percent / 100;
                out.push_back(score);
            }
        }
    row.reject_unknown_keys();
}

void read_evaluation(const YamlNode& node, std::vector<Score>& out) {
    Evaluation by;
    by.evaluator = required_text(node, "evaluator");
    by.source = required_text(node, "source");
    if (node["questions"].exists()) by.questions = node["questions"].number(1);
    const YamlNode rows = node["rows"];
    const YamlNode table = node["table"];
    if (rows.exists() == table.exists())
        node.problem(
            "either 'rows', a list of {model, percent: {benchmark: score}}, or 'table', a text, is expected");
    if (rows.exists() && !rows.is_list())
        rows.problem("a list of {model, percent: {benchmark: score}} is expected");
    for (std::size_t i = 0; rows.is_list() && i < rows.size(); ++i) read_row(rows.at(i), by, out);
    if (table.exists()) {
        Score same;
        same.evaluator = by.evaluator;
        same.source = by.source;
        same.questions = by.questions;
        read_score_table(table, same, out);
    }
    node.reject_unknown_keys();
}

void read_answer(const YamlNode& row, const YamlNode& asked, const Evaluation& by, const std::string& note,
                 Answers& out) {
    TokensPerAnswer answer;
    answer.model = required_text(row, "model");
    answer.as_published = text_or_empty(row["published"]);
    answer.variant = text_or_empty(row["variant"]);
    answer.benchmark = required_text(row, "benchmark");
    answer.source = note.empty() ? by.source : fmt::format("{}; {}", by.source, note);
    if (const YamlNode tokens = row["tokens"]; !tokens.exists()) row.problem("'tokens' is missing");
    else if (const auto mean = tokens.number(1e-9, 1e9)) answer.mean = *mean;
    if (row["answers"].exists()) answer.questions = row["answers"].number(1, 1e12);
    if (row["stddev"].exists()) answer.stddev = row["stddev"].number(0, 1e9);
    if (row["accuracy"].exists()) {
        if (const auto accuracy = row["accuracy"].fraction()) {
            Score score;
            score.model = answer.model;
            score.benchmark = answer.benchmark;
            score.accuracy = *accuracy;
            score.evaluator = by.evaluator;
            score.source = by.source;
            score.as_published = answer.as_published;
            score.variant = answer.variant;
            if (asked.is_map() && asked[answer.benchmark].exists())
                score.questions = asked[answer.benchmark].number(1, 1e12);
            out.scores.push_back(std::move(score));
        }
    }
    row.reject_unknown_keys();
    out.tokens.push_back(std::move(answer));
}

}  // namespace

std::vector<Score> read_scores(const YamlNode& root) {
    std::vector<Score> out;
    if (!root.is_list()) {
        root.problem("a list of {evaluator, source, rows} is expected");
        return out;
    }
    for (std::size_t i = 0; i < root.size(); ++i) read_evaluation(root.at(i), out);
    return out;
}

Answers read_answers(const YamlNode& root) {
    Answers out;
    if (!root.is_map()) {
        root.problem("{evaluator, source, rows} is expected");
        return out;
    }
    Evaluation by;
    by.evaluator = required_text(root, "evaluator");
    by.source = required_text(root, "source");
    const std::string note = text_or_empty(root["note"]);
    const YamlNode asked = root["questions"];
    const YamlNode rows = root["rows"];
    if (!rows.is_list()) root.problem("'rows' is missing: a list of {model, benchmark, tokens}");
    for (std::size_t i = 0; rows.is_list() && i < rows.size(); ++i)
        read_answer(rows.at(i), asked, by, note, out);
    if (asked.is_map()) asked.reject_unknown_keys();
    root.reject_unknown_keys();
    return out;
}

}  // namespace moeplan
