// Section "candidate": what overrides the engine's own terms. Section "cluster": nodes and cold starts.
#include <fmt/format.h>

#include "core/report/format.h"
#include "gui/models/field_tables.h"

namespace moeplan::fields {
namespace {

// Where the engine's own term stands when the study says nothing.
using OfEngine = double (*)(const EngineSpec&);

template <class T>
NumberField override_of(NumberField field, std::optional<T> Candidate::* member, OfEngine of_engine) {
    field.get = [member](const Scenario& s, std::size_t i) {
        return i < s.candidates.size() ? as_number(s.candidates[i].*member) : std::nullopt;
    };
    field.set = [member](Scenario& s, std::size_t i, double value) {
        if (i < s.candidates.size()) s.candidates[i].*member = static_cast<T>(value);
    };
    field.clear = [member](Scenario& s, std::size_t i) {
        if (i < s.candidates.size()) (s.candidates[i].*member).reset();
    };
    NumberField shown = field;   // for its unit
    field.fallback = [shown, of_engine](const Scenario& s, const Catalog& catalog, std::size_t i) -> std::optional<Fallback> {
        if (i >= s.candidates.size()) return std::nullopt;
        const EngineSpec* engine = catalog.engine(s.candidates[i].engine);
        if (!engine) return Fallback{shown.least, "the engine's"};
        return Fallback{of_engine(*engine), show_number(shown, of_engine(*engine))};
    };
    return field;
}

// One the study leaves out, with what that means.
template <class Read, class Write, class Clear>
NumberField optional_of(NumberField field, Fallback absent, Read read, Write write, Clear clear) {
    field.get = [read](const Scenario& s, std::size_t i) -> std::optional<double> {
        return i < s.candidates.size() ? read(s.candidates[i]) : std::nullopt;
    };
    field.set = [write](Scenario& s, std::size_t i, double value) {
        if (i < s.candidates.size()) write(s, s.candidates[i], value);
    };
    field.clear = [clear](Scenario& s, std::size_t i) {
        if (i < s.candidates.size()) clear(s.candidates[i]);
    };
    field.fallback = [absent](const Scenario& s, const Catalog&, std::size_t i) {
        return i < s.candidates.size() ? std::optional(absent) : std::nullopt;
    };
    return field;
}

// On, off, or as the engine has it.
ChoiceField switch_of(ChoiceField field, std::optional<bool> Candidate::* member, bool EngineSpec::* of_engine) {
    field.options = [member, of_engine](const Scenario& s, const Catalog& catalog, std::size_t i) -> std::vector<Choice> {
        const EngineSpec* engine = i < s.candidates.size() ? catalog.engine(s.candidates[i].engine) : nullptr;
        return {{"engine", engine ? fmt::format("the engine's: {}", engine->*of_engine ? "on" : "off") : "the engine's"}, {"true", "on"}, {"false", "off"}};
    };
    field.get = [member](const Scenario& s, std::size_t i) -> std::optional<std::string> {
        if (i >= s.candidates.size()) return std::nullopt;
        const auto& set = s.candidates[i].*member;
        return set ? *set ? "true" : "false" : "engine";
    };
    field.set = [member](Scenario& s, const Catalog&, std::size_t i, const std::string& value) {
        if (i >= s.candidates.size()) return;
        auto& set = s.candidates[i].*member;
        if (value == "engine") set.reset();
        else set = value == "true";
    };
    return field;
}

// What the engine took before which versions, for who has one of them.
void add_version(FieldTable& table) {
    table.texts.push_back({.id = "candidate.engine_version",
                           .label = "engine's version",
                           .help = "Takes the engine's defaults of that version: its share of the memory, scheduling, sampling "
                                   "(docs/scenario.md: candidates). Empty: today's.",
                           .example = "0.12.0",
                           .get = [](const Scenario& s, std::size_t i) -> std::optional<std::string> {
                               return i < s.candidates.size() ? std::optional(s.candidates[i].engine_version) : std::nullopt;
                           },
                           .set = [](Scenario& s, std::size_t i, const std::string& value) {
                               if (i < s.candidates.size()) s.candidates[i].engine_version = value;
                           },
                           .wrong = [](const Scenario&, std::size_t, const std::string& value) -> std::optional<std::string> {
                               if (value.empty() || parse_engine_version(value)) return std::nullopt;
                               return "A version is expected, such as 0.12.0.";
                           }});
}

void add_engine_terms(FieldTable& table) {
    add_version(table);
    table.choices.push_back(switch_of({.id = "candidate.whole_prompts",
                                       .label = "whole prompts",
                                       .help = "Prompts are not cut over steps where they fit one beside what decodes: chunked prefill off (docs/method.md: Schedulers)."},
                                      &Candidate::whole_prompts, &EngineSpec::whole_prompts));
    table.choices.push_back(switch_of({.id = "candidate.async_scheduling",
                                       .label = "async scheduling",
                                       .help = "The next step is composed while one runs, so that a request joins the one after the next (docs/method.md: Schedulers)."},
                                      &Candidate::async_scheduling, &EngineSpec::async_scheduling));
    table.numbers.push_back(override_of<std::int64_t>(
        {.id = "candidate.max_sequences",
         .label = "most sequences",
         .help = "Slots of the engine: sequences a replica runs at once (docs/method.md: Batch). Empty: the engine's own.",
         .least = 1,
         .most = 4096,
         .logarithmic = true,
         .whole = true,
         .lowest = 1,
         .highest = kMostSequences,
         .integer = true},
        &Candidate::max_sequences, [](const EngineSpec& e) { return static_cast<double>(e.max_sequences); }));
    table.numbers.push_back(override_of<std::int64_t>(
        {.id = "candidate.token_budget",
         .label = "tokens of a step",
         .unit = "tokens",
         .help =
             "Budget of a step with prompts: longer ones are cut into chunks (docs/method.md: Steady state). Empty: the engine's own.",
         .least = 128,
         .most = 65536,
         .logarithmic = true,
         .whole = true,
         .lowest = 1,
         .highest = kMostOfAnything,
         .integer = true},
        &Candidate::token_budget, [](const EngineSpec& e) { return static_cast<double>(e.token_budget); }));
    table.numbers.push_back(override_of<std::int64_t>(
        {.id = "candidate.graph_tokens",
         .label = "tokens of a graph",
         .unit = "tokens",
         .help = "Steps with prompts are replayed from CUDA graphs up to so many tokens, 0: none (docs/method.md: Steady state). Empty: the engine's own.",
         .least = 0,
         .most = 8192,
         .whole = true,
         .lowest = 0,
         .highest = kMostOfAnything,
         .integer = true},
        &Candidate::graph_tokens, [](const EngineSpec& e) { return static_cast<double>(captured_tokens(e)); }));
    table.numbers.push_back(optional_of(
        {.id = "candidate.batch_wait",
         .label = "prompts wait, steps",
         .help = "TensorRT-LLM: steps that prompts wait for each other beside decodes (docs/method.md: Schedulers). Empty: none.",
         .least = 1,
         .most = 100,
         .logarithmic = true,
         .whole = true,
         .lowest = 1,
         .highest = scenario::kMostBatchWait,
         .integer = true},
        {20, "nobody waits"}, [](const Candidate& c) { return c.batch_wait ? std::optional(static_cast<double>(c.batch_wait->steps)) : std::nullopt; },
        [](Scenario&, Candidate& c, double v) { c.batch_wait = BatchWait{static_cast<std::int64_t>(v), c.batch_wait ? c.batch_wait->fill : 1}; },
        [](Candidate& c) { c.batch_wait.reset(); }));
    table.numbers.push_back(
        override_of<double>({.id = "candidate.memory_fraction",
                             .label = "memory share",
                             .unit = "%",
                             .help = "Share of the GPU's memory the engine may use (docs/method.md: KV blocks). Empty: the engine's own.",
                             .least = 0.3,
                             .most = 1,
                             .lowest = 0,
                             .highest = 1,
                             .above_lowest = true},
                            &Candidate::memory_fraction, [](const EngineSpec& e) { return e.memory_fraction; }));
    table.numbers.push_back(optional_of(
        {.id = "candidate.kv_blocks",
         .label = "KV blocks, measured",
         .help = "Blocks a running engine reported, in place of the computed ones (docs/method.md: KV blocks).",
         .least = 100,
         .most = 1e6,
         .logarithmic = true,
         .whole = true,
         .lowest = 1,
         .highest = 1e12},
        {100, "computed"}, [](const Candidate& c) { return c.kv_blocks; }, [](Scenario&, Candidate& c, double v) { c.kv_blocks = v; },
        [](Candidate& c) { c.kv_blocks.reset(); }));
    table.numbers.push_back(optional_of(
        {.id = "candidate.speculative",
         .label = "tokens accepted a step",
         .help = "Speculative decoding: mean tokens a step brings (docs/method.md: TPOT). Empty: none.",
         .least = 1,
         .most = 8,
         .lowest = 1,
         .highest = 100},
        {1, "no speculation"}, [](const Candidate& c) { return c.speculative_accept; },
        [](Scenario&, Candidate& c, double v) { c.speculative_accept = v; }, [](Candidate& c) { c.speculative_accept.reset(); }));
}

void add_offload(FieldTable& table) {
    table.numbers.push_back(
        {.id = "candidate.experts_on_host",
         .label = "experts on the host",
         .unit = "%",
         .help =
             "Share of routed experts kept in host memory and read when a token needs them; engines that can (docs/method.md: Offload).",
         .least = 0,
         .most = 1,
         .lowest = 0,
         .highest = 1,
         .get = [](const Scenario& s,
                   std::size_t i) { return i < s.candidates.size() ? std::optional(s.candidates[i].experts_on_host) : std::nullopt; },
         .set =
             [](Scenario& s, std::size_t i, double value) {
                 if (i < s.candidates.size()) s.candidates[i].experts_on_host = value;
             }});
    NumberField rate = optional_of(
        {.id = "candidate.offload_rate",
         .label = "read from the host at",
         .unit = "GB/s",
         .help = "Rate at which experts on the host are read: PCIe's, or the host memory's where the CPU computes them (docs/method.md: "
                 "Offload).",
         .least = 1e9,
         .most = 1e12,
         .logarithmic = true,
         .units = &byte_rate_units(),
         .lowest = 0,
         .highest = 1e15,
         .above_lowest = true},
        {64e9, "PCIe's"}, [](const Candidate& c) { return c.offload_rate ? std::optional(c.offload_rate->value) : std::nullopt; },
        [](Scenario&, Candidate& c, double v) { c.offload_rate = BytesPerSecond{v}; }, [](Candidate& c) { c.offload_rate.reset(); });
    table.numbers.push_back(std::move(rate));
}

// A candidate's own lengths are given whole: the other one as the study has it.
FixedLengths lengths_of(const Scenario& s, const Candidate& c) {
    if (c.lengths) return *c.lengths;
    const auto* fixed = std::get_if<FixedLengths>(&s.workload.lengths);
    return fixed ? *fixed : FixedLengths{};
}

void add_lengths(FieldTable& table) {
    const auto add = [&](std::string id, std::string label, std::string help, double FixedLengths::* member) {
        table.numbers.push_back(optional_of(
            {.id = std::move(id),
             .label = std::move(label),
             .unit = "tokens",
             .help = std::move(help),
             .least = 1,
             .most = 131072,
             .logarithmic = true,
             .whole = true,
             .lowest = 1,
             .highest = kMostTokens},
            {256, "as the study says"},
            [member](const Candidate& c) { return c.lengths ? std::optional((*c.lengths).*member) : std::nullopt; },
            [member](Scenario& s, Candidate& c, double v) {
                c.lengths = lengths_of(s, c);
                (*c.lengths).*member = v;
            },
            [](Candidate& c) { c.lengths.reset(); }));
    };
    add("candidate.input", "its input tokens",
        "Prompts of another length for this candidate: another tokenizer. Clearing it clears its output too.", &FixedLengths::input);
    add("candidate.output", "its output tokens",
        "Answers of another length for this candidate: a model that says more. Clearing it clears its input too.", &FixedLengths::output);
}

}  // namespace

void add_candidate_terms(FieldTable& table) {
    add_engine_terms(table);
    add_offload(table);
    add_lengths(table);
}

FieldTable cluster_fields() {
    FieldTable table;
    table.numbers.push_back(
        {.id = "cluster.gpus_per_node",
         .label = "GPUs in a node",
         .unit = "GPUs",
         .help = "GPUs that reach each other without the network (docs/method.md: Collectives). Empty: the device's.",
         .least = 1,
         .most = 72,
         .logarithmic = true,
         .whole = true,
         .lowest = 1,
         .highest = kMostGpus,
         .integer = true,
         .get = [](const Scenario& s, std::size_t) { return as_number(s.cluster.gpus_per_node); },
         .set = [](Scenario& s, std::size_t, double v) { s.cluster.gpus_per_node = whole(v); },
         .fallback = [](const Scenario&, const Catalog&, std::size_t) { return std::optional(Fallback{8, "the device's"}); },
         .clear = [](Scenario& s, std::size_t) { s.cluster.gpus_per_node.reset(); }});
    table.numbers.push_back(
        {.id = "cluster.network",
         .label = "network between nodes",
         .unit = "GB/s",
         .help = "Per GPU and direction (docs/method.md: Collectives). Empty: the device's.",
         .least = 1e9,
         .most = 1e12,
         .logarithmic = true,
         .units = &byte_rate_units(),
         .lowest = 0,
         .highest = 1e15,
         .above_lowest = true,
         .get = [](const Scenario& s, std::size_t) { return s.cluster.network ? std::optional(s.cluster.network->value) : std::nullopt; },
         .set = [](Scenario& s, std::size_t, double v) { s.cluster.network = BytesPerSecond{v}; },
         .fallback = [](const Scenario&, const Catalog&, std::size_t) { return std::optional(Fallback{50e9, "the device's"}); },
         .clear = [](Scenario& s, std::size_t) { s.cluster.network.reset(); }});
    table.choices.push_back(
        {.id = "cluster.cold_from",
         .label = "weights start from",
         .help = "Where a stopped replica reads its weights (docs/method.md: Cold start).",
         .options = always({{"disk", "its disk"}, {"network", "the network"}, {"page_cache", "memory: the page cache"}}),
         .get = [](const Scenario& s, std::size_t) -> std::optional<std::string> {
             static constexpr const char* kNames[] = {"disk", "network", "page_cache"};
             return kNames[static_cast<std::size_t>(s.cold_start.from)];
         },
         .set =
             [](Scenario& s, const Catalog&, std::size_t, const std::string& value) {
                 s.cold_start.from = value == "network"      ? WeightSource::network
                                     : value == "page_cache" ? WeightSource::page_cache
                                                             : WeightSource::disk;
             }});
    // 0 stands for the catalog's figure.
    table.numbers.push_back(
        {.id = "cluster.cold_rate",
         .label = "read at",
         .unit = "GB/s",
         .help = "Rate at which weights are read when a replica starts (docs/method.md: Cold start). Empty: the catalog's.",
         .least = 1e8,
         .most = 1e11,
         .logarithmic = true,
         .units = &byte_rate_units(),
         .lowest = 0,
         .highest = 1e15,
         .above_lowest = true,
         .get = [](const Scenario& s,
                   std::size_t) { return s.cold_start.rate.value > 0 ? std::optional(s.cold_start.rate.value) : std::nullopt; },
         .set = [](Scenario& s, std::size_t, double v) { s.cold_start.rate = {v}; },
         .fallback =
             [](const Scenario& s, const Catalog& catalog, std::size_t) {
                 const StorageRates& rates = catalog.storage();
                 const BytesPerSecond rate = s.cold_start.from == WeightSource::disk      ? rates.disk
                                             : s.cold_start.from == WeightSource::network ? rates.network
                                                                                          : rates.page_cache;
                 return std::optional(Fallback{rate.value, print_quantity(rate.value, byte_rate_units())});
             },
         .clear = [](Scenario& s, std::size_t) { s.cold_start.rate = {}; }});
    table.numbers.push_back(
        {.id = "cluster.engine_start",
         .label = "engine starts in",
         .unit = "s",
         .help = "From the process's start to where weights are read (docs/method.md: Cold start). Empty: the catalog's.",
         .least = 1,
         .most = 300,
         .logarithmic = true,
         .units = &second_units(),
         .lowest = 0,
         .highest = 1e9,
         .above_lowest = true,
         .get =
             [](const Scenario& s, std::size_t) {
                 return s.cold_start.engine_start.value > 0 ? std::optional(s.cold_start.engine_start.value) : std::nullopt;
             },
         .set = [](Scenario& s, std::size_t, double v) { s.cold_start.engine_start = {v}; },
         .fallback =
             [](const Scenario&, const Catalog& catalog, std::size_t) {
                 return std::optional(Fallback{catalog.storage().engine_start.value,
                                               print_quantity(catalog.storage().engine_start.value, second_units())});
             },
         .clear = [](Scenario& s, std::size_t) { s.cold_start.engine_start = {}; }});
    return table;
}

}  // namespace moeplan::fields
