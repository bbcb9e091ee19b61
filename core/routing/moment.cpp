#include "core/routing/moment.h"

#include <utility>

#include "core/base/require.h"
#include "core/routing/load_draws.h"

namespace moeplan {

RoutingProfile with_lasting_rows(RoutingProfile profile, std::uint64_t seed) {
    if (profile.power_law_alpha) profile.p = load_draws::power_law_popularity(profile, seed);
    return profile;
}

std::vector<std::vector<double>> popularity(const RoutingProfile& profile, const PopularityOrder& order) {
    if (order.empty()) return profile.p;
    require(order.size() == profile.p.size(), "one order for every row");
    auto now = profile.p;
    for (std::size_t row = 0; row < now.size(); ++row) {
        for (std::size_t e = 0; e < now[row].size(); ++e) {
            now[row][e] = profile.p[row][static_cast<std::size_t>(order[row][e])];
        }
    }
    return now;
}

}  // namespace moeplan
