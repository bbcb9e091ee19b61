// What is noted while the simulation runs. What is made of it: recorder_figures.cpp.

#include "sim/measure/recorder.h"

#include <algorithm>
#include <limits>

#include "sim/measure/recorder_channels.h"
#include "sim/measure/warm_up.h"

namespace moeplan {
namespace {

std::uint32_t small(std::int64_t tokens) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(tokens, 0, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

Recorder::Recorder(RecorderSpec spec)
    : spec_(std::move(spec)), gaps_(spec_.most_gap_runs), bins_(channel::kSums, channel::kLevels, channel::kPeaks) {
    for (const Objective& o : spec_.objectives) {
        const Ticks most = to_ticks(o.limit_s);
        judged_ = judged_ || o.metric == "ttft" || o.metric == "tpot" || o.metric == "e2e";
        if (o.metric == "ttft") most_ttft_ = std::min(most_ttft_, most);
        if (o.metric == "e2e") most_e2e_ = std::min(most_e2e_, most);
        if (o.metric == "tpot") most_tpot_ = std::min(most_tpot_, most);
    }
    for (std::int32_t i = 0; i < spec_.replicas; ++i) {
        if (std::ranges::count(spec_.off_at_start, i) == 0) start_serving(track(i), 0, 0);
    }
}

Recorder::Track& Recorder::track(std::int32_t replica) {
    const auto index = static_cast<std::size_t>(std::max(replica, 0));
    while (tracks_.size() <= index) tracks_.emplace_back(gaps_, transfers_);
    return tracks_[index];
}

Recorder::Row& Recorder::row(std::uint64_t id) {
    rows_.grow_to(static_cast<std::size_t>(id) + 1, Row{});
    return rows_[static_cast<std::size_t>(id)];
}

void Recorder::arrived(std::uint64_t id, const Arrival& request) {
    if (first_arrival_ == kNever) first_arrival_ = request.at;
    last_arrival_ = std::max(last_arrival_, request.at);
    seen(request.at);
    row(id);
    if (id % kSettlingBatch == 0) arrivals_.grow_to(static_cast<std::size_t>(id / kSettlingBatch) + 1, request.at);
    if (spec_.warm_up_s && request.at < first_arrival_ + to_ticks(*spec_.warm_up_s))
        first_measured_ = static_cast<std::size_t>(id) + 1;
    ++counts_.arrived;
    bins_.add(channel::arrivals, request.at, 1);
}

void Recorder::ended(const RequestRecord& r) {
    const Ticks end = r.finished == kNever ? std::max(last_, r.arrival) : r.finished;
    seen(end);
    counts_.preemptions += r.preemptions;
    counts_.restarts += r.restarts;
    bins_.hold(channel::in_system, r.arrival, end, 1);
    sample_.add(r);
    if (r.replica >= 0 && r.ending == Ending::completed) track(r.replica).tokens.leave(end);
    switch (r.ending) {
        case Ending::rejected: ++counts_.rejected; return;
        case Ending::timed_out: ++counts_.timed_out; return;
        case Ending::unfinished: ++counts_.unfinished; return;
        case Ending::completed: break;
    }
    ++counts_.completed;
    counts_.input_tokens += small(r.input);
    counts_.output_tokens += small(r.output);
    counts_.cached_tokens += small(r.cached_tokens);
    bins_.add(channel::completed, r.finished, 1);
    bins_.add(channel::input, r.finished, static_cast<double>(r.input));
    Row& kept = row(r.id);
    kept.ttft = static_cast<float>(r.ttft_s());
    kept.decode = static_cast<float>(to_seconds(r.finished - r.first_token));
    kept.wait = static_cast<float>(r.wait_s());
    kept.input = small(r.input);
    kept.output = small(r.output);
    kept.cached = small(r.cached_tokens) & 0x7fffffffU;
    kept.met = meets_all(r) ? 1 : 0;
    if (kept.met != 0) bins_.add(channel::met, r.finished, 1);
}

bool Recorder::meets_all(const RequestRecord& r) const {
    if (r.first_token - r.arrival > most_ttft_ || r.finished - r.arrival > most_e2e_) return false;
    if (most_tpot_ == kNever || r.output < 2) return true;
    // Compared as whole numbers: the mean gap times the gaps.
    return (r.finished - r.first_token) / (r.output - 1) < most_tpot_ ||
           ((r.finished - r.first_token) / (r.output - 1) == most_tpot_ &&
            (r.finished - r.first_token) % (r.output - 1) == 0);
}

void Recorder::step_began(Track& t, Ticks start, std::int64_t requests) {
    if (t.serving_from == kNever && !t.lost) start_serving(t, start, start);
    t.in_steps = std::max(t.in_steps, requests);
    t.step_start = std::min(t.step_start, start);
}

void Recorder::decoded(const DecodeRun& run) {
    Track& t = track(run.replica);
    step_began(t, run.start, run.sequences);
    t.decodes += run.count;
    const Ticks end = run.end();
    seen(end);
    counts_.steps += static_cast<std::uint64_t>(run.count);
    t.tokens.decode(run.start, run.first, run.growth, run.count, run.sequences);
    const auto tokens = static_cast<double>(run.tokens_per_step * run.count);
    if (end > run.start) bins_.hold(channel::output_rate, run.start, end, tokens / to_seconds(end - run.start));
    bins_.hold(channel::busy, run.start, end, 1);
}

void Recorder::stepped(const PromptStep& step) {
    Track& t = track(step.replica);
    step_began(t, step.start, step.prompts + step.decoding);
    seen(step.end);
    ++counts_.steps;
    if (step.decoding > 0) t.tokens.decode(step.start, step.end - step.start, 0, 1, step.decoding);
    t.tokens.first(step.end, step.first_tokens);
    bins_.add(channel::output, step.end, static_cast<double>(step.first_tokens + step.decoding + step.extra_tokens));
    bins_.hold(channel::busy, step.start, step.end, 1);
}

void Recorder::state(const ReplicaState& now) {
    Track& t = track(now.replica);
    seen(now.at);
    if (t.last.kv_total == 0) t.last.kv_total = now.kv_total;
    const Ticks from = std::min(t.last.at, now.at);
    const Ticks began = t.step_start == kNever ? now.at : std::clamp(t.step_start, from, now.at);
    bins_.hold(channel::running, from, began, static_cast<double>(t.last.running));
    bins_.hold(channel::kv_used, from, began, static_cast<double>(t.last.kv_used));
    const std::int64_t running = std::max({t.last.running, t.in_steps, now.running});
    if (began < now.at) bins_.hold(channel::running, began, now.at, static_cast<double>(running));
    const std::int64_t used = std::max({t.last.kv_used, now.kv_used, now.kv_most});
    bins_.hold_growing(channel::kv_used, began, now.at, static_cast<double>(t.decodes > 1 ? t.last.kv_used : used), static_cast<double>(used));
    bins_.hold(channel::kv_total, from, now.at, static_cast<double>(t.last.kv_total));
    if (now.kv_total > 0) {
        bins_.reach(channel::kv_share, now.at, static_cast<double>(used) / static_cast<double>(now.kv_total));
    }
    waiting_now_ += static_cast<double>(now.waiting - t.last.waiting);
    bins_.reach(channel::waiting_peak, now.at, waiting_now_);
    if (t.lost) t.tokens.clear();
    t.step_start = kNever;
    t.in_steps = 0;
    t.decodes = 0;
    t.last = now;
    if (t.draining && now.running + now.waiting == 0) stop_serving(t, now.at, true);
    if (spec_.tick && ++states_ % spec_.tick_every == 0) spec_.tick();
}

void Recorder::thrown_away(std::int64_t tokens, Ticks from, Ticks until) {
    const Ticks to = std::max(until, from + 1);   // a single token has no duration
    bins_.hold(channel::thrown_away, from, to, static_cast<double>(tokens) / to_seconds(to - from));
}

void Recorder::start_serving(Track& t, Ticks paid, Ticks serving) {
    t.lost = false;
    if (t.paid_from == kNever) t.paid_from = paid;
    if (t.serving_from == kNever) {
        t.serving_from = serving;
        t.last.at = std::max(t.last.at, serving);
    }
}

void Recorder::stop_serving(Track& t, Ticks at, bool paid_too) {
    if (t.serving_from != kNever) {
        bins_.hold(channel::serving, t.serving_from, at, 1);
        bins_.hold(channel::kv_total, t.last.at, at, static_cast<double>(t.last.kv_total));
    }
    t.serving_from = kNever;
    t.draining = false;
    if (!paid_too || t.paid_from == kNever) return;
    paid_s_ += to_seconds(std::max<Ticks>(at - t.paid_from, 0));
    t.paid_from = kNever;
}

void Recorder::happened(Happening what, std::int32_t replica, std::optional<std::uint64_t>, Ticks at, Ticks until) {
    Track& t = track(replica);
    seen(at);
    switch (what) {
        case Happening::preempted: t.tokens.pause(at); break;
        case Happening::swapped_out:
            ++counts_.swaps;
            t.tokens.pause(at);
            break;
        case Happening::swapped_in: t.tokens.resume(at); break;
        case Happening::lost:
            t.lost = true;   // the steps that were over are told yet
            stop_serving(t, at, false);
            break;
        case Happening::returned: start_serving(t, at, std::max(at, until)); break;
        case Happening::scaled_up: start_serving(t, at, std::max(at, until)); break;
        case Happening::scaled_down:
            t.draining = t.last.running + t.last.waiting > 0;
            if (!t.draining) stop_serving(t, at, true);
            break;
        case Happening::kv_sent: t.tokens.send(at, until); break;
        case Happening::rebalanced: break;
    }
}

}  // namespace moeplan
