#include "sim/cluster/simulation.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace moeplan::cluster {
namespace {

constexpr std::uint64_t kMostAtOnce = 1'000'000;

// Users whose requests end at once and who ask again at once: no time would ever pass.
Problem asking_for_ever() {
    return {{}, {}, "the users of the closed loop ask again at once, and are answered or turned away at once, for ever",
            "a think time, a higher simulate.queue_limit, or a limit on requests"};
}

// A heap's order: the soonest on top, of equals the lowest user.
bool sooner(const Arrival& a, const Arrival& b) { return a.at != b.at ? a.at > b.at : a.user > b.user; }

}  // namespace

Simulation::Simulation(const ClusterOptions& options, RequestSource& source, const std::vector<Observer*>& observers)
    : options_(options), source_(source), observer_(observers), fleet_(options, observers.empty() ? nullptr : &observer_) {
    result_.groups.resize(options.groups.size());
    result_.first_arrival = kNever;
    for (std::size_t g = 0; g < options.groups.size(); ++g) {
        const GroupOptions& group = options.groups[g];
        if (group.autoscale) calendar_.add({group.autoscale->every, EventKind::look, 0, 0, g});
        tell_new_times(g, Unit::Role::both, 1);
        if (group.pools && group.pools->decode) tell_new_times(g, Unit::Role::decode, 1);
    }
    for (const FaultOptions& f : options.faults) {
        calendar_.add({f.at, EventKind::lost, 0, 0, static_cast<std::size_t>(f.replica)});
    }
}

void Simulation::touch(Unit& u) {
    if (u.touched) return;
    u.touched = true;
    touched_.push_back(static_cast<std::size_t>(&u - fleet_.units().data()));
}

// The end of the replica's step may have moved: the calendar's entry is made anew.
void Simulation::put_on_calendar(std::size_t replica) {
    Unit& u = fleet_.at(replica);
    const Ticks end = u.replica->next();
    if (end == u.told) return;
    u.told = end;
    ++u.version;
    if (end != kNever) calendar_.add({end, EventKind::step_ends, 0, u.version, replica});
}

Ticks Simulation::next_arrival() const {
    const Ticks later = later_.empty() ? kNever : later_.front().at;
    return pending_ ? std::min(pending_->at, later) : later;
}

void Simulation::take_arrivals(Ticks now) {
    while (pending_ && pending_->at <= now) {
        arrive(std::move(*pending_));
        pending_ = source_.next();
    }
    while (!later_.empty() && later_.front().at <= now && at_once_ <= kMostAtOnce) {
        std::ranges::pop_heap(later_, sooner);
        Arrival arrival = std::move(later_.back());
        later_.pop_back();
        arrive(std::move(arrival));
    }
}

void Simulation::arrive(Arrival&& arrival) {
    Sequence& s = pool_.make();
    s.arrival = std::move(arrival);
    s.prompt = s.arrival.input;
    RequestRecord& r = s.record;
    r.id = ids_++;
    r.arrival = s.arrival.at;
    r.input = s.arrival.input;
    r.output = s.arrival.output;
    r.priority = s.arrival.priority;
    r.session = s.arrival.session;
    result_.first_arrival = std::min(result_.first_arrival, r.arrival);
    ++result_.arrived;
    observer_.arrived(r.id, s.arrival);
    const std::size_t group = fleet_.group_of(s.arrival, r.id);
    s.group = group;
    ++result_.groups[group].requests;
    const std::int64_t context = options_.groups[group].context;
    if (context > 0 && s.arrival.input + s.arrival.output > context) ++result_.beyond_context;
    if (options_.timeout) calendar_.add({later(r.arrival, *options_.timeout), EventKind::gives_up, 0, r.id, 0, &s});
    const Ticks overhead = options_.groups[group].request_overhead;
    if (overhead > 0) calendar_.add({later(r.arrival, overhead), EventKind::arrives, 0, r.id, 0, &s});
    else at_scheduler(s, r.arrival);
}

void Simulation::at_scheduler(Sequence& s, Ticks now) {
    const std::int32_t to = fleet_.route(s.arrival, s.group, Unit::Role::prefill);
    if (to < 0) {
        s.order = ++homeless_so_far_;
        homeless_.emplace(s.order, &s);
        return;
    }
    Unit& u = fleet_.at(static_cast<std::size_t>(to));
    s.prefill_only = false;
    const bool decodable = s.arrival.output == 1 || fleet_.can_ever_decode(s);
    s.prefill_only = u.role == Unit::Role::prefill && s.arrival.output > 1;
    if (!decodable || !u.replica->can_ever_hold(s)) {
        ++result_.never_fit;
        result_.largest_never_fit = std::max(result_.largest_never_fit, s.arrival.input + s.arrival.output);
        return end(s, now, Ending::rejected);
    }
    if (options_.queue_limit && u.replica->engine().waiting() >= *options_.queue_limit) return end(s, now, Ending::rejected);
    s.record.replica = to;
    u.replica->submit(s, now);
    put_on_calendar(static_cast<std::size_t>(to));
    touch(u);
}

