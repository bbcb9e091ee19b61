// Queues whose waits are known: one request at a time is a server, tokens are its work.

#include <cmath>

#include "core/routing/rng.h"
#include "tests/support/catch.h"
#include "tests/support/simulated.h"

using namespace moeplan;

namespace {

constexpr double kToken = 1e-4;      // seconds
constexpr double kService = 0.5;     // seconds, mean
constexpr double kTokens = kService / kToken;

// Poisson arrivals; service exponential or fixed. Work is in whole tokens, 5,000 on average.
class Poisson final : public RequestSource {
public:
    Poisson(double rate, bool exponential, std::int64_t n, std::uint64_t seed) : rate_(rate), exponential_(exponential), left_(n), rng_(seed) {}
    std::optional<Arrival> next() override {
        if (left_-- <= 0) return std::nullopt;
        time_ += -std::log(rng_.open_uniform()) / rate_;
        const double tokens = exponential_ ? -std::log(rng_.open_uniform()) * kTokens : kTokens;
        Arrival a;
        a.at = to_ticks(time_);
        a.output = 1 + std::llround(tokens);   // the first comes with the prompt, which takes no time
        return a;
    }

private:
    double rate_;
    bool exponential_;
    std::int64_t left_;
    Rng rng_;
    double time_ = 0;
};

struct Waits {
    double wait = 0;      // mean, s
    double in_system = 0; // time, s
    double present = 0;   // requests, by integrating over time
    double rate = 0;      // that came through, 1/s
};

Waits waits(std::int64_t servers, double load, bool exponential) {
    ClusterOptions options;
    options.groups = {one_group(constant_decode(kToken))};
    options.groups[0].limits.max_sequences = servers;
    options.groups[0].limits.total_blocks = std::int64_t{1} << 40;
    const double rate = load * static_cast<double>(servers) / kService;
    const std::int64_t n = 1'000'000;
    Poisson source(rate, exponential, n, 7);
    const Simulated s = simulated(options, source);
    Waits w;
    double last = 0;
    for (const RequestRecord& r : s.records.all) {
        w.wait += r.ttft_s();
        w.in_system += r.e2e_s();
        last = std::max(last, to_seconds(r.finished));
    }
    w.present = w.in_system / last;
    w.wait /= static_cast<double>(n);
    w.in_system /= static_cast<double>(n);
    w.rate = static_cast<double>(n) / last;
    return w;
}

// Erlang's C formula: the probability of having to wait.
double erlang_c(double servers, double load) {
    const double offered = servers * load;
    double term = 1, sum = 1;
    for (double k = 1; k < servers; ++k) sum += term *= offered / k;
    const double last = term * offered / servers / (1 - load);
    return last / (sum + last);
}

}  // namespace

TEST_CASE("one server with exponential work waits as M/M/1 does") {
    const Waits w = waits(1, 0.5, true);
    CHECK(w.wait == Approx(0.5 / (1 - 0.5) * kService).epsilon(0.01));
    CHECK(w.in_system == Approx(kService / (1 - 0.5)).epsilon(0.01));
}

TEST_CASE("one server with fixed work waits as M/D/1 does") {
    const Waits w = waits(1, 0.6, false);
    CHECK(w.wait == Approx(0.6 / (2 * (1 - 0.6)) * kService).epsilon(0.01));
}

TEST_CASE("several servers wait as M/M/k does") {
    const Waits w = waits(3, 0.6, true);
    CHECK(w.wait == Approx(erlang_c(3, 0.6) * kService / (3 * (1 - 0.6))).epsilon(0.01));
}

TEST_CASE("requests present are their rate times their time: Little's law") {
    const Waits w = waits(2, 0.7, true);
    CHECK(w.present == Approx(w.rate * w.in_system).epsilon(0.01));
}
