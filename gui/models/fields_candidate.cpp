// Section "candidate": the model and its precision, and what it runs on.
#include <cctype>

#include <fmt/format.h>

#include "core/base/number_format.h"
#include "core/parallel/layout_text.h"
#include "core/report/format.h"
#include "gui/models/candidate_layouts.h"
#include "gui/models/field_tables.h"
#include "gui/models/study_edits.h"

namespace moeplan::fields {
namespace {

const Candidate* at(const Scenario& s, std::size_t i) { return i < s.candidates.size() ? &s.candidates[i] : nullptr; }
Candidate* at(Scenario& s, std::size_t i) { return i < s.candidates.size() ? &s.candidates[i] : nullptr; }

template <class Read>
auto getter(Read read) {
    return [read](const Scenario& s, std::size_t i) -> decltype(read(s.candidates[0])) {
        const Candidate* candidate = at(s, i);
        if (!candidate) return std::nullopt;
        return read(*candidate);
    };
}

// How GPUs are rented for this candidate; nothing where a price is given or they are owned.
std::optional<std::string> tier_of(const Scenario& s, std::size_t i) {
    const Candidate* candidate = at(s, i);
    const PriceSpec& price = candidate && candidate->money ? candidate->money->price : s.money.price;
    const auto* rented = std::get_if<RentedPrice>(&price);
    return rented ? std::optional(rented->tier) : std::nullopt;
}

std::vector<Choice> devices(const Scenario& s, const Catalog& catalog, std::size_t i) {
    std::vector<Choice> all;
    const Candidate* candidate = at(s, i);
    const DeviceSpec* chosen = candidate ? catalog.device(candidate->gpu) : nullptr;
    const auto tier = tier_of(s, i);
    for (const auto& device : catalog.devices()) {
        const RentalPrice* price = tier ? catalog.price(device.id, *tier) : nullptr;
        const std::string memory = format_count(device.memory.value / kGB);
        std::string label(device.name);
        if (label.find(memory + "GB") == std::string::npos) label += fmt::format(", {} GB", memory);
        if (price) label += fmt::format(", ${:.2f}/h{}", price->median_usd, *tier == "on_demand" ? "" : " " + *tier);
        all.push_back({&device == chosen ? candidate->gpu : device.id, label});
    }
    if (candidate && !chosen) all.push_back({candidate->gpu, candidate->gpu.empty() ? "from the sweep" : candidate->gpu + " (unknown)"});
    return all;
}

void set_count(Scenario& s, std::size_t i, double value) {
    Candidate* candidate = at(s, i);
    if (!candidate) return;
    candidate->count = whole(value);
    // A study file does not take a replica that leaves GPUs over.
    if (candidate->layout && candidate->count % candidate->layout->gpus() != 0) candidate->layout.reset();
}

std::vector<Choice> layouts(const Scenario& s, const Catalog& catalog, std::size_t i) {
    std::vector<Choice> all{{"auto", "automatic"}};
    for (const Layout& layout : candidate_layouts(s, catalog, i)) {
        const std::int64_t replicas = s.candidates[i].count / layout.gpus();
        all.push_back({print_layout(layout), describe(layout) + (replicas > 1 ? fmt::format(", {} replicas", replicas) : "")});
    }
    const Candidate* candidate = at(s, i);
    if (candidate && candidate->layout) {
        const std::string now = print_layout(*candidate->layout);
        if (std::ranges::find(all, now, &Choice::value) == all.end())
            all.push_back({now, describe(*candidate->layout) + " (as the study says)"});
    }
    return all;
}

void set_layout(Scenario& s, const Catalog&, std::size_t i, const std::string& value) {
    Candidate* candidate = at(s, i);
    if (!candidate) return;
    if (value == "auto") return candidate->layout.reset();
    const auto layout = parse_layout(value);
    if (!layout) return;
    candidate->layout = *layout;
    if (candidate->count % layout->gpus() != 0) candidate->count = layout->gpus();
}

std::vector<Choice> formats(std::string none_value, std::string none_label) {
    std::vector<Choice> all{{std::move(none_value), std::move(none_label)}};
    for (const NumberFormat format : all_number_formats())
        all.push_back(
            {std::string(name_of(format)), fmt::format("{}, {} bits a weight", name_of(format), format_number(bits_per_weight(format)))});
    return all;
}

void add_format(FieldTable& table, ChoiceField field, std::optional<NumberFormat> PrecisionSpec::* member, const std::string& none,
                const std::string& none_label) {
    field.options = always(formats(none, none_label));
    field.get = getter([member, none](const Candidate& c) -> std::optional<std::string> {
        return c.precision.*member ? std::string(name_of(*(c.precision.*member))) : none;
    });
    field.set = [member](Scenario& s, const Catalog&, std::size_t i, const std::string& value) {
        if (Candidate* c = at(s, i)) c->precision.*member = number_format_named(value);
    };
    table.choices.push_back(std::move(field));
}

void add_hardware(FieldTable& table) {
    table.choices.push_back({.id = "candidate.gpu",
                             .label = "GPU",
                             .help = "Memory is the datasheet's, the price the median on-demand offer for one GPU-hour.",
                             .options = devices,
                             .get = getter([](const Candidate& c) { return std::optional(c.gpu); }),
                             .set = [](Scenario& s, const Catalog&, std::size_t i, const std::string& value) {
                                 if (Candidate* c = at(s, i)) c->gpu = value;
                             }});
    table.numbers.push_back({.id = "candidate.count",
                             .label = "GPUs",
                             .unit = "GPUs",
                             .help = "GPUs of all replicas together; replicas = GPUs / GPUs of a replica's layout.",
                             .least = 1,
                             .most = 64,
                             .logarithmic = true,
                             .whole = true,
                             .lowest = 1,
                             .highest = kMostGpus,
                             .integer = true,
                             .get = getter([](const Candidate& c) { return std::optional(static_cast<double>(c.count)); }),
                             .set = set_count});
    table.choices.push_back(
        {.id = "candidate.layout",
         .label = "layout",
         .help = "How one replica lies over its GPUs: tp splits each layer, pp the layers, dp copies attention, ep deals experts out "
                 "(docs/method.md: Ops of a layer). Automatic: tp inside a node.",
         .options = layouts,
         .get = getter([](const Candidate& c) { return std::optional(c.layout ? print_layout(*c.layout) : std::string("auto")); }),
         .set = set_layout});
}

void add_precision(FieldTable& table) {
    add_format(
        table,
        {.id = "candidate.precision", .label = "format", .help = "Number format of the weights; bits include scales (docs/method.md: Memory)."},
        &PrecisionSpec::all, "native", "as published");
    add_format(table,
               {.id = "candidate.kv",
                .label = "KV cache format",
                .help = "Of the KV cache: fewer bits hold more sequences (docs/method.md: KV cache)."},
               &PrecisionSpec::kv, "auto", "as usual for the weights");
    add_format(
        table,
        {.id = "candidate.experts_format", .label = "experts' format", .help = "Of routed experts, where it is another than the rest."},
        &PrecisionSpec::experts, "auto", "as the rest");
    add_format(table,
               {.id = "candidate.linear_format",
                .label = "attention and dense format",
                .help = "Of attention, dense layers and shared experts, where it is another than the rest."},
               &PrecisionSpec::linear, "auto", "as the rest");
    add_format(table,
               {.id = "candidate.embedding_format",
                .label = "embedding format",
                .help = "Of the input table and the head, where it is another than usual."},
               &PrecisionSpec::embedding, "auto", "as usual");
}

std::vector<Choice> engines(const Scenario& s, const Catalog& catalog, std::size_t i) {
    const Candidate* candidate = at(s, i);
    const EngineSpec* chosen = candidate ? catalog.engine(candidate->engine) : nullptr;
    std::vector<Choice> all;
    for (const auto& engine : catalog.engines()) all.push_back({&engine == chosen ? candidate->engine : engine.id, engine.name});
    if (candidate && !chosen) all.push_back({candidate->engine, candidate->engine + " (unknown)"});
    return all;
}

std::vector<Choice> profiles(const Scenario& s, const Catalog& catalog, std::size_t i) {
    std::vector<Choice> all{{std::string(kAutomaticProfile), "measured, where there is a profile"},
                            {std::string(kNoProfile), "roofline only"}};
    for (const auto& name : catalog.profile_names()) all.push_back({name, name});
    const Candidate* candidate = at(s, i);
    if (candidate && std::ranges::find(all, candidate->profile, &Choice::value) == all.end())
        all.push_back({candidate->profile, candidate->profile});
    return all;
}

void add_software(FieldTable& table) {
    table.choices.push_back({.id = "candidate.engine",
                             .label = "engine",
                             .help = "Its memory share, slots, token budget and host time per step, with sources, are in "
                                     "scenarios/catalog/engines.yaml (docs/method.md: Steady state).",
                             .options = engines,
                             .get = getter([](const Candidate& c) { return std::optional(c.engine); }),
                             .set = [](Scenario& s, const Catalog&, std::size_t i, const std::string& value) {
                                 if (Candidate* c = at(s, i)) c->engine = value;
                             }});
    table.choices.push_back({.id = "candidate.profile",
                             .label = "kernel times",
                             .help = "What is measured of the GPU corrects the roofline; a profile of your own comes from a calibration "
                                     "(docs/method.md: Roofline).",
                             .options = profiles,
                             .get = getter([](const Candidate& c) { return std::optional(c.profile); }),
                             .set = [](Scenario& s, const Catalog&, std::size_t i, const std::string& value) {
                                 if (Candidate* c = at(s, i)) c->profile = value;
                             }});
}

void add_texts(FieldTable& table) {
    table.texts.push_back({.id = "candidate.name",
                           .label = "name",
                           .help = "What pictures and expectations call it; they follow when it changes.",
                           .example = "mixtral",
                           .get = getter([](const Candidate& c) { return std::optional(c.name); }),
                           .set =
                               [](Scenario& s, std::size_t i, const std::string& value) {
                                   if (at(s, i)) rename_candidate(s, i, value);
                               },
                           .wrong =
                               [](const Scenario& s, std::size_t i, const std::string& value) {
                                   const std::string why = wrong_name(s, i, value);
                                   return why.empty() ? std::nullopt : std::optional(why);
                               }});
    table.texts.push_back(
        {.id = "candidate.profile_file",
         .label = "profile of your own",
         .help = "A profile saved by a calibration (.json), in place of the catalog's.",
         .example = "drop or choose a profile",
         .endings = {".json"},
         .get = getter([](const Candidate& c) { return std::optional(c.profile.ends_with(".json") ? c.profile : std::string()); }),
         .set =
             [](Scenario& s, std::size_t i, const std::string& value) {
                 if (Candidate* c = at(s, i)) c->profile = value.empty() ? std::string(kAutomaticProfile) : value;
             },
         .wrong = [](const Scenario&, std::size_t, const std::string& value) -> std::optional<std::string> {
             if (value.empty() || value.ends_with(".json")) return std::nullopt;
             return "expected a .json that a calibration saved";
         }});
}

}  // namespace

FieldTable candidate_fields() {
    FieldTable table;
    add_texts(table);
    add_hardware(table);
    add_precision(table);
    add_software(table);
    add_candidate_terms(table);
    return table;
}

}  // namespace moeplan::fields
