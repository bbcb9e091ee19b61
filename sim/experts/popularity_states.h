#pragma once
// Internal to experts: the forms that popularity takes, one drift apart.

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/result.h"
#include "core/routing/moment.h"
#include "core/scenario/simulate_spec.h"

namespace moeplan {

class PopularityStates {
public:
    // `profile` has lasting rows. `drifts`: how many there will be. `rhythm`: drifts after which rebalancing falls on a
    // drift again (0: never); where it can, the way there and back takes a multiple of it, so that loads repeat too.
    // Errors: a trace too short for two windows.
    static Result<PopularityStates> make(RoutingProfile profile, const std::optional<DriftSpec>& drift, std::int64_t drifts,
                                         std::int64_t rhythm, std::uint64_t seed);

    std::size_t count() const { return windows_.empty() ? orders_.size() : windows_.size(); }
    // The state after so many drifts. States of equal popularity are one.
    std::size_t after(std::int64_t drifts) const;
    // Popularity as the candidate was prepared with.
    bool is_own(std::size_t state) const { return windows_.empty() && state == 0; }

    const RoutingProfile& base() const { return profile_; }   // all of it, as the candidate was prepared with
    const RoutingProfile& profile(std::size_t state) const { return windows_.empty() ? profile_ : windows_[state]; }
    const PopularityOrder& order(std::size_t state) const { return windows_.empty() ? orders_[state] : kOwnOrder; }
    std::vector<std::vector<double>> p(std::size_t state) const { return popularity(profile(state), order(state)); }

private:
    static const PopularityOrder kOwnOrder;

    void deal_states(double share, std::int64_t states, std::uint64_t seed);
    Problems cut_windows();

    RoutingProfile profile_;
    std::vector<PopularityOrder> orders_;
    std::vector<RoutingProfile> windows_;
    std::vector<std::size_t> same_;   // per state: the first that is equal to it
};

}  // namespace moeplan
