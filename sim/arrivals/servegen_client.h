#pragma once
// One of ServeGen's clients as a process.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/routing/rng.h"
#include "sim/arrivals/gaps.h"
#include "sim/trace/servegen.h"

namespace moeplan {

class ClientProcess {
public:
    // `client` outlives this. Times are the recording's, in seconds; none before `from_s` or at `to_s`.
    ClientProcess(const ServeGenClient& client, double speed, double from_s, double to_s, std::uint64_t seed);

    // The next request's time; nothing after the last.
    std::optional<double> next_time();
    // Lengths of a request at the time last given.
    std::int64_t draw_input();
    std::int64_t draw_output();
    const ServeGenClient& client() const { return *client_; }

private:
    bool enter_window();           // skips silent ones; false after the last
    const ServeGenLengths& lengths_now();

    const ServeGenClient* client_;
    double speed_, to_s_, now_s_;
    std::size_t window_ = 0, lengths_ = 0;
    Gaps gaps_ = Gaps::exponential();
    bool first_ = true;
    bool entered_ = false;         // gaps_ is the current window's
    Rng gap_rng_, length_rng_;
};

}  // namespace moeplan
