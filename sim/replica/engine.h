#pragma once
// The part of a serving engine that all of them share: a queue, the sequences in prefill and in decode, and the blocks they
// hold. Scheduling policies (sim/replica/policy.h) compose its steps with the verbs here.

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "core/hardware/engine_spec.h"
#include "core/scenario/simulate_spec.h"
#include "sim/replica/block_pool.h"
#include "sim/replica/decode_set.h"
#include "sim/replica/sequence.h"
#include "sim/replica/waiting_line.h"
#include "sim/request/observer.h"

namespace moeplan {

struct EngineLimits {
    std::int64_t max_sequences = 256;    // admitted at once, whole replica
    std::int64_t token_budget = 8192;    // of a step, whole replica: all ranks and microbatches
    std::int64_t rank_budget = 8192;     // of one attention-dp rank in one microbatch
    std::int64_t pipelined_chunks = 1;   // microbatches of a step that may carry the same prompt, a chunk each
    bool chunked_prefill = true;
    bool whole_prompts = false;          // a prompt that fits a step beside what decodes is not cut
    bool async_scheduling = false;       // the next step is composed while one runs
    BatchWait batch_wait;                // of the scheduler that has it
    std::int64_t block_tokens = 16;
    std::int64_t total_blocks = 1;
    std::int64_t prefix_block_tokens = 0;   // behind one prefix id of the requests; 0 = they have none
    bool prefix_cache = true;
    double accepted_per_step = 1;        // tokens a decode step yields a sequence
    Preemption preemption = Preemption::recompute;
    Ticks swap_per_block = 0;            // host link, one way
};

// What a policy wants of the next step.
struct Chunk {
    Sequence* sequence = nullptr;
    std::int64_t tokens = 0;
};
struct Composition {
    std::vector<Chunk> chunks;
    bool decode = false;     // the decoding sequences get a token
};

class Engine {
public:
    explicit Engine(const EngineLimits& limits);

    // ---- asked by policies ----
    const EngineLimits& limits() const { return limits_; }
    // The first to be admitted of those that came by offer_until(); null when there is none.
    Sequence* next_waiting() const {
        Sequence* next = nullptr;
        waiting_.while_true([&](Sequence& s) {
            if (s.queued <= offered_until_) next = &s;
            return !next;
        });
        return next;
    }
    // They in order, as long as f says true.
    template <class F>
    void waiting_while(F&& f) const {
        waiting_.while_true([&](const Sequence& s) { return s.queued > offered_until_ || f(s); });
    }
    const std::vector<Sequence*>& prefilling() const { return prefilling_; }
    const DecodeSet& decoding() const { return decoding_; }
    const BlockPool& blocks() const { return pool_; }
    std::int64_t running() const { return decoding_.size() + static_cast<std::int64_t>(prefilling_.size()); }
    std::int64_t waiting() const { return waiting_.size(); }
    // Blocks that all tokens of a request will need at its longest: of its prompt alone where another replica decodes it.
    std::int64_t blocks_at_longest(const Sequence& s) const;
    // The same summed over what is admitted.
    std::int64_t reserved() const { return reserved_; }
    // Output tokens it has by now.
    std::int64_t generated(const Sequence& s) const;
    // Every decoding sequence, in order of admission.
    template <class F>
    void for_each_decoding(F&& f) const {
        for (const auto& [order, s] : admissions_) {
            if (admitted(s, order) && s->place == Sequence::Place::decoding) f(*s);
        }
    }
    // How many have left or lost their place among the admitted so far.
    std::uint64_t departures() const { return departures_; }
    // Tokens of its prompt that the prefix cache has; at least one is always left to compute.
    std::int64_t cached_tokens(const Sequence& s) const;
    // Of the first waiting one: blocks that admitting it takes from what is available, with its prompt up to `tokens` beyond
    // what is cached.
    std::int64_t blocks_to_admit(const Sequence& s, std::int64_t tokens) const;

