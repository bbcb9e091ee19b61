// Sections "quality" (of the study) and "candidate_quality" (of one candidate): how often answers are right.
#include <map>
#include <set>

#include <fmt/format.h>

#include "gui/models/field_tables.h"

namespace moeplan::fields {
namespace {

// Where a section's quality lies: the study's, or a candidate's own.
struct Place {
    bool of_candidate = false;

    // Null when there is no such candidate.
    template <class Study>
    auto* in(Study& s, std::size_t index) const {
        if (!of_candidate) return &s.quality;
        return index < s.candidates.size() ? &s.candidates[index].quality : nullptr;
    }
};

std::optional<QualitySpec> at(const Place& place, const Scenario& s, std::size_t index) {
    const auto* quality = place.in(s, index);
    return quality ? *quality : std::nullopt;
}

template <class Source>
Source* source_in(const Place& place, Scenario& s, std::size_t index) {
    auto* quality = place.in(s, index);
    return quality && *quality ? std::get_if<Source>(&(*quality)->source) : nullptr;
}

template <class Source>
const Source* source_of(const Place& place, const Scenario& s, std::size_t index) {
    const auto* quality = place.in(s, index);
    return quality && *quality ? std::get_if<Source>(&(*quality)->source) : nullptr;
}

std::string kind_of(const std::optional<QualitySpec>& quality) {
    if (!quality) return "none";
    static constexpr const char* kNames[] = {"accuracy", "results", "benchmark"};
    return kNames[quality->source.index()];
}

// Benchmarks that were run on most models of the study come first, then by name.
std::vector<Choice> benchmarks(const Scenario& s, const Catalog& catalog, const std::string& named) {
    std::set<std::string> models;
    for (const auto& candidate : s.candidates) {
        const ModelEntry* entry = catalog.model(candidate.model);
        models.insert(entry ? entry->id : candidate.model);
    }
    std::map<std::string, std::set<std::string>> runs;
    for (const auto& score : catalog.scores()) {
        auto& of = runs[score.benchmark];
        if (models.count(score.model)) of.insert(score.model);
    }
    if (!named.empty()) runs[named];
    std::vector<Choice> all;
    for (const auto& [name, of] : runs)
        all.push_back({name, of.empty() ? name : fmt::format("{} ({} of {} models)", name, of.size(), models.size())});
    std::ranges::stable_sort(all, [&](const Choice& a, const Choice& b) { return runs[a.value].size() > runs[b.value].size(); });
    return all;
}

void set_kind(std::optional<QualitySpec>& quality, const Scenario& s, const Catalog& catalog, const std::string& kind) {
    if (kind == kind_of(quality)) return;
    const auto answer = quality ? quality->tokens_per_answer : std::nullopt;
    if (kind == "none") quality.reset();
    if (kind == "accuracy") quality = QualitySpec{GivenAccuracy{0.5, 100}, answer};
    if (kind == "benchmark") {
        const auto all = benchmarks(s, catalog, {});
        if (!all.empty()) quality = QualitySpec{PublishedScore{all.front().value, {}, {}}, answer};
    }
}

void add_given(FieldTable& table, const std::string& prefix, const Place& place) {
    table.numbers.push_back({.id = prefix + "accuracy",
                             .label = "answers right",
                             .unit = "%",
                             .help = "P(correct): share of questions answered right. With the number of questions it gets Jeffreys' 90 % "
                                     "interval (docs/method.md: Accuracy).",
                             .least = 0,
                             .most = 1,
                             .lowest = 0,
                             .highest = 1,
                             .get =
                                 [place](const Scenario& s, std::size_t i) {
                                     const auto* g = source_of<GivenAccuracy>(place, s, i);
                                     return g ? std::optional(g->accuracy) : std::nullopt;
                                 },
                             .set =
                                 [place](Scenario& s, std::size_t i, double value) {
                                     if (auto* g = source_in<GivenAccuracy>(place, s, i)) g->accuracy = value;
                                 }});
    table.numbers.push_back({.id = prefix + "questions",
                             .label = "questions asked",
                             .unit = "questions",
                             .help = "How many different questions that share was counted over: fewer make its interval wider.",
                             .least = 10,
                             .most = 10'000,
                             .logarithmic = true,
                             .whole = true,
                             .lowest = 1,
                             .highest = 1e9,
                             .get =
                                 [place](const Scenario& s, std::size_t i) {
                                     const auto* g = source_of<GivenAccuracy>(place, s, i);
                                     return g ? std::optional(g->questions) : std::nullopt;
                                 },
                             .set =
                                 [place](Scenario& s, std::size_t i, double value) {
                                     if (auto* g = source_in<GivenAccuracy>(place, s, i)) g->questions = value;
                                 }});
    table.numbers.push_back(
        {.id = prefix + "tokens_per_answer",
         .label = "tokens per answer",
         .unit = "tokens",
         .help = "Mean output tokens of one attempt. Empty: the catalog's for the model and benchmark, else the workload's output "
                 "(docs/method.md: Cost per answer).",
         .least = 1,
         .most = 32768,
         .logarithmic = true,
         .whole = true,
         .lowest = 1,
         .highest = kMostTokens,
         .get =
             [place](const Scenario& s, std::size_t i) {
                 const auto q = at(place, s, i);
                 return q ? q->tokens_per_answer : std::nullopt;
             },
         .set =
             [place](Scenario& s, std::size_t i, double value) {
                 if (auto* q = place.in(s, i); q && *q) (*q)->tokens_per_answer = value;
             },
         .fallback = [place](const Scenario& s, const Catalog&,
                             std::size_t i) { return at(place, s, i) ? std::optional(Fallback{256, "as published"}) : std::nullopt; },
         .clear =
             [place](Scenario& s, std::size_t i) {
                 if (auto* q = place.in(s, i); q && *q) (*q)->tokens_per_answer.reset();
             }});
}

void add_published(FieldTable& table, const std::string& prefix, const Place& place) {
    table.choices.push_back(
        {.id = prefix + "benchmark",
         .label = "benchmark",
         .help = "Published score of each candidate's model; the study says where one is missing or two evaluators differ.",
         .options =
             [place](const Scenario& s, const Catalog& catalog, std::size_t i) {
                 const auto* p = source_of<PublishedScore>(place, s, i);
                 return p ? benchmarks(s, catalog, p->benchmark) : std::vector<Choice>{};
             },
         .get =
             [place](const Scenario& s, std::size_t i) {
                 const auto* p = source_of<PublishedScore>(place, s, i);
                 return p ? std::optional(p->benchmark) : std::nullopt;
             },
         .set =
             [place](Scenario& s, const Catalog&, std::size_t i, const std::string& value) {
                 if (auto* p = source_in<PublishedScore>(place, s, i); p && p->benchmark != value) *p = {value, {}, p->model};
             }});
    table.choices.push_back({.id = prefix + "evaluator",
                             .label = "scored by",
                             .help = "Scores of different evaluators cannot be compared: one for all is the fair choice.",
                             .options =
                                 [place](const Scenario& s, const Catalog& catalog, std::size_t i) {
                                     std::vector<Choice> all{{"", "whoever published first"}};
                                     const auto* p = source_of<PublishedScore>(place, s, i);
                                     if (!p) return all;
                                     std::set<std::string> names;
                                     for (const auto& score : catalog.scores()) {
                                         if (score.benchmark == p->benchmark && !score.evaluator.empty()) names.insert(score.evaluator);
                                     }
                                     if (p->evaluator) names.insert(*p->evaluator);
                                     for (const auto& name : names) all.push_back({name, name});
                                     return all;
                                 },
                             .get =
                                 [place](const Scenario& s, std::size_t i) {
                                     const auto* p = source_of<PublishedScore>(place, s, i);
                                     return p ? std::optional(p->evaluator.value_or("")) : std::nullopt;
                                 },
                             .set =
                                 [place](Scenario& s, const Catalog&, std::size_t i, const std::string& value) {
                                     if (auto* p = source_in<PublishedScore>(place, s, i))
                                         p->evaluator = value.empty() ? std::nullopt : std::optional(value);
                                 }});
}

void make_evaluation(std::optional<QualitySpec>& quality, const std::string& file) {
    if (!quality) quality.emplace();
    quality->source.emplace<EvaluationFile>(EvaluationFile{file, "gsm8k", "exact_match,strict-match", {}});
}

// A text of an evaluation; giving the file makes the quality an evaluation's.
void add_text(FieldTable& table, TextField field, std::string EvaluationFile::* member, const Place& place) {
    const bool makes = !field.endings.empty();
    field.get = [place, member, makes](const Scenario& s, std::size_t i) -> std::optional<std::string> {
        if (const auto* e = source_of<EvaluationFile>(place, s, i)) return e->*member;
        return makes ? std::optional<std::string>("") : std::nullopt;
    };
    field.set = [place, member, makes](Scenario& s, std::size_t i, const std::string& value) {
        auto* q = place.in(s, i);
        if (auto* e = source_in<EvaluationFile>(place, s, i)) e->*member = value;
        else if (makes && q) make_evaluation(*q, value);
    };
    field.wrong = [](const Scenario&, std::size_t, const std::string& value) -> std::optional<std::string> {
        return value.empty() ? std::optional<std::string>("expected a text; choose another kind above to leave the evaluation")
                             : std::nullopt;
    };
    table.texts.push_back(std::move(field));
}

FieldTable table_for(const std::string& prefix, const Place& place, ChoiceField kind) {
    FieldTable table;
    kind.get = [place](const Scenario& s, std::size_t i) { return std::optional(kind_of(at(place, s, i))); };
    kind.set = [place](Scenario& s, const Catalog& catalog, std::size_t i, const std::string& value) {
        if (auto* q = place.in(s, i)) set_kind(*q, s, catalog, value);
    };
    table.choices.push_back(std::move(kind));
    add_given(table, prefix, place);
    add_published(table, prefix, place);
    add_text(table,
             {.id = prefix + "results",
              .label = "evaluation",
              .help = "Results of lm-evaluation-harness (results_*.json).",
              .example = "drop or choose results_*.json",
              .endings = {".json"}},
             &EvaluationFile::file, place);
    add_text(table, {.id = prefix + "task", .label = "task", .help = "Name of the task in the results.", .example = "gsm8k"},
             &EvaluationFile::task, place);
    add_text(table,
             {.id = prefix + "metric",
              .label = "metric",
              .help = "Name of the metric in the results, with its filter.",
              .example = "exact_match,strict-match"},
             &EvaluationFile::metric, place);
    return table;
}

auto kinds(std::string none, const Place& place) {
    return [none, place](const Scenario& s, const Catalog&, std::size_t i) {
        std::vector<Choice> all{{"none", none}, {"benchmark", "a published benchmark"}, {"accuracy", "a share given here"}};
        if (source_of<EvaluationFile>(place, s, i)) all.push_back({"results", "an evaluation of your own"});
        return all;
    };
}

}  // namespace

FieldTable quality_fields() {
    const Place place{false};
    return table_for("quality.", place,
                     {.id = "quality.source",
                      .label = "answers are right",
                      .help = "How often an answer is right, for all candidates. Cost per correct answer = cost of an attempt / "
                              "P(correct) (docs/method.md: Cost per correct answer).",
                      .options = kinds("not counted", place)});
}

FieldTable candidate_quality_fields() {
    const Place place{true};
    return table_for("candidate.", place,
                     {.id = "candidate.quality",
                      .label = "its answers are right",
                      .help = "How often this candidate's answers are right, where it is not as the study says.",
                      .options = kinds("as the study says", place)});
}

}  // namespace moeplan::fields
