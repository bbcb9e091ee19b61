#pragma once
// Random numbers of a run come from streams of their own, so that a change of one choice leaves the others' draws alone.

#include <cstdint>

#include "core/routing/rng.h"

namespace moeplan {

enum class Stream : std::uint64_t { gaps = 1, lengths, prefixes, priorities, thinning, clients };

inline Rng stream_of(std::uint64_t seed, Stream stream, std::uint64_t part = 0) {
    constexpr std::uint64_t kArrivals = 0x6172726976616c73;  // apart from what else the seed feeds
    return Rng(seed ^ kArrivals, static_cast<std::uint64_t>(stream), part);
}

// One 64-bit value from two, spread evenly.
inline std::uint64_t mixed(std::uint64_t a, std::uint64_t b) { return Rng(a, b, 0).next(); }

}  // namespace moeplan
