// Ops, roof and expert loads of candidates made by hand.

#include <algorithm>

#include "core/analyse/candidate_detail.h"
#include "core/analyse/metrics.h"
#include "tests/support/catch.h"
#include "tests/support/study.h"

using namespace moeplan;

namespace {

struct Detailed {
    Catalog catalog = hand_made_catalog({hardware::h100()});
    Scenario scenario;
    std::vector<Prepared> prepared;
    CandidateReport report;

    explicit Detailed(const std::string& model, std::int64_t gpus = 1, Layout layout = {}, RoutingSpec routing = UniformRouting{}) {
        Candidate c = candidate_of("c", model, "h100_sxm", gpus);
        c.layout = layout;
        scenario = study_of({c});
        scenario.routing = std::move(routing);
        prepared = prepare(scenario, catalog, nullptr).value();
        const auto source = make_roofline();
        const auto e = evaluate(prepared[0], operating_point(prepared[0], scenario.workload), *source).value();
        report = report_of(prepared[0], e, *source, {}).value();
        CHECK(report.ops.empty());   // a sweep's points stay small
        REQUIRE(add_detail(report, prepared[0], e, *source));
    }
    const OpRow* op(const std::string& phase, const std::string& name) const {
        const auto at = std::ranges::find_if(report.ops, [&](const OpRow& o) { return o.phase == phase && o.name == name; });
        return at == report.ops.end() ? nullptr : &*at;
    }
};

}  // namespace

TEST_CASE("an op stands for all layers of a step") {
    const Detailed d("tiny-dense");
    const OpRow* out = d.op("decode", "attention output projection");
    REQUIRE(out);
    // 4 layers of 256 x 256 are as much as the head's one of 256 x 1024.
    CHECK(out->gflops == Approx(d.op("decode", "output head")->gflops));
    CHECK(out->gbytes > d.op("decode", "output head")->gbytes);   // activations of every layer
    CHECK(out->part == "attention projections");
    CHECK(out->format == "bf16");
    CHECK(d.op("decode", "norms and residuals")->format.empty());
    CHECK(d.op("decode", "engine on the host"));
    CHECK(d.op("prefill", "attention of prompts"));
    CHECK_FALSE(d.op("decode", "routed experts"));
    CHECK_FALSE(d.report.expert_load);
}

TEST_CASE("the roof is the device's, with the ceilings of what is computed") {
    const Detailed d("tiny-dense");
    const DeviceSpec device = hardware::h100();
    CHECK(d.report.roof.gb_per_s == Approx(device.bandwidth.value / 1e9));
    REQUIRE(d.report.roof.ceilings.size() == 1);
    CHECK(d.report.roof.ceilings[0] == Roof::Ceiling{"bf16", device.peak.bf16.value / 1e9});
}

TEST_CASE("uniform routing loads every expert and rank fairly") {
    const Detailed d("tiny-moe", 4, {2, 1, 2, 4, 1});
    const ExpertLoadMap& map = *d.report.expert_load;
    CHECK((map.experts == 16 && map.top_k == 2 && map.ranks == 4 && map.layers == 1));
    CHECK(map.source == "uniform");
    for (const double load : map.expert_load) CHECK(load == Approx(1));
    for (const double load : map.rank_load) CHECK(load == Approx(1));
}

TEST_CASE("a skewed expert weighs on the rank that holds it") {
    const Detailed d("tiny-moe", 4, {2, 1, 2, 4, 1}, ZipfRouting{1.2});
    const ExpertLoadMap& map = *d.report.expert_load;
    REQUIRE(map.rank_load.size() == static_cast<std::size_t>(map.layers * 4));
    for (std::size_t layer = 0; layer < static_cast<std::size_t>(map.layers); ++layer) {
        for (std::size_t rank = 0; rank < 4; ++rank) {
            // Contiguous: rank r holds experts 4 r to 4 r + 3, and its load is their mean.
            double mean = 0;
            for (std::size_t e = 0; e < 4; ++e) mean += map.expert_load[layer * 16 + rank * 4 + e] / 4;
            CHECK(map.rank_load[layer * 4 + rank] == Approx(mean));
        }
    }
    CHECK(*std::ranges::max_element(map.rank_load) > 1.2);
}

TEST_CASE("without expert parallelism the only rank carries all") {
    const Detailed d("tiny-moe", 1, {}, ZipfRouting{1.2});
    const ExpertLoadMap& map = *d.report.expert_load;
    CHECK(map.ranks == 1);
    CHECK(map.rank_load == std::vector<double>(static_cast<std::size_t>(map.layers), 1.0));
}
