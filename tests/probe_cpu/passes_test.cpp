// Router, permutes, activation, norm, random data.

#include <numeric>
#include <set>

#include "gpu/cpu/activation.h"
#include "gpu/cpu/norm.h"
#include "gpu/cpu/permute.h"
#include "gpu/cpu/router.h"
#include "tests/probe_cpu/reference.h"

using namespace moeplan;
using namespace moeplan::cpu;

TEST_CASE("the router picks the largest scores, best first, and shares one between them by softmax") {
    Random random(21);
    for (int round = 0; round < 30; ++round) {
        const std::int64_t tokens = random.from(1, 40), experts = random.from(1, 70),
                           top_k = random.from(1, std::min<std::int64_t>(experts, 8));
        const Buffer scores = random_buffer<float>(z(tokens * experts), 5.0F, z(round));
        std::vector<std::int32_t> chosen(z(tokens * top_k));
        std::vector<float> weights(chosen.size());
        route({tokens, experts, top_k}, scores.as<float>(), chosen.data(), weights.data());
        for (std::int64_t t = 0; t < tokens; ++t) {
            const float* s = scores.as<float>() + t * experts;
            std::vector<std::int32_t> order(z(experts));
            std::iota(order.begin(), order.end(), 0);
            std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) { return s[a] > s[b]; });
            double sum = 0;
            for (std::int64_t k = 0; k < top_k; ++k) sum += std::exp(static_cast<double>(s[order[z(k)]] - s[order[0]]));
            for (std::int64_t k = 0; k < top_k; ++k) {
                REQUIRE(chosen[z(t * top_k + k)] == order[z(k)]);
                const double share = std::exp(static_cast<double>(s[order[z(k)]] - s[order[0]])) / sum;
                REQUIRE(static_cast<double>(weights[z(t * top_k + k)]) == Approx(share).epsilon(1e-4));
            }
        }
    }
}

TEST_CASE("equal scores go to the lower expert") {
    const float scores[] = {1, 2, 2, 2};
    std::int32_t chosen[2];
    float weights[2];
    route({1, 4, 2}, scores, chosen, weights);
    REQUIRE(chosen[0] == 1);
    REQUIRE(chosen[1] == 2);
    REQUIRE(weights[0] == Approx(0.5));
}

namespace {

// Every pair once, each expert's pairs together, each token's entries naming its own pairs.
void check_plan(const PermutePlan& plan, std::int64_t tokens) {
    REQUIRE(plan.begin.front() == 0);
    REQUIRE(plan.begin.back() == static_cast<std::int64_t>(plan.token.size()));
    std::set<std::int64_t> seen;
    for (std::int64_t t = 0; t < tokens; ++t) {
        for (std::int64_t i = plan.first[z(t)]; i < plan.first[z(t + 1)]; ++i) {
            REQUIRE(plan.token[z(plan.pair[z(i)])] == t);
            seen.insert(plan.pair[z(i)]);
        }
    }
    REQUIRE(seen.size() == plan.token.size());
}

}  // namespace

TEST_CASE("sorting pairs by expert loses none and keeps the order of tokens") {
    Random random(22);
    for (int round = 0; round < 20; ++round) {
        const std::int64_t tokens = random.from(1, 100), experts = random.from(8, 40), top_k = random.from(1, 8);
        std::vector<std::int32_t> chosen;
        for (std::int64_t i = 0; i < tokens * top_k; ++i)
            chosen.push_back(static_cast<std::int32_t>(random.from(0, experts - 1)));
        PermutePlan plan;
        plan_permute(tokens, top_k, experts, chosen.data(), plan);
        check_plan(plan, tokens);
        for (std::int64_t e = 0; e < experts; ++e) {
            REQUIRE(plan.begin[z(e + 1)] - plan.begin[z(e)] ==
                    std::count(chosen.begin(), chosen.end(), static_cast<std::int32_t>(e)));
            REQUIRE(std::is_sorted(plan.token.begin() + plan.begin[z(e)], plan.token.begin() + plan.begin[z(e + 1)]));
        }
        for (std::int64_t i = 0; i < tokens * top_k; ++i) {
            const std::int64_t p = plan.pair[z(i)], e = chosen[z(i)];
            REQUIRE((p >= plan.begin[z(e)] && p < plan.begin[z(e + 1)]));
        }
    }
}

