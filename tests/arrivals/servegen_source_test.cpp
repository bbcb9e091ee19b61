#include <cmath>

#include "sim/arrivals/recorded_sources.h"
#include "sim/arrivals/source.h"
#include "tests/arrivals/statistics.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

ServeGenLengths lengths(double start, std::int32_t input, std::int32_t output) {
    return {start, {{input, 1}}, {{output, 1}}};
}

ServeGenClient client(std::int64_t number, std::vector<ServeGenWindow> windows) {
    return {number, std::move(windows), {lengths(0, static_cast<std::int32_t>(number * 10), 1)}};
}

std::vector<Arrival> sent(std::vector<ServeGenClient> clients, const ServeGenArrivals& spec, std::uint64_t seed = 1) {
    const auto source = make_servegen(std::move(clients), spec, {}, Traits({}, seed), seed);
    if (!source) FAIL(to_text(source.error().front()));
    return all_of(**source);
}

}  // namespace

TEST_CASE("every window has its rate, however its gaps are spread, and silent ones are silent") {
    // Bursts of cv 3 leave windows of 1000 s between them; the mean over 40 runs has its error taken from the runs.
    const std::vector<ServeGenWindow> windows = {{0, 1000, 0.5, ServeGenGaps::gamma, 1.0 / 9},
                                                 {1000, 2000, 0, ServeGenGaps::exponential, 1},
                                                 {2000, 3000, 2, ServeGenGaps::weibull, 1.1},
                                                 {3000, 4000, 1, ServeGenGaps::exponential, 1}};
    std::vector<std::vector<double>> counts(4);
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        std::vector<double> n(4, 0);
        for (const Arrival& a : sent({client(1, windows)}, {}, seed))
            n[static_cast<std::size_t>(to_seconds(a.at) / 1000)] += 1;
        for (std::size_t i = 0; i < 4; ++i) counts[i].push_back(n[i]);
    }
    for (const auto& [window, expected] : {std::pair(0, 500.0), std::pair(2, 2000.0), std::pair(3, 1000.0)}) {
        const Moments m = moments_of(counts[static_cast<std::size_t>(window)]);
        INFO(window << " " << m.mean);
        CHECK(std::abs(m.mean - expected) < 4 * m.standard_error());
    }
    for (const double n : counts[1]) CHECK(n == 0);
}

TEST_CASE("clients are merged in time, each with its session, and a client's times are its own") {
    const auto one = client(1, {{0, 100, 5, ServeGenGaps::exponential, 1}}),
               two = client(2, {{0, 100, 3, ServeGenGaps::gamma, 0.5}});
    const auto both = sent({one, two}, {});
    std::vector<Ticks> of_two;
    for (std::size_t i = 0; i < both.size(); ++i) {
        if (i > 0) CHECK(both[i - 1].at <= both[i].at);
        CHECK(both[i].input == 10 * both[i].session);
        if (both[i].session == 2) of_two.push_back(both[i].at);
    }
    std::vector<Ticks> alone;
    for (const Arrival& a : sent({two}, {})) alone.push_back(a.at);
    CHECK(of_two == alone);
    CHECK(both.size() > of_two.size());
}

TEST_CASE("a slice starts at its start with the lengths in force then, and speed multiplies the rate") {
    ServeGenClient c = client(1, {{0, 1000, 10, ServeGenGaps::exponential, 1}});
    c.lengths = {lengths(0, 5, 1), lengths(500, 6, 1)};
    const auto slice = sent({c}, {.folder = "", .speed = 4, .from = {400}, .to = Seconds{600}});
    CHECK(std::abs(static_cast<double>(slice.size()) - 8000) < 4 * std::sqrt(8000.0));
    for (const Arrival& a : slice) {
        CHECK(a.input == (to_seconds(a.at) < 100 ? 5 : 6));
        CHECK(to_seconds(a.at) < 200);
    }
}

TEST_CASE("lengths are drawn by their shares") {
    ServeGenClient c = client(1, {{0, 1000, 40, ServeGenGaps::exponential, 1}});
    c.lengths[0].input = {{3, 0.25f}, {9, 1}};
    double threes = 0, n = 0;
    for (const Arrival& a : sent({c}, {})) {
        threes += a.input == 3 ? 1 : 0;
        ++n;
    }
    CHECK(std::abs(threes - n / 4) < 4 * std::sqrt(n * 0.25 * 0.75));
}

TEST_CASE("a part in which nobody sends is refused") {
    const auto source = make_servegen({client(1, {{0, 10, 1, ServeGenGaps::exponential, 1}})},
                                      {.folder = "f", .from = {20}, .to = {}}, {}, Traits({}, 1), 1);
    REQUIRE_FALSE(source);
    CHECK_THAT(source.error()[0].what, ContainsSubstring("from 20 s") && ContainsSubstring("ends at 10 s"));
}

TEST_CASE("a part that goes on after the last window says so") {
    const auto remarks = [](std::optional<Seconds> to) {
        ServeGenArrivals spec;
        spec.folder = "clients";
        spec.to = to;
        const auto source = make_servegen({client(1, {{0, 100, 1, ServeGenGaps::exponential, 1}})}, spec, {}, Traits({}, 1), 1);
        REQUIRE(source);
        return remarks_of(**source);
    };
    REQUIRE(remarks(Seconds{3600}).size() == 1);
    CHECK_THAT(remarks(Seconds{3600})[0], ContainsSubstring("clients: the part that is asked for ends at 3600 s, the last window of a client at 100 s"));
    CHECK(remarks(Seconds{100}).empty());
    CHECK(remarks({}).empty());
}