// The request leaves the system; a closed loop's user thinks of the next.
void Simulation::end(Sequence& s, Ticks now, Ending ending) {
    s.record.finished = now;
    s.record.ending = ending;
    if (ending != Ending::completed) throw_away(s, now);
    observer_.ended(s.record);
    result_.last_end = std::max(result_.last_end, now);
    if (auto next = source_.after(s.arrival, now)) {
        next->at = std::max(next->at, now);
        if (next->at == now) ++at_once_;
        later_.push_back(std::move(*next));
        std::ranges::push_heap(later_, sooner);
    }
    pool_.drop(s);
}

void Simulation::finish_step(std::size_t replica, Ticks now) {
    Unit& u = fleet_.at(replica);
    ended_.done.clear();
    ended_.handed_over.clear();
    u.told = kNever;
    u.replica->finish(now, ended_);
    touch(u);
    for (Sequence* s : ended_.done) end(*s, now, s->record.ending);
    for (Sequence* s : ended_.handed_over) send_cache(*s, replica, now);
    retire_if_empty(u, now);
}

void Simulation::happen(const Event& event) {
    switch (event.kind) {
        case EventKind::step_ends:
            if (fleet_.at(event.subject).version == event.stamp) finish_step(event.subject, event.at);
            break;
        case EventKind::lost: lose(event.subject, event.at); break;
        case EventKind::returns: serve_again(event); break;
        case EventKind::look: autoscale(event.subject, event.at); break;
        case EventKind::new_times: change_times(event, event.at); break;
        case EventKind::cache_sent: cache_sent(event); break;
        case EventKind::arrives:
            if (options_.timeout && event.at - event.sequence->record.arrival >= *options_.timeout) end(*event.sequence, event.at, Ending::timed_out);
            else at_scheduler(*event.sequence, event.at);
            break;
        case EventKind::gives_up: give_up(event); break;
    }
}

void Simulation::give_up(const Event& event) {
    Sequence& s = *event.sequence;
    const bool same = s.record.id == event.stamp && s.record.input > 0;
    if (!same || s.record.first_token != kNever) return;
    if (s.place == Sequence::Place::nowhere) {   // no replica has it
        const auto at = homeless_.find(s.order);
        if (at == homeless_.end() || at->second != &s) return;
        homeless_.erase(at);
        end(s, event.at, Ending::timed_out);
        return;
    }
    const auto replica = static_cast<std::size_t>(s.record.replica);
    Unit& u = fleet_.at(replica);
    if (u.replica->give_up(s, event.at)) end(s, event.at, Ending::timed_out);
    put_on_calendar(replica);
    touch(u);
}

void Simulation::plan_touched(Ticks now) {
    for (const std::size_t replica : touched_) {
        Unit& u = fleet_.at(replica);
        u.touched = false;
        if (u.state == Unit::State::serving || u.state == Unit::State::draining) u.replica->plan(now);
        put_on_calendar(replica);
    }
    touched_.clear();
}

Result<ClusterResult> Simulation::run(RunControl& control) {
    constexpr std::uint64_t kLookEvery = 4096;
    const Ticks last = to_ticks(kLongestSimulation_s);
    pending_ = source_.next();
    Ticks now = 0;
    std::size_t idle_looks = 0;   // in which nothing could move: requests are stuck
    const std::size_t most_idle_looks = 3 * options_.groups.size();
    while (true) {
        const Ticks next = std::min(next_arrival(), calendar_.next());
        // Without requests nothing that may still happen to replicas matters.
        if (next == kNever || (pool_.live() == 0 && next_arrival() == kNever)) break;
        idle_looks = next_arrival() == kNever && !calendar_.moving() ? idle_looks + 1 : 0;
        if (idle_looks > most_idle_looks) break;
        if (next > last) return fail({{}, {}, fmt::format("simulated time passes {:.0f} days", kLongestSimulation_s / 86400), "simulate.duration and simulate.requests shorten a run"});
        if (next > now) at_once_ = 0;
        now = next;
        while (calendar_.next() <= now) {
            happen(calendar_.take());
            if (++result_.events % kLookEvery == 0 && control.cancelled()) return fail({{}, {}, "cancelled", {}});
        }
        take_arrivals(now);
        if (at_once_ > kMostAtOnce) return fail(asking_for_ever());
        plan_touched(now);
    }
    if (auto problems = source_.problems(); !problems.empty()) return fail(std::move(problems));
    pool_.for_each_live([&](Sequence& s) {
        ++result_.unfinished;
        s.record.ending = Ending::unfinished;
        throw_away(s, result_.last_end);
        observer_.ended(s.record);
    });
    if (result_.first_arrival == kNever) result_.first_arrival = 0;
    result_.last_end = std::max(result_.last_end, result_.first_arrival);
    fleet_.settle(result_.last_end, result_);
    return std::move(result_);
}

}  // namespace moeplan::cluster

namespace moeplan {

Result<ClusterResult> simulate(const ClusterOptions& options, RequestSource& source, const std::vector<Observer*>& observers, RunControl& control) {
    return cluster::Simulation(options, source, observers).run(control);
}

}  // namespace moeplan
