#include "sim/experts/placed_loads.h"

#include <algorithm>

namespace moeplan {
namespace {

double busiest_share(const std::vector<double>& load, const LayerPlacement& place) {
    const auto shares = rank_shares(load, place);
    return *std::max_element(shares.begin(), shares.end());
}

double mean_busiest_share(const std::vector<std::vector<double>>& p, const std::vector<LayerPlacement>& places) {
    double sum = 0;
    for (std::size_t row = 0; row < p.size(); ++row) sum += busiest_share(p[row], places[row]);
    return sum / static_cast<double>(p.size());
}

}  // namespace

PlacedLoads::PlacedLoads(const Prepared& candidate, const PopularityStates& states, const PlacementSpec& first, std::uint64_t seed)
    : candidate_(candidate), states_(states), seed_(seed) {
    std::vector<LayerPlacement> places;
    for (const auto& p : states.base().p) places.push_back(place_experts(p, candidate.layout.ep, first));
    placements_.push_back(std::move(places));
}

const PlacedLoads::Load& PlacedLoads::load(std::size_t state, std::size_t placement) {
    const auto [at, added] = loads_.try_emplace({state, placement});
    if (!added) return at->second;
    const RoutingMoment moment{states_.order(state), placements_[placement]};
    at->second.imbalance = mean_busiest_share(states_.p(state), moment.places);
    at->second.table = placement == 0 && states_.is_own(state)
                           ? candidate_.expert_load
                           : std::make_shared<const ExpertLoadTable>(build_expert_load_table(states_.profile(state), moment, seed_));
    return at->second;
}

Result<PlacedLoads::Rebalanced> PlacedLoads::rebalance(const Seen& seen, std::size_t placement, std::int64_t redundant) {
    if (const auto known = rebalanced_.find({seen, placement}); known != rebalanced_.end()) return known->second;
    auto places = placements_[placement];
    const auto p = mean_popularity(seen);
    for (std::size_t row = 0; row < places.size(); ++row) {
        LayerPlacement better = place_experts(p[row], candidate_.layout.ep, {PlacementKind::eplb, redundant});
        constexpr double kRounding = 1e-12;
        if (busiest_share(p[row], better) < busiest_share(p[row], places[row]) - kRounding) places[row] = std::move(better);
    }
    auto moves = weight_moves(candidate_, placements_[placement], places);
    if (!moves) return tl::unexpected(std::move(moves.error()));
    const Rebalanced result{id_of(std::move(places)), *moves};
    rebalanced_.emplace(std::pair(seen, placement), result);
    return result;
}

std::vector<std::vector<double>> PlacedLoads::mean_popularity(const Seen& seen) const {
    double total = 0;
    for (const auto& [state, length] : seen) total += static_cast<double>(length);
    if (seen.size() == 1) return states_.p(seen.begin()->first);
    std::vector<std::vector<double>> mean(states_.base().p.size(), std::vector<double>(static_cast<std::size_t>(states_.base().experts), 0.0));
    for (const auto& [state, length] : seen) {
        const auto p = states_.p(state);
        const double weight = static_cast<double>(length) / total;
        for (std::size_t row = 0; row < mean.size(); ++row) {
            for (std::size_t e = 0; e < mean[row].size(); ++e) mean[row][e] += weight * p[row][e];
        }
    }
    return mean;
}

std::size_t PlacedLoads::id_of(std::vector<LayerPlacement> places) {
    const auto known = std::find(placements_.begin(), placements_.end(), places);
    if (known != placements_.end()) return static_cast<std::size_t>(known - placements_.begin());
    placements_.push_back(std::move(places));
    return placements_.size() - 1;
}

}  // namespace moeplan
