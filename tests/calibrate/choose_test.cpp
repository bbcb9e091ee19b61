#include "core/calibrate/choose.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/calibrate/fitted_family.h"
#include "core/calibrate/physics.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

std::vector<OpKind> grid() {
    std::vector<OpKind> ops;
    for (double m = 1; m <= 4096; m *= 4) {
        for (double n = 64; n <= 16384; n *= 4) {
            for (double k = 64; k <= 16384; k *= 4) ops.push_back(Gemm{m, n, k, NumberFormat::bf16});
        }
    }
    return ops;
}

}  // namespace

TEST_CASE("no candidate is chosen twice, none that is taken, and no more than asked") {
    const std::vector<OpKind> ops = grid();
    const std::vector<std::size_t> taken{0, 5, 17};
    const auto chosen = choose_probes(ops, taken, nullptr, {}, 40, 1);
    CHECK(chosen.size() == 40);
    std::set<std::size_t> all(chosen.begin(), chosen.end());
    CHECK(all.size() == 40);
    for (const std::size_t t : taken) CHECK(all.count(t) == 0);
    CHECK(*all.rbegin() < ops.size());
}

TEST_CASE("asking for more than there is gives what there is") {
    const std::vector<OpKind> ops = grid();
    CHECK(choose_probes(ops, {1, 2}, nullptr, {}, 10 * ops.size(), 1).size() == ops.size() - 2);
    CHECK(choose_probes({}, {}, nullptr, {}, 3, 1).empty());
    CHECK(choose_probes(ops, {}, nullptr, {}, 0, 1).empty());
}

TEST_CASE("the first choice reaches every extreme soon") {
    const std::vector<OpKind> ops = grid();
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
        double least[3] = {1e9, 1e9, 1e9}, most[3] = {};
        for (const std::size_t i : choose_probes(ops, {}, nullptr, {}, 20, seed)) {
            const auto& g = std::get<Gemm>(ops[i]);
            const double sizes[3] = {g.m, g.n, g.k};
            for (int d = 0; d < 3; ++d) {
                least[d] = std::min(least[d], sizes[d]);
                most[d] = std::max(most[d], sizes[d]);
            }
        }
        CHECK(least[0] == 1);
        CHECK(least[1] == 64);
        CHECK(least[2] == 64);
        CHECK(most[0] == 4096);
        CHECK(most[1] == 16384);
        CHECK(most[2] == 16384);
    }
}

TEST_CASE("the same seed chooses the same, another seed something else") {
    const std::vector<OpKind> ops = grid();
    CHECK(choose_probes(ops, {}, nullptr, {}, 30, 7) == choose_probes(ops, {}, nullptr, {}, 30, 7));
    CHECK(choose_probes(ops, {}, nullptr, {}, 30, 7) != choose_probes(ops, {}, nullptr, {}, 30, 8));
}

TEST_CASE("a fit asks where it knows least, and where the weight is") {
    const std::vector<OpKind> ops = grid();
    const DeviceRates rates{1e12, 1e15, 100, 0};
    std::vector<Measurement> small;
    std::vector<std::size_t> taken;
    for (std::size_t i = 0; i < ops.size(); ++i) {
        const auto& g = std::get<Gemm>(ops[i]);
        if (g.m > 64 || g.n > 4096) continue;
        Measurement m;
        m.op = ops[i];
        m.seconds = 5e-6 + g.n * g.k * 2 / 1e12 * (1 + 0.1 * std::sin(static_cast<double>(i)));
        small.push_back(m);
        taken.push_back(i);
    }
    const auto fit = fit_family(kGemmPhysics, rates, small, {});
    int large = 0;
    const auto chosen = choose_probes(ops, taken, fit.get(), {}, 10, 1);
    for (const std::size_t i : chosen) large += std::get<Gemm>(ops[i]).m > 64;
    CHECK(large >= 8);
    std::vector<double> weights(ops.size(), 1e-9);
    weights[ops.size() - 1] = 1;
    CHECK(choose_probes(ops, taken, fit.get(), weights, 1, 1).front() == ops.size() - 1);
}
