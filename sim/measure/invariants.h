#pragma once
// What must hold in every simulation, checked while it runs. Numbered, so that a violation can be named:
//
//   1 conserved   a request arrives once and ends once; whoever ends has arrived; in the end all have ended
//   2 clock       a replica's steps do not end before they begin (decode steps take time) and do not overlap; its states do
//                 not go back in time
//   3 blocks      held and cached blocks are not negative and together no more than there are
//   4 order       a request ends no earlier than it arrived; a completed one has its first token between the two, and as
//                 many tokens as it asked for; a rejected or timed-out one has none
//   5 tokens      the tokens of all steps are those of all completed requests and those told to be thrown away (with a lost
//                 replica, or of requests that were never finished); more only where accepted drafts explain it
//   6 working     a replica with requests is never idle for longer than `longest_idle`, unless something happens to it then
//   7 in a run    a completed request ends at the end of a step of its replica
//   8 sizes       a decode step has sequences and gives each its token; no more prompts complete in a step than are in it
//   9 lost        a lost replica begins nothing and holds nothing until it is back
//  10 requests    a record tells the request that arrived: same arrival, same lengths

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"
#include "sim/request/observer.h"

namespace moeplan {

struct InvariantSpec {
    // Longer than this with requests and without a step breaks 6. Transfers to and from host memory that nobody tells are
    // such a pause. kNever = not checked (engines that wait on purpose, to fill a batch).
    Ticks longest_idle = 0;
};

struct Violation {
    int number = 0;              // as above
    Ticks at = 0;
    std::int32_t replica = -1;   // -1 = none
    std::string what;            // "request 17 ended twice"
};

class InvariantChecker final : public Observer {
public:
    explicit InvariantChecker(InvariantSpec spec = {}) : spec_(spec) {}

    void arrived(std::uint64_t id, const Arrival& request) override;
    void ended(const RequestRecord& record) override;
    void decoded(const DecodeRun& run) override;
    void stepped(const PromptStep& step) override;
    void state(const ReplicaState& now) override;
    void thrown_away(std::int64_t tokens, Ticks from, Ticks until) override;
    void happened(Happening what, std::int32_t replica, std::optional<std::uint64_t> request, Ticks at, Ticks until) override;

    // Once, when the run is over: what can only be known then.
    void finish();

    std::uint64_t checked() const { return checked_; }                  // single checks made
    bool holds() const { return broken_ == 0; }
    std::uint64_t broken() const { return broken_; }
    const std::vector<Violation>& violations() const { return violations_; }   // at most 20 of a number
    // "invariant 2 (clock) at 1.5 s, replica 3: …", one problem each.
    Problems problems() const;

private:
    struct Known { Ticks at = 0; std::int64_t input = 0, output = 0; };
    struct Clock {
        Ticks step_start = 0, step_end = 0;   // the last step told
        Ticks state_at = 0;
        Ticks due = kNever;                   // a step must have begun by then
        Ticks excused = 0;                    // something happens to it until then
        Ticks pause = 0, pause_told = 0;      // it stands still for so long after the step it was in when that was told
        bool lost = false;
        Ticks lost_at = 0;
        std::vector<std::pair<Ticks, std::uint64_t>> ends;   // requests whose last step is not told yet
    };

    bool check(bool holds, int number, Ticks at, std::int32_t replica, const char* what, std::uint64_t id = kNoId);
    Clock& clock(std::int32_t replica);
    void step(std::int32_t replica, Ticks start, Ticks end);
    void check_record(const RequestRecord& r);
    static constexpr std::uint64_t kNoId = ~std::uint64_t{0};

    InvariantSpec spec_;
    std::unordered_map<std::uint64_t, Known> inside_;   // arrived, not ended
    std::vector<bool> ended_;                           // by id
    std::vector<Clock> clocks_;
    std::vector<Violation> violations_;
    std::vector<std::uint64_t> by_number_ = std::vector<std::uint64_t>(16);
    std::uint64_t checked_ = 0, broken_ = 0;
    std::int64_t given_ = 0, asked_ = 0;     // tokens by steps; tokens of completed requests and those thrown away
    bool may_exceed_ = false;
    Ticks last_ = 0;
};

}  // namespace moeplan
