#pragma once
// The protocol on two streams: greets, then answers one request a line until quit or the end.

#include <iosfwd>

#include "gpu/cuda/session.h"

namespace moeplan::cuda {

// Lines that are not requests are named on `errors` and skipped. False when the context was lost.
bool serve(Session& session, std::istream& in, std::ostream& out, std::ostream& errors);

}  // namespace moeplan::cuda
