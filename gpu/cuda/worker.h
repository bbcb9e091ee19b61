#pragma once
// The worker's conversation: greets, then answers one request a line until quit, the end, or nobody reads any more.

#include <iosfwd>

#include "gpu/cuda/session.h"

namespace moeplan::cuda {

// A line that is no request gets a failed reply with its id, or -1 where it has none. False when the GPU was lost.
bool serve(Session& session, std::istream& in, std::ostream& out);

}  // namespace moeplan::cuda
