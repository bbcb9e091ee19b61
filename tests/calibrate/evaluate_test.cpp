#include "core/calibrate/evaluate.h"

#include <cmath>
#include <map>
#include <random>

#include "core/calibrate/fitted_family.h"
#include "core/catalog/catalog.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

const DeviceSpec& h100() { return *builtin_catalog().device("h100_sxm"); }

double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1.0p-53; }

double normal(std::mt19937_64& random) {
    return std::sqrt(-2 * std::log(1 - uniform(random))) * std::cos(6.283185307179586 * uniform(random));
}

Measurement gemm(double m, double n, double k, double seconds) {
    Measurement row;
    row.op = Gemm{m, n, k, NumberFormat::bf16};
    row.family = KernelFamily::gemm;
    row.format = "bf16";
    row.seconds = seconds;
    row.shape = kGemmPhysics.shape(row.op);
    return row;
}

// A device that obeys the prior with parameters of its own, times a smooth function of the sizes, times noise. Sizes are
// whole tiles, so that nothing jumps.
KernelTable synthetic(double noise, double factor = 1) {
    const std::vector<double> theta{2.5e-6, 1e-7, 1e-8, 0.83, 0.71, 2e-10, 1e-13};
    std::mt19937_64 random(17);
    KernelTable table;
    table.set.source = "synthetic";
    for (double n = 1024; n <= 16384; n *= 2) {
        for (double k = 1024; k <= 16384; k *= 2) {
            for (double m = 256; m <= 16384; m *= 1.5) {
                const double rows = std::ceil(m / 256) * 256;
                Measurement row = gemm(rows, n, k, 1);
                const DeviceRates rates = *rates_for(row.op, h100());
                const double smooth = 0.1 * std::sin(std::log(rows)) + 0.05 * std::cos(std::log(n * k));
                row.seconds = factor * kGemmPhysics.prior(row.op, rates, theta) * std::exp(smooth + noise * normal(random));
                table.set.rows.push_back(std::move(row));
            }
        }
    }
    return table;
}

KernelScores scores(const KernelTable& table, Split split, std::size_t probes, std::uint64_t seed = 1) {
    EvaluateOptions options;
    options.split = split;
    options.probes = probes;
    options.seed = seed;
    RunControl control;
    return evaluate(table, h100(), options, control);
}

}  // namespace

TEST_CASE("a device that is its prior times a smooth function is recovered") {
    const KernelScores s = scores(synthetic(0), Split::row, 150);
    REQUIRE(s.families.size() == 1);
    REQUIRE(s.families[0].error);
    CHECK(s.families[0].error->median_ape < 0.01);
    CHECK(s.families[0].error->mape < 0.015);
    CHECK(std::abs(s.families[0].error->bias) < 0.005);
}

TEST_CASE("the interval holds nine in ten under plain noise") {
    double covered = 0, rows = 0;
    for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
        const KernelScores s = scores(synthetic(0.04), Split::row, 120, seed);
        covered += s.families[0].error->coverage90 * static_cast<double>(s.families[0].error->n);
        rows += static_cast<double>(s.families[0].error->n);
    }
    CHECK(covered / rows > 0.85);
    CHECK(covered / rows < 0.95);
}

TEST_CASE("of few probes the interval is no less honest") {
    // Prior and correction can follow so few rows to the last bit; the rows behind them they cannot.
    for (const std::size_t probes : {std::size_t{8}, std::size_t{12}, std::size_t{20}, std::size_t{40}}) {
        double covered = 0;
        for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u}) covered += scores(synthetic(0.04), Split::row, probes, seed).families[0].error->coverage90 / 5;
        INFO(probes << " probes");
        CHECK(covered > 0.8);
    }
}

TEST_CASE("another measurement of a probed op is no test of the fit") {
    KernelTable table = synthetic(0.03);
    const std::size_t n = table.set.rows.size();
    for (std::size_t i = 0; i < n; ++i) {
        table.set.rows.push_back(table.set.rows[i]);
        table.set.rows.back().seconds *= 1.001;
    }
    const KernelScore twice = scores(table, Split::row, 200).families[0];
    CHECK(twice.n_test <= 2 * (n - 100));
    CHECK(twice.n_test % 2 == 0);   // both of an op, or neither
    CHECK(twice.error->median_ape > 0.01);
}

TEST_CASE("more probes predict better") {
    const double few = scores(synthetic(0.02), Split::row, 16).families[0].error->mape;
    const double many = scores(synthetic(0.02), Split::row, 200).families[0].error->mape;
    CHECK(many < few);
}

