#pragma once
// A request while it is in the system. The cluster owns it; one replica at a time works on it.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/request/request.h"

namespace moeplan {

class Engine;

struct Sequence {
    Arrival arrival;
    RequestRecord record;

    enum class Place : std::uint8_t { nowhere, waiting, prefilling, decoding, sending };
    Place place = Place::nowhere;
    const Engine* engine = nullptr;   // that has it; null = none
    std::size_t group = 0;            // of replicas it is for
    Sequence* ahead = nullptr;        // its neighbours in a WaitingLine
    Sequence* behind = nullptr;

    std::int64_t generated = 0;   // output tokens it has, as of when it last joined the decoding ones
    std::int64_t prompt = 0;      // tokens that must be in the cache before it decodes: its input, and after a preemption
                                  // also what it had generated
    std::int64_t computed = 0;    // of those
    std::int64_t joined = 0;      // decode step at which it joined
    std::int64_t own_blocks = 0;  // not shared, while prefilling
    std::int64_t order = 0;       // of admission
    Ticks queued = 0;             // when it came to the engine
    bool prefill_only = false;    // decoded by another replica
    bool prefilled = false;       // its cache comes from another replica
    bool swapped = false;         // its cache lies in host memory
    bool given_up = false;        // leaves at the end of the step it is in
    std::vector<std::uint64_t> units;   // prefix ids, one per unit of the block pool
    std::vector<std::uint64_t> held;    // of those, the ones it shares now
    std::size_t units_seen = 0;         // of those, the ones offered for sharing

    std::int64_t missing() const { return prompt - computed; }
    std::int64_t shared_blocks(std::int64_t unit_blocks) const { return static_cast<std::int64_t>(held.size()) * unit_blocks; }
};

}  // namespace moeplan
