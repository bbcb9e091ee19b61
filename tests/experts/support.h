#pragma once
// Candidates with experts, prepared as a study would.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/experts/expert_epochs.h"
#include "tests/support/catch.h"
#include "tests/support/study.h"

namespace moeplan {

// Keeps alive what a Prepared points into.
struct ExpertStudy {
    Catalog catalog = hand_made_catalog({hardware::h100(), hardware::perfect()});
    Scenario scenario;
    std::vector<Prepared> prepared;

    ExpertStudy(const std::string& model, Layout layout, RoutingSpec routing, PlacementSpec placement = {},
                const std::string& gpu = "h100_sxm") {
        Candidate c = candidate_of("served", model, gpu, layout.gpus());
        c.layout = layout;
        scenario = study_of({std::move(c)});
        scenario.routing = std::move(routing);
        scenario.placement = placement;
        auto all = prepare(scenario, catalog, nullptr);
        INFO(problems_of(all));
        REQUIRE(all);
        prepared = std::move(*all);
    }
    ExpertStudy(const ExpertStudy&) = delete;
    ExpertStudy& operator=(const ExpertStudy&) = delete;

    const Prepared& candidate() const { return prepared.front(); }

    Result<std::vector<ExpertEpoch>> try_epochs(const std::optional<DriftSpec>& drift,
                                                const std::optional<RebalanceSpec>& rebalance, double horizon) const {
        return expert_epochs(candidate(), anchored(scenario.routing, scenario.file), drift, rebalance, Seconds{horizon},
                             scenario.seed, scenario.placement);
    }
    std::vector<ExpertEpoch> epochs(const std::optional<DriftSpec>& drift,
                                    const std::optional<RebalanceSpec>& rebalance, double horizon) const {
        auto result = try_epochs(drift, rebalance, horizon);
        INFO(problems_of(result));
        REQUIRE(result);
        return std::move(*result);
    }
    std::string refused(const std::optional<DriftSpec>& drift, const std::optional<RebalanceSpec>& rebalance,
                        double horizon = 1000) const {
        return problems_of(try_epochs(drift, rebalance, horizon));
    }
};

inline Layout attention_parallel(std::int64_t gpus) { return {1, 1, gpus, gpus, 1}; }

}  // namespace moeplan
