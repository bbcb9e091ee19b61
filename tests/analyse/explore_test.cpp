// Exploration against brute force over prepare and evaluate, and on any number of threads.

#include <algorithm>

#include <fmt/format.h>
#include <tbb/global_control.h>

#include "core/analyse/explore.h"
#include "core/report/report_writer.h"
#include "tests/support/catch.h"
#include "tests/support/study.h"

using namespace moeplan;

namespace {

DeviceSpec slow_cheap() {
    DeviceSpec d = hardware::h100();
    d.id = "slow";
    d.name = "slow";
    d.bandwidth = {1000e9};
    d.peak.bf16 = {300e12};
    d.peak.fp8 = {0};
    return d;
}

Scenario small_space() {
    Scenario s = study_of({candidate_of("base", "mixtral-8x7b", "h100_sxm", 2)});
    s.sweep = {{"model", {"mixtral-8x7b", "llama-3-8b", "tiny-moe"}, {}}, {"gpu", {"h100_sxm", "slow"}, {}}, {"count", {"1", "2", "4"}, {}},
               {"precision", {"bf16", "fp8"}, {}}, {"batch", {"1", "4", "16", "64", "256"}, {}}};
    return s;
}

struct Point {
    std::string name;
    double usd = 0, tpot = 0, rate = 0;
};

// Every configuration as a study of its own.
std::vector<Point> brute_force(const Catalog& catalog, const CostSource& source, std::uint64_t& unfit) {
    std::vector<Point> all;
    for (const char* model : {"mixtral-8x7b", "llama-3-8b", "tiny-moe"}) {
        for (const char* gpu : {"h100_sxm", "slow"}) {
            for (const std::int64_t count : {1, 2, 4}) {
                for (const NumberFormat format : {NumberFormat::bf16, NumberFormat::fp8}) {
                    for (const double users : {1.0, 4.0, 16.0, 64.0, 256.0}) {
                        Candidate c = candidate_of("one", model, gpu, count);
                        c.precision.all = format;
                        Scenario s = study_of({c}, ClosedLoop{users});
                        const auto prepared = prepare(s, catalog, nullptr).value();
                        const auto e = evaluate(prepared[0], operating_point(prepared[0], s.workload), source).value();
                        if (!e.fits) { ++unfit; continue; }
                        all.push_back({fmt::format("{} {} {} {} {}", model, gpu, count, name_of(format), users), e.money.usd_per_mtok_output->value,
                                       e.serving.tpot_s.value, e.requests_per_s.value * 256 / static_cast<double>(count)});
                    }
                }
            }
        }
    }
    return all;
}

double value(const CandidateReport& r, const char* id) { return r.find(id)->value.value; }

Exploration explored(const Scenario& s, const Catalog& catalog, const CostSource& source) {
    RunControl control;
    return explore(s, catalog, source, nullptr, control).value();
}

}  // namespace

TEST_CASE("exploration finds the rows and the front that brute force finds") {
    const Catalog catalog = hand_made_catalog({hardware::h100(), slow_cheap()});
    const auto source = make_roofline();
    std::uint64_t unfit = 0;
    std::vector<Point> all = brute_force(catalog, *source, unfit);
    const Exploration found = explored(small_space(), catalog, *source);
    REQUIRE(found.evaluated == 3 * 2 * 3 * 2 * 5);
    REQUIRE(unfit > 0);
    REQUIRE(found.infeasible == unfit);
    REQUIRE(all.size() + unfit == found.evaluated);

    std::ranges::stable_sort(all, {}, &Point::usd);
    REQUIRE(found.best.size() == 10);
    for (std::size_t i = 0; i < found.best.size(); ++i) {
        CAPTURE(i, all[i].name, found.best[i].name);
        REQUIRE(value(found.best[i], "usd_per_mtok_output") == Approx(all[i].usd).epsilon(1e-12));
    }

    std::vector<Point> front;
    for (const Point& p : all) {
        const bool beaten = std::ranges::any_of(all, [&](const Point& q) {
            return q.tpot <= p.tpot && q.rate >= p.rate && (q.tpot < p.tpot || q.rate > p.rate);
        });
        if (!beaten) front.push_back(p);
    }
    std::ranges::sort(front, {}, &Point::tpot);
    REQUIRE(front.size() > 1);
    REQUIRE(front.size() <= 24);   // all of it is reported
    REQUIRE(found.pareto.size() == front.size());
    for (std::size_t i = 0; i < front.size(); ++i) {
        CAPTURE(i, front[i].name, found.pareto[i].name);
        REQUIRE(value(found.pareto[i], "tpot_ms") == Approx(1e3 * front[i].tpot).epsilon(1e-12));
        REQUIRE(value(found.pareto[i], "tok_s_per_gpu") == Approx(front[i].rate).epsilon(1e-12));
    }
}