TEST_CASE("a plan for given loads has those loads and sends no token to an expert twice") {
    Random random(23);
    for (int round = 0; round < 20; ++round) {
        const std::int64_t tokens = random.from(1, 60), top_k = random.from(1, 6);
        const auto loads = example_loads(tokens, 12, top_k, 1, 0.1 * static_cast<double>(random.from(0, 15)));
        const PermutePlan plan = plan_loads(tokens, loads);
        check_plan(plan, tokens);
        for (std::size_t e = 0; e < loads.size(); ++e) {
            REQUIRE(plan.begin[e + 1] - plan.begin[e] == loads[e]);
            const std::set<std::int32_t> distinct(plan.token.begin() + plan.begin[e],
                                                  plan.token.begin() + plan.begin[e + 1]);
            REQUIRE(static_cast<std::int64_t>(distinct.size()) == loads[e]);
        }
        for (std::int64_t t = 0; t < tokens; ++t) REQUIRE(plan.first[z(t + 1)] - plan.first[z(t)] == top_k);
    }
    REQUIRE_THROWS_AS(plan_loads(3, {4}), std::logic_error);
}

TEST_CASE("gathering and combining is the weighted sum over each token's experts") {
    Random random(24);
    for (int round = 0; round < 10; ++round) {
        const std::int64_t tokens = random.from(1, 50), width = random.from(1, 130), top_k = random.from(1, 4);
        const PermutePlan plan = plan_loads(tokens, example_loads(tokens, 8, top_k, 1, 0.8));
        const Buffer from = random_buffer<Bf16>(z(tokens * width), 1.0F, 1);
        const Buffer weights = random_buffer<float>(plan.token.size(), 1.0F, 2);
        Buffer rows(plan.token.size() * z(width) * 2), to(from.bytes());
        gather_rows(plan, width * 2, from.data(), rows.data());
        combine_rows(plan, width, weights.as<float>(), rows.as<Bf16>(), to.as<Bf16>());
        // All its rows are the token's own, so the sum is the row times the sum of its weights.
        Doubles wanted;
        for (std::int64_t t = 0; t < tokens; ++t) {
            double sum = 0;
            for (std::int64_t i = plan.first[z(t)]; i < plan.first[z(t + 1)]; ++i)
                sum += static_cast<double>(weights.as<float>()[i]);
            for (std::int64_t i = 0; i < width; ++i)
                wanted.push_back(sum * static_cast<double>(widen(from.as<Bf16>()[t * width + i])));
        }
        REQUIRE(worst_error(doubles<Bf16>(to), wanted) < kTolerance<Bf16>);
    }
}

TEST_CASE("the activation is silu of the gate times the other half, in every format") {
    Random random(25);
    for (int round = 0; round < 10; ++round) {
        const std::int64_t rows = random.from(1, 20), width = random.from(1, 100);
        for (const bool gated : {true, false}) {
            const auto wanted = [&](const Doubles& from, double scale) {
                Doubles out;
                for (std::int64_t r = 0; r < rows; ++r) {
                    for (std::int64_t i = 0; i < width; ++i) {
                        const double* row = from.data() + r * width * (gated ? 2 : 1);
                        const double gate = row[gated ? width + i : i] * scale;
                        out.push_back(gate / (1 + std::exp(-gate)) * (gated ? row[i] * scale : 1));
                    }
                }
                return out;
            };
            const std::size_t count = z(rows * width) * (gated ? 2U : 1U);
            const Buffer narrow_from = random_buffer<Bf16>(count, 3.0F, 1), from = random_buffer<float>(count, 3.0F, 2);
            Buffer narrow_to(z(rows * width) * 2), to(z(rows * width) * 4), whole_to(z(rows * width));
            activate({rows, width, gated}, narrow_from.as<Bf16>(), narrow_to.as<Bf16>());
            REQUIRE(worst_error(doubles<Bf16>(narrow_to), wanted(doubles<Bf16>(narrow_from), 1)) < kTolerance<Bf16>);
            activate({rows, width, gated}, from.as<float>(), to.as<float>());
            REQUIRE(worst_error(doubles<float>(to), wanted(doubles<float>(from), 1)) < kTolerance<float>);
            activate({rows, width, gated}, from.as<float>(), 0.5F, whole_to.as<std::int8_t>());
            Doubles steps = wanted(doubles<float>(from), 0.5);
            const Doubles found = doubles<std::int8_t>(whole_to);
            for (std::size_t i = 0; i < steps.size(); ++i)
                REQUIRE(std::abs(found[i] - std::clamp(steps[i] * 32, -127.0, 127.0)) <= 1.01);
        }
    }
}

