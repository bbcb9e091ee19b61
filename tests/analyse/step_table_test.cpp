// A tabulated step against the same step priced op by op.

#include <random>

#include "core/analyse/evaluate.h"
#include "core/analyse/step_table.h"
#include "core/calibrate/profile.h"
#include "core/catalog/catalog.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

Scenario study(const std::string& model, const std::string& profile, Layout layout) {
    Scenario s;
    s.routing = UniformRouting{};
    s.money.price = GivenPrice{1};
    s.workload.lengths = FixedLengths{1024, 256};
    s.workload.load = ClosedLoop{8};
    Candidate c;
    c.name = "it";
    c.model = model;
    c.gpu = "h100_sxm";
    c.count = layout.gpus();
    c.layout = layout;
    c.profile = profile;
    s.candidates.push_back(c);
    return s;
}

struct Errors {
    double mean = 0, worst = 0;
};

Errors errors(const std::string& model, const std::string& profile, Layout layout) {
    const Scenario s = study(model, profile, layout);
    const auto prepared = prepare(s, builtin_catalog(), nullptr);
    REQUIRE(prepared.has_value());
    const auto source = make_calibrated(make_roofline());
    StepTimer timer(prepared->front().lowering(), prepared->front().place(), *source);
    StepRange range;
    range.ranks = static_cast<double>(layout.dp);
    const auto table = StepTable::build(timer, range);
    REQUIRE(table.has_value());
    std::mt19937_64 random(7);
    const auto size = [&random](double most) { return std::floor(std::exp2(std::log2(most) * static_cast<double>(random() >> 11) * 0x1.0p-53)); };
    Errors e;
    constexpr int kSteps = 60;
    for (int i = 0; i < kSteps; ++i) {
        StepShape step;
        if (i % 3 != 0) step.decode = {size(512), 1, size(32768)};
        if (i % 3 != 1) step.prefill = {size(8), size(4096), i % 2 ? 0 : size(8192)};
        const auto exact = timer.price(step);
        REQUIRE(exact.has_value());
        const Estimate told = table->at(step);
        const double error = std::abs(told.value / exact->time.value - 1);
        CHECK(told.low <= told.value);
        CHECK(told.value <= told.high);
        e.mean += error / kSteps;
        e.worst = std::max(e.worst, error);
    }
    return e;
}

}  // namespace

TEST_CASE("a tabulated step is the step priced op by op, by roofline to a per cent", "[analyse]") {
    const Errors e = errors("meta-llama/Meta-Llama-3-70B", "none", {4, 1, 1, 1, 1});
    CHECK(e.mean < 0.01);
    CHECK(e.worst < 0.05);
}

TEST_CASE("a tabulated step of ranks that each have their own sequences keeps prompts whole and experts together", "[analyse]") {
    for (const std::int64_t dp : {4, 16}) {
        CAPTURE(dp);
        const Errors e = errors("deepseek-ai/DeepSeek-V3", "none", {1, 1, dp, dp, 1});
        CHECK(e.mean < 0.03);
        CHECK(e.worst < 0.25);
    }
}

TEST_CASE("a tabulated step of a profile differs by what lies between its points", "[analyse]") {
    for (const char* model : {"meta-llama/Meta-Llama-3-70B", "mistralai/Mixtral-8x7B-v0.1"}) {
        CAPTURE(model);
        const Errors e = errors(model, "auto", {4, 1, 1, 1, std::string(model).find("Mixtral") == std::string::npos ? 1 : 4});
        CHECK(e.mean < 0.04);
        CHECK(e.worst < 0.25);
    }
}

TEST_CASE("what whole steps are off by widens a step's interval independently of its parts, tabulated or not", "[analyse]") {
    const Scenario scenario = study("meta-llama/Meta-Llama-3-70B", "none", {4, 1, 1, 1, 1});
    const auto prepared = prepare(scenario, builtin_catalog(), nullptr);
    REQUIRE(prepared.has_value());
    const auto source = make_roofline();
    const StepShape step{{}, {32, 1, 1024}};
    Place place = prepared->front().place();
    EngineSpec engine = *place.engine;
    place.engine = &engine;
    const auto both = [&](Estimate error) {
        engine.step_error = error;
        StepTimer timer(prepared->front().lowering(), place, *source);
        const auto table = StepTable::build(timer, {});
        REQUIRE(table.has_value());
        return std::pair(to_estimate(*timer.price(step)), table->at(step));
    };
    const auto [parts, tabulated_parts] = both(Estimate::exact(1));
    const auto [whole, tabulated] = both({1, 0.8, 1.3});
    for (const auto& [before, after] : {std::pair(parts, whole), std::pair(tabulated_parts, tabulated)}) {
        CHECK(after.value == before.value);
        CHECK(std::log(after.value / after.low) == Approx(std::hypot(std::log(before.value / before.low), std::log(1 / 0.8))));
        CHECK(std::log(after.high / after.value) == Approx(std::hypot(std::log(before.high / before.value), std::log(1.3))));
    }
}

TEST_CASE("a table of logarithms is exact for power laws and keeps zeros", "[analyse]") {
    const auto grid = LogGrid::tabulate({LogAxis{1000, 2}, LogAxis{100, 1}, LogAxis{0}}, [](const LogGrid::Sizes& s) -> Result<Estimate> {
        const double v = (1 + s[0]) * (1 + s[1]) * (1 + s[1]);
        return Estimate{v, v / 2, v * 2};
    });
    REQUIRE(grid.has_value());
    for (const double x : {0.0, 1.0, 7.5, 999.0, 5000.0}) {
        for (const double y : {0.0, 3.3, 250.0}) {
            const double expected = (1 + x) * (1 + y) * (1 + y);
            CHECK(grid->at({x, y, 0}).value == Approx(expected).epsilon(1e-5));
            CHECK(grid->at({x, y, 0}).low == Approx(expected / 2).epsilon(1e-5));
        }
    }
    const auto zero = LogGrid::tabulate({LogAxis{10, 1}, LogAxis{0}, LogAxis{0}}, [](const LogGrid::Sizes&) -> Result<Estimate> { return Estimate{}; });
    CHECK(zero->at({4, 0, 0}).value == 0);
}
