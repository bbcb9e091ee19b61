#pragma once
// Which replica gets a request.

#include <cstdint>
#include <memory>
#include <span>

#include "core/scenario/simulate_spec.h"
#include "sim/request/request.h"

namespace moeplan {

// A replica that takes requests now.
struct Door {
    std::int32_t replica = 0;
    std::int64_t load = 0;     // requests in it, waiting and running
};

class RequestRouter {
public:
    virtual ~RequestRouter() = default;
    // An index into `doors`, which are never none and in order of replica.
    virtual std::size_t choose(const Arrival& request, std::span<const Door> doors) = 0;
};

// round_robin      one after the other
// least_loaded     fewest requests; the first of equals
// power_of_two     the less loaded of two drawn at random (Mitzenmacher 2001)
// prefix_affinity  where most of the prompt's prefix was sent last, if that is at least half of its ids and the replica is not
//                  much fuller than the emptiest; else least loaded
// session          always the same replica, as long as it serves (highest random weight, Thaler and Ravishankar 1998)
std::unique_ptr<RequestRouter> make_router(Router kind, std::uint64_t seed);

}  // namespace moeplan
