#include "tests/support/catch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/routing/distributions.h"
#include "core/routing/routing.h"

using namespace moeplan;

namespace {
double sum(const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0); }
}  // namespace

TEST_CASE("weights become probabilities that sum to top_k with none above one") {
    // 10 1 1 1 1 at top-2: the first would need 20/14, is held at 1, and the others share the second pick.
    const auto p = inclusion_probabilities({10, 1, 1, 1, 1}, 2);
    CHECK(p[0] == 1.0);
    for (std::size_t e = 1; e < 5; ++e) CHECK(p[e] == Approx(0.25));
    CHECK(inclusion_probabilities({5, 0, 0, 0}, 2)[1] == Approx(1.0 / 3));
    CHECK(inclusion_probabilities({1, 2, 3}, 3) == std::vector<double>{1, 1, 1});
    CHECK(inclusion_probabilities({3, 1}, 1)[0] == Approx(0.75));
    CHECK(inclusion_probabilities({1e300, 1, 1e-300}, 2)[1] == 1.0);
}

TEST_CASE("every synthetic routing sums to top_k per layer and differs between layers as it should") {
    const std::vector<RoutingSpec> specs{UniformRouting{},   ZipfRouting{0},          ZipfRouting{1.5},
                                         ZipfRouting{50},    PowerLawRouting{1.01},   PowerLawRouting{1},
                                         PowerLawRouting{5}, DirichletRouting{0.001}, DirichletRouting{1e6}};
    for (const auto& spec : specs) {
        for (auto [experts, top_k] : {std::pair{1, 1}, {8, 2}, {8, 8}, {256, 8}}) {
            const auto profile = resolve_routing(spec, experts, top_k, 6, 42);
            REQUIRE(profile);
            for (const auto& p : profile->p) {
                INFO("spec " << spec.index() << ", " << experts << " experts");
                CHECK(sum(p) == Approx(top_k));
                CHECK(*std::max_element(p.begin(), p.end()) <= 1.0);
                CHECK(*std::min_element(p.begin(), p.end()) >= 0.0);
            }
            REQUIRE(resolve_routing(spec, experts, top_k, 6, 42)->p == profile->p);
        }
    }
}

TEST_CASE("Zipf deals its ranks anew in every layer") {
    const auto profile = resolve_routing(ZipfRouting{1}, 64, 4, 8, 1);
    REQUIRE(profile);
    REQUIRE(profile->p.size() == 8);
    std::vector<std::ptrdiff_t> hottest;
    for (auto p : profile->p) {
        hottest.push_back(std::max_element(p.begin(), p.end()) - p.begin());
        std::sort(p.begin(), p.end(), std::greater<>());
        CHECK(p[0] / p[1] == Approx(2));
        CHECK(p[0] / p[9] == Approx(10));
    }
    std::sort(hottest.begin(), hottest.end());
    CHECK(std::unique(hottest.begin(), hottest.end()) - hottest.begin() > 3);
    CHECK(resolve_routing(ZipfRouting{1}, 64, 4, 8, 2)->p != profile->p);
}

TEST_CASE("Dirichlet shares have the variance of their kappa") {
    // Var of one share of a symmetric Dirichlet: (1/E)(1-1/E)/(E kappa + 1). Source: the Dirichlet's moments.
    for (double kappa : {0.5, 2.0}) {
        double square = 0;
        const int draws = 2000, experts = 16;
        for (int i = 0; i < draws; ++i) {
            auto w = dirichlet_weights(experts, kappa, Rng(5, static_cast<std::uint64_t>(i), 0));
            square += std::pow(w[0] / sum(w) - 1.0 / experts, 2) / draws;
        }
        CHECK(square == Approx((1.0 / experts) * (1 - 1.0 / experts) / (experts * kappa + 1)).epsilon(0.12));
    }
}

TEST_CASE("power law loads are the inverse CDF of x^-A on [1, 0.8 tokens], scaled to the pairs") {
    const Rng seed(3);
    Rng same = seed;
    const auto loads = power_law_loads(1000, 64, 2, 2.0, seed);
    // A = 2: F^-1(u) = 1 / (1 - u (1 - 1/800)); ratios survive the scaling where nothing is held at the
    // tokens.
    const auto draw = [&] { return 1 / (1 - same.uniform() * (1 - 1.0 / 800)); };
    const double first = draw(), second = draw();
    CHECK(loads[1] / loads[0] == Approx(second / first));
    CHECK(sum(loads) == Approx(2000));
    const auto ones = power_law_loads(1, 8, 2, 1.2, Rng(1));
    for (double load : ones) CHECK(load == Approx(0.25));
    for (double load : power_law_loads(1e5, 4, 2, 1.0, Rng(9))) CHECK(load <= 1e5 * (1 + 1e-12));
}

TEST_CASE("whole loads keep the total and the cap") {
    const auto whole = whole_loads({0.6, 0.6, 0.6, 2.2}, 4, 2, Rng(1));
    CHECK(sum(whole) == 4);
    CHECK(whole[3] == 2);
    CHECK(*std::max_element(whole.begin(), whole.begin() + 3) == 1);
}

TEST_CASE("the normal quantile is right to nine digits") {
    // Source: standard tables of the normal distribution.
    CHECK(normal_quantile(0.5) == Approx(0).margin(1e-12));
    CHECK(normal_quantile(0.975) == Approx(1.959963984540054).epsilon(2e-9));
    CHECK(normal_quantile(0.001) == Approx(-3.090232306167813).epsilon(2e-9));
    for (double u : {1e-9, 0.02, 0.3, 0.77, 0.99999}) {
        CHECK(0.5 * std::erfc(-normal_quantile(u) / std::sqrt(2.0)) == Approx(u).epsilon(1e-7));
    }
}

TEST_CASE("impossible routings are refused with what was expected") {
    const auto text = [](const Result<RoutingProfile>& r) {
        std::string all;
        REQUIRE_FALSE(r);
        for (const auto& p : r.error()) all += to_text(p) + "\n";
        return all;
    };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THAT(text(resolve_routing(ZipfRouting{-1}, 8, 2, 4, 1)), ContainsSubstring("routing.zipf.alpha"));
    CHECK_THAT(text(resolve_routing(ZipfRouting{nan}, 8, 2, 4, 1)), ContainsSubstring("0 (uniform) to 50"));
    CHECK_THAT(text(resolve_routing(DirichletRouting{0}, 8, 2, 4, 1)), ContainsSubstring("above 0"));
    CHECK_THAT(text(resolve_routing(PowerLawRouting{1e9}, 8, 2, 4, 1)),
               ContainsSubstring("routing.power_law.alpha"));
    CHECK_THAT(text(resolve_routing(UniformRouting{}, 8, 9, 4, 1)),
               ContainsSubstring("top_k 9 of 8 experts"));
    CHECK_THAT(text(resolve_routing(UniformRouting{}, 0, 1, 0, 1)),
               ContainsSubstring("0 experts") && ContainsSubstring("0 MoE layers"));
    CHECK_THAT(text(resolve_routing(UniformRouting{}, std::int64_t{1} << 40, 1, 1, 1)),
               ContainsSubstring("65536"));
}
