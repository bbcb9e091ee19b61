// Section "simulation": what only a simulation knows of engines and clusters.
#include "gui/models/field_tables.h"

namespace moeplan::fields {
namespace {

bool simulated(const Scenario& s) { return s.method == Method::simulate; }

// A candidate's own terms hold what they inherited, too (core/scenario/scenario.h): what is as the study's follows it.
template <class T>
void change_term(Scenario& s, T SimulateSpec::* member, const T& value) {
    if (!simulated(s)) return;
    for (auto& candidate : s.candidates) {
        if (candidate.simulate && *candidate.simulate.*member == s.simulate.*member) *candidate.simulate.*member = value;
    }
    s.simulate.*member = value;
}

// A term the study may leave out.
template <class T>
NumberField optional_term(NumberField field, std::optional<T> SimulateSpec::* member, std::function<T(double)> make,
                          std::function<double(const T&)> read, Fallback absent) {
    field.get = [member, read](const Scenario& s, std::size_t) -> std::optional<double> {
        return simulated(s) && s.simulate.*member ? std::optional(read(*(s.simulate.*member))) : std::nullopt;
    };
    field.set = [member, make](Scenario& s, std::size_t, double value) { change_term(s, member, std::optional<T>(make(value))); };
    field.fallback = [absent](const Scenario& s, const Catalog&, std::size_t) {
        return simulated(s) ? std::optional(absent) : std::nullopt;
    };
    field.clear = [member](Scenario& s, std::size_t) { change_term(s, member, std::optional<T>()); };
    return field;
}

NumberField count_term(NumberField field, std::optional<std::int64_t> SimulateSpec::* member, Fallback absent) {
    field.logarithmic = field.whole = field.integer = true;
    field.lowest = 1;
    field.highest = static_cast<double>(kMostOfAnything);
    return optional_term<std::int64_t>(
        std::move(field), member, whole, [](const std::int64_t& v) { return static_cast<double>(v); }, std::move(absent));
}

NumberField time_term(NumberField field, std::optional<Seconds> SimulateSpec::* member, Fallback absent) {
    field.logarithmic = true;
    field.units = &second_units();
    field.lowest = 0;
    field.highest = kMostSeconds;
    return optional_term<Seconds>(
        std::move(field), member, [](double v) { return Seconds{v}; }, [](const Seconds& v) { return v.value; }, std::move(absent));
}

// A warm-up that leaves nothing of the duration is left to be detected.
void keep_warm_up_short(Scenario& s) {
    const auto leaves_nothing = [](const SimulateSpec& spec) { return spec.warm_up && spec.duration && *spec.warm_up >= *spec.duration; };
    if (leaves_nothing(s.simulate)) change_term(s, &SimulateSpec::warm_up, std::optional<Seconds>());
    for (auto& candidate : s.candidates) {
        if (candidate.simulate && leaves_nothing(*candidate.simulate)) candidate.simulate->warm_up.reset();
    }
}

void add_length(FieldTable& table) {
    table.numbers.push_back(count_term(
        {.id = "simulation.requests",
         .label = "requests to simulate",
         .unit = "requests",
         .help = "Arrivals simulated. Figures get steadier with the root of their number; empty: all of a trace, 10,000 otherwise.",
         .least = 100,
         .most = 1e6},
        &SimulateSpec::requests, {10'000, "10,000; all of a trace"}));
    NumberField duration = time_term({.id = "simulation.duration",
                                      .label = "arrivals for",
                                      .unit = "s",
                                      .help = "Arrivals stop after this; requests in flight are finished. Empty: as many as above.",
                                      .least = 10,
                                      .most = 86400},
                                     &SimulateSpec::duration, {3600, "as many as above"});
    duration.above_lowest = true;
    duration.set = [set = duration.set](Scenario& s, std::size_t i, double value) {
        set(s, i, value);
        keep_warm_up_short(s);
    };
    table.numbers.push_back(std::move(duration));
    NumberField warm_up = time_term({.id = "simulation.warm_up",
                                     .label = "left out at the start",
                                     .unit = "s",
                                     .help = "Warm-up that figures leave out; empty: detected (docs/method.md: Simulated figures).",
                                     .least = 1,
                                     .most = 3600},
                                    &SimulateSpec::warm_up, {1, "detected"});
    warm_up.set = [set = warm_up.set](Scenario& s, std::size_t i, double value) {
        set(s, i, value);
        if (s.simulate.duration && s.simulate.duration->value <= value) change_term(s, &SimulateSpec::duration, std::optional<Seconds>());
        keep_warm_up_short(s);
    };
    table.numbers.push_back(std::move(warm_up));
}

void add_engine(FieldTable& table) {
    table.numbers.push_back(count_term({.id = "simulation.queue_limit",
                                        .label = "longest queue",
                                        .unit = "requests",
                                        .help = "Requests waiting at a replica; the next one is rejected. Empty: no limit.",
                                        .least = 1,
                                        .most = 10'000},
                                       &SimulateSpec::queue_limit, {10'000, "no limit"}));
    NumberField timeout = time_term({.id = "simulation.timeout",
                                     .label = "given up after",
                                     .unit = "s",
                                     .help = "A request without a first token by then is given up. Empty: never.",
                                     .least = 0.1,
                                     .most = 600},
                                    &SimulateSpec::timeout, {600, "never"});
    timeout.above_lowest = true;
    table.numbers.push_back(std::move(timeout));
    table.numbers.push_back({.id = "simulation.seed",
                             .label = "seed",
                             .help = "The same study and seed give the same bytes; another seed is another draw.",
                             .least = 0,
                             .most = 1000,
                             .whole = true,
                             .lowest = 0,
                             .highest = 9e15,
                             .integer = true,
                             .get = [](const Scenario& s, std::size_t) { return std::optional(static_cast<double>(s.seed)); },
                             .set = [](Scenario& s, std::size_t, double value) { s.seed = static_cast<std::uint64_t>(value); }});
}

// An enumeration of the simulation's terms, values in its order.
template <class Name>
ChoiceField name_choice(ChoiceField field, Name SimulateSpec::* member, std::vector<Choice> choices) {
    field.options = always(choices);
    field.get = [member](const Scenario& s, std::size_t) -> std::optional<std::string> {
        return simulated(s) ? std::optional(std::string(name_of(s.simulate.*member))) : std::nullopt;
    };
    field.set = [member, choices](Scenario& s, const Catalog&, std::size_t, const std::string& value) {
        const auto at = std::ranges::find(choices, value, &Choice::value);
        if (at != choices.end()) change_term(s, member, static_cast<Name>(at - choices.begin()));
    };
    return field;
}

void add_choices(FieldTable& table) {
    table.choices.push_back(name_choice(
        {.id = "simulation.scheduler", .label = "scheduler", .help = "How a replica composes its steps (docs/method.md: Schedulers)."},
        &SimulateSpec::scheduler,
        {{"auto", "the engine's own"},
         {"vllm", "vLLM"},
         {"tensorrt_llm", "TensorRT-LLM"},
         {"sglang", "SGLang"},
         {"static", "static batches"}}));
    table.choices.push_back(name_choice({.id = "simulation.preemption",
                                         .label = "when the cache is full",
                                         .help = "What happens to a sequence that must make room (docs/method.md: Schedulers)."},
                                        &SimulateSpec::preemption,
                                        {{"recompute", "compute again later"}, {"swap", "move to host memory"}}));
    table.choices.push_back(name_choice({.id = "simulation.router", .label = "router", .help = "Which replica a request goes to."},
                                        &SimulateSpec::router,
                                        {{"round_robin", "in turn"},
                                         {"least_loaded", "least loaded"},
                                         {"power_of_two", "lighter of two at random"},
                                         {"prefix_affinity", "where the prompt is cached"},
                                         {"session", "a user's own"}}));
    table.choices.push_back({.id = "simulation.prefix_cache",
                             .label = "prefix cache",
                             .help = "Whether KV blocks of a prompt's beginning are used again (docs/method.md: Schedulers).",
                             .options = always({{"true", "on"}, {"false", "off"}}),
                             .get = [](const Scenario& s, std::size_t) -> std::optional<std::string> {
                                 return simulated(s) ? std::optional<std::string>(s.simulate.prefix_cache ? "true" : "false")
                                                     : std::nullopt;
                             },
                             .set = [](Scenario& s, const Catalog&, std::size_t,
                                       const std::string& value) { change_term(s, &SimulateSpec::prefix_cache, value == "true"); }});
}

}  // namespace

FieldTable simulation_fields() {
    FieldTable table;
    add_length(table);
    add_engine(table);
    add_choices(table);
    return table;
}

}  // namespace moeplan::fields
