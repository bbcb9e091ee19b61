#include <cmath>
#include <optional>

#include "core/analyse/sign_change.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

struct Found {
    Bracket bracket;
    int asked = 0;
};

template <class F>
Found found(F f, double low, double high, double width) {
    Found out;
    out.bracket = sign_change({low, high}, f(low), f(high), width, [&](double x) -> std::optional<double> {
        ++out.asked;
        CHECK(x > low);
        CHECK(x < high);
        return f(x);
    });
    return out;
}

}  // namespace

TEST_CASE("a change of sign is bracketed to the width asked for") {
    const auto check = [](auto f, double at) {
        for (const double width : {1e-2, 1e-6, 1e-9}) {
            const Found one = found(f, 0, 10, width);
            CAPTURE(at, width, one.bracket.low, one.bracket.high, one.asked);
            CHECK(one.bracket.high - one.bracket.low <= width);
            CHECK(one.bracket.low <= at);
            CHECK(one.bracket.high >= at);
            CHECK(one.asked <= 3 * std::ceil(std::log2(10 / width)));   // Chandrupatla: never much worse than bisection
        }
    };
    check([](double x) { return x - 3.7; }, 3.7);
    check([](double x) { return 3.7 - x; }, 3.7);
    check([](double x) { return std::exp(x) - 20; }, std::log(20));
    check([](double x) { return std::pow(x - 2, 5); }, 2);
    check([](double x) { return std::atan(40 * (x - 7)); }, 7);
    check([](double x) { return x < 6.1 ? -1.0 : 0.001; }, 6.1);
    check([](double x) { return std::floor(x) - 4.5; }, 5);
}

TEST_CASE("where the function is smooth few evaluations are enough") {
    CHECK(found([](double x) { return x * x - 30; }, 0, 10, 1e-6).asked < 12);   // 24 by halves
}

TEST_CASE("where a function has no value the bracket stays as it was") {
    int asked = 0;
    const Bracket b = sign_change({1, 2}, -1, 1, 1e-6, [&](double) {
        ++asked;
        return std::optional<double>{};
    });
    CHECK(asked == 1);
    CHECK(b.low == 1);
    CHECK(b.high == 2);
}
