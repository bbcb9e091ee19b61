#pragma once
// The two pools of a candidate, each prepared as a candidate of its own: layouts, limits and tables of expert loads differ.

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/analyse/evaluate.h"

namespace moeplan {

struct PreparedPools {
    std::array<std::shared_ptr<const Scenario>, 2> studies;   // own what the two point to
    Prepared prefill, decode;

    bool alike() const { return prefill.layout == decode.layout; }
    std::int64_t gpus() const { return prefill.layout.gpus() * prefill.replicas + decode.layout.gpus() * decode.replicas; }
};

// One for each candidate; nothing where it has no pools.
using PoolsOfCandidates = std::vector<std::optional<PreparedPools>>;

// A closed form knows one layout and one set of limits. `study`'s candidates with pools get those of the replicas that
// decode, and as many replicas as are laid out so; apart_from() then tells the prepared candidate of the others.
// Errors: what prepare() says of a pool, at the pool's line; pools that are not the candidate's GPUs, a pool without a layout, at
// the candidate's. Candidates with an error are left out of `study`.
struct PoolsFound {
    PoolsOfCandidates pools;
    Problems problems;
};
PoolsFound prepare_pools(Scenario& study, const Catalog& catalog);

// `main`: prepared from the study prepare_pools() left.
void apart_from(Prepared& main, const PreparedPools& pools);

// The memory of a replica that prefills (prompts only) and of one that decodes (whole sequences) at this load.
struct PoolMemory {
    Evaluation prefill, decode;
    bool fits() const { return prefill.fits && decode.fits; }
    std::string misfit() const;   // "the prefill pool (tp 4): weights …"; empty = fits
    std::string prefill_layout, decode_layout;
};
// Errors: the cost source's.
Result<PoolMemory> memory_of(const PreparedPools& pools, const OperatingPoint& point, const CostSource& source);

// "prefill 2 x tp 4 · ep 4, decode 1 x tp 8"; "tp 4, 2 prefill + 6 decode" where they are laid out alike
std::string describe(const PreparedPools& pools);

}  // namespace moeplan
