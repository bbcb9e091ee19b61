// What must be true of the ops, the map of expert loads, the break-evens and the JSON of every study.
#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "core/analyse/break_even.h"
#include "core/report/json_reader.h"
#include "core/report/report_writer.h"
#include "tests/studies/studies.h"
#include "tests/support/catch.h"

using namespace moeplan;
using namespace moeplan::testing;

namespace {

struct Sum {
    double ms = 0, low = 0, high = 0, gflops = 0, gbytes = 0;
};

template <class Row>
std::map<std::pair<std::string, std::string>, Sum> by_part(const std::vector<Row>& rows) {
    std::map<std::pair<std::string, std::string>, Sum> sums;
    for (const Row& row : rows) {
        Sum& s = sums[{row.phase, row.part}];
        s.ms += row.ms.value;
        s.low += row.ms.low;
        s.high += row.ms.high;
        s.gflops += row.gflops;
        s.gbytes += row.gbytes;
    }
    return sums;
}

// Studies and claims alike, simulated ones too.
template <class Check>
void for_every_candidate(const Check& check) {
    auto files = studies();
    for (const auto& claim : claims()) files.push_back(claim);
    for (const auto& file : files) {
        DYNAMIC_SECTION(file.filename().string()) {
            const auto& answer = answer_of(file);
            REQUIRE(answer);
            for (const CandidateReport& c : answer->report.candidates) {
                INFO(c.name);
                check(c, answer->report);
            }
        }
    }
}

double mean_of(const std::vector<double>& all, std::size_t row, std::size_t columns) {
    const auto from = all.begin() + static_cast<std::ptrdiff_t>(row * columns);
    return std::accumulate(from, from + static_cast<std::ptrdiff_t>(columns), 0.0) / static_cast<double>(columns);
}

}  // namespace

TEST_CASE("the ops of a step add up to its parts") {
    for_every_candidate([](const CandidateReport& c, const Report&) {
        const auto ops = by_part(c.ops), parts = by_part(c.breakdown);
        const bool fleet = c.model.find(" + ") != std::string::npos;
        if (!fleet && c.fits) CHECK_FALSE(c.ops.empty());
        REQUIRE(ops.size() == parts.size());
        for (const auto& [part, sum] : parts) {
            INFO(part.first << " " << part.second);
            REQUIRE(ops.contains(part));
            const Sum& s = ops.at(part);
            CHECK(s.ms == Approx(sum.ms).epsilon(1e-9));
            CHECK(s.low == Approx(sum.low).epsilon(1e-9));
            CHECK(s.high == Approx(sum.high).epsilon(1e-9));
            CHECK(s.gflops == Approx(sum.gflops).epsilon(1e-9));
            CHECK(s.gbytes == Approx(sum.gbytes).epsilon(1e-9));
        }
    });
}

TEST_CASE("every op that computes stands under a ceiling, and none is faster than the roof") {
    for_every_candidate([](const CandidateReport& c, const Report&) {
        for (const OpRow& op : c.ops) {
            INFO(op.phase << " " << op.name);
            CHECK_FALSE(op.name.empty());
            CHECK(op.ms.value > 0);
            CHECK(op.gflops == (op.format.empty() ? 0 : op.gflops));
            CHECK(op.gbytes / c.roof.gb_per_s * 1e3 <= op.ms.value * 1.0000001);
            if (op.format.empty()) continue;
            const auto ceiling = std::ranges::find(c.roof.ceilings, op.format, &Roof::Ceiling::format);
            REQUIRE(ceiling != c.roof.ceilings.end());
            CHECK(op.gflops / ceiling->gflop_per_s * 1e3 <= op.ms.value * 1.0000001);
        }
    });
}

TEST_CASE("experts and ranks of every layer carry a fair share on average") {
    for_every_candidate([](const CandidateReport& c, const Report&) {
        if (!c.expert_load) return;
        const ExpertLoadMap& map = *c.expert_load;
        const auto layers = static_cast<std::size_t>(map.layers), ranks = static_cast<std::size_t>(map.ranks), experts = static_cast<std::size_t>(map.experts);
        REQUIRE(layers > 0);
        REQUIRE(map.rank_load.size() == layers * ranks);
        REQUIRE(map.expert_load.size() == layers * experts);
        CHECK_FALSE(map.source.empty());
        for (std::size_t l = 0; l < layers; ++l) {
            CHECK(mean_of(map.rank_load, l, ranks) == Approx(1).epsilon(1e-6));
            CHECK(mean_of(map.expert_load, l, experts) == Approx(1).epsilon(1e-6));
        }
        for (std::size_t r = 0; r < c.rank_load.size(); ++r) {
            double mean = 0;
            for (std::size_t l = 0; l < layers; ++l) mean += map.rank_load[l * ranks + r] / static_cast<double>(layers);
            CHECK(mean == Approx(c.rank_load[r]).epsilon(1e-9));
        }
    });
}

TEST_CASE("break-evens agree with the verdict's flips") {
    for (const auto& file : studies()) {
        DYNAMIC_SECTION(file.filename().string()) {
            const auto& answer = answer_of(file);
            REQUIRE(answer);
            const Report& r = answer->report;
            if (!r.verdict || !is_unit_price(r.verdict->objective)) {
                CHECK(r.break_evens.empty());
                continue;
            }
            for (const BreakEven& e : r.break_evens) {
                INFO(e.a << " against " << e.b);
                const Metric *a = r.find(e.a)->find(r.verdict->objective), *b = r.find(e.b)->find(r.verdict->objective);
                REQUIRE((a && b));
                if (r.verdict->decided) CHECK(e.a == r.verdict->winner);
                REQUIRE(e.points.size() >= 30);
                CHECK(e.points.front().utilisation == 0.05);
                CHECK(e.points.back().utilisation == 1);
                for (const auto& p : e.points) {
                    CHECK((0 < p.price_ratio.low && p.price_ratio.low <= p.price_ratio.value && p.price_ratio.value <= p.price_ratio.high));
                    // The law itself: at that price and utilisation of `a`, both cost the same.
                    const double cost_a = a->value.value * (p.price_ratio.value / e.price_ratio) * (e.utilisation / p.utilisation);
                    CHECK(cost_a == Approx(b->value.value).epsilon(1e-9));
                }
            }
            // Flips are between the best and the second best.
            for (const Flip& flip : r.verdict->flips) {
                if (flip.axis != "price ratio" && flip.axis != "utilisation") continue;
                const bool found = std::ranges::any_of(r.break_evens, [&](const BreakEven& e) {
                    const auto& full = e.points.back();   // r is proportional to utilisation
                    const double at = flip.axis == "utilisation" ? e.price_ratio / full.price_ratio.value : full.price_ratio.value * e.utilisation / e.price_ratio;
                    return at == Approx(flip.at).epsilon(1e-9);
                });
                INFO(flip.sentence);
                CHECK(found);
            }
        }
    }
}

TEST_CASE("every study's report reads back from its JSON") {
    const auto writer = make_writer("json").value();
    auto files = studies();
    for (const auto& claim : claims()) files.push_back(claim);
    for (const auto& file : files) {
        DYNAMIC_SECTION(file.filename().string()) {
            const auto& answer = answer_of(file);
            REQUIRE(answer);
            const std::string text = writer->write(answer->report);
            const auto read = read_report_json(text, "report.json");
            INFO((read ? "" : problems_text(read.error())));
            REQUIRE(read);
            CHECK((writer->write(*read) == text));
        }
    }
}
