#pragma once
// One run. Private to sim/cluster.

#include <map>
#include <optional>
#include <vector>

#include "sim/cluster/calendar.h"
#include "sim/cluster/fleet.h"

namespace moeplan::cluster {

// Tells several observers as one.
class Everybody final : public Observer {
public:
    explicit Everybody(const std::vector<Observer*>& observers) : all_(&observers) {}
    void arrived(std::uint64_t id, const Arrival& r) override { for (auto* o : *all_) o->arrived(id, r); }
    void ended(const RequestRecord& r) override { for (auto* o : *all_) o->ended(r); }
    void decoded(const DecodeRun& r) override { for (auto* o : *all_) o->decoded(r); }
    void stepped(const PromptStep& s) override { for (auto* o : *all_) o->stepped(s); }
    void state(const ReplicaState& s) override { for (auto* o : *all_) o->state(s); }
    void thrown_away(std::int64_t n, Ticks from, Ticks to) override { for (auto* o : *all_) o->thrown_away(n, from, to); }
    void happened(Happening w, std::int32_t r, std::optional<std::uint64_t> id, Ticks from, Ticks to) override {
        for (auto* o : *all_) o->happened(w, r, id, from, to);
    }

private:
    const std::vector<Observer*>* all_;
};

class Simulation {
public:
    Simulation(const ClusterOptions& options, RequestSource& source, const std::vector<Observer*>& observers);
    Result<ClusterResult> run(RunControl& control);

private:
    // simulation.cpp: requests
    Ticks next_arrival() const;
    void take_arrivals(Ticks now);
    void arrive(Arrival&& arrival);
    void at_scheduler(Sequence& s, Ticks now);
    void end(Sequence& s, Ticks now, Ending ending);
    void finish_step(std::size_t replica, Ticks now);
    void happen(const Event& event);
    void give_up(const Event& event);
    void plan_touched(Ticks now);
    void touch(Unit& u);
    void put_on_calendar(std::size_t replica);

    // simulation_replicas.cpp: what happens to replicas
    void send_cache(Sequence& s, std::size_t from, Ticks now);
    void cache_sent(const Event& event);
    void lose(std::size_t replica, Ticks now);
    void start_anew(Sequence& s, Ticks now);
    // What steps gave it, told before it is forgotten.
    void throw_away(const Sequence& s, Ticks now);
    void serve_again(const Event& event);
    void autoscale(std::size_t group, Ticks now);
    void change_times(const Event& event, Ticks now);
    void tell_new_times(std::size_t group, Unit::Role role, std::size_t epoch);
    void retire_if_empty(Unit& u, Ticks now);

    const ClusterOptions& options_;
    RequestSource& source_;
    Everybody observer_;
    Fleet fleet_;
    Calendar calendar_;
    SequencePool pool_;
    std::optional<Arrival> pending_;       // the source's next, not here yet
    std::vector<Arrival> later_;           // of closed loops, a heap by time
    std::map<std::int64_t, Sequence*> homeless_;   // no replica takes requests now; by their order, which the sequence keeps
    std::int64_t homeless_so_far_ = 0;
    std::vector<Event> undelivered_;       // caches that arrived when nobody decoded
    std::vector<std::size_t> touched_;
    Replica::Ended ended_;
    ClusterResult result_;
    std::uint64_t ids_ = 0;
    std::uint64_t at_once_ = 0;            // users who asked again at the moment they were answered, at this moment
};

}  // namespace moeplan::cluster
