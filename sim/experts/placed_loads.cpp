#include "sim/experts/placed_loads.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/require.h"
#include "sim/experts/expert_epochs.h"

namespace moeplan {
namespace {

double busiest_share(const std::vector<double>& load, const LayerPlacement& place) {
    const auto shares = rank_shares(load, place);
    return *std::max_element(shares.begin(), shares.end());
}

}  // namespace

double busiest_over_mean(const std::vector<std::vector<double>>& p, const std::vector<LayerPlacement>& places) {
    double sum = 0;
    for (std::size_t row = 0; row < p.size(); ++row) sum += busiest_share(p[row], places[row]);
    return sum / static_cast<double>(p.size());
}

void SeenPopularity::add(const PopularityWalk& walk, double length) {
    const auto& p = walk.p();
    if (mixed_.empty()) {
        first_ = p;
        mixed_.assign(p.size(), std::vector<double>(p.front().size(), 0.0));
        state_ = walk.state();
        one_state_ = true;
        length_ = 0;
    }
    one_state_ = one_state_ && walk.state() == state_;
    length_ += length;
    for (std::size_t row = 0; row < p.size(); ++row) {
        for (std::size_t e = 0; e < p[row].size(); ++e) mixed_[row][e] += p[row][e] * length;
    }
}

std::vector<std::vector<double>> SeenPopularity::mean() const {
    require(!mixed_.empty() && length_ > 0, "an interval was seen");
    if (one_state_) return first_;
    auto mean = mixed_;
    for (auto& row : mean) {
        for (double& x : row) x /= length_;
    }
    return mean;
}

PlacedLoads::PlacedLoads(const Prepared& candidate, const PopularityWalk& walk, const PlacementSpec& first,
                         std::uint64_t seed)
    : candidate_(candidate), seed_(seed) {
    for (const auto& p : walk.whole().p) places_.push_back(place_experts(p, candidate.layout.ep, first));
}

PlacedLoads::Alike PlacedLoads::alike(const PopularityWalk& walk, double imbalance) const {
    std::int64_t slots = 0;
    for (const LayerPlacement& place : places_) slots = std::max(slots, place.fullest());
    return {walk.source(), slots, std::llround(std::log(imbalance) / std::log1p(kAlike))};
}

PlacedLoads::Load PlacedLoads::load(const PopularityWalk& walk) {
    const double imbalance = busiest_over_mean(walk.p(), places_);
    if (walk.state() == 0 && !moved_) {
        tables_.try_emplace(alike(walk, imbalance), candidate_.expert_load);
        return {candidate_.expert_load, imbalance};
    }
    auto& table = tables_[alike(walk, imbalance)];
    if (!table)
        table = std::make_shared<const ExpertLoadTable>(
            build_expert_load_table(walk.profile(), {walk.order(), places_}, seed_));
    return {table, imbalance};
}

Result<WeightMoves> PlacedLoads::rebalance(const std::vector<std::vector<double>>& seen, std::int64_t redundant) {
    if (seen == placed_by_) return WeightMoves{};   // what it would do was done
    auto places = places_;
    for (std::size_t row = 0; row < places.size(); ++row) {
        LayerPlacement better = place_experts(seen[row], candidate_.layout.ep, {PlacementKind::eplb, redundant});
        constexpr double kRounding = 1e-12;
        if (busiest_share(seen[row], better) < busiest_share(seen[row], places[row]) - kRounding)
            places[row] = std::move(better);
    }
    auto moves = weight_moves(candidate_, places_, places);
    if (!moves) return moves;
    moved_ = moved_ || places != places_;
    places_ = std::move(places);
    placed_by_ = seen;
    return moves;
}

}  // namespace moeplan
