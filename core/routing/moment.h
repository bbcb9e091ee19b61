#pragma once
// A routing at one moment of its life: popularity may have wandered from expert to expert, and experts may lie where an
// earlier popularity put them.

#include <cstdint>
#include <vector>

#include "core/routing/placement.h"
#include "core/routing/routing.h"

namespace moeplan {

// [row][expert]: whose popularity of the profile the expert has now. Empty: its own.
using PopularityOrder = std::vector<std::vector<std::int32_t>>;

struct RoutingMoment {
    PopularityOrder order;
    std::vector<LayerPlacement> places;  // one for each row of the profile, all of as many ranks
};

// The profile with a row for everything that has a popularity of its own: itself, but of a bounded power law one row
// for each load its table averages (at kPowerLawReferenceTokens), under the seed that the table is built with.
RoutingProfile with_lasting_rows(RoutingProfile profile, std::uint64_t seed);

// p[row][expert] now.
std::vector<std::vector<double>> popularity(const RoutingProfile& profile, const PopularityOrder& order);

// As the table of routing.h, which it is to the byte where nothing has moved (a power law's that is placed by load
// excepted: there every step is placed by its own loads).
// Requires: rows of with_lasting_rows(); no order for a recorded trace.
ExpertLoadTable build_expert_load_table(const RoutingProfile& profile, const RoutingMoment& moment, std::uint64_t seed,
                                        TokenMix mix = TokenMix::across_sequences);

}  // namespace moeplan
