#include "sim/replica/replica.h"

#include <algorithm>
#include <utility>

namespace moeplan {

Replica::Replica(const Options& options, StepTimes* times, Observer* observer)
    : index_(options.index),
      skip_(options.skip),
      engine_(options.limits),
      policy_(make_policy(options.scheduler)),
      scheduler_(options.scheduler),
      times_(times),
      observer_(observer) {}

void Replica::submit(Sequence& s, Ticks now) {
    engine_.enqueue(s, now);
    cut(now);
}

// The step that runs at `now` is the last of the stretch.
void Replica::cut(Ticks now) {
    if (run_ != Run::decodes || planned_ <= 1 || end_ <= now) return;
    const Ticks from = start_ + delay_;
    planned_ = std::min(planned_, now > from ? stretch_.steps_to_cover(now - from) : 1);
    end_ = from + stretch_.ticks(planned_);
}

bool Replica::give_up(Sequence& s, Ticks now) {
    if (s.place != Sequence::Place::waiting && run_ != Run::nothing) {
        s.given_up = true;
        given_up_.push_back(&s);
        cut(now);
        return false;
    }
    engine_.withdraw(s);
    cut(now);
    if (run_ == Run::nothing || run_ == Run::pause) tell_state(now);
    return true;
}

void Replica::release_sent(Sequence& s, Ticks now) {
    engine_.release_sent(s);
    cut(now);
    if (run_ == Run::nothing || run_ == Run::pause) tell_state(now);
}

void Replica::change_times(StepTimes* times, Ticks pause, Ticks now) {
    times_ = times;
    pause_ += pause;
    cut(now);
}

std::vector<Sequence*> Replica::lose(Ticks now) {
    if (run_ == Run::prompts || run_ == Run::decodes) busy_ += now - start_;
    if (run_ == Run::decodes) {   // the steps that were over counted
        const Ticks span = now - start_ - delay_;
        const std::int64_t covering = stretch_.steps_to_cover(std::max<Ticks>(span, 0));
        planned_ = std::min(planned_, stretch_.ticks(covering) > span ? covering - 1 : covering);
        if (planned_ > 0) finish_decodes();
    }
    run_ = Run::nothing;
    end_ = kNever;
    step_ = {};
    pause_ = 0;
    idle_ = true;
    behind_prompts_ = false;
    given_up_.clear();
    policy_ = make_policy(scheduler_);
    auto all = engine_.drop_all();
    tell_state(now);
    return all;
}

void Replica::plan(Ticks now) {
    if (run_ != Run::nothing) return;
    if (pause_ > 0) {
        run_ = Run::pause;
        behind_prompts_ = false;
        start_ = now;
        end_ = now + std::exchange(pause_, 0);
        return;
    }
    compose(now);
    if (engine_.moved()) tell_moves(now);
    if (!step_.chunks.empty()) start_prompts(now);
    else if (step_.decode) start_decodes(now);
    else engine_.advance(0);
    idle_ = run_ == Run::nothing;
    behind_prompts_ = run_ == Run::prompts;
}

// Scheduled ahead, a step was composed when the one before it began, and nobody who came later is in it; one that nothing ran
// before is composed now.
void Replica::compose(Ticks now) {
    const auto with = [this](Ticks last) {
        engine_.offer_until(last);
        step_.chunks.clear();
        step_.decode = false;
        policy_->compose(engine_, step_);
        return !step_.chunks.empty() || step_.decode;
    };
    const bool ahead = engine_.limits().async_scheduling && !idle_;
    if (!with(ahead ? last_step_ : now) && ahead) with(now);
}

void Replica::tell_moves(Ticks now) {
    Ticks from = now;
    for (const Engine::Move& move : engine_.take_moves()) {
        if (observer_) observer_->happened(move.what, index_, move.request, from, from + move.takes);
        from += move.takes;
    }
}

void Replica::start_prompts(Ticks now) {
    StepLoad load;
    if (step_.decode) {
        load.decoding = engine_.decoding().size();
        load.context = engine_.decoding().context();
    }
    const std::int64_t room = chunk_room(engine_.limits(), load.decoding);
    for (const Chunk& c : step_.chunks) {
        // What is more than one microbatch has room for goes on in the next ones.
        const std::int64_t microbatches = engine_.limits().pipelined_chunks;
        const std::int64_t pieces = microbatches > 1 ? (c.tokens + room - 1) / room : 1;
        load.chunks += pieces;
        load.rounds = std::max(load.rounds, (pieces + microbatches - 1) / microbatches);
        load.prompt_tokens += c.tokens;
        load.prompt_context += pieces * c.sequence->computed + c.tokens * (pieces - 1) / 2;
        if (c.sequence->record.started == kNever) c.sequence->record.started = now;
    }
    run_ = Run::prompts;
    start_ = now;
    delay_ = engine_.take_swap_time();
    sequences_ = load.decoding;
    end_ = now + delay_ + times_->prompt_step(load, behind_prompts_ && delay_ == 0);
}

void Replica::start_decodes(Ticks now) {
    run_ = Run::decodes;
    start_ = now;
    delay_ = engine_.take_swap_time();
    std::int64_t most = skip_ && delay_ == 0 && !engine_.has_unseen() ? std::min(engine_.steps_to_next_end(), policy_->steady_steps(engine_)) : 1;
    most = engine_.steps_with_room(most);
    most = engine_.decoding().even_steps(most, gain_);
    sequences_ = engine_.decoding().size();
    stretch_ = times_->stretch(sequences_, engine_.decoding().context(), sequences_ * gain_, most);
    planned_ = stretch_.steps;
    end_ = now + delay_ + stretch_.ticks(planned_);
}

void Replica::end(Sequence& s, Ticks now, Ended& ended) {
    s.record.finished = now;
    s.record.replica = index_;
    ended.done.push_back(&s);
}

void Replica::finish_prompts(Ticks now, Ended& ended) {
    steps_ += 1;
    PromptStep told{index_, start_, now, 0, 0, 0, sequences_, 0};
    if (step_.decode) {
        std::int64_t gain = 1;
        engine_.decoding().even_steps(1, gain);
        told.extra_tokens = sequences_ * (gain - 1);
    }
    engine_.advance(step_.decode ? 1 : 0);
    for (const Chunk& c : step_.chunks) {
        Sequence& s = *c.sequence;
        engine_.add_computed(s, c.tokens);
        told.prompt_tokens += c.tokens;
        ++told.prompts;
        if (s.missing() > 0) continue;
        ++told.first_tokens;
        s.record.replica = index_;
        if (s.record.first_token == kNever) s.record.first_token = now;
        if (s.generated + 1 >= s.arrival.output) {
            engine_.withdraw(s);
            end(s, now, ended);
        } else if (s.prefill_only) {
            engine_.hold_for_sending(s);
            ended.handed_over.push_back(&s);
        } else {
            engine_.prompt_done(s);
        }
    }
    if (observer_) observer_->stepped(told);
}

void Replica::finish_decodes() {
    steps_ += static_cast<std::uint64_t>(planned_);
    engine_.advance(planned_);
    if (observer_) {
        observer_->decoded({index_, start_ + delay_, stretch_.first, stretch_.growth, planned_, sequences_, sequences_ * gain_});
    }
}

void Replica::finish(Ticks now, Ended& ended) {
    const Run run = std::exchange(run_, Run::nothing);
    end_ = kNever;
    if (run == Run::prompts || run == Run::decodes) busy_ += now - start_;
    most_blocks_ = engine_.blocks().used();
    last_step_ = run == Run::decodes && planned_ > 1 ? start_ + delay_ + stretch_.ticks(planned_ - 1) : start_;
    if (run == Run::prompts) finish_prompts(now, ended);
    if (run == Run::decodes) finish_decodes();
    most_blocks_ = std::max(most_blocks_, engine_.blocks().used());
    while (Sequence* s = engine_.pop_ended()) end(*s, now, ended);
    for (Sequence* s : given_up_) {
        // It may have had its first token at the end of this very step: then it stays.
        s->given_up = false;
        if (s->engine != &engine_ || s->record.first_token != kNever) continue;
        engine_.withdraw(*s);
        s->record.ending = Ending::timed_out;
        end(*s, now, ended);
    }
    given_up_.clear();
    tell_state(now);
}

void Replica::tell_state(Ticks now) {
    if (!observer_) return;
    const BlockPool& pool = engine_.blocks();
    const std::int64_t most = std::max(std::exchange(most_blocks_, 0), pool.used());
    observer_->state({index_, now, engine_.running(), engine_.waiting(), pool.used(), pool.cached(), pool.total(), most});
}

}  // namespace moeplan
