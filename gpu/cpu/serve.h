#pragma once
// The worker's conversation with the calibrator: a greeting, then a reply for each request.

#include <functional>
#include <istream>
#include <ostream>

#include "gpu/protocol/protocol.h"

namespace moeplan::cpu {

// Reads lines until quit, the end, or until nobody reads the replies. A line that is no request gets a failed reply
// with its id, or -1 where it has none; a line over the protocol's bound is dropped and answered so.
void serve(std::istream& in, std::ostream& out, const WorkerHello& hello,
           const std::function<ProbeReply(const ProbeRequest&)>& answer);

}  // namespace moeplan::cpu