TEST_CASE("shapes kept for the score are never probed") {
    // Each shape is slower than it should be by a factor of its own, which only a probe of it could tell.
    KernelTable table = synthetic(0);
    std::mt19937_64 random(2);
    std::map<std::string, double> factor;
    for (Measurement& row : table.set.rows) {
        const auto at = factor.emplace(row.shape, std::exp(2 * normal(random))).first;
        row.seconds *= at->second;
    }
    CHECK(scores(table, Split::row, 300).families[0].error->median_ape < 0.3);
    CHECK(scores(table, Split::shape, 300).families[0].error->median_ape > 0.5);
    // A quarter of 25 shapes, each as many rows as the others.
    const KernelScore s = scores(table, Split::shape, 300).families[0];
    CHECK(s.n_test == 6 * table.set.rows.size() / 25);
}

TEST_CASE("by row everything that was not probed is scored") {
    const KernelTable table = synthetic(0);
    const KernelScore s = scores(table, Split::row, 100).families[0];
    CHECK(s.n_fit == 100);
    // The sizes are whole tiles: some rows are of the same op, and not scored where the other was probed.
    CHECK(s.n_fit + s.n_test > table.set.rows.size() - 40);
    CHECK(s.n_fit + s.n_test <= table.set.rows.size());
    // No more than four fifths are probed, however many are asked for.
    CHECK(scores(table, Split::row, 100000).families[0].n_fit == table.set.rows.size() * 4 / 5);
}

TEST_CASE("families that cannot be scored are counted with the reason") {
    KernelTable table;
    for (int i = 0; i < 6; ++i) table.set.rows.push_back(gemm(64 + i, 64, 64, 1e-5));
    const KernelScores few = scores(table, Split::row, 100);
    CHECK(few.families.empty());
    REQUIRE(few.skipped.size() == 1);
    CHECK(few.skipped[0].n == 6);
    CHECK_THAT(few.skipped[0].reason, ContainsSubstring("too few rows"));
    for (int i = 0; i < 60; ++i) table.set.rows.push_back(gemm(100 + i, 64, 64, 1e-5));
    CHECK_THAT(scores(table, Split::shape, 100).skipped.at(0).reason, ContainsSubstring("a single shape"));
}

TEST_CASE("the same seed gives the same scores") {
    const KernelTable table = synthetic(0.03);
    const ErrorStats a = *scores(table, Split::row, 100, 5).families[0].error;
    const ErrorStats b = *scores(table, Split::row, 100, 5).families[0].error;
    CHECK(a.mape == b.mape);
    CHECK(a.coverage90 == b.coverage90);
}

TEST_CASE("another device's corrections help where there are few probes") {
    // The same smooth function on both; the new device is slower throughout by a third.
    MeasurementSet old = synthetic(0.01).set;
    const auto report = fit_profile(old, h100(), {});
    REQUIRE(report);
    const KernelTable fresh = synthetic(0.01, 1.33);
    EvaluateOptions options;
    options.probes = 24;
    RunControl control;
    const double alone = evaluate(fresh, h100(), options, control).families[0].error->mape;
    options.prior = &report->profile;
    const double helped = evaluate(fresh, h100(), options, control).families[0].error->mape;
    CHECK(helped < alone);
    CHECK(helped < 0.03);
}

TEST_CASE("a finished profile is scored on every row of its families") {
    const KernelTable table = synthetic(0.01);
    const auto report = fit_profile(table.set, h100(), {});
    REQUIRE(report);
    const KernelScores s = score_profile(table, report->profile);
    REQUIRE(s.families.size() == 1);
    CHECK(s.families[0].n_test == table.set.rows.size());
    CHECK(s.families[0].error->mape < 0.02);
    Profile empty;
    CHECK(score_profile(table, empty).families.empty());
    CHECK(score_profile(table, empty).skipped.at(0).n == table.set.rows.size());
}

TEST_CASE("far outside what was measured the fit falls back to its prior, and says so") {
    const KernelTable table = synthetic(0);
    const auto report = fit_profile(table.set, h100(), {});
    REQUIRE(report);
    const OpKind inside = Gemm{1024, 4096, 4096, NumberFormat::bf16}, outside = Gemm{1e6, 1e6, 1e6, NumberFormat::bf16};
    const auto near = predict(report->profile, inside), far = predict(report->profile, outside);
    REQUIRE(near);
    REQUIRE(far);
    CHECK_FALSE(near->outside);
    CHECK(far->outside);
    CHECK(near->low < near->seconds);
    CHECK(near->seconds < near->high);
    CHECK(far->high / far->low > near->high / near->low);
    const FittedFamily& fit = *report->profile.families[0].fit;
    CHECK(far->seconds / fit.prior_seconds(outside) == Approx(1).margin(0.3));
    CHECK_FALSE(predict(report->profile, OpKind{MemoryPass{{1e6}}}));
}

TEST_CASE("half of a published excerpt predicts the other half") {
    const auto table = read_kernel_table(std::string(MOEPLAN_SOURCE_DIR) + "/tests/data/calibrate/h100_gemm_excerpt.csv");
    REQUIRE(table);
    const KernelScore s = scores(*table, Split::row, 140).families.at(0);
    CHECK(s.error->median_ape < 0.08);
    CHECK(s.error->coverage90 > 0.75);
}
