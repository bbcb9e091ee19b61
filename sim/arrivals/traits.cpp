#include "sim/arrivals/traits.h"

#include <algorithm>

#include "sim/arrivals/streams.h"

namespace moeplan {

Traits::Traits(const TraitSpec& spec, std::uint64_t seed)
    : priorities_(spec.priorities),
      salt_(mixed(seed, 0x707265666978)),
      priority_rng_(stream_of(seed, Stream::priorities)),
      group_rng_(stream_of(seed, Stream::prefixes)) {
    if (spec.prefixes) {
        groups_ = std::max<std::int64_t>(spec.prefixes->groups, 1);
        tokens_ = spec.prefixes->tokens;
    } else if (spec.prefix_shared > 0) {
        groups_ = 1;
        share_ = std::min(spec.prefix_shared, 1.0);
    }
}

void Traits::set_prefix(Arrival& arrival) {
    const auto group =
        groups_ > 1 ? static_cast<std::uint64_t>(group_rng_.below(static_cast<std::size_t>(groups_))) : 0;
    const auto shared = share_ > 0 ? static_cast<std::int64_t>(share_ * static_cast<double>(arrival.input)) : tokens_;
    const std::int64_t blocks = std::min(std::min(shared, arrival.input) / kPrefixBlock, kMostPrefixBlocks);
    arrival.prefix.resize(static_cast<std::size_t>(blocks));
    // Odd steps never meet within a text, and two texts start far apart.
    std::uint64_t id = mixed(salt_, group);
    for (std::uint64_t& block : arrival.prefix) block = id += 0x9e3779b97f4a7c15ULL;
}

void Traits::apply(Arrival& arrival) {
    if (declares_prefix()) set_prefix(arrival);
    arrival.priority = 0;
    if (priorities_.empty()) return;
    double u = priority_rng_.uniform();
    for (const PriorityShare& share : priorities_) {
        if (u < share.share) {
            arrival.priority = share.priority;
            return;
        }
        u -= share.share;
    }
}

}  // namespace moeplan