    // ---- done by policies ----
    // Takes the first waiting one in, with room for its cached tokens and `tokens` more. False, and nothing changed, when
    // there is no room.
    bool admit(std::int64_t tokens);
    // Room for the next `tokens` of a prompt in prefill.
    bool extend(Sequence& s, std::int64_t tokens);
    // Room for one more step of all decoding sequences, also of those that join before it. False when there is none.
    bool secure_decode();
    // The sequence that loses its cache when there is no room: the least urgent, and of those the last admitted.
    Sequence* victim() const;
    // Back to the queue, before all of its priority or behind them, its cache dropped or swapped out.
    enum class Requeue : std::uint8_t { front, back };
    void preempt(Sequence& s, Requeue where = Requeue::front);
    // Time the step must wait for transfers between GPU and host, since last asked.
    Ticks take_swap_time();
    // What happened to the caches of sequences that decoded, since last asked.
    struct Move {
        Happening what{};           // preempted, swapped_out or swapped_in
        std::uint64_t request = 0;
        Ticks takes = 0;
    };
    std::vector<Move> take_moves() { return std::exchange(moves_, {}); }
    bool moved() const { return !moves_.empty(); }

    // ---- done by the replica ----
    void enqueue(Sequence& s, Ticks now = 0);
    // Policies see who waits since then, or longer: what came later was not there when the step was composed.
    void offer_until(Ticks last) { offered_until_ = last; }
    // Somebody who may still wait came later than that.
    bool has_unseen() const { return waiting_.size() > 0 && newest_ > offered_until_; }
    void withdraw(Sequence& s);           // from wherever it is; its blocks are freed
    void prompt_done(Sequence& s);        // all of its prompt is computed: joins the decoding ones
    void add_computed(Sequence& s, std::int64_t tokens);
    void advance(std::int64_t steps);     // all decoding sequences; 0: room secured for a step that was none is given back
    // Steps until the first decoding sequence ends; 0 when none decodes.
    std::int64_t steps_to_next_end();
    // Steps, at most `most`, for which there is room; at least the one that is secured.
    std::int64_t steps_with_room(std::int64_t most) const;
    // Takes the next sequence whose last step is over out of the decoding ones, blocks freed; null when there is none.
    Sequence* pop_ended();
    void hold_for_sending(Sequence& s);   // its prompt is computed; its blocks stay until release_sent
    void release_sent(Sequence& s);
    // Everything in it, in order of arrival; the engine is empty afterwards, its cache cold.
    std::vector<Sequence*> drop_all();
    std::uint64_t preemptions() const { return preemptions_; }

private:
    struct Ending {
        std::int64_t step = 0;
        std::int64_t order = 0;      // of the admission it belongs to: a preempted sequence's entry is stale
        Sequence* sequence = nullptr;
        bool operator>(const Ending& other) const { return step != other.step ? step > other.step : order > other.order; }
    };
    std::int64_t blocks_for(std::int64_t tokens) const { return (tokens + limits_.block_tokens - 1) / limits_.block_tokens; }
    std::int64_t unit_tokens() const { return pool_.unit_blocks() * limits_.block_tokens; }
    bool admitted(const Sequence* s, std::int64_t order) const;
    void share_computed(Sequence& s, std::int64_t tokens);
    void join_decoding(Sequence& s);
    void leave_decoding(Sequence& s);
    void leave_prefilling(Sequence& s);
    void swap(const Sequence& s, Happening what);
    void enter(Sequence& s);   // what is counted of every admitted sequence
    void leave(Sequence& s);
    bool admit_held(Sequence& s);

    EngineLimits limits_;
    BlockPool pool_;
    DecodeSet decoding_;
    Ticks offered_until_ = kNever, newest_ = 0;
    WaitingLine waiting_;
    std::vector<Sequence*> prefilling_;   // in order of admission
    std::vector<Sequence*> sending_;
    std::priority_queue<Ending, std::vector<Ending>, std::greater<>> ends_;
    std::vector<std::pair<std::int64_t, Sequence*>> admissions_;   // by order; stale entries are skipped and swept
    std::int64_t decode_shared_ = 0;      // blocks of decoding sequences that they share, counted for each
    std::int64_t decode_taken_ = 0;       // own blocks taken for decoding sequences
    bool secured_ = false;                // those of the next step among them
    std::int64_t reserved_ = 0;
    bool priorities_differ_ = false;
    std::int64_t orders_ = 0;
    std::uint64_t preemptions_ = 0, departures_ = 0;
    Ticks swap_time_ = 0;
    std::vector<Move> moves_;
};

}  // namespace moeplan
