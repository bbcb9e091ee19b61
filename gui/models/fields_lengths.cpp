// Section "workload": how long prompts and answers are.
#include "core/base/match.h"
#include "gui/models/field_tables.h"
#include "gui/models/study_edits.h"

namespace moeplan::fields {
namespace {

constexpr double kSliderTokens = 131072;

// A member of the lengths' alternative T, where they are that.
template <class T>
auto getter(double T::* member) {
    return [member](const Scenario& s, std::size_t) -> std::optional<double> {
        const T* lengths = std::get_if<T>(&s.workload.lengths);
        return lengths && !(s.workload.arrivals && std::holds_alternative<ServeGenArrivals>(*s.workload.arrivals))
                   ? std::optional(lengths->*member)
                   : std::nullopt;
    };
}
template <class T>
auto setter(double T::* member) {
    return [member](Scenario& s, std::size_t, double value) {
        if (T* lengths = std::get_if<T>(&s.workload.lengths)) lengths->*member = value;
    };
}

NumberField tokens(std::string id, std::string label, std::string help) {
    return {.id = std::move(id),
            .label = std::move(label),
            .unit = "tokens",
            .help = std::move(help),
            .least = 1,
            .most = kSliderTokens,
            .logarithmic = true,
            .whole = true,
            .lowest = 1,
            .highest = kMostTokens};
}

void set_fixed_input(Scenario& s, std::size_t, double value) {
    auto* fixed = std::get_if<FixedLengths>(&s.workload.lengths);
    if (!fixed) return;
    fixed->input = value;
    // A prompt cannot begin with more than it has.
    if (s.workload.prefixes) s.workload.prefixes->tokens = std::min(s.workload.prefixes->tokens, whole(value));
}

void add_fixed(FieldTable& table) {
    NumberField input = tokens("workload.input", "input tokens",
                               "Prompt length (ISL), tokens. What a request's prefill computes and its KV cache starts with "
                               "(docs/method.md: Steady state, TTFT).");
    input.get = getter(&FixedLengths::input);
    input.set = set_fixed_input;
    NumberField output =
        tokens("workload.output", "output tokens",
               "Answer length (OSL), tokens. The time to the last token is TTFT + (OSL - 1) · TPOT (docs/method.md: E2E).");
    output.get = getter(&FixedLengths::output);
    output.set = setter(&FixedLengths::output);
    table.numbers.push_back(std::move(input));
    table.numbers.push_back(std::move(output));
}

// One end of a uniform range; the other follows where they would cross.
NumberField uniform_end(std::string id, std::string label, double UniformLengths::* low, double UniformLengths::* high, bool of_low) {
    NumberField field = tokens(std::move(id), std::move(label), "Lengths are drawn evenly between the shortest and the longest, tokens.");
    field.get = getter(of_low ? low : high);
    field.set = [low, high, of_low](Scenario& s, std::size_t, double value) {
        auto* range = std::get_if<UniformLengths>(&s.workload.lengths);
        if (!range) return;
        range->*(of_low ? low : high) = value;
        if (of_low) range->*high = std::max(range->*high, value);
        else range->*low = std::min(range->*low, value);
    };
    return field;
}

void add_uniform(FieldTable& table) {
    table.numbers.push_back(
        uniform_end("workload.input_low", "shortest input", &UniformLengths::input_low, &UniformLengths::input_high, true));
    table.numbers.push_back(
        uniform_end("workload.input_high", "longest input", &UniformLengths::input_low, &UniformLengths::input_high, false));
    table.numbers.push_back(
        uniform_end("workload.output_low", "shortest output", &UniformLengths::output_low, &UniformLengths::output_high, true));
    table.numbers.push_back(
        uniform_end("workload.output_high", "longest output", &UniformLengths::output_low, &UniformLengths::output_high, false));
}

void add_log_normal(FieldTable& table) {
    const auto mean = [&](std::string id, std::string label, double LogNormalLengths::* member) {
        NumberField field = tokens(std::move(id), std::move(label), "Mean of log-normal lengths, tokens.");
        field.get = getter(member);
        field.set = setter(member);
        table.numbers.push_back(std::move(field));
    };
    const auto spread = [&](std::string id, std::string label, double LogNormalLengths::* member) {
        table.numbers.push_back(
            {.id = std::move(id),
             .label = std::move(label),
             .help = "Standard deviation over the mean of log-normal lengths: 0 = all alike, 1 = as wide as an exponential.",
             .least = 0,
             .most = 3,
             .lowest = 0,
             .highest = 100,
             .get = getter(member),
             .set = setter(member)});
    };
    mean("workload.input_mean", "mean input", &LogNormalLengths::input_mean);
    spread("workload.input_cv", "spread of inputs (cv)", &LogNormalLengths::input_cv);
    mean("workload.output_mean", "mean output", &LogNormalLengths::output_mean);
    spread("workload.output_cv", "spread of outputs (cv)", &LogNormalLengths::output_cv);
}

// What the lengths are on average; a trace's are not known here.
FixedLengths mean_of(const Lengths& lengths) {
    return match(
        lengths, [](const FixedLengths& l) { return l; },
        [](const UniformLengths& l) { return FixedLengths{(l.input_low + l.input_high) / 2, (l.output_low + l.output_high) / 2}; },
        [](const LogNormalLengths& l) { return FixedLengths{l.input_mean, l.output_mean}; },
        [](const TraceLengths&) { return FixedLengths{}; });
}

std::string kind_of(const Lengths& lengths) {
    static constexpr const char* kNames[] = {"fixed", "uniform", "lognormal", "trace"};
    return kNames[lengths.index()];
}

void set_kind(Scenario& s, const Catalog&, std::size_t, const std::string& kind) {
    Workload& w = s.workload;
    if (kind == kind_of(w.lengths) || kind == "trace") return;
    const FixedLengths mean = mean_of(w.lengths);
    // Requests cannot arrive as recorded in a trace that is no longer named.
    if (w.arrivals && std::holds_alternative<TraceArrivals>(*w.arrivals)) w.arrivals.reset();
    const auto half = [](double x) { return std::max(1.0, x / 2); };
    if (kind == "fixed") w.lengths = mean;
    if (kind == "uniform") w.lengths = UniformLengths{half(mean.input), mean.input * 1.5, half(mean.output), mean.output * 1.5};
    if (kind == "lognormal") w.lengths = LogNormalLengths{mean.input, 0.5, mean.output, 0.5};
    if (kind == "fixed" && w.prefixes) w.prefixes->tokens = std::min(w.prefixes->tokens, whole(mean.input));
}

std::vector<Choice> kinds(const Scenario& s, const Catalog&, std::size_t) {
    std::vector<Choice> all{
        {"fixed", "all alike"}, {"uniform", "evenly between two lengths"}, {"lognormal", "log-normal: many short, few long"}};
    if (std::holds_alternative<TraceLengths>(s.workload.lengths)) all.push_back({"trace", "as recorded in a trace"});
    return all;
}

}  // namespace

void add_length_fields(FieldTable& table) {
    table.choices.push_back({.id = "workload.lengths",
                             .label = "lengths",
                             .help = "How long prompts and answers are. Closed forms use the means; a simulation draws every request. A "
                                     "trace dropped on the panel gives recorded lengths.",
                             .options = kinds,
                             .get = [](const Scenario& s, std::size_t) -> std::optional<std::string> {
                                 if (s.workload.arrivals && std::holds_alternative<ServeGenArrivals>(*s.workload.arrivals))
                                     return std::nullopt;
                                 return kind_of(s.workload.lengths);
                             },
                             .set = set_kind});
    add_fixed(table);
    add_uniform(table);
    add_log_normal(table);
    table.texts.push_back(
        {.id = "workload.trace",
         .label = "trace",
         .help = "Recorded requests: Azure, BurstGPT and plain CSV, Mooncake JSONL, vLLM bench JSON; .gz and .zst as they are. Lengths "
                 "and arrivals come from it, and the study is simulated.",
         .example = "drop or choose a .csv or .jsonl",
         .endings = {".csv", ".jsonl", ".json", ".csv.gz", ".jsonl.gz", ".json.gz", ".csv.zst", ".jsonl.zst", ".json.zst"},
         .get = [](const Scenario& s, std::size_t) -> std::optional<std::string> {
             const auto* trace = std::get_if<TraceLengths>(&s.workload.lengths);
             return trace ? trace->file : std::string();
         },
         .set = [](Scenario& s, std::size_t, const std::string& file) { use_trace(s, file); },
         .wrong = [](const Scenario&, std::size_t, const std::string& file) -> std::optional<std::string> {
             if (file.empty()) return "expected a file; choose other lengths above to leave the trace";
             return std::nullopt;
         }});
}

}  // namespace moeplan::fields
