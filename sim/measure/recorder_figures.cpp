// What the recorder makes of its notes.

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sim/measure/order_statistics.h"
#include "sim/measure/recorder.h"
#include "sim/measure/recorder_channels.h"
#include "sim/measure/sampling.h"
#include "sim/measure/warm_up.h"

namespace moeplan {
namespace {

constexpr std::size_t kGapBatches = 30;

MeasuredLatency latency_of(const char* metric, const std::vector<float>& seconds) {
    MeasuredLatency out;
    out.metric = metric;
    out.values = seconds.size();
    double sum = 0;
    for (const float v : seconds) sum += static_cast<double>(v);
    out.mean = sum / static_cast<double>(seconds.size()) * 1e3;
    out.max = static_cast<double>(*std::ranges::max_element(seconds)) * 1e3;
    const auto in_ms = [](std::optional<double> s) { return s ? std::optional<double>(*s * 1e3) : s; };
    out.sampling_mean = in_ms(sampling_of_mean(seconds));
    out.sampling_p99 = in_ms(sampling_of_percentile(seconds, 0.99));
    const std::vector<double>& shares = drawn_shares();
    const std::vector<float> at = order_statistics(seconds, shares);
    for (std::size_t i = 0; i < shares.size(); ++i) out.distribution.emplace_back(shares[i], static_cast<double>(at[i]) * 1e3);
    out.p50 = out.distribution[50].second;   // whole shares stand at their own place
    out.p90 = out.distribution[90].second;
    out.p95 = out.distribution[95].second;
    out.p99 = out.distribution[99].second;
    return out;
}

}  // namespace

template <class Value>
std::vector<float> Recorder::values(Value value, std::size_t from) const {
    std::vector<float> out;
    out.reserve(rows_.size() - std::min(rows_.size(), from));   // growing would hold it twice
    for (std::size_t i = from; i < rows_.size(); ++i) {
        const std::optional<float> v = rows_[i].ttft < 0 ? std::nullopt : value(rows_[i]);
        if (v) out.push_back(*v);
    }
    return out;
}

namespace {

constexpr auto kWait = [](const auto& row) -> std::optional<float> { return row.wait; };
constexpr auto kTtft = [](const auto& row) -> std::optional<float> { return row.ttft; };
constexpr auto kTpot = [](const auto& row) -> std::optional<float> {
    if (row.output < 2) return std::nullopt;
    return static_cast<float>(static_cast<double>(row.decode) / static_cast<double>(row.output - 1));
};
constexpr auto kE2e = [](const auto& row) -> std::optional<float> {
    return static_cast<float>(static_cast<double>(row.ttft) + static_cast<double>(row.decode));
};

}  // namespace

void Recorder::find_warm_up(Measured& out) {
    if (spec_.warm_up_s) {
        after_warm_up_ = first_arrival_ + to_ticks(*spec_.warm_up_s);
        out.warm_up_s = *spec_.warm_up_s;
        return;
    }
    out.warm_up_detected = true;
    const auto settled = [&](const char* what, auto value) {
        const std::vector<float> series = values(value, 0);
        if (series.size() < kFewestToSettle) return;
        const auto skip = settled_after(series);
        if (!skip) {
            out.findings.push_back(
                fmt::format("{} had not settled by the end of the run: nothing was left out as warm-up, and a longer "
                            "run gives other figures",
                            what));
            return;
        }
        std::size_t id = 0;   // of the request behind the first value that is kept
        for (std::size_t n = 0; id < rows_.size(); ++id) {
            if (rows_[id].ttft >= 0 && value(rows_[id]) && n++ == *skip) break;
        }
        first_measured_ = std::max(first_measured_, id / kSettlingBatch * kSettlingBatch);
    };
    settled("time to first token", kTtft);
    settled("time per output token", kTpot);
    if (!out.findings.empty()) first_measured_ = 0;
    // Of requests that came at one moment all count or none: warm-up ends at a time. All of them if nobody came later.
    std::size_t batch = first_measured_ / kSettlingBatch;
    while (batch > 0 && batch < arrivals_.size() && arrivals_[batch] == arrivals_[batch - 1]) ++batch;
    first_measured_ = batch < arrivals_.size() ? batch * kSettlingBatch : 0;
    if (first_measured_ > 0) after_warm_up_ = arrivals_[batch];
    out.warm_up_s = first_measured_ > 0 ? to_seconds(after_warm_up_ - first_arrival_) : 0;
}

void Recorder::measure_latencies(Measured& out) {
    const auto add = [&](const char* metric, auto value) {
        const std::vector<float> seconds = values(value, first_measured_);
        if (!seconds.empty()) out.latencies.push_back(latency_of(metric, seconds));
    };
    measure_gaps(out);
    add("wait_ms", kWait);
    add("ttft_ms", kTtft);
    add("tpot_ms", kTpot);
    add("e2e_ms", kE2e);
    if (const auto* ttft = out.find("ttft_ms")) out.measured = ttft->values;
    double input = 0, cached = 0;
    for (std::size_t i = first_measured_; i < rows_.size(); ++i) {
        input += rows_[i].input;
        cached += rows_[i].cached;
    }
    if (counts_.cached_tokens > 0 && input > 0) out.prefix_hit = cached / input;
    if (out.measured == 0 && counts_.completed > 0) {
        out.findings.push_back(fmt::format("no request that was completed arrived after the warm-up of {:g} s (the last arrived after {:g} s, and the run took {:g} s): there is nothing to measure", out.warm_up_s,
                                           to_seconds(last_arrival_ - first_arrival_), out.simulated_s));
    }
}

void Recorder::measure_gaps(Measured& out) {
    gaps_.drop_before(after_warm_up_);
    if (gaps_.size() == 0) return;
    // Its memory is given back before that of the other latencies is asked for.
    const TokenGaps gaps = std::exchange(gaps_, TokenGaps{});
    const auto at = gaps.percentiles({0.50, 0.90, 0.95, 0.99});
    const auto ms = [&](std::size_t i) { return to_seconds(at[i]) * 1e3; };
    MeasuredLatency itl{"itl_ms", gaps.size(), gaps.mean_s() * 1e3, ms(0), ms(1),
                        ms(2),    ms(3),       gaps.max_s() * 1e3,  {},    {}, {}};
    if (const auto half = half_width_of(gaps.batch_means_s(kGapBatches))) itl.sampling_mean = *half * 1e3;
    const std::vector<double> curve = gaps.curve_s(drawn_shares());
    for (std::size_t i = 0; i < curve.size(); ++i) itl.distribution.emplace_back(drawn_shares()[i], curve[i] * 1e3);
    out.latencies.push_back(std::move(itl));
    if (gaps.folded_until() == 0) return;
    out.findings.push_back(fmt::format(
        "gaps between tokens up to {:.0f} s were counted to the microsecond to bound memory{}",
        to_seconds(gaps.folded_until()), first_measured_ > 0 ? "; those of the warm-up are among them" : ""));
}

void Recorder::measure_rates(Measured& out) {
    const Ticks to_end = last_ - after_warm_up_, to_last_arrival = last_arrival_ - after_warm_up_;
    const bool whole = to_last_arrival < to_end - to_last_arrival;
    window_end_ = whole ? last_ : last_arrival_;
    const double window = to_seconds(window_end_ - after_warm_up_);
    if (!(window > 0)) return;
    out.window_s = window;
    const Ticks from = first_measured_ > 0 ? after_warm_up_ : 0, to = whole ? kNever : window_end_;
    const auto rate = [&](channel::Sum sum) { return bins_.sum_between(sum, from, to) / window; };
    out.requests_per_s = rate(channel::completed);
    out.input_tok_s = rate(channel::input);
    // Of the requests that requests_per_s counts: never more.
    if (judged_ && rows_.size() > first_measured_) out.goodput_rps = rate(channel::met);
    const auto level = [&](channel::Level l) { return bins_.integral_between(l, from, to) / window; };
    out.output_tok_s = std::max(0.0, rate(channel::output) + level(channel::output_rate) - level(channel::thrown_away));
}

// Most requests between arrival and a replica, too: those in transfer, or with no replica left to go to. Means of bins.
double Recorder::most_waiting(Ticks from) const {
    const auto running = bins_.integrals(channel::running), in_system = bins_.integrals(channel::in_system);
    const double width = bins_.width_s(), end = to_seconds(window_end_);
    double most = 0;
    for (std::size_t i = 0; i < bins_.bins(window_end_); ++i) {
        const double begin = static_cast<double>(i) * width;
        if (begin >= to_seconds(from) && begin + width <= end) most = std::max(most, std::floor((in_system[i] - running[i]) / width));
    }
    return most;
}

void Recorder::measure_levels(Measured& out) {
    const Ticks from = first_measured_ > 0 ? after_warm_up_ : first_arrival_;
    const auto integral = [&](channel::Level level) {
        return std::max(0.0, bins_.integral_between(level, from, window_end_));
    };
    const auto over = [](double part, double whole) { return whole > 0 ? part / whole : 0; };
    const double running = integral(channel::running), window = to_seconds(window_end_ - from);
    out.running_mean = over(running, window);
    out.waiting_mean = over(std::max(0.0, integral(channel::in_system) - running), window);
    out.waiting_peak = std::max(bins_.peak_since(channel::waiting_peak, from), most_waiting(from));
    out.kv_mean = over(integral(channel::kv_used), integral(channel::kv_total));
    out.kv_peak = bins_.peak_since(channel::kv_share, from);
    out.busy = std::min(1.0, over(integral(channel::busy), integral(channel::serving)));
    out.batch = over(running, integral(channel::busy));
}

void Recorder::judge(Measured& out) const {
    const std::size_t asked = rows_.size() - std::min(rows_.size(), first_measured_);
    if (!judged_ || asked == 0) return;
    std::size_t met = 0;
    for (std::size_t i = first_measured_; i < rows_.size(); ++i) met += rows_[i].met;
    out.attainment = static_cast<double>(met) / static_cast<double>(asked);
}

void Recorder::draw(Measured& out) const {
    const std::size_t n = bins_.bins(last_);
    const double width = bins_.width_s(), end = to_seconds(last_);
    const auto series = [&](const char* id, const char* label, const char* unit, auto mean_over) {
        SimulatedSeries s{id, label, unit, {}};
        for (std::size_t i = 0; i < n; ++i) {
            const double from = static_cast<double>(i) * width, to = std::min(from + width, end);
            if (to > from) s.points.emplace_back(to, std::max(0.0, mean_over(i, to - from)));
        }
        if (!s.points.empty()) out.series.push_back(std::move(s));
    };
    const auto running = bins_.integrals(channel::running), in_system = bins_.integrals(channel::in_system);
    const auto used = bins_.integrals(channel::kv_used), total = bins_.integrals(channel::kv_total);
    const auto rate = bins_.integrals(channel::output_rate), serving = bins_.integrals(channel::serving);
    series("running", "requests running", "", [&](std::size_t i, double s) { return running[i] / s; });
    series("waiting", "requests waiting", "", [&](std::size_t i, double s) { return (in_system[i] - running[i]) / s; });
    series("kv_used", "KV cache held", "fraction",
           [&](std::size_t i, double) { return total[i] > 0 ? used[i] / total[i] : 0; });
    series("output_tok_s", "output tokens", "tok/s",
           [&](std::size_t i, double s) { return (bins_.sum_of(channel::output, i) + rate[i]) / s; });
    series("arrivals_s", "arrivals", "req/s",
           [&](std::size_t i, double s) { return bins_.sum_of(channel::arrivals, i) / s; });
    series("replicas", "replicas serving", "", [&](std::size_t i, double s) { return serving[i] / s; });
}

// A queue that is longer in every later quarter of the arrivals, and twice as long in the last as in the second.
void Recorder::find_growth(Measured& out) const {
    // Of all of the run: a queue that grew for half of it and then stood is what a warm-up leaves out.
    const Ticks from = first_arrival_, quarter = (last_arrival_ - from) / 4;
    if (quarter <= 0) return;
    const auto waiting = [&](int q) {
        const Ticks start = from + q * quarter;
        const double both = bins_.integral_between(channel::in_system, start, start + quarter);
        return (both - bins_.integral_between(channel::running, start, start + quarter)) / to_seconds(quarter);
    };
    constexpr double kWorthSaying = 10;   // requests
    const double second = waiting(1), third = waiting(2), fourth = waiting(3);
    if (!(second < third && third < fourth && fourth > 2 * second && fourth - second > kWorthSaying)) return;
    out.findings.push_back(
        fmt::format("more requests arrived than were served: {:.0f} waited on average in the second quarter of the "
                    "arrivals, {:.0f} in the last. "
                    "Latencies grow with the length of the run",
                    second, fourth));
}

// Of as many requests as can be looked at within a millisecond: those known, evenly taken. Nothing is settled yet, so nothing
// is left out; gaps between tokens are not told.
Measured Recorder::so_far() const {
    constexpr std::size_t kMost = 20'000;
    Measured out;
    out.counts = counts_;
    if (counts_.arrived == 0) return out;
    out.simulated_s = to_seconds(last_ - first_arrival_);
    out.window_s = out.simulated_s;
    out.warm_up_s = spec_.warm_up_s ? std::min(*spec_.warm_up_s, out.simulated_s) : 0;
    const std::size_t every = std::max<std::size_t>(1, (rows_.size() - std::min(rows_.size(), first_measured_)) / kMost);
    const auto add = [&](const char* metric, auto value) {
        std::vector<float> seconds;
        for (std::size_t i = first_measured_; i < rows_.size(); i += every) {
            const std::optional<float> v = rows_[i].ttft < 0 ? std::nullopt : value(rows_[i]);
            if (v) seconds.push_back(*v);
        }
        if (!seconds.empty()) out.latencies.push_back(latency_of(metric, seconds));
    };
    add("ttft_ms", kTtft);
    add("tpot_ms", kTpot);
    add("e2e_ms", kE2e);
    out.measured = counts_.completed;
    if (out.simulated_s > 0) {
        out.requests_per_s = static_cast<double>(counts_.completed) / out.simulated_s;
        out.input_tok_s = static_cast<double>(counts_.input_tokens) / out.simulated_s;
        out.output_tok_s = static_cast<double>(counts_.output_tokens) / out.simulated_s;
    }
    draw(out);
    out.sample = sample_.middle(first_measured_, rows_.size());
    return out;
}

Measured Recorder::finish() {
    Measured out;
    if (counts_.arrived == 0) {
        out.findings.push_back("no request arrived");
        return out;
    }
    for (Track& t : tracks_) stop_serving(t, last_, true);
    out.counts = counts_;
    out.simulated_s = to_seconds(last_ - first_arrival_);
    after_warm_up_ = first_arrival_;
    find_warm_up(out);
    measure_latencies(out);
    measure_rates(out);
    measure_levels(out);
    judge(out);
    draw(out);
    find_growth(out);
    out.sample = sample_.middle(first_measured_, rows_.size());
    out.replica_hours = paid_s_ / 3600;
    return out;
}

}  // namespace moeplan
