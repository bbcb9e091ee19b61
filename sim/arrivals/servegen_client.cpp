#include "sim/arrivals/servegen_client.h"

#include <algorithm>

#include "sim/arrivals/streams.h"

namespace moeplan {
namespace {

static_assert(kLeastWeibullShape >= kSmallestWeibullShape, "what is read can be drawn");

Gaps gaps_of(const ServeGenWindow& window) {
    switch (window.gaps) {
        case ServeGenGaps::gamma: return Gaps::gamma_of_shape(window.shape);
        case ServeGenGaps::weibull: return Gaps::weibull_of_shape(window.shape);
        case ServeGenGaps::exponential: break;
    }
    return Gaps::exponential();
}

std::int64_t draw(const std::vector<LengthChance>& chances, Rng& rng) {
    const auto u = static_cast<float>(rng.uniform());
    const auto at = std::upper_bound(chances.begin(), chances.end(), u,
                                     [](float x, const LengthChance& chance) { return x < chance.up_to; });
    return at == chances.end() ? chances.back().tokens : at->tokens;
}

}  // namespace

ClientProcess::ClientProcess(const ServeGenClient& client, double speed, double from_s, double to_s, std::uint64_t seed)
    : client_(&client),
      speed_(speed),
      to_s_(to_s),
      now_s_(from_s),
      gap_rng_(stream_of(seed, Stream::clients, 2 * static_cast<std::uint64_t>(client.number))),
      length_rng_(stream_of(seed, Stream::clients, 2 * static_cast<std::uint64_t>(client.number) + 1)) {}

bool ClientProcess::enter_window() {
    const auto& windows = client_->windows;
    while (window_ < windows.size() && (windows[window_].end_s <= now_s_ || windows[window_].rate <= 0)) {
        ++window_;
        entered_ = false;
    }
    if (window_ == windows.size() || windows[window_].start_s >= to_s_) return false;
    now_s_ = std::max(now_s_, windows[window_].start_s);
    if (!entered_) gaps_ = gaps_of(windows[window_]);
    entered_ = true;
    return true;
}

std::optional<double> ClientProcess::next_time() {
    if (!enter_window()) return std::nullopt;
    double left = first_ ? gaps_.draw_first(gap_rng_) : gaps_.draw(gap_rng_);   // in the client's own time
    first_ = false;
    for (;;) {
        const ServeGenWindow& window = client_->windows[window_];
        const double rate = window.rate * speed_;
        const double room = (window.end_s - now_s_) * rate;
        if (left < room) {
            now_s_ = std::min(now_s_ + left / rate, window.end_s);
            if (now_s_ >= to_s_) return std::nullopt;
            return now_s_;
        }
        left -= room;
        now_s_ = window.end_s;
        if (!enter_window()) return std::nullopt;
    }
}

const ServeGenLengths& ClientProcess::lengths_now() {
    const auto& all = client_->lengths;
    while (lengths_ + 1 < all.size() && all[lengths_ + 1].start_s <= now_s_) ++lengths_;
    return all[lengths_];
}

std::int64_t ClientProcess::draw_input() { return draw(lengths_now().input, length_rng_); }
std::int64_t ClientProcess::draw_output() { return draw(lengths_now().output, length_rng_); }

}  // namespace moeplan
