#pragma once
// A timeline as Chrome-trace JSON, for Perfetto (ui.perfetto.dev) or chrome://tracing, written while the simulation runs.
//
// Process "replicas": a track per replica with its steps; decode steps in a row are one slice, its arguments say how many.
// What happens to a replica or its requests (preempted, lost, returned, scaled, rebalanced, KV sent) is an instant on it, or
// a slice where it takes time. Counters: requests running, waiting and KV blocks held, per replica.
// Process "requests", on request: a span per request with its queueing (to the first token) and its decode.
// Timestamps are microseconds of simulated time, with picoseconds as decimals.
//
// At most `most_events` events are written; then one instant says where the rest was cut off. The text is JSON however
// the writer ends: finish(), or its destructor.
// Source: Trace Event Format, Google, docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU

#include <cstdint>
#include <iosfwd>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "sim/request/observer.h"

namespace moeplan {

struct TimelineSpec {
    std::uint64_t most_events = 1'000'000;   // about 150 bytes each
    bool requests = false;                   // a span for each
};

class TimelineWriter final : public Observer {
public:
    // `out` outlives it.
    explicit TimelineWriter(std::ostream& out, TimelineSpec spec = {});
    ~TimelineWriter() override;
    TimelineWriter(const TimelineWriter&) = delete;
    TimelineWriter& operator=(const TimelineWriter&) = delete;

    void ended(const RequestRecord& record) override;
    void decoded(const DecodeRun& run) override;
    void stepped(const PromptStep& step) override;
    void state(const ReplicaState& now) override;
    void happened(Happening what, std::int32_t replica, std::optional<std::uint64_t> request, Ticks at, Ticks until) override;

    // Closes the text. Nothing is written after it; more calls do nothing.
    void finish();
    bool truncated() const { return left_out_ > 0; }
    Problems problems() const;   // one, when not everything could be written

private:
    bool room(Ticks at, std::uint64_t events = 1);   // for so many more; counts them
    void put(std::string_view event);
    void name_replica(std::int32_t replica);

    std::ostream& out_;
    TimelineSpec spec_;
    std::uint64_t events_ = 0, left_out_ = 0;
    bool first_ = true, finished_ = false, requests_named_ = false;
    std::vector<bool> named_;
    std::vector<ReplicaState> told_;   // last counters of each replica
};

}  // namespace moeplan
