#pragma once
// An observer that turns a running simulation into figures. Memory: 26 bytes a request (260 MB for ten million), at most
// 80 MB of decode runs, and time bins of fixed size. Latencies are kept as 32-bit floats of seconds: each is within
// 1 part in 8 million of the simulated one; ranks and percentiles are exact over those.
//
// What is measured when:
//   latencies      completed requests that arrived after the warm-up, ITL: token gaps that began after it
//   rates          from the end of the warm-up to the last arrival, as long as that is at least half of what is left;
//                  else (all arrive at once, or a queue is worked off) to the end
//   running        admitted to a replica: over a step, the most of before it, in it and after it; waiting: in the system
//                  and not running (not yet there, queued, in transfer)
//   kv             blocks held by running requests over all blocks; over a step, those at its end, before who ended in it gave
//                  theirs back; over decode steps in a row they grow straight
//   busy           time replicas were in steps over the time they could have been
// Tokens that come together (accepted drafts) are one gap, as a client sees them.
//
// Warm-up, unless given: the later of the places where TTFT and TPOT, in order of arrival, have settled (MSER-5,
// warm_up.h). Where they never do, nothing is left out and a finding says so.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sim/measure/chunked.h"
#include "sim/measure/measured.h"
#include "sim/measure/request_windows.h"
#include "sim/measure/time_bins.h"
#include "sim/measure/token_clock.h"
#include "sim/measure/token_gaps.h"
#include "sim/request/observer.h"

namespace moeplan {

struct RecorderSpec {
    std::optional<double> warm_up_s;      // absent = detected
    std::vector<Objective> objectives;    // metrics other than ttft, tpot, e2e are ignored
    std::int32_t replicas = 1;            // of all groups
    std::vector<std::int32_t> off_at_start;   // of those, the ones that serve only once they are scaled up
    std::size_t most_gap_runs = 2'500'000;
    // Called after so many states of replicas, again and again. Empty = never.
    std::function<void()> tick;
    std::uint64_t tick_every = 100'000;
};

class Recorder final : public Observer {
public:
    explicit Recorder(RecorderSpec spec);

    void arrived(std::uint64_t id, const Arrival& request) override;
    void ended(const RequestRecord& record) override;
    void decoded(const DecodeRun& run) override;
    void stepped(const PromptStep& step) override;
    void state(const ReplicaState& now) override;
    void thrown_away(std::int64_t tokens, Ticks from, Ticks until) override;
    void happened(Happening what, std::int32_t replica, std::optional<std::uint64_t> request, Ticks at, Ticks until) override;

    // While it runs: counts, rates, TTFT, TPOT and E2E of requests finished so far, series and sample. About a millisecond.
    Measured so_far() const;

    // Once, when the run is over. `counts.events` and saturation are for the caller to add.
    Measured finish();

private:
    struct Row {
        float ttft = -1, decode = 0;     // seconds to the first token, and from there to the last; ttft < 0: not completed
        float wait = 0;                  // seconds until the first step that works on its prompt begins
        std::uint32_t input = 0, output = 0;
        std::uint32_t cached : 31 = 0;
        std::uint32_t met : 1 = 0;       // every objective, judged in whole ticks
    };
    struct Track {
        Track(TokenGaps& gaps, Transfers& transfers) : tokens(gaps, transfers) {}
        TokenClock tokens;
        ReplicaState last{};
        Ticks step_start = kNever;       // first step since the last state
        std::int64_t in_steps = 0;       // most requests in a step since then
        std::int64_t decodes = 0;        // steps in a row that only decode since then
        Ticks paid_from = kNever, serving_from = kNever;
        bool draining = false;           // scaled down, its last requests still run
        bool lost = false;
    };

    bool meets_all(const RequestRecord& r) const;
    Track& track(std::int32_t replica);
    Row& row(std::uint64_t id);
    void seen(Ticks at) { last_ = at > last_ ? at : last_; }
    void step_began(Track& track, Ticks start, std::int64_t requests);
    void start_serving(Track& track, Ticks paid, Ticks serving);
    void stop_serving(Track& track, Ticks at, bool paid_too);

    void find_warm_up(Measured& out);
    void measure_latencies(Measured& out);
    void measure_gaps(Measured& out);
    void measure_rates(Measured& out);
    void measure_levels(Measured& out);
    double most_waiting(Ticks from) const;
    void judge(Measured& out) const;     // objectives
    void draw(Measured& out) const;      // series
    void find_growth(Measured& out) const;
    template <class Value>
    std::vector<float> values(Value value, std::size_t from) const;

    RecorderSpec spec_;
    bool judged_ = false;                // there are objectives
    Ticks most_ttft_ = kNever, most_tpot_ = kNever, most_e2e_ = kNever;
    Chunked<Row> rows_;
    Chunked<Ticks> arrivals_;            // of every fifth request
    TokenGaps gaps_;
    TimeBins bins_;
    Transfers transfers_;
    std::vector<Track> tracks_;
    SimulatedCounts counts_;
    Ticks first_arrival_ = kNever, last_arrival_ = 0, last_ = 0;
    Ticks after_warm_up_ = 0;            // requests from here on count
    std::size_t first_measured_ = 0;     // the first of them, by id
    Ticks window_end_ = 0;
    double waiting_now_ = 0;
    double paid_s_ = 0;   // summed over replicas, which may be more than Ticks hold
    RequestWindows sample_;
    std::uint64_t states_ = 0;
};

}  // namespace moeplan
