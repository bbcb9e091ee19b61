#include "sim/cluster/fleet.h"

#include <algorithm>

#include "core/routing/rng.h"

namespace moeplan::cluster {
namespace {

bool takes(const RequestFilter& f, const Arrival& r, std::uint64_t seed, std::uint64_t id) {
    const auto input = static_cast<double>(r.input), output = static_cast<double>(r.output);
    if (f.input_from && input < *f.input_from) return false;
    if (f.input_below && input >= *f.input_below) return false;
    if (f.output_from && output < *f.output_from) return false;
    if (f.output_below && output >= *f.output_below) return false;
    if (f.priority && r.priority != *f.priority) return false;
    return !f.share || Rng(seed, id, 1).uniform() < *f.share;
}

}  // namespace

Fleet::Fleet(const ClusterOptions& options, Observer* observer) : options_(&options), paid_(options.groups.size()) {
    std::int32_t index = 0;
    for (std::size_t g = 0; g < options.groups.size(); ++g) {
        const GroupOptions& group = options.groups[g];
        for (std::int64_t i = 0; i < group.replicas; ++i) {
            Unit u;
            u.group = g;
            if (group.pools) u.role = i < group.pools->prefill ? Unit::Role::prefill : Unit::Role::decode;
            if (group.autoscale && i >= group.autoscale->least) u.state = Unit::State::off;
            const bool own = u.role == Unit::Role::decode && group.pools->decode;
            u.replica = std::make_unique<Replica>(Replica::Options{index++, own ? group.pools->decode->limits : group.limits, group.scheduler, options.skip},
                                                  epochs_of(group, u.role).front().times.get(), observer);
            units_.push_back(std::move(u));
        }
        decoders_.push_back(group.pools && group.replicas > 0 ? units_.back().replica.get() : nullptr);
        routers_.push_back(make_router(options.router, options.seed + g));
        decode_routers_.push_back(make_router(Router::least_loaded, options.seed));
    }
}

const std::vector<TimesEpoch>& Fleet::epochs_of(const GroupOptions& group, Unit::Role role) {
    return role == Unit::Role::decode && group.pools && group.pools->decode ? group.pools->decode->epochs : group.epochs;
}

bool Fleet::can_ever_decode(const Sequence& s) const {
    const Replica* decoder = decoders_[s.group];
    return !decoder || decoder->can_ever_hold(s);
}

std::size_t Fleet::group_of(const Arrival& request, std::uint64_t id) const {
    for (std::size_t g = 0; g + 1 < options_->groups.size(); ++g) {
        if (takes(options_->groups[g].takes, request, options_->seed + g, id)) return g;
    }
    return options_->groups.size() - 1;
}

std::int32_t Fleet::route(const Arrival& request, std::size_t group, Unit::Role role) {
    doors_.clear();
    for (std::size_t i = 0; i < units_.size(); ++i) {
        const Unit& u = units_[i];
        if (u.group != group || u.state != Unit::State::serving) continue;
        if (u.role != Unit::Role::both && u.role != role) continue;
        doors_.push_back({static_cast<std::int32_t>(i), u.replica->load()});
    }
    if (doors_.empty()) return -1;
    auto& router = role == Unit::Role::decode ? decode_routers_[group] : routers_[group];
    return doors_[doors_.size() == 1 ? 0 : router->choose(request, doors_)].replica;
}

std::int64_t Fleet::count(std::size_t group, Unit::State state) const {
    return std::ranges::count_if(units_, [&](const Unit& u) { return u.group == group && u.state == state; });
}

std::int64_t Fleet::load(std::size_t group) const {
    std::int64_t sum = 0;
    for (const Unit& u : units_) {
        if (u.group == group) sum += u.replica->load();
    }
    return sum;
}

void Fleet::set_state(Unit& u, Unit::State state, Ticks now) {
    const bool was = u.paid();
    u.state = state;
    if (!was && u.paid()) u.paid_since = now;
    if (was && !u.paid()) pay(u, now - u.paid_since);
}

void Fleet::pay(const Unit& u, Ticks time) {
    paid_[u.group].all_s += to_seconds(time);
    if (u.role == Unit::Role::decode) paid_[u.group].decode_s += to_seconds(time);
}

void Fleet::settle(Ticks now, ClusterResult& result) {
    result.groups.resize(options_->groups.size());
    for (Unit& u : units_) {
        GroupResult& group = result.groups[u.group];
        if (u.paid()) pay(u, std::max<Ticks>(0, now - u.paid_since));
        u.paid_since = now;
        group.busy_s += to_seconds(u.replica->busy());
        group.steps += u.replica->steps();
    }
    for (std::size_t g = 0; g < paid_.size(); ++g) {
        result.groups[g].paid_s = paid_[g].all_s;
        result.groups[g].decode_paid_s = paid_[g].decode_s;
    }
}

}  // namespace moeplan::cluster
