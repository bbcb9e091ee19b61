// A planner that remembers answers as one that remembers nothing.

#include <atomic>
#include <filesystem>
#include <functional>
#include <random>

#include <tbb/global_control.h>

#include "core/report/report_writer.h"
#include "sim/planner.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

namespace fs = std::filesystem;

std::string text(const Result<Report>& report) {
    if (!report) {
        std::string all;
        for (const Problem& p : report.error()) all += to_text(p) + "\n";
        return all;
    }
    return make_json_writer({})->write(*report);
}

std::string anew(const Scenario& s) {
    RunControl quiet;
    return text(run(s, builtin_catalog(), quiet));
}

Scenario study(const std::string& name) {
    auto s = load_scenario(std::string(MOEPLAN_SOURCE_DIR "/scenarios/studies/") + name + ".yaml");
    REQUIRE(s);
    return *s;
}

// What a user may turn. Some of it makes no sense for some candidates: the problems must then be the same too.
void turn(Scenario& s, std::mt19937& random) {
    const auto share = [&] { return static_cast<double>(random() % 1000) / 1000; };
    Candidate& c = s.candidates[random() % s.candidates.size()];
    switch (random() % 13) {
        case 0: s.money.utilisation = 0.1 + 0.9 * share(); break;
        case 1: s.money.price = GivenPrice{1 + 4 * share()}; break;
        case 2: s.money.price = RentedPrice{"on_demand"}; break;
        case 3: s.workload.load = ClosedLoop{1 + static_cast<double>(random() % 300)}; break;
        case 4: s.workload.load = PoissonLoad{{0.2 + 3 * share()}}; break;
        case 5: s.workload.lengths = FixedLengths{static_cast<double>(64 + random() % 4000), static_cast<double>(16 + random() % 600)}; break;
        case 6: s.routing = ZipfRouting{1.2 * share()}; break;
        case 7: s.routing = UniformRouting{}; break;
        case 8:
            c.layout.reset();
            c.count = std::int64_t{1} << (random() % 4);
            break;
        case 9: c.precision.all = random() % 2 == 0 ? NumberFormat::bf16 : NumberFormat::fp8; break;
        case 10: c.profile = random() % 2 == 0 ? kNoProfile : kAutomaticProfile; break;
        case 11: c.gpu = random() % 2 == 0 ? "h100_sxm" : "a100_sxm"; break;
        case 12: c.model = random() % 2 == 0 ? "mixtral-8x7b" : "nothing-of-the-kind"; break;
    }
}

}  // namespace

TEST_CASE("whatever is turned, a planner says what a fresh run says") {
    for (const char* name : {"mixtral-vs-llama70b", "application-long-context", "serving-routing-skew"}) {
        const Scenario start = study(name);
        Planner planner(builtin_catalog());
        std::mt19937 random(static_cast<unsigned>(std::string_view(name).size()));
        Scenario s = start;
        for (int edit = 0; edit < 16; ++edit) {
            if (edit % 8 == 7) s = start;   // back, as by undo
            else turn(s, random);
            RunControl quiet;
            CAPTURE(name, edit);
            CHECK((text(planner.answer(s, quiet)) == anew(s)));
        }
    }
}

TEST_CASE("a planner's answer does not depend on the number of threads") {
    Scenario s = study("mixtral-vs-llama70b");
    const auto with = [&](std::size_t threads) {
        const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
        Planner planner(builtin_catalog());
        RunControl quiet;
        std::string all = text(planner.answer(s, quiet));
        Scenario turned = s;
        turned.workload.lengths = FixedLengths{500, 77};
        return all + text(planner.answer(turned, quiet));
    };
    const std::string one = with(1);
    CHECK((with(2) == one));
    CHECK((with(8) == one));
}

TEST_CASE("a file that changed is read anew") {
    const Scratch scratch;
    const auto counts = [](int hot) {
        std::string all = R"({"total_input_tokens": 800, "expert_popularity": [[)";
        for (int e = 0; e < 8; ++e) all += (e > 0 ? ", " : "") + std::to_string(e == 3 ? hot : 100);
        return all + "]]}";
    };
    scratch.file("counts.json", counts(100));
    Scenario s = study("mixtral-vs-llama70b");
    s.file = scratch.path("study.yaml");
    s.routing = CountsRouting{"counts.json", {}, {}};
    Planner planner(builtin_catalog());
    RunControl quiet;
    const std::string even = text(planner.answer(s, quiet));
    CHECK((even == anew(s)));
    scratch.file("counts.json", counts(1000));   // longer: seen whatever the clock's grain
    const std::string hot = text(planner.answer(s, quiet));
    CHECK((hot == anew(s)));
    CHECK((hot != even));
    fs::remove(scratch.path("counts.json"));
    CHECK((text(planner.answer(s, quiet)) == anew(s)));
}

TEST_CASE("a planner asked to stop says so and answers the next question") {
    Scenario s = study("mixtral-vs-llama70b");
    Planner planner(builtin_catalog());
    std::atomic<bool> stop{true};
    RunControl control;
    control.cancel = &stop;
    const auto none = planner.answer(s, control);
    REQUIRE_FALSE(none);
    CHECK(none.error().front().what == "cancelled");
    stop = false;
    CHECK((text(planner.answer(s, control)) == anew(s)));
}
