#pragma once
// What requests have beside time and length: how urgent they are, and how their prompts begin.

#include <cstdint>
#include <optional>
#include <vector>

#include "core/routing/rng.h"
#include "core/scenario/simulate_spec.h"
#include "sim/request/request.h"

namespace moeplan {

constexpr std::int64_t kMostPrefixBlocks = 65'536;   // of one prompt: a declared prefix ends after 2^20 tokens
constexpr std::int64_t kPrefixBlock = 16;   // tokens behind one id of a declared prefix; vLLM's default KV block

struct TraitSpec {
    std::vector<PriorityShare> priorities;        // the rest has priority 0
    std::optional<SharedPrefixes> prefixes;       // each request begins with one of the groups' texts
    double prefix_shared = 0;  // without `prefixes`: this share of each prompt, of one text common to all
};

// Draws them for one request after the other. A declared prefix is known by ids for its whole blocks; the blocks after it
// have no ids and are shared with nobody. A prompt no longer than the prefix is all prefix.
class Traits {
public:
    Traits(const TraitSpec& spec, std::uint64_t seed);

    // Sets priority, and prefix where one is declared (it replaces what is there).
    void apply(Arrival& arrival);
    bool declares_prefix() const { return groups_ > 0 && (tokens_ > 0 || share_ > 0); }

private:
    void set_prefix(Arrival& arrival);

    std::vector<PriorityShare> priorities_;
    std::int64_t groups_ = 0, tokens_ = 0;
    double share_ = 0;
    std::uint64_t salt_;
    Rng priority_rng_, group_rng_;
};

}  // namespace moeplan
