#include "core/base/estimate_math.h"

#include <stdexcept>

#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("two equal estimates are each the smaller half of the time") {
    CHECK(probability_less({2, 1, 4}, {2, 1, 4}) == Approx(0.5));
    CHECK(probability_less(Estimate::exact(3), Estimate::exact(3)) == 0.5);
}

TEST_CASE("exact estimates are ordered with certainty") {
    CHECK(probability_less(Estimate::exact(1), Estimate::exact(2)) == 1.0);
    CHECK(probability_less(Estimate::exact(2), Estimate::exact(1)) == 0.0);
}

TEST_CASE("an exact value at the other's 95th percentile is above it 95 times in 100") {
    CHECK(probability_less({2, 1, 4}, Estimate::exact(4)) == Approx(0.95));
    CHECK(probability_less({2, 1, 4}, Estimate::exact(1)) == Approx(0.05));
}

TEST_CASE("the probabilities of less and more sum to one and fall as the interval widens") {
    const Estimate a{2, 1.6, 2.5};
    const Estimate b{3, 2.0, 4.5};
    CHECK(probability_less(a, b) + probability_less(b, a) == Approx(1));
    CHECK(probability_less(a, b) > 0.5);
    CHECK(probability_less(a, {3, 1.0, 9.0}) < probability_less(a, b));
}

TEST_CASE("a bound of zero has no logarithm") {
    CHECK_THROWS_AS(probability_less({1, 0, 2}, {1, 1, 1}), std::logic_error);
}

TEST_CASE("independent widths add in quadrature of the logarithm") {
    // ln 8 down and up on one axis, ln 8^(4/3) on the other: 3-4-5
    const Estimate a{10, 10.0 / 8, 80};
    const Estimate b{1, 1.0 / 16, 16};
    const Estimate product = independent_product(a, b);
    CHECK(product.value == Approx(10));
    CHECK(product.high == Approx(10 * 32.0));
    CHECK(product.low == Approx(10 / 32.0));
    const Estimate quotient = independent_quotient(a, b);
    CHECK(quotient.low == Approx(product.low));
    CHECK(quotient.high == Approx(product.high));
}

TEST_CASE("an asymmetric divisor turns its interval over") {
    const Estimate q = independent_quotient(Estimate::exact(1), {0.5, 0.4, 0.8});
    CHECK(q.value == Approx(2));
    CHECK(q.low == Approx(1.25));
    CHECK(q.high == Approx(2.5));
}
