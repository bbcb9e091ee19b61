// Section "routing": which experts tokens go to, and where experts lie.
#include <variant>

#include "gui/models/field_tables.h"

namespace moeplan::fields {
namespace {

constexpr const char* kKinds[] = {"uniform", "zipf", "power_law", "dirichlet", "counts", "trace"};

std::string kind_of(const RoutingSpec& routing) { return kKinds[routing.index()]; }

std::optional<double> alpha_of(const Scenario& s, std::size_t) {
    if (const auto* zipf = std::get_if<ZipfRouting>(&s.routing)) return zipf->alpha;
    if (const auto* power = std::get_if<PowerLawRouting>(&s.routing)) return power->alpha;
    return std::nullopt;
}

void set_alpha(Scenario& s, std::size_t, double value) {
    if (auto* zipf = std::get_if<ZipfRouting>(&s.routing)) zipf->alpha = value;
    if (auto* power = std::get_if<PowerLawRouting>(&s.routing)) power->alpha = value;
}

void set_kind(Scenario& s, const Catalog&, std::size_t, const std::string& kind) {
    if (kind == kind_of(s.routing)) return;
    const auto alpha = alpha_of(s, 0);
    if (kind == "uniform") s.routing = UniformRouting{};
    if (kind == "zipf") s.routing = ZipfRouting{alpha.value_or(ZipfRouting{}.alpha)};
    if (kind == "power_law") s.routing = PowerLawRouting{alpha.value_or(PowerLawRouting{}.alpha)};
    if (kind == "dirichlet") s.routing = DirichletRouting{};
}

std::vector<Choice> kinds(const Scenario& s, const Catalog&, std::size_t) {
    std::vector<Choice> all{{"uniform", "uniform: every expert alike"},
                            {"zipf", "Zipf: load ~ 1/rank^α"},
                            {"power_law", "bounded power law of loads"},
                            {"dirichlet", "Dirichlet: drawn per layer"}};
    if (std::holds_alternative<CountsRouting>(s.routing)) all.push_back({"counts", "counted, from a file"});
    if (std::holds_alternative<TraceRouting>(s.routing)) all.push_back({"trace", "recorded token by token"});
    return all;
}

void add_numbers(FieldTable& table) {
    table.numbers.push_back(
        {.id = "routing.alpha",
         .label = "skew α",
         .help = "Zipf: the expert of rank r gets a share ~ r^-α. Power law: expert loads are drawn from x^-α on a bounded range. 0 = "
                 "uniform, 1 and more = a few experts do most of the work (docs/routing.md: Where p comes from).",
         .least = 0,
         .most = 2,
         .lowest = 0,
         .highest = 10,
         .get = alpha_of,
         .set = set_alpha});
    table.numbers.push_back({.id = "routing.kappa",
                             .label = "evenness κ",
                             .help = "p is drawn per layer from a symmetric Dirichlet(κ): small κ = a few hot experts, large κ = uniform "
                                     "(docs/routing.md: Where p comes from).",
                             .least = 0.1,
                             .most = 1000,
                             .logarithmic = true,
                             .lowest = 1e-3,
                             .highest = 1e9,
                             .get = [](const Scenario& s, std::size_t) -> std::optional<double> {
                                 const auto* dirichlet = std::get_if<DirichletRouting>(&s.routing);
                                 return dirichlet ? std::optional(dirichlet->kappa) : std::nullopt;
                             },
                             .set =
                                 [](Scenario& s, std::size_t, double value) {
                                     if (auto* dirichlet = std::get_if<DirichletRouting>(&s.routing)) dirichlet->kappa = value;
                                 }});
    table.numbers.push_back({.id = "routing.redundant",
                             .label = "redundant slots",
                             .unit = "slots",
                             .help = "Extra expert slots over all ranks of a layer that hold copies of hot experts; their memory is "
                                     "counted (docs/routing.md: Placement).",
                             .least = 0,
                             .most = 256,
                             .whole = true,
                             .lowest = 0,
                             .highest = kMostGpus,
                             .integer = true,
                             .get =
                                 [](const Scenario& s, std::size_t) {
                                     return s.placement.kind == PlacementKind::eplb
                                                ? std::optional(static_cast<double>(s.placement.redundant))
                                                : std::nullopt;
                                 },
                             .set =
                                 [](Scenario& s, std::size_t, double value) {
                                     if (s.placement.kind == PlacementKind::eplb) s.placement.redundant = whole(value);
                                 }});
}

std::optional<std::string> no_file(const Scenario&, std::size_t, const std::string& file) {
    return file.empty() ? std::optional<std::string>("expected a file; choose another kind above to leave it") : std::nullopt;
}

void add_files(FieldTable& table) {
    table.texts.push_back(
        {.id = "routing.counts",
         .label = "counts",
         .help =
             "Tokens per expert, counted on your own requests: JSON or CSV, per layer or for all (docs/routing.md: Where p comes from).",
         .example = "drop or choose a file of counts",
         .endings = {".json", ".csv"},
         .get = [](const Scenario& s, std::size_t) -> std::optional<std::string> {
             const auto* counts = std::get_if<CountsRouting>(&s.routing);
             return counts ? counts->file : std::string();
         },
         .set =
             [](Scenario& s, std::size_t, const std::string& file) {
                 if (auto* counts = std::get_if<CountsRouting>(&s.routing)) counts->file = file;
                 else s.routing = CountsRouting{file, {}, {}};
             },
         .wrong = no_file});
    table.texts.push_back(
        {.id = "routing.trace",
         .label = "recorded routes",
         .help =
             "Token by token, the experts each went to: tokens of one step are resampled from it (docs/routing.md: Where p comes from).",
         .example = "drop or choose recorded routes",
         .endings = {".jsonl", ".jsonl.gz", ".jsonl.zst", ".csv", ".json"},
         .get = [](const Scenario& s, std::size_t) -> std::optional<std::string> {
             const auto* trace = std::get_if<TraceRouting>(&s.routing);
             return trace ? trace->file : std::string();
         },
         .set = [](Scenario& s, std::size_t, const std::string& file) { s.routing = TraceRouting{file}; },
         .wrong = no_file});
}

}  // namespace

FieldTable routing_fields() {
    FieldTable table;
    table.choices.push_back({.id = "routing.kind",
                             .label = "routing",
                             .help = "Which experts tokens go to. What it means for the first mixture of experts is drawn below.",
                             .options = kinds,
                             .get = [](const Scenario& s, std::size_t) { return std::optional(kind_of(s.routing)); },
                             .set = set_kind});
    table.choices.push_back({.id = "routing.placement",
                             .label = "experts lie",
                             .help = "Which rank holds which expert, where experts are spread (ep > 1): the layer waits for the fullest "
                                     "rank (docs/routing.md: Placement).",
                             .options = always({{"contiguous", "in order"},
                                                {"round_robin", "dealt out in turn"},
                                                {"balanced", "balanced by load"},
                                                {"eplb", "balanced, hot experts copied (EPLB)"}}),
                             .get = [](const Scenario& s, std::size_t) -> std::optional<std::string> {
                                 static constexpr const char* kNames[] = {"contiguous", "round_robin", "balanced", "eplb"};
                                 return kNames[static_cast<std::size_t>(s.placement.kind)];
                             },
                             .set =
                                 [](Scenario& s, const Catalog&, std::size_t, const std::string& value) {
                                     for (const auto& [name, kind] : {std::pair{"contiguous", PlacementKind::contiguous},
                                                                      {"round_robin", PlacementKind::round_robin},
                                                                      {"balanced", PlacementKind::balanced},
                                                                      {"eplb", PlacementKind::eplb}}) {
                                         if (value == name && s.placement.kind != kind) s.placement = {kind, 0};
                                     }
                                 }});
    add_numbers(table);
    add_files(table);
    return table;
}

}  // namespace moeplan::fields
