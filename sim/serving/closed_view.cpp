#include "sim/serving/closed_view.h"

#include <algorithm>

#include "sim/experts/expert_epochs.h"

namespace moeplan {
namespace {

// The first arrivals say what the closed form must know.
void put_offered(Workload& workload, const Offered& offered) {
    const bool drawn = std::holds_alternative<TraceLengths>(workload.lengths) || (workload.arrivals && std::holds_alternative<ServeGenArrivals>(*workload.arrivals));
    if (drawn) workload.lengths = FixedLengths{offered.input, offered.output};
    if (workload.arrivals && offered.rate) workload.load = PoissonLoad{{*offered.rate}};
    workload.arrivals.reset();
}

// Cached beginnings as the share of the prompt they are, where each is used again and again.
void put_prefixes(Workload& workload, const Offered& offered) {
    if (!workload.prefixes || offered.input <= 0) return;
    workload.prefix_shared = std::min(0.99, static_cast<double>(workload.prefixes->tokens) / offered.input);
    workload.prefixes.reset();
}

// Slots that rebalancing fills; experts on one rank are not rebalanced.
void set_redundancy(Prepared& p, const Scenario& study) {
    const SimulateSpec& simulate = p.spec->simulate ? *p.spec->simulate : study.simulate;
    const bool spread = !simulate.pools || p.layout.ep > 1;
    if (simulate.rebalance && spread) p.redundant_experts = static_cast<double>(rebalanced_redundancy(p.spec->placement ? *p.spec->placement : study.placement, *simulate.rebalance));
}

}  // namespace

Result<ClosedView> closed_view(const Scenario& scenario, const Catalog& catalog, double most_bad, const RunControl& control) {
    ClosedView view;
    auto study = std::make_shared<Scenario>(scenario);
    const auto look = [&](const Candidate& c) {
        return look_ahead(scenario.workload, c.simulate ? *c.simulate : scenario.simulate, c.lengths, scenario.file, scenario.seed, most_bad, control);
    };
    for (const Candidate& c : scenario.candidates) {
        auto offered = look(c);
        if (!offered) return tl::unexpected(offered.error());
        view.offered.push_back(std::move(*offered));
    }
    if (!view.offered.empty()) {
        put_offered(study->workload, view.offered.front());
        put_prefixes(study->workload, view.offered.front());
    }
    view.study = study;
    auto pools = prepare_pools(*study, catalog);
    auto prepared = prepare(*study, catalog, nullptr);
    if (!prepared) append_new(pools.problems, prepared.error());
    if (!pools.problems.empty()) return fail(std::move(pools.problems));
    view.prepared = std::move(*prepared);
    view.pools = std::move(pools.pools);
    for (std::size_t i = 0; i < view.prepared.size(); ++i) {
        set_redundancy(view.prepared[i], *study);
        if (!view.pools[i]) continue;
        apart_from(view.prepared[i], *view.pools[i]);
        set_redundancy(view.pools[i]->prefill, *study);
        set_redundancy(view.pools[i]->decode, *study);
    }
    return view;
}

}  // namespace moeplan
