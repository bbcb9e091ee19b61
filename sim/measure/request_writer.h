#pragma once
// One line per request, written when it ends, while the simulation runs. Nothing is held.
//
// CSV: a header, then rows (RFC 4180, LF). JSONL: an object a line, the same fields. Times of what did not happen (no first
// token, less than two tokens for TPOT) are empty, or null.
//   id, arrival_s, ttft_ms, tpot_ms, e2e_ms, input, output, cached_tokens, priority, session, replica, preemptions,
//   restarts, outcome (completed, rejected, timed out, unfinished)
// Times to the nanosecond. e2e_ms of a request that was given up is the time until then; replica -1 = none.

#include <iosfwd>

#include "core/base/result.h"
#include "sim/request/observer.h"

namespace moeplan {

enum class RequestFormat : bool { csv, jsonl };

class RequestWriter final : public Observer {
public:
    // `out` outlives it. Writes the header.
    RequestWriter(std::ostream& out, RequestFormat format);
    void ended(const RequestRecord& record) override;

    // One problem when not everything could be written (a full disk).
    Problems problems() const;

private:
    std::ostream& out_;
    RequestFormat format_;
};

}  // namespace moeplan
