#pragma once
// Requests whose times come from a rule: open processes (arrivals whatever the server does), a closed loop of users, a
// batch, a list. Processes and loops go on for ever; limited() ends them.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/arrivals/gaps.h"
#include "sim/arrivals/length_model.h"
#include "sim/arrivals/traits.h"
#include "sim/request/request.h"

namespace moeplan {

// Lengths and traits of the requests a process makes. Its sessions: a user's requests are one, others are each their own.
struct RequestMaker {
    std::unique_ptr<LengthModel> lengths;
    Traits traits;
    RequestLengths drawn = {};

    Arrival make(Ticks at, std::uint32_t session);
    std::int64_t block_tokens() const { return traits.declares_prefix() ? kPrefixBlock : lengths->block_tokens(); }
};

// Stationary from the start (Gaps::draw_first); rate in 1e-6 … 1e9 a second.
std::unique_ptr<RequestSource> make_renewal(double rate, const Gaps& gaps, RequestMaker maker, std::uint64_t seed);

// A Poisson process of rate(t) = mean (1 - (peak_over_mean - 1) cos(2 pi t / period)), by thinning one of the peak rate.
// Source: P. A. W. Lewis and G. S. Shedler, Simulation of nonhomogeneous Poisson processes by thinning, NRLQ 26 (1979).
std::unique_ptr<RequestSource> make_diurnal(const DiurnalArrivals& spec, RequestMaker maker, std::uint64_t seed);

struct ClosedLoopSpec {
    std::int64_t users = 1;
    Ticks think = 0;  // between an answer and the user's next request
    Ticks spread = 0;  // the users' first requests, evenly over this time; 0 = all at once
    std::optional<std::int64_t> requests_per_user;  // absent = for ever
};
// A request that was refused or given up is followed by the user's next one as if it was answered.
std::unique_ptr<RequestSource> make_closed_loop(const ClosedLoopSpec& spec, RequestMaker maker);

// `count` requests at time 0, once.
std::unique_ptr<RequestSource> make_batch(std::int64_t count, RequestMaker maker);

// Given requests, in order of `at`.
std::unique_ptr<RequestSource> make_list(std::vector<Arrival> arrivals, std::int64_t prefix_block_tokens = 0);

// Where a source ends. Closed loops: requests after an answer count too.
struct SourceLimits {
    std::optional<std::int64_t> requests = {};  // this many
    Ticks until = kNever;  // none at or after this time
};
std::unique_ptr<RequestSource> limited(std::unique_ptr<RequestSource> source, const SourceLimits& limits);

}  // namespace moeplan
