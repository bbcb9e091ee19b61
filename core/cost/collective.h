#pragma once
// Time of a collective on links of a rate and a latency per step, in the ring form of nccl-tests.

#include "core/cost/cost.h"
#include "core/ops/op.h"

namespace moeplan {

struct LinkRates {
    Estimate rate;         // bytes/s one rank moves in one direction, as reached
    double base_s = 0;     // starting a collective
    double step_s = 0;     // per step of the ring or exchange
};

// NCCL's own model constants for its low-latency protocol (NVIDIA/nccl@5067397c2676, src/graph/tuning.cc):
// base 6.6 us for a ring, 0.6 us a step over NVLink, 1.0 over PCIe, 2.7 over the network.
constexpr double kCollectiveBase = 6.6e-6;
constexpr double kNvlinkStep = 0.6e-6;
constexpr double kPcieStep = 1.0e-6;
constexpr double kNetworkStep = 2.7e-6;

// Bytes over the slowest link and steps, per payload of one rank.
// Source: nccl-tests doc/PERFORMANCE.md (bus bandwidth factors): all-reduce 2(n-1)/n, gather and scatter and
// all-to-all (n-1)/n, point-to-point 1.
struct CollectiveWork {
    Bytes bytes;
    double steps = 0;
};
CollectiveWork collective_work(const Collective& collective);

Cost collective_cost(const Collective& collective, const LinkRates& link);

// Over several nodes, `per_node` ranks in each: rings run through every network adapter, so that one sends that part of what
// leaves a node, and an exchange uses the network for other nodes' ranks alone. What stays in a node moves meanwhile over its
// own links (`inside`; with a rank per node it is not asked). The longer of the two counts.
// Source: NVIDIA/nccl-tests issue 290 (each 400 Gbit/s adapter of a node adds 46 to 48 GB/s to what a ring reaches).
Cost collective_cost(const Collective& collective, const LinkRates& network, const LinkRates& inside);

}  // namespace moeplan
