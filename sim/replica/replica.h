#pragma once
// One replica in simulated time: an engine, its scheduler, and the step (or stretch of steps) it is in.
//
// Who drives it calls, at each moment something happens: finish() when next() has come, then submit() and whatever else
// happens at that moment, then plan(). A stretch of decode steps is planned to the next moment at which the batch must
// change; what comes in earlier cuts it at the end of the step that is running then.

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/replica/policy.h"
#include "sim/replica/step_times.h"
#include "sim/request/observer.h"

namespace moeplan {

class Replica {
public:
    struct Options {
        std::int32_t index = 0;
        EngineLimits limits;
        Scheduler scheduler = Scheduler::vllm;
        bool skip = true;              // false: decode steps one by one
    };
    // `times` and `observer` (null = none) outlive it.
    Replica(const Options& options, StepTimes* times, Observer* observer);

    // ---- what it holds ----
    const Engine& engine() const { return engine_; }
    std::int64_t load() const { return engine_.running() + engine_.waiting(); }
    bool can_ever_hold(const Sequence& s) const { return engine_.blocks_at_longest(s) <= engine_.limits().total_blocks; }
    std::uint64_t steps() const { return steps_; }
    Ticks busy() const { return busy_; }   // time in steps so far

    // ---- what happens to it ----
    void submit(Sequence& s, Ticks now);
    // Gives a request up: at once when it waits, at the end of the step it is in otherwise. True: at once.
    bool give_up(Sequence& s, Ticks now);
    // The cache of a request that went to another replica is not needed any more.
    void release_sent(Sequence& s, Ticks now);
    // Stands still, after the step it is in, for so long (weights move); its step times are `times` from then on.
    void change_times(StepTimes* times, Ticks pause, Ticks now);
    // Everything it had, with the progress lost.
    std::vector<Sequence*> lose(Ticks now);

    // ---- its clock ----
    Ticks next() const { return end_; }   // end of what runs; kNever when it is idle
    struct Ended {
        std::vector<Sequence*> done;        // finished, or given up
        std::vector<Sequence*> handed_over; // prompts computed for another replica; blocks stay until release_sent()
    };
    void finish(Ticks now, Ended& ended);
    // Starts the next step if none runs and there is something to do.
    void plan(Ticks now);
    void tell_state(Ticks now);

private:
    enum class Run : std::uint8_t { nothing, prompts, decodes, pause };

    void compose(Ticks now);
    void tell_moves(Ticks now);
    void start_prompts(Ticks now);
    void start_decodes(Ticks now);
    void finish_prompts(Ticks now, Ended& ended);
    void finish_decodes();
    void end(Sequence& s, Ticks now, Ended& ended);
    void cut(Ticks now);

    std::int32_t index_;
    bool skip_;
    Engine engine_;
    std::unique_ptr<Policy> policy_;
    Scheduler scheduler_;
    StepTimes* times_;
    Observer* observer_;

    Run run_ = Run::nothing;
    std::int64_t most_blocks_ = 0;   // held since the last state was told
    Ticks start_ = 0, end_ = kNever;
    Composition step_;
    Stretch stretch_;
    std::int64_t planned_ = 0;       // steps of the stretch
    std::int64_t gain_ = 1;          // tokens a sequence gains a step in it
    std::int64_t sequences_ = 0;     // decoding in what runs
    bool behind_prompts_ = false;    // the step before carried prompts, and ended when this one began
    Ticks delay_ = 0;                // transfers before what runs
    Ticks pause_ = 0;                // to stand still before the next step
    bool idle_ = true;               // there was nothing to do when last asked
    Ticks last_step_ = 0;            // start of the step that ended last
    std::vector<Sequence*> given_up_;
    std::uint64_t steps_ = 0;
    Ticks busy_ = 0;
};

}  // namespace moeplan
