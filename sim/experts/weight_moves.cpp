#include "sim/experts/weight_moves.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "core/base/require.h"
#include "core/model/count.h"

namespace moeplan {
namespace {

enum Wire : std::size_t { link = 0, pcie = 1, network = 2 };
using PerWire = std::array<double, 3>;   // copies

class Traffic {
public:
    Traffic(const Prepared& candidate, std::size_t ranks) : candidate_(candidate), received_(ranks), sent_(ranks) {}

    // The ranks' copies of one row.
    void add(const LayerPlacement& before, const LayerPlacement& after) {
        const auto holders = holders_of(before);
        for (std::size_t rank = 0; rank + 1 < after.rank_begin.size(); ++rank) {
            std::vector<std::int32_t> held(after.slot_expert.begin() + after.rank_begin[rank],
                                           after.slot_expert.begin() + after.rank_begin[rank + 1]);
            std::sort(held.begin(), held.end());
            held.erase(std::unique(held.begin(), held.end()), held.end());
            for (const std::int32_t expert : held) bring(holders[static_cast<std::size_t>(expert)], rank);
        }
    }

    double copies() const { return copies_; }

    // Copies of the busiest rank over each wire, sent or received.
    PerWire busiest() const {
        PerWire most{};
        for (const auto* ranks : {&received_, &sent_}) {
            for (const PerWire& one : *ranks) {
                for (std::size_t wire = 0; wire < most.size(); ++wire) most[wire] = std::max(most[wire], one[wire]);
            }
        }
        return most;
    }

private:
    static std::vector<std::vector<std::size_t>> holders_of(const LayerPlacement& place) {
        std::vector<std::vector<std::size_t>> holders(place.replicas.size());
        for (std::size_t rank = 0; rank + 1 < place.rank_begin.size(); ++rank) {
            for (auto s = place.rank_begin[rank]; s < place.rank_begin[rank + 1]; ++s) {
                auto& of_expert = holders[static_cast<std::size_t>(place.slot_expert[static_cast<std::size_t>(s)])];
                if (of_expert.empty() || of_expert.back() != rank) of_expert.push_back(rank);
            }
        }
        return holders;
    }

    void bring(const std::vector<std::size_t>& holders, std::size_t to) {
        if (std::find(holders.begin(), holders.end(), to) != holders.end()) return;
        const auto cost = [&](std::size_t from) { return std::pair(wire(from, to), total(sent_[from])); };
        const std::size_t from = *std::min_element(holders.begin(), holders.end(),
                                                   [&](std::size_t a, std::size_t b) { return cost(a) < cost(b); });
        received_[to][wire(from, to)] += 1;
        sent_[from][wire(from, to)] += 1;
        copies_ += 1;
    }

    // A rank's experts lie on moe_tp GPUs side by side; a replica starts at a node.
    Wire wire(std::size_t a, std::size_t b) const {
        const auto gpu = [&](std::size_t rank) { return static_cast<std::int64_t>(rank) * candidate_.layout.moe_tp; };
        if (gpu(a) / candidate_.gpus_per_node != gpu(b) / candidate_.gpus_per_node) return network;
        const DeviceSpec& device = *candidate_.device;
        return device.link.value > 0 && gpu(a) / device.link_domain == gpu(b) / device.link_domain ? link : pcie;
    }

    static double total(const PerWire& wires) { return wires[link] + wires[pcie] + wires[network]; }

    const Prepared& candidate_;
    std::vector<PerWire> received_, sent_;
    double copies_ = 0;
};

Problem no_rate(const DeviceSpec& device, Wire wire) {
    if (wire == network) {
        return {{},
                "simulate.rebalance",
                fmt::format("experts move between nodes but no network rate is known for {}", device.name),
                "give cluster: {network: 50 GB/s}",
                ProblemKind::wrong_input};
    }
    return {{},
            "simulate.rebalance",
            fmt::format("{} has no published link between GPUs for experts to move over", device.name),
            "leave out rebalance or give the device a link",
            ProblemKind::wrong_input};
}

}  // namespace

Bytes expert_bytes(const Prepared& candidate) {
    const MoeFfn* moe = candidate.model->moe();
    require(moe != nullptr, "only a model with experts has expert bytes");
    return weight_bytes(expert_parameters(*moe, candidate.model->hidden), candidate.precision.experts) /
           static_cast<double>(candidate.layout.moe_tp);
}

Result<WeightMoves> weight_moves(const Prepared& candidate, const std::vector<LayerPlacement>& before,
                                 const std::vector<LayerPlacement>& after) {
    require(!before.empty() && before.size() == after.size(), "a placement before and after for every row");
    Traffic traffic(candidate, static_cast<std::size_t>(after.front().ranks()));
    for (std::size_t row = 0; row < before.size(); ++row) traffic.add(before[row], after[row]);

    const double rows = static_cast<double>(before.size());
    const double layers_of_row =
        static_cast<double>(candidate.model->moe_layer_count()) / rows / static_cast<double>(candidate.layout.pp);
    const DeviceSpec& device = *candidate.device;
    const std::array<BytesPerSecond, 3> rates{device.link, device.pcie, candidate.network};
    WeightMoves moves;
    moves.copies = traffic.copies() / rows;
    const PerWire busiest = traffic.busiest();
    for (const Wire wire : {link, pcie, network}) {
        if (busiest[wire] <= 0) continue;
        const BytesPerSecond rate = rates[wire] * device.link_fraction.value;
        if (rate.value <= 0) return fail(no_rate(device, wire));
        moves.time = std::max(moves.time, expert_bytes(candidate) * (busiest[wire] * layers_of_row) / rate);
    }
    return moves;
}

}  // namespace moeplan
