#include "sim/experts/rebalance_summary.h"

#include <algorithm>

#include "core/base/require.h"
#include "sim/experts/weight_moves.h"

namespace moeplan {
namespace {

// How long epoch i lasts.
double length(const std::vector<ExpertEpoch>& epochs, std::size_t i, double horizon) {
    const double end = i + 1 < epochs.size() ? epochs[i + 1].from.value : horizon;
    return std::max(0.0, std::min(end, horizon) - epochs[i].from.value);
}

double mean_imbalance(const std::vector<ExpertEpoch>& epochs, double horizon) {
    if (!(horizon > 0)) return epochs.front().imbalance;
    double sum = 0;
    for (std::size_t i = 0; i < epochs.size(); ++i) sum += epochs[i].imbalance * length(epochs, i, horizon);
    return sum / horizon;
}

double most_slots(const std::vector<ExpertEpoch>& epochs) {
    double most = 0;
    for (const ExpertEpoch& epoch : epochs) most = std::max(most, epoch.load ? epoch.load->held_per_rank() : 0);
    return most;
}

}  // namespace

RebalanceSummary rebalance_summary(const std::vector<ExpertEpoch>& with, const std::vector<ExpertEpoch>& without,
                                   const Prepared& candidate, Seconds horizon) {
    require(!with.empty() && !without.empty(), "epochs cover the time from 0");
    RebalanceSummary summary;
    summary.imbalance_with = mean_imbalance(with, horizon.value);
    summary.imbalance_without = mean_imbalance(without, horizon.value);
    double paused = 0;
    for (std::size_t i = 0; i < with.size(); ++i) {
        if (with[i].moved_experts <= 0) continue;
        ++summary.rebalances;
        summary.moved_experts += with[i].moved_experts;
        summary.pause += with[i].pause;
        paused += std::min(with[i].pause.value, length(with, i, horizon.value));
    }
    if (summary.rebalances > 0) {
        summary.moved_experts /= static_cast<double>(summary.rebalances);
        summary.pause = summary.pause / static_cast<double>(summary.rebalances);
    }
    if (horizon.value > 0) summary.paused_share = paused / horizon.value;
    if (candidate.model->moe()) {
        const double layers =
            static_cast<double>(candidate.model->moe_layer_count()) / static_cast<double>(candidate.layout.pp);
        summary.extra_memory =
            expert_bytes(candidate) * (layers * std::max(0.0, most_slots(with) - most_slots(without)));
    }
    summary.most_gained = summary.imbalance_without / summary.imbalance_with * (1 - summary.paused_share);
    return summary;
}

}  // namespace moeplan