TEST_CASE("the norm adds to the stream and scales each row to mean square one") {
    const std::int64_t rows = 7, width = 90;
    Buffer stream = random_buffer<float>(z(rows * width), 2.0F, 1);
    const Doubles before = doubles<float>(stream);
    const Buffer delta = random_buffer<float>(z(rows * width), 2.0F, 2);
    Buffer normed(stream.bytes());
    add_and_norm(rows, width, stream.as<float>(), delta.as<float>(), normed.as<float>());
    const Doubles added = doubles<float>(delta), after = doubles<float>(stream), scaled = doubles<float>(normed);
    for (std::int64_t r = 0; r < rows; ++r) {
        double squares = 0;
        for (std::int64_t i = r * width; i < (r + 1) * width; ++i) {
            REQUIRE(after[z(i)] == Approx(before[z(i)] + added[z(i)]));
            squares += scaled[z(i)] * scaled[z(i)];
        }
        REQUIRE(squares / static_cast<double>(width) == Approx(1).epsilon(1e-4));
    }
}

TEST_CASE("the vector exponential is the exponential to seven digits") {
    for (double x = -86.9; x < 87; x += 0.037) {
        const auto f = static_cast<float>(x);
        REQUIRE(static_cast<double>(fast_exp(f)) == Approx(std::exp(static_cast<double>(f))).epsilon(1e-6));
    }
    REQUIRE(fast_exp(-1e30F) < 1e-37F);
    REQUIRE(fast_exp(0) == 1);
}

TEST_CASE("random data is repeatable, bounded, of both signs and never zero") {
    const Buffer a = random_buffer<float>(3000, 2.0F, 5), b = random_buffer<float>(3000, 2.0F, 5),
                 c = random_buffer<float>(3000, 2.0F, 6);
    REQUIRE(doubles<float>(a) == doubles<float>(b));
    REQUIRE(doubles<float>(a) != doubles<float>(c));
    double sum = 0;
    for (const double x : doubles<float>(a)) {
        REQUIRE((std::abs(x) <= 2 && std::abs(x) > 1e-3));
        sum += x;
    }
    REQUIRE(std::abs(sum / 3000) < 0.1);
    for (const double x : doubles<std::int8_t>(random_buffer<std::int8_t>(3000, 1.0F, 5))) REQUIRE(x != 0);
    for (const double x : doubles<Bf16>(random_buffer<Bf16>(3000, 0.01F, 5))) REQUIRE(x != 0);
}

TEST_CASE("bf16 rounds to nearest, ties to even") {
    REQUIRE(widen(to_bf16(1.0F)) == 1.0F);
    REQUIRE(widen(to_bf16(1.0F + 0x1p-8F)) == 1.0F);             // half way: to the even one below
    REQUIRE(widen(to_bf16(1.0F + 3 * 0x1p-8F)) == 1.0F + 0x1p-6F);   // half way: to the even one above
    REQUIRE(widen(to_bf16(1.0F + 0x1.8p-8F)) == 1.0F + 0x1p-7F);
    REQUIRE(widen(to_bf16(-3.140625F)) == -3.140625F);
}
