#include "sim/arrivals/make_source.h"

#include "sim/arrivals/source.h"
#include "tests/arrivals/statistics.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

std::vector<Arrival> requests_of(const Workload& workload, const SimulateSpec& spec = {},
                                 std::optional<FixedLengths> own = {}, const std::string& study = "") {
    auto source = make_source(workload, spec, own, study, 3);
    if (!source) FAIL(to_text(source.error().front()));
    return all_of(**source);
}

SimulateSpec ends(std::optional<std::int64_t> requests, std::optional<Seconds> duration = {}) {
    SimulateSpec spec;
    spec.requests = requests;
    spec.duration = duration;
    return spec;
}

Problem problem_of(const Workload& workload, const std::string& study = "") {
    const auto source = make_source(workload, {}, {}, study, 3);
    REQUIRE_FALSE(source);
    return source.error().front();
}

}  // namespace

TEST_CASE("each load gives its source") {
    Workload w;
    w.lengths = FixedLengths{128, 32};
    w.load = ClosedLoop{8};
    w.think = {1.5};
    auto source = make_source(w, {}, {}, "", 3);
    REQUIRE(source);
    const auto users = all_of(**source);
    REQUIRE(users.size() == 8);
    CHECK(users[7].user == 7);
    CHECK((*source)->after(users[0], kTicksPerSecond)->at == to_ticks(2.5));

    w.load = StaticBatch{5};
    CHECK(requests_of(w).size() == 5);
    w.load = PoissonLoad{{20}};
    const auto poisson = requests_of(w);
    CHECK(poisson.size() == 10'000);
    CHECK(poisson.front().user == -1);
    CHECK(moments_of(gaps_of(poisson)).mean == Approx(0.05).epsilon(0.04));
}

TEST_CASE("arrivals win over the load") {
    Workload w;
    w.load = StaticBatch{5};
    for (const Arrivals& arrivals : {Arrivals(GammaArrivals{{10}, 3}), Arrivals(WeibullArrivals{{10}, 3})}) {
        w.arrivals = arrivals;
        const Moments m = moments_of(gaps_of(requests_of(w, ends(100'000))));
        CHECK(m.mean == Approx(0.1).epsilon(0.04));
        CHECK(m.cv == Approx(3).epsilon(0.06));
    }
    w.arrivals = DiurnalArrivals{{10}, 2, {100}};
    const auto day = requests_of(w, ends({}, Seconds{1000}));
    CHECK(static_cast<double>(day.size()) == Approx(10'000).epsilon(0.04));
}

TEST_CASE("requests and duration end a source, a process without either after ten thousand") {
    Workload w;
    w.load = PoissonLoad{{100}};
    CHECK(requests_of(w, ends(12)).size() == 12);
    const auto timed = requests_of(w, ends({}, Seconds{200}));
    CHECK(static_cast<double>(timed.size()) == Approx(20'000).epsilon(0.03));
    CHECK(requests_of(w, ends(50, Seconds{200})).size() == 50);
    CHECK(requests_of(w).size() == static_cast<std::size_t>(kRequestsOfAProcess));
}

TEST_CASE("a trace gives times and lengths, or lengths alone, and lies beside the study") {
    Scratch scratch;
    scratch.file("traces/t.csv", "arrival_s,input_tokens,output_tokens\n5,11,1\n6,12,2\n8,13,3\n");
    const std::string study = scratch.path("study.yaml");
    Workload w;
    w.lengths = TraceLengths{"traces/t.csv"};
    w.arrivals = TraceArrivals{};
    const auto recorded = requests_of(w, {}, {}, study);
    REQUIRE(recorded.size() == 3);
    CHECK(recorded[2].at == 3 * kTicksPerSecond);
    CHECK(recorded[2].output == 3);
    CHECK(requests_of(w, ends(2), {}, study).size() == 2);
    CHECK(requests_of(w, {}, FixedLengths{7, 8}, study)[2].input == 7);

    w.arrivals.reset();
    w.load = PoissonLoad{{10}};
    const auto lengths = requests_of(w, ends(7), {}, study);
    REQUIRE(lengths.size() == 7);
    CHECK(lengths[3].input == 11);
    CHECK(lengths[5].input == 13);
    CHECK(lengths[0].at != 0);
}

TEST_CASE("how many malformed rows are too many is the caller's choice") {
    Scratch scratch;
    Workload w;
    w.lengths = TraceLengths{scratch.file("t.csv", "ts,isl,osl\n0,1,1\nx,1,1\n2,1,1\n3,1,1\n")};
    w.arrivals = TraceArrivals{};
    for (const bool replayed : {true, false}) {
        if (!replayed) w.arrivals.reset();
        w.load = StaticBatch{4};   // one more than the trace has
        auto strict = make_source(w, {}, {}, "", 3), lenient = make_source(w, {}, {}, "", 3, 0.25);
        REQUIRE((strict && lenient));
        all_of(**strict);
        all_of(**lenient);
        CHECK_THAT((*strict)->problems().back().what, ContainsSubstring("at most 1 %"));
        CHECK((*lenient)->problems().empty());
        CHECK(remarks_of(**lenient).size() == 1);
    }
}

TEST_CASE("ServeGen's folder lies beside the study too") {
    Scratch scratch;
    scratch.file("clients/chunk-4-trace.csv", "0,2,1,Gamma,1,0.5\n100,0,0,,0,0\n");
    scratch.file("clients/chunk-4-dataset.json", R"({"0": {"input_tokens": "{33: 1}", "output_tokens": "{4: 1}"}})");
    Workload w;
    w.arrivals = ServeGenArrivals{"clients", 1, {0}, {}};
    const auto sent = requests_of(w, {}, {}, scratch.path("study.yaml"));
    CHECK(sent.size() > 140);
    CHECK(sent.size() < 260);
    CHECK(sent[0].input == 33);
    CHECK(sent[0].session == 4);
    w.arrivals = ServeGenArrivals{"elsewhere", 1, {0}, {}};
    CHECK_THAT(problem_of(w, scratch.path("study.yaml")).where, ContainsSubstring("elsewhere"));
}

TEST_CASE("priorities and shared prefixes are on every kind of request") {
    Workload w;
    w.lengths = FixedLengths{320, 1};
    w.load = PoissonLoad{{1}};
    w.prefixes = SharedPrefixes{1, 160};
    SimulateSpec spec;
    spec.requests = 100;
    spec.priorities = {{1.0, -2}};
    auto source = make_source(w, spec, {}, "", 3);
    REQUIRE(source);
    CHECK((*source)->prefix_block_tokens() == 16);
    for (const Arrival& a : all_of(**source)) {
        CHECK(a.prefix.size() == 10);
        CHECK(a.priority == -2);
    }
    w.prefixes.reset();
    w.prefix_shared = 0.25;
    CHECK(requests_of(w, spec)[50].prefix.size() == 5);
}

TEST_CASE("what cannot be simulated is refused with the reason") {
    Workload w;
    w.load = ClosedLoop{2.5};
    CHECK_THAT(problem_of(w).what, ContainsSubstring("2.5") && ContainsSubstring("whole number"));
    w.load = StaticBatch{0.5};
    CHECK_THAT(problem_of(w).path, ContainsSubstring("batch"));
    w.load = PoissonLoad{{1e-9}};
    CHECK_THAT(problem_of(w).what, ContainsSubstring("1e-09"));
    w.arrivals = TraceArrivals{};
    CHECK_THAT(problem_of(w).hint, ContainsSubstring("lengths: {trace"));
    w.arrivals = GammaArrivals{{1}, 1e6};
    CHECK_THAT(problem_of(w).what, ContainsSubstring("cv"));
    w.arrivals = DiurnalArrivals{{1}, 3, {100}};
    CHECK_THAT(problem_of(w).what, ContainsSubstring("peak"));
    w.lengths = TraceLengths{"no/such.csv"};
    w.arrivals.reset();
    w.load = ClosedLoop{1};
    CHECK_THAT(problem_of(w).what, ContainsSubstring("cannot be opened"));
}
