// Processes that send whatever the server does: renewals and a rate that swings with the day.
#include <cmath>
#include <utility>

#include "core/base/require.h"
#include "sim/arrivals/processes.h"
#include "sim/arrivals/source.h"
#include "sim/arrivals/streams.h"

namespace moeplan {
namespace {

constexpr double kTwoPi = 6.283185307179586;
constexpr Ticks kLastTick = static_cast<Ticks>(kLongestSimulation_s) * kTicksPerSecond;

// A clock that says when it can go no further.
class Clock {
public:
    // False: the next arrival lies beyond what simulated time can hold.
    bool forward(double seconds) {
        const Ticks gap = to_ticks(seconds);
        if (gap > kLastTick - now_) ended_ = true;
        if (!ended_) now_ += gap;
        return !ended_;
    }
    Ticks now() const { return now_; }
    Problems problems() const {
        if (!ended_) return {};
        return {{"", "workload.load", "arrivals go on beyond the 104 days that simulated time holds",
                 "raise the rate, or say how many requests or how long to simulate", ProblemKind::wrong_input}};
    }

private:
    Ticks now_ = 0;
    bool ended_ = false;
};

class OpenProcess : public Source {
public:
    explicit OpenProcess(RequestMaker maker) : maker_(std::move(maker)) {}
    std::optional<Arrival> next() final {
        if (!advance(clock_)) return std::nullopt;
        return maker_.make(clock_.now(), sessions_++);
    }
    std::int64_t prefix_block_tokens() const final { return maker_.block_tokens(); }
    Problems problems() const final {
        Problems problems = maker_.lengths->problems();
        append(problems, clock_.problems());
        return problems;
    }
    std::vector<std::string> remarks() const final { return maker_.lengths->remarks(); }

protected:
    virtual bool advance(Clock& clock) = 0;   // to the next arrival

private:
    RequestMaker maker_;
    Clock clock_;
    std::uint32_t sessions_ = 0;
};

class Renewal final : public OpenProcess {
public:
    Renewal(double rate, const Gaps& gaps, RequestMaker maker, std::uint64_t seed)
        : OpenProcess(std::move(maker)), mean_gap_(1.0 / rate), gaps_(gaps), rng_(stream_of(seed, Stream::gaps)) {}

private:
    bool advance(Clock& clock) override {
        const double gap = first_ ? gaps_.draw_first(rng_) : gaps_.draw(rng_);
        first_ = false;
        return clock.forward(gap * mean_gap_);
    }
    double mean_gap_;
    Gaps gaps_;
    Rng rng_;
    bool first_ = true;
};

class Diurnal final : public OpenProcess {
public:
    Diurnal(const DiurnalArrivals& spec, RequestMaker maker, std::uint64_t seed)
        : OpenProcess(std::move(maker)),
          swing_(spec.peak_over_mean - 1.0),
          least_gap_(1.0 / (spec.rate.value * spec.peak_over_mean)),
          turns_per_s_(1.0 / spec.period.value),
          peak_(spec.peak_over_mean),
          gaps_(stream_of(seed, Stream::gaps)),
          thinning_(stream_of(seed, Stream::thinning)) {}

private:
    bool advance(Clock& clock) override {
        do {
            if (!clock.forward(-std::log(gaps_.open_uniform()) * least_gap_)) return false;
        } while (thinning_.uniform() * peak_ >= 1.0 - swing_ * std::cos(kTwoPi * turn(clock.now())));
        return true;
    }
    double turn(Ticks now) const {
        const double turns = to_seconds(now) * turns_per_s_;
        return turns - std::floor(turns);
    }
    double swing_, least_gap_, turns_per_s_, peak_;
    Rng gaps_, thinning_;
};

}  // namespace

Arrival RequestMaker::make(Ticks at, std::uint32_t session) {
    lengths->draw(drawn);
    Arrival arrival;
    arrival.at = at;
    arrival.input = drawn.input;
    arrival.output = drawn.output;
    arrival.session = session;
    if (!drawn.prefix.empty()) arrival.prefix = drawn.prefix;
    traits.apply(arrival);
    return arrival;
}

std::unique_ptr<RequestSource> make_renewal(double rate, const Gaps& gaps, RequestMaker maker, std::uint64_t seed) {
    require(rate >= 1e-6 && rate <= 1e9, "a rate of arrivals within 1e-6 … 1e9 a second");
    return std::make_unique<Renewal>(rate, gaps, std::move(maker), seed);
}

std::unique_ptr<RequestSource> make_diurnal(const DiurnalArrivals& spec, RequestMaker maker, std::uint64_t seed) {
    require(spec.rate.value >= 1e-6 && spec.rate.value <= 1e9, "a rate of arrivals within 1e-6 … 1e9 a second");
    require(spec.peak_over_mean >= 1 && spec.peak_over_mean <= 2 && spec.period.value > 0,
            "a rate that never falls below 0");
    return std::make_unique<Diurnal>(spec, std::move(maker), seed);
}

}  // namespace moeplan
