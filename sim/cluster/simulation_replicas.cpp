// What happens to replicas: caches sent between pools, nodes lost and returned, scaling, new step times.

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/cluster/simulation.h"

namespace moeplan::cluster {

void Simulation::send_cache(Sequence& s, std::size_t from, Ticks now) {
    Unit& u = fleet_.at(from);
    const PoolOptions& pools = *fleet_.options_of(u).pools;
    const Ticks start = std::max(now, u.link_free);
    u.link_free = start + pools.per_token * s.prompt;
    const Ticks there = u.link_free + pools.latency;
    observer_.happened(Happening::kv_sent, static_cast<std::int32_t>(from), s.record.id, start, there);
    calendar_.add({there, EventKind::cache_sent, 0, s.record.restarts, from, &s});
}

void Simulation::cache_sent(const Event& event) {
    Sequence& s = *event.sequence;
    Unit& from = fleet_.at(event.subject);
    // The sender may have been lost meanwhile; then the request began anew.
    if (s.place != Sequence::Place::sending || s.record.restarts != event.stamp || s.engine != &from.replica->engine()) return;
    const std::int32_t to = fleet_.route(s.arrival, s.group, Unit::Role::decode);
    if (to < 0) {   // nobody decodes now: the cache stays where it is
        undelivered_.push_back(event);
        return;
    }
    from.replica->release_sent(s, event.at);
    put_on_calendar(event.subject);
    touch(from);
    retire_if_empty(from, event.at);
    s.prefill_only = false;
    Unit& u = fleet_.at(static_cast<std::size_t>(to));
    s.prefilled = true;
    s.computed = s.prompt;
    s.record.replica = to;
    u.replica->submit(s, event.at);
    s.prefilled = false;
    put_on_calendar(static_cast<std::size_t>(to));
    touch(u);
}

void Simulation::throw_away(const Sequence& s, Ticks now) {
    if (s.generated > 0) observer_.thrown_away(s.generated, std::min(s.record.first_token, now), now);
}

// From the beginning, on whichever replica takes it: what was generated is lost with the cache.
void Simulation::start_anew(Sequence& s, Ticks now) {
    throw_away(s, now);
    ++s.record.restarts;
    s.record.started = kNever;
    s.record.first_token = kNever;
    s.generated = 0;
    s.prompt = s.arrival.input;
    s.computed = 0;
    s.swapped = false;
    s.given_up = false;
    at_scheduler(s, now);
}

void Simulation::lose(std::size_t replica, Ticks now) {
    Unit& u = fleet_.at(replica);
    if (!u.paid()) return;   // scaled down: there is nothing to lose
    const auto fault = std::ranges::find_if(options_.faults, [&](const FaultOptions& f) {
        return static_cast<std::size_t>(f.replica) == replica && f.at == now;
    });
    ++u.starts;   // a cold start, or a return after an earlier loss, comes to nothing
    if (fault != options_.faults.end() && fault->back != kNever) calendar_.add({fault->back, EventKind::returns, 0, u.starts, replica});
    fleet_.set_state(u, Unit::State::lost, now);
    observer_.happened(Happening::lost, static_cast<std::int32_t>(replica), std::nullopt, now, now);
    const auto lost = u.replica->lose(now);
    put_on_calendar(replica);
    for (Sequence* s : lost) {
        if (s->given_up) end(*s, now, Ending::timed_out);   // its time was up within the step that was lost
        else start_anew(*s, now);
    }
}

void Simulation::serve_again(const Event& event) {
    Unit& u = fleet_.at(event.subject);
    if (u.starts != event.stamp) return;
    const bool was_lost = u.state == Unit::State::lost;
    fleet_.set_state(u, Unit::State::serving, event.at);
    observer_.happened(was_lost ? Happening::returned : Happening::scaled_up, static_cast<std::int32_t>(event.subject), std::nullopt, event.at, event.at);
    const auto waiting = std::exchange(homeless_, {});
    for (const auto& [order, s] : waiting) at_scheduler(*s, event.at);
    std::vector<Event> undelivered;
    undelivered.swap(undelivered_);
    for (Event& sent : undelivered) {
        sent.at = event.at;
        cache_sent(sent);
    }
    touch(u);
}

void Simulation::autoscale(std::size_t group, Ticks now) {
    const AutoscaleOptions& a = *options_.groups[group].autoscale;
    const std::int64_t serving = fleet_.count(group, Unit::State::serving);
    const std::int64_t starting = fleet_.count(group, Unit::State::starting);
    const double load = serving > 0 ? static_cast<double>(fleet_.load(group)) / static_cast<double>(serving) : 0;
    auto& units = fleet_.units();
    if (serving + starting < a.most && (load > a.up_above || serving + starting < a.least)) {
        for (std::size_t i = 0; i < units.size(); ++i) {
            Unit& u = units[i];
            if (u.group != group || u.state != Unit::State::off) continue;
            fleet_.set_state(u, Unit::State::starting, now);
            calendar_.add({later(now, a.cold_start), EventKind::returns, 0, ++u.starts, i});
            break;
        }
    } else if (load < a.down_below && serving > a.least && starting == 0) {
        for (std::size_t i = units.size(); i-- > 0;) {
            Unit& u = units[i];
            if (u.group != group || u.state != Unit::State::serving) continue;
            fleet_.set_state(u, Unit::State::draining, now);
            observer_.happened(Happening::scaled_down, static_cast<std::int32_t>(i), std::nullopt, now, now);
            retire_if_empty(u, now);
            break;
        }
    }
    calendar_.add({later(now, a.every), EventKind::look, 0, 0, group});
}

// A draining replica is given back once its last request has left.
void Simulation::retire_if_empty(Unit& u, Ticks now) {
    if (u.state != Unit::State::draining || u.replica->load() > 0 || u.replica->next() != kNever) return;
    fleet_.set_state(u, Unit::State::off, now);
}

// On the calendar: epoch `epoch` of the replicas that decode with times of their own, or of all others.
void Simulation::tell_new_times(std::size_t group, Unit::Role role, std::size_t epoch) {
    const auto& epochs = Fleet::epochs_of(options_.groups[group], role);
    if (epoch < epochs.size()) calendar_.add({epochs[epoch].from, EventKind::new_times, 0, epoch, 2 * group + (role == Unit::Role::decode ? 1 : 0)});
}

void Simulation::change_times(const Event& event, Ticks now) {
    const std::size_t group = event.subject / 2;
    const Unit::Role role = event.subject % 2 == 1 ? Unit::Role::decode : Unit::Role::both;
    const auto& epochs = Fleet::epochs_of(options_.groups[group], role);
    const TimesEpoch& e = epochs[event.stamp];
    for (std::size_t i = 0; i < fleet_.units().size(); ++i) {
        Unit& u = fleet_.at(i);
        if (u.group != group || &Fleet::epochs_of(options_.groups[group], u.role) != &epochs) continue;
        // One that does not run loads its weights as they are to lie.
        const bool runs = u.state == Unit::State::serving || u.state == Unit::State::draining;
        u.replica->change_times(e.times.get(), runs ? e.pause : 0, now);
        if (runs && e.pause > 0) observer_.happened(Happening::rebalanced, static_cast<std::int32_t>(i), std::nullopt, now, now + e.pause);
        put_on_calendar(i);
        touch(u);
    }
    tell_new_times(group, role, event.stamp + 1);
}

}  // namespace moeplan::cluster
