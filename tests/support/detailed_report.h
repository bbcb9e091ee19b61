#pragma once
// The example report with everything that only pictures use: ops under a roof, expert loads, break-evens, a sample of requests.

#include <array>
#include <cmath>

#include "tests/support/example_simulation.h"

namespace moeplan {

namespace example {

inline std::vector<OpRow> ops_of(const CandidateReport& c) {
    std::vector<OpRow> ops;
    for (const BreakdownRow& part : c.breakdown) {
        const bool computes = part.part != "communication" && part.part != "host";
        // Two ops a part, adding up to it.
        for (const auto& [name, share] : {std::pair{"large", 0.7}, std::pair{"small", 0.3}}) {
            ops.push_back({part.phase, part.part + ", " + name, part.part, computes ? "fp8" : "", computes ? part.gflops * share : 0, part.gbytes * share, part.ms * share,
                           part.bound, part.part == "head"});
        }
    }
    return ops;
}

inline ExpertLoadMap loads() {
    ExpertLoadMap map{8, 2, 3, 4, {}, {}, "counts from routing.jsonl (3 layers)"};
    constexpr std::array<double, 8> kLoad{1.6, 0.4, 1.2, 0.8, 1.1, 0.9, 1.3, 0.7};
    for (std::size_t layer = 0; layer < 3; ++layer) {
        for (std::size_t e = 0; e < 8; ++e) map.expert_load.push_back(kLoad[(e + layer) % 8]);
        for (std::size_t r = 0; r < 4; ++r) map.rank_load.push_back((kLoad[(2 * r + layer) % 8] + kLoad[(2 * r + 1 + layer) % 8]) / 2);
    }
    return map;
}

inline std::vector<SimulatedRequest> sample() {
    std::vector<SimulatedRequest> all;
    for (std::uint64_t i = 0; i < 40; ++i) {
        const double arrived = 900 + 0.25 * static_cast<double>(i);
        SimulatedRequest r{1000 + i, arrived, arrived + 0.1, arrived + 0.2 + 0.05 * static_cast<double>(i % 7), arrived + 4 + 0.3 * static_cast<double>(i % 5), 1024, 256, "completed", i % 9 == 0, 0};
        if (i == 11) r = {1011, arrived, std::nullopt, std::nullopt, std::nullopt, 9000, 0, "rejected", 0, -1};
        if (i == 12) r = {1012, arrived, arrived + 30, std::nullopt, std::nullopt, 1024, 17, "timed out", 2, 0};
        all.push_back(r);
    }
    return all;
}

}  // namespace example

inline Report detailed_report() {
    using namespace example;
    Report report = simulated_report();
    for (CandidateReport& c : report.candidates) {
        c.ops = ops_of(c);
        c.roof = {3350, {{"fp8", 1'979'000}, {"bf16", 989'500}}};
        for (SeriesPoint& p : c.series[1].points) p.apart = Estimate{p.y.value, p.y.value * 0.97, p.y.value * 1.03};
    }
    report.candidates[0].expert_load = loads();
    SimulationReport& s = *report.candidates[0].simulation;
    s.sample = sample();
    for (SimulatedLatency& l : s.latencies) {
        for (int i = 0; i < 100; ++i) l.distribution.emplace_back(i / 100.0, l.p50.value * std::pow(l.p99.value / l.p50.value, (i - 50) / 49.0));
        l.distribution.emplace_back(1, l.max);
    }
    BreakEven even{"mixtral", "dense", {}, 1, 1};
    for (const double u : {0.05, 0.25, 0.5, 0.75, 1.0}) even.points.push_back({u, about(1.14 * u, 0.08, 0.09)});
    report.break_evens = {even};
    return report;
}

}  // namespace moeplan
