#pragma once
// What was expensive to find out while studies were prepared, for the next study that asks the same: models read, profiles
// read, routing made concrete and its expert loads. A file that changed (size or time of change) is read anew. Bounded; safe
// from several threads.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/calibrate/profile.h"
#include "core/model/model_spec.h"
#include "core/routing/routing.h"

namespace moeplan {

// A routing of one model on so many ranks.
struct RoutedExperts {
    std::shared_ptr<const RoutingProfile> profile;   // without a trace's tokens
    std::shared_ptr<const ExpertLoadTable> load;
    std::vector<double> rank_load;                   // empty on one rank
};

// Values by text, some of the oldest forgotten when there are many: those not asked for since half of the room was filled.
template <class Value>
class KeptValues {
public:
    explicit KeptValues(std::size_t most) : half_(most / 2) {}

    // What `make` gives, asked once while it is kept. An error is not kept.
    Result<Value> get(const std::string& key, const std::function<Result<Value>()>& make) {
        {
            const std::lock_guard lock(mutex_);
            if (const auto at = young_.find(key); at != young_.end()) return at->second;
            if (const auto at = old_.find(key); at != old_.end()) return put(key, at->second);
        }
        auto made = make();
        if (!made) return made;
        const std::lock_guard lock(mutex_);
        return put(key, *made);
    }

private:
    Value put(const std::string& key, Value value) {
        if (young_.size() >= half_) {
            old_ = std::move(young_);
            young_.clear();
        }
        return young_.insert_or_assign(key, std::move(value)).first->second;
    }

    std::size_t half_;
    std::mutex mutex_;
    std::map<std::string, Value> young_, old_;
};

class Kept {
public:
    KeptValues<std::shared_ptr<const ModelSpec>> models{64};
    KeptValues<std::shared_ptr<const Profile>> profiles{16};
    KeptValues<RoutedExperts> routing{64};
};

// Tells whether a file is the one it was: its size and time of change, of a folder's config.json too. Text for keys; the same
// for all that is not there.
std::string stamp_of(const std::string& path);

// As resolve_routing() and build_expert_load_table() give. `spec`: files found. `kept` may be null.
Result<RoutedExperts> routed_experts(const RoutingSpec& spec, const ModelSpec& model, std::int64_t ranks, const PlacementSpec& placement,
                                     std::uint64_t seed, Kept* kept);

}  // namespace moeplan
