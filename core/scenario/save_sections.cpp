// Values -> the form they are read in: study-level sections.
#include <fmt/format.h>

#include "core/base/match.h"
#include "core/scenario/sections.h"

namespace moeplan::scenario {
namespace {

using Map = Document::Map;
using List = Document::List;

Document estimate_document(const Estimate& e) {
    if (e.is_exact()) return e.value;
    return Map{{"value", e.value}, {"low", e.low}, {"high", e.high}};
}

Document price_document(const PriceSpec& price) {
    return match(
        price, [](const RentedPrice& p) -> Document { return Map{{"tier", p.tier}}; },
        [](const GivenPrice& p) -> Document {
            return Map{{"gpu_hour", print_quantity(p.usd_per_gpu_hour, dollar_units())}};
        },
        [](const Ownership& o) -> Document {
            return Map{{"owned", Map{{"capital", print_quantity(o.capital.value, dollar_units())},
                                     {"years", o.years},
                                     {"residual", o.residual_fraction},
                                     {"interest", o.yearly_interest},
                                     {"power", print_quantity(o.power.value, watt_units())},
                                     {"pue", o.pue},
                                     {"energy", print_quantity(o.usd_per_kwh, dollar_per_kwh_units())},
                                     {"space", print_quantity(o.space.value, dollar_per_hour_units())}}}};
        });
}

Document load_document(const Workload& workload) {
    if (workload.arrivals) return arrivals_document(*workload.arrivals);
    return match(
        workload.load,
        [&](const ClosedLoop& l) -> Document {
            Map map{{"concurrency", l.concurrency}};
            if (workload.think.value > 0)
                map.emplace_back("think", print_quantity(workload.think.value, second_units()));
            return map;
        },
        [](const PoissonLoad& l) -> Document {
            return Map{{"poisson", Map{{"rate", print_quantity(l.rate.value, rate_units())}}}};
        },
        [](const StaticBatch& l) -> Document { return Map{{"batch", l.batch}}; });
}

}  // namespace

Document lengths_document(const Lengths& lengths) {
    return match(
        lengths,
        [](const FixedLengths& l) -> Document { return Map{{"input", l.input}, {"output", l.output}}; },
        [](const UniformLengths& l) -> Document {
            return Map{{"uniform", Map{{"input", List{l.input_low, l.input_high}},
                                       {"output", List{l.output_low, l.output_high}}}}};
        },
        [](const LogNormalLengths& l) -> Document {
            return Map{{"lognormal", Map{{"input", Map{{"mean", l.input_mean}, {"cv", l.input_cv}}},
                                         {"output", Map{{"mean", l.output_mean}, {"cv", l.output_cv}}}}}};
        },
        [](const TraceLengths& l) -> Document { return Map{{"trace", l.file}}; });
}

Document workload_document(const Workload& workload) {
    Map map;
    // ServeGen's clients have lengths of their own.
    if (!workload.arrivals || !std::holds_alternative<ServeGenArrivals>(*workload.arrivals))
        map.emplace_back("lengths", lengths_document(workload.lengths));
    map.emplace_back("load", load_document(workload));
    if (!workload.slo.empty()) {
        Map slo;
        for (const auto& term : workload.slo) {
            const std::string name =
                term.percentile > 0 ? fmt::format("{}_p{}", term.metric, term.percentile) : term.metric;
            slo.emplace_back(name, print_quantity(term.limit.value, second_units()));
        }
        map.emplace_back("slo", slo);
    }
    map.emplace_back("prefix_shared", workload.prefix_shared);
    if (workload.sampling != Sampling::greedy) map.emplace_back("sampling", std::string(name_of(workload.sampling)));
    if (workload.prefixes)
        map.emplace_back("prefixes", Map{{"groups", workload.prefixes->groups}, {"tokens", workload.prefixes->tokens}});
    return map;
}

Document routing_document(const RoutingSpec& routing) {
    return match(
        routing, [](const UniformRouting&) -> Document { return "uniform"; },
        [](const ZipfRouting& r) -> Document { return Map{{"zipf", Map{{"alpha", r.alpha}}}}; },
        [](const PowerLawRouting& r) -> Document { return Map{{"power_law", Map{{"alpha", r.alpha}}}}; },
        [](const DirichletRouting& r) -> Document { return Map{{"dirichlet", Map{{"kappa", r.kappa}}}}; },
        [](const CountsRouting& r) -> Document {
            if (r.model.empty() && r.dataset.empty()) return Map{{"counts", r.file}};
            Map map{{"file", r.file}};
            if (!r.model.empty()) map.emplace_back("model", r.model);
            if (!r.dataset.empty()) map.emplace_back("dataset", r.dataset);
            return Map{{"counts", map}};
        },
        [](const TraceRouting& r) -> Document { return Map{{"trace", r.file}}; });
}

Document placement_document(const PlacementSpec& placement) {
    switch (placement.kind) {
        case PlacementKind::contiguous: return "contiguous";
        case PlacementKind::round_robin: return "round_robin";
        case PlacementKind::balanced: return "balanced";
        case PlacementKind::eplb: break;
    }
    return Map{{"eplb", Map{{"redundant", placement.redundant}}}};
}

void add_money(Document::Map& into, const MoneySpec& money) {
    into.emplace_back("price", price_document(money.price));
    into.emplace_back("utilisation", money.utilisation);
    Map energy{{"pue", money.pue}};
    if (money.grams_co2_per_kwh)
        energy.emplace_back("co2", print_quantity(*money.grams_co2_per_kwh, gram_per_kwh_units()));
    if (money.power_fraction) energy.emplace_back("power_fraction", estimate_document(*money.power_fraction));
    into.emplace_back("energy", energy);
}

Document cold_start_document(const ColdStartSpec& start) {
    static constexpr const char* kNames[] = {"disk", "network", "page_cache"};
    Map map{{"from", kNames[static_cast<std::size_t>(start.from)]}};
    if (start.rate.value > 0) map.emplace_back("rate", print_quantity(start.rate.value, byte_rate_units()));
    if (start.engine_start.value > 0)
        map.emplace_back("engine", print_quantity(start.engine_start.value, second_units()));
    return map;
}

Document quality_document(const QualitySpec& quality) {
    Map map = match(
        quality.source,
        [](const GivenAccuracy& s) { return Map{{"accuracy", s.accuracy}, {"questions", s.questions}}; },
        [](const EvaluationFile& s) {
            Map m{{"results", s.file}, {"task", s.task}, {"metric", s.metric}};
            if (s.samples) m.emplace_back("samples", *s.samples);
            return m;
        },
        [](const PublishedScore& s) {
            Map m{{"benchmark", s.benchmark}};
            if (s.evaluator) m.emplace_back("evaluator", *s.evaluator);
            if (s.model) m.emplace_back("model", *s.model);
            return m;
        });
    if (quality.tokens_per_answer) map.emplace_back("tokens_per_answer", *quality.tokens_per_answer);
    return map;
}

}  // namespace moeplan::scenario
