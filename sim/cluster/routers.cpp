#include <algorithm>
#include <unordered_map>

#include "core/routing/rng.h"
#include "sim/cluster/router.h"

namespace moeplan {
namespace {

std::size_t emptiest(std::span<const Door> doors) {
    return static_cast<std::size_t>(std::ranges::min_element(doors, {}, &Door::load) - doors.begin());
}

class RoundRobin final : public RequestRouter {
public:
    std::size_t choose(const Arrival&, std::span<const Door> doors) override {
        // By replica and not by place in the list, which changes when replicas come and go.
        const auto next = std::ranges::upper_bound(doors, last_, {}, &Door::replica);
        const std::size_t at = next == doors.end() ? 0 : static_cast<std::size_t>(next - doors.begin());
        last_ = doors[at].replica;
        return at;
    }

private:
    std::int32_t last_ = -1;
};

class LeastLoaded final : public RequestRouter {
public:
    std::size_t choose(const Arrival&, std::span<const Door> doors) override { return emptiest(doors); }
};

class PowerOfTwo final : public RequestRouter {
public:
    explicit PowerOfTwo(std::uint64_t seed) : rng_(seed) {}
    std::size_t choose(const Arrival&, std::span<const Door> doors) override {
        const std::size_t a = rng_.below(doors.size());
        const std::size_t b = rng_.below(doors.size());
        return doors[b].load < doors[a].load ? b : a;
    }

private:
    Rng rng_;
};

class PrefixAffinity final : public RequestRouter {
public:
    std::size_t choose(const Arrival& request, std::span<const Door> doors) override {
        const std::size_t at = found(request, doors);
        for (const std::uint64_t id : request.prefix) {
            if (sent_.size() >= kMostIds) sent_.clear();
            sent_[id] = doors[at].replica;
        }
        return at;
    }

private:
    static constexpr std::size_t kMostIds = 4'000'000;   // remembered; then it starts anew
    // A replica this much fuller than the emptiest is left alone: the balance of SGLang's cache-aware router.
    // Source: sgl-project/sglang sgl-router, balance_abs_threshold 32, balance_rel_threshold.
    static constexpr std::int64_t kMuchFuller = 32;

    std::size_t found(const Arrival& request, std::span<const Door> doors) const {
        const std::size_t least = emptiest(doors);
        std::size_t known = 0;
        std::int32_t replica = -1;
        for (const std::uint64_t id : request.prefix) {
            const auto at = sent_.find(id);
            if (at == sent_.end()) break;
            ++known;
            replica = at->second;
        }
        if (known == 0 || 2 * known < request.prefix.size()) return least;
        const auto door = std::ranges::find(doors, replica, &Door::replica);
        if (door == doors.end() || door->load > doors[least].load + kMuchFuller) return least;
        return static_cast<std::size_t>(door - doors.begin());
    }

    std::unordered_map<std::uint64_t, std::int32_t> sent_;
};

class Session final : public RequestRouter {
public:
    std::size_t choose(const Arrival& request, std::span<const Door> doors) override {
        const auto weight = [&](const Door& d) { return Rng(request.session, static_cast<std::uint64_t>(d.replica), 0).next(); };
        return static_cast<std::size_t>(std::ranges::max_element(doors, {}, weight) - doors.begin());
    }
};

}  // namespace

std::unique_ptr<RequestRouter> make_router(Router kind, std::uint64_t seed) {
    switch (kind) {
        case Router::round_robin: return std::make_unique<RoundRobin>();
        case Router::power_of_two: return std::make_unique<PowerOfTwo>(seed);
        case Router::prefix_affinity: return std::make_unique<PrefixAffinity>();
        case Router::session: return std::make_unique<Session>();
        case Router::least_loaded: break;
    }
    return std::make_unique<LeastLoaded>();
}

}  // namespace moeplan
