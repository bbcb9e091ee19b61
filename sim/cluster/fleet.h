#pragma once
// The replicas of a cluster, which of them take requests, and what they are paid for. Private to sim/cluster.

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/cluster/cluster.h"
#include "sim/cluster/router.h"

namespace moeplan::cluster {

struct Unit {
    enum class State : std::uint8_t { off, starting, serving, draining, lost };
    enum class Role : std::uint8_t { both, prefill, decode };

    std::unique_ptr<Replica> replica;
    std::size_t group = 0;
    Role role = Role::both;
    State state = State::serving;
    std::uint64_t version = 0;      // of its step on the calendar: older entries are stale
    std::uint64_t starts = 0;       // of its cold starts
    Ticks told = kNever;            // end of the step that is on the calendar
    Ticks paid_since = 0;
    Ticks link_free = 0;            // its link is sending until then
    bool touched = false;           // must be planned at the end of this moment

    bool paid() const { return state != State::off; }
};

class Fleet {
public:
    Fleet(const ClusterOptions& options, Observer* observer);

    std::vector<Unit>& units() { return units_; }
    Unit& at(std::size_t replica) { return units_[replica]; }
    const GroupOptions& options_of(const Unit& u) const { return options_->groups[u.group]; }
    // Step times of a group's replicas: of those that decode, where they have their own.
    static const std::vector<TimesEpoch>& epochs_of(const GroupOptions& group, Unit::Role role);

    // The group a request is for. `id` draws it where a filter takes a share.
    std::size_t group_of(const Arrival& request, std::uint64_t id) const;
    // A replica of the group in this role that takes requests; -1 when none does.
    std::int32_t route(const Arrival& request, std::size_t group, Unit::Role role);
    // Whether a replica that decodes has room for the whole request, where others prefill.
    bool can_ever_decode(const Sequence& s) const;

    // Of one group, by state; what autoscaling looks at.
    std::int64_t count(std::size_t group, Unit::State state) const;
    std::int64_t load(std::size_t group) const;

    void set_state(Unit& u, Unit::State state, Ticks now);
    // Totals at the end.
    void settle(Ticks now, ClusterResult& result);

private:
    void pay(const Unit& u, Ticks time);

    const ClusterOptions* options_;
    std::vector<Unit> units_;
    std::vector<std::unique_ptr<RequestRouter>> routers_;          // one a group, for arrivals
    std::vector<std::unique_ptr<RequestRouter>> decode_routers_;   // to where caches go
    std::vector<const Replica*> decoders_;                         // one a group; null without pools
    struct Paid { double all_s = 0, decode_s = 0; };
    std::vector<Paid> paid_;
    std::vector<Door> doors_;
};

}  // namespace moeplan::cluster
