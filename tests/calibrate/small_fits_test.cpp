// Fits of few rows: their intervals stay some deviations wide, and a profile of them can be read back.
#include <functional>

#include "core/calibrate/fitted_family.h"
#include "tests/calibrate/profile_support.h"
#include "tests/support/catch.h"

using namespace moeplan;
using namespace moeplan::test;

namespace {

// Products that obey the prior but for a factor that no size tells, and some noise.
MeasurementSet few_gemms(std::size_t rows, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const std::vector<double> theta{2.5e-6, 1e-7, 1e-8, 0.83, 0.71, 2e-10, 1e-13};
    const double noise = std::pow(10, -3 + 3 * share(random));
    MeasurementSet set{"NVIDIA H100 80GB HBM3", "vllm 0.24.0", "synthetic", {}};
    for (std::size_t i = 0; i < rows; ++i) {
        const auto size = [&random] { return std::floor(std::exp2(3 + 11 * share(random))); };
        Measurement row;
        row.op = Gemm{size(), size(), size(), NumberFormat::bf16};
        row.family = KernelFamily::gemm;
        row.format = "bf16";
        row.shape = kGemmPhysics.shape(row.op);
        const double slow = share(random) < 0.1 ? 1.5 * share(random) : 0;
        row.seconds = kGemmPhysics.prior(row.op, *rates_for(row.op, h100()), theta) * std::exp(slow + noise * (share(random) - 0.5));
        set.rows.push_back(std::move(row));
    }
    return set;
}

}  // namespace

TEST_CASE("fits of few rows have intervals of some deviations, and their profiles are read back") {
    int fits = 0;
    for (const std::size_t rows : {8u, 9u, 10u, 12u, 15u, 20u, 30u, 50u, 80u}) {
        for (std::uint64_t seed = 1; seed <= 8; ++seed) {
            CAPTURE(rows, seed);
            FitOptions options;
            options.hold_out = rows > 10;
            options.seed = seed;
            const auto report = fit_profile(few_gemms(rows, seed), h100(), options);
            if (!report) continue;   // fewer than eight to fit
            const FittedFamily::State& state = report->profile.families.at(0).fit->state();
            for (const double multiple : {state.quantile_low, state.quantile_high, state.unseen_low, state.unseen_high}) {
                CHECK(std::abs(multiple) <= 20);
            }
            const auto text = profile_text(report->profile, "p.json");
            if (!text) FAIL_CHECK(to_text(text.error().front()));
            ++fits;
        }
    }
    CHECK(fits >= 60);
}

TEST_CASE("fewer than eight rows are never written") {
    for (const std::size_t rows : {5u, 6u, 7u}) CHECK_FALSE(fit_profile(few_gemms(rows, 1), h100(), {}));
}

TEST_CASE("rows that a prior follows exactly, but for the last, leave an interval that holds the last") {
    // Seven parameters follow seven of eight rows: what is left to the correction is next to nothing.
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        MeasurementSet set = few_gemms(8, seed);
        set.rows.back().seconds *= 3;
        FitOptions options;
        options.hold_out = false;
        const auto report = fit_profile(set, h100(), options);
        REQUIRE(report);
        REQUIRE(profile_text(report->profile, "p.json"));
        const Prediction p = *predict(report->profile, set.rows.back().op);
        CHECK(p.low < p.seconds);
        CHECK(p.seconds < p.high);
        CHECK(p.high / p.low < 1e6);
    }
}

TEST_CASE("a profile that could not be read back is not written") {
    Profile profile = profile_of({"", "", "synthetic", gemms()});
    FittedFamily::State state = profile.families.at(0).fit->state();
    state.quantile_high = 374;
    profile.families.at(0).fit = std::make_shared<const FittedFamily>(kGemmPhysics, state);
    const auto text = profile_text(profile, "p.json");
    REQUIRE_FALSE(text);
    CHECK(text.error().front().where == "p.json");
    CHECK_THAT(to_text(text.error().front()), ContainsSubstring("families[0].quantiles") && ContainsSubstring("could not be read back"));
}

TEST_CASE("a fit gone wild still predicts a time between its ends") {
    const Profile profile = profile_of({"", "", "synthetic", gemms()});
    const FittedFamily::State sane = profile.families.at(0).fit->state();
    const double big = 1e300, nan = std::nan("");
    const std::vector<std::function<void(FittedFamily::State&)>> wild{
        [](auto& s) { s.correction.offset = 1e6; },
        [](auto& s) { s.correction.offset = -1e6; },
        [big](auto& s) { s.correction.weights.assign(s.correction.weights.size(), big); },
        [big](auto& s) { s.correction.noise = big; },
        [nan](auto& s) { s.correction.offset = nan; },
        [nan](auto& s) { s.correction.noise = nan; },
        [](auto& s) { s.theta.assign(s.theta.size(), 1e-18); },
        [](auto& s) { s.theta.assign(s.theta.size(), 1e9); },
        [](auto& s) { s.correction.centre.assign(s.correction.centre.size(), 1e300); },
    };
    for (std::size_t i = 0; i < wild.size(); ++i) {
        CAPTURE(i);
        FittedFamily::State state = sane;
        wild[i](state);
        const FittedFamily fit(kGemmPhysics, state);
        for (const double m : {1.0, 4096.0}) {
            const Gemm op{m, 4096, 4096, NumberFormat::bf16};
            for (const Prediction& p : {fit.predict(op), fit.predict_in_graph(op)}) {
                CHECK(p.low > 0);
                CHECK(p.low <= p.seconds);
                CHECK(p.seconds <= p.high);
                CHECK(std::isfinite(p.high));
            }
            CHECK(fit.seconds(op) > 0);
            CHECK(std::isfinite(fit.seconds(op)));
        }
    }
}