TEST_CASE("no row is listed twice") {
    const Catalog catalog = hand_made_catalog({hardware::h100(), slow_cheap()});
    const Exploration found = explored(small_space(), catalog, *make_roofline());
    for (const auto* rows : {&found.best, &found.pareto}) {
        for (std::size_t i = 1; i < rows->size(); ++i) {
            const bool same = (*rows)[i].name == (*rows)[i - 1].name && value((*rows)[i], "tpot_ms") == value((*rows)[i - 1], "tpot_ms") &&
                              value((*rows)[i], "batch") == value((*rows)[i - 1], "batch");
            REQUIRE_FALSE(same);
        }
    }
}

TEST_CASE("one thread and two give the same bytes") {
    const Catalog catalog = hand_made_catalog({hardware::h100(), slow_cheap()});
    const auto source = make_roofline();
    const auto bytes = [&](std::size_t threads) {
        const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
        Report report;
        report.exploration = explored(small_space(), catalog, *source);
        return make_json_writer({})->write(report);
    };
    const std::string one = bytes(1);
    REQUIRE(one.size() > 1000);
    for (int again = 0; again < 5; ++again) REQUIRE(bytes(2) == one);
}

TEST_CASE("every unknown name of a space is reported at once") {
    const Catalog catalog = hand_made_catalog({hardware::h100()});
    Scenario s = small_space();
    s.sweep = {{"gpu", {"h100_sxn", "h100_sxm"}, {"study.yaml", 12, "sweep.gpu"}}, {"engine", {"usuall"}, {}}, {"precision", {"fp9"}, {}}, {"layout", {"tq=2"}, {}}};
    RunControl control;
    const std::string text = problems_of(explore(s, catalog, *make_roofline(), nullptr, control));
    REQUIRE_THAT(text, ContainsSubstring("study.yaml:12"));
    REQUIRE_THAT(text, ContainsSubstring("did you mean 'h100_sxm'?"));
    REQUIRE_THAT(text, ContainsSubstring("did you mean 'usual'?"));
    REQUIRE_THAT(text, ContainsSubstring("'fp9'"));
    REQUIRE_THAT(text, ContainsSubstring("'tq=2' is not a layout"));
}

TEST_CASE("a space honours what its first candidate overrides") {
    const Catalog catalog = hand_made_catalog({hardware::h100()});
    Scenario s = study_of({candidate_of("base", "llama-3-8b", "h100_sxm", 1)}, ClosedLoop{64});
    s.candidates[0].max_sequences = 2;
    s.candidates[0].lengths = FixedLengths{100, 50};
    s.sweep = {{"gpu", {"h100_sxm"}, {}}};
    const auto source = make_roofline();
    const auto prepared = prepare(s, catalog, nullptr).value();
    const auto e = evaluate(prepared[0], operating_point(prepared[0], s.workload), *source).value();
    const Exploration found = explored(s, catalog, *source);
    REQUIRE(value(found.best.at(0), "batch") == 2);
    REQUIRE(value(found.best.at(0), "usd_per_mtok_output") == Approx(e.money.usd_per_mtok_output->value));
}

TEST_CASE("what a space cannot rank by is refused with what it can") {
    Scenario s = small_space();
    s.objective = "usd_per_mtok_outputs";
    RunControl control;
    REQUIRE_THAT(problems_of(explore(s, hand_made_catalog({hardware::h100(), slow_cheap()}), *make_roofline(), nullptr, control)),
                 ContainsSubstring("did you mean 'usd_per_mtok_output'?"));
}

TEST_CASE("a GPU without a price is left out of a search and named; without any price the search is refused") {
    const auto source = make_roofline();
    Scenario s = small_space();
    s.money.price = RentedPrice{"on_demand"};
    for (Candidate& c : s.candidates) c.money = s.money;
    const auto with_prices = [](std::vector<RentalPrice> prices) {
        CatalogData data;
        data.devices = {hardware::h100(), slow_cheap()};
        data.prices = std::move(prices);
        return data;
    };
    const Catalog models = hand_made_catalog({hardware::h100(), slow_cheap()});
    CatalogData data = with_prices({{"h100_sxm", "on_demand", 3, 2, 4, 5, "2026-05-24", "a test"}});
    data.models = models.models();
    data.engines = models.engines();
    const Exploration found = explored(s, Catalog(data), *source);
    REQUIRE(found.left_out.size() == 1);
    REQUIRE_THAT(found.left_out.front(), ContainsSubstring("slow is left out: no on_demand price"));
    REQUIRE(found.evaluated > 0);

    data.prices.clear();
    RunControl control;
    REQUIRE_THAT(problems_of(explore(s, Catalog(data), *source, nullptr, control)), ContainsSubstring("no price is known of any GPU"));
}
