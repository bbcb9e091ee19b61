// How requests arrive: the forms of `workload.load`, those that only a simulation knows included.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/scenario/sections.h"

namespace moeplan::scenario {
namespace {

// In the order of read_form's cases.
const std::vector<std::string>& load_names() {
    static const std::vector<std::string> names{"concurrency", "poisson", "batch", "gamma",
                                                "weibull",     "diurnal", "trace", "servegen"};
    return names;
}
constexpr std::size_t kFirstSimulated = 3;

std::optional<PerSecond> arrival_rate(const YamlNode& node) {
    const auto rate = node.per_second();
    if (rate && (rate->value <= 0 || rate->value > kMostRate)) {
        node.problem("expected a rate above 0 and at most 1e9/s");
        return std::nullopt;
    }
    return rate;
}

// Bursts beyond this are one burst; regularity below it is a clock.
std::optional<double> gap_cv(const YamlNode& node) { return node.number(0.001, 100); }

void read_poisson(const YamlNode& node, Workload& workload) {
    if (!node.expect_map("{rate: 4/s}")) return;
    if (const auto rate = arrival_rate(node["rate"])) workload.load = PoissonLoad{*rate};
    node.reject_unknown_keys();
}

template <class Gaps>
void read_gaps(const YamlNode& node, Workload& workload) {
    if (!node.expect_map("{rate: 4/s, cv: 2}")) return;
    const auto rate = arrival_rate(node["rate"]);
    const auto cv = gap_cv(node["cv"]);
    node.reject_unknown_keys();
    if (!rate || !cv) return;
    workload.load = PoissonLoad{*rate};
    workload.arrivals = Gaps{*rate, *cv};
}

void read_diurnal(const YamlNode& node, Workload& workload) {
    if (!node.expect_map("{rate: 4/s, peak_over_mean: 1.8, period: 24 h}")) return;
    DiurnalArrivals day;
    const auto rate = arrival_rate(node["rate"]);
    if (const auto peak = node.find("peak_over_mean")) take(day.peak_over_mean, peak->number(1, 2));
    if (const auto period = node.find("period")) take(day.period, above_zero(*period));
    node.reject_unknown_keys();
    if (!rate) return;
    day.rate = *rate;
    workload.load = PoissonLoad{*rate};
    workload.arrivals = day;
}

// speed, from and to: which part of a recording, and how fast it is played.
template <class Recording>
void read_slice(const YamlNode& node, Recording& recording) {
    if (const auto speed = node.find("speed")) take(recording.speed, speed->number(1e-6, 1e6));
    if (const auto from = node.find("from")) take(recording.from, duration(*from, kMostRecorded));
    if (const auto to = node.find("to")) take(recording.to, duration(*to, kMostRecorded));
    if (recording.to && *recording.to <= recording.from) {
        node["to"].problem(fmt::format("'to' must be after 'from', found {} and {}",
                                       print_quantity(recording.to->value, second_units()),
                                       print_quantity(recording.from.value, second_units())));
    }
}

void read_trace(const YamlNode& node, const YamlNode& owner, Workload& workload) {
    if (!node.expect_map("{speed: 2, from: 0 s, to: 600 s}")) return;
    TraceArrivals trace;
    read_slice(node, trace);
    if (const auto repeat = node.find("repeat")) take(trace.repeat, repeat->integer(1, 1'000'000));
    node.reject_unknown_keys();
    // Lengths that are mistyped have been answered already.
    const auto lengths = owner.find("lengths");
    const bool others = lengths && std::ranges::any_of(lengths->keys(), [](const std::string& key) {
                            return key == "input" || key == "output" || key == "uniform" || key == "lognormal";
                        });
    if (!lengths || others) {
        node.problem("requests arrive as recorded in the trace that gives their lengths, but 'lengths' names none",
                     "write 'lengths: {trace: FILE}'");
    }
    workload.arrivals = trace;
}

void read_servegen(const YamlNode& node, const YamlNode& owner, Workload& workload) {
    if (!node.expect_map("{folder: DIR, from: 0 s, to: 3600 s}")) return;
    ServeGenArrivals clients;
    const auto folder = node["folder"].text();
    read_slice(node, clients);
    node.reject_unknown_keys();
    if (const auto lengths = owner.find("lengths"))
        lengths->problem("the recorded clients of 'servegen' have lengths of their own", "leave 'lengths' out");
    if (!folder) return;
    clients.folder = *folder;
    workload.arrivals = clients;
}

void read_form(const Form& form, const YamlNode& owner, Workload& workload) {
    switch (form.index) {
        case 1: return read_poisson(form.body, workload);
        case 3: return read_gaps<GammaArrivals>(form.body, workload);
        case 4: return read_gaps<WeibullArrivals>(form.body, workload);
        case 5: return read_diurnal(form.body, workload);
        case 6: return read_trace(form.body, owner, workload);
        case 7: return read_servegen(form.body, owner, workload);
        default: break;
    }
    const auto many = form.body.number(1, kMostSequences);
    if (!many) return;
    workload.load = form.index == 0 ? Load{ClosedLoop{*many}} : Load{StaticBatch{*many}};
}

}  // namespace

void read_load(const YamlNode& owner, bool simulated, Workload& workload) {
    const YamlNode node = owner["load"];
    const auto form = only_form(node, load_names(), "{concurrency: 32}");
    const auto think = node.find("think");
    if (!form) return;
    node.reject_unknown_keys();
    if (form->index >= kFirstSimulated) simulations_only(form->body, load_names()[form->index], simulated);
    read_form(*form, owner, workload);
    if (!think) return;
    simulations_only(*think, "think", simulated);
    if (form->index != 0)
        think->problem("only the users of a closed loop think", "write it beside 'concurrency' or leave it out");
    take(workload.think, duration(*think));
}

void read_prefixes(const YamlNode& node, bool simulated, Workload& workload) {
    simulations_only(node, "prefixes", simulated);
    if (!node.expect_map("{groups: 8, tokens: 1024}")) return;
    SharedPrefixes prefixes;
    if (const auto groups = node.find("groups")) take(prefixes.groups, groups->integer(1, 1'000'000));
    const auto tokens = node["tokens"].integer(1, static_cast<std::int64_t>(kMostTokens));
    node.reject_unknown_keys();
    if (!tokens) return;
    prefixes.tokens = *tokens;
    const auto* fixed = std::get_if<FixedLengths>(&workload.lengths);
    const bool unknown = workload.arrivals && std::holds_alternative<ServeGenArrivals>(*workload.arrivals);
    if (fixed && !unknown && static_cast<double>(*tokens) > fixed->input) {
        node["tokens"].problem(
            fmt::format("prompts of {} tokens cannot begin with {}", print_number(fixed->input), *tokens));
        return;
    }
    workload.prefixes = prefixes;
}

}  // namespace moeplan::scenario
