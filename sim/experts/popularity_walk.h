#pragma once
// Internal to experts: popularity from drift to drift.

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/result.h"
#include "core/routing/moment.h"
#include "core/scenario/simulate_spec.h"

namespace moeplan {

class PopularityWalk {
public:
    // `profile` has lasting rows; without drift it stays. Errors: a trace too short for two windows.
    static Result<PopularityWalk> make(RoutingProfile profile, const std::optional<DriftSpec>& drift,
                                       std::uint64_t seed);

    void drift();

    // The same number for the same popularity without a change between; 0 = as the candidate was prepared with.
    std::int64_t state() const { return state_; }
    // Which window of a recording loads are drawn from.
    std::size_t source() const { return window_; }

    const RoutingProfile& whole() const { return whole_; }
    const RoutingProfile& profile() const { return windows_.empty() ? whole_ : windows_[window_]; }
    const PopularityOrder& order() const { return order_; }           // of profile(); empty = its own
    const std::vector<std::vector<double>>& p() const { return p_; }  // [row][expert] now

private:
    Problems cut_windows();

    RoutingProfile whole_;
    double share_ = 0;
    std::uint64_t seed_ = 0;
    std::int64_t state_ = 0, drifts_ = 0;
    PopularityOrder order_;
    std::vector<std::vector<double>> p_;
    std::vector<RoutingProfile> windows_;
    std::size_t window_ = 0;
};

}  // namespace moeplan
