#pragma once
// A worker's conversation with the calibrator: a greeting, then a reply for each request.

#include <functional>
#include <istream>
#include <ostream>
#include <utility>

#include "gpu/protocol/protocol.h"

namespace moeplan {

// A plain reply is an answer with others to follow.
struct Answer {
    Answer(ProbeReply given = {}, bool is_last = false) : reply(std::move(given)), last(is_last) {}
    ProbeReply reply;
    bool last;   // the device is lost: nothing follows
};

// Reads lines until quit, the end, nobody reads the replies, or a last answer. A line that is no request gets a failed
// reply with its id, or -1 where it has none; a line over the protocol's bound is dropped and answered so. False after a
// last answer.
bool serve(std::istream& in, std::ostream& out, const WorkerHello& hello, const std::function<Answer(const ProbeRequest&)>& answer);

}  // namespace moeplan
