#pragma once
// Predictions already made, by op: a study prices the same product in a dozen places. Safe from several threads.
// Internal to core/calibrate.

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <variant>

#include "core/calibrate/profile.h"

namespace moeplan {

class PredictionMemo {
public:
    // What `make` gives for this fit and op, asked once while it is remembered. When there are many, those not asked for since
    // half of the room was filled are forgotten. The fit may be gone later.
    template <class Make>
    Prediction get(const FittedFamily& fit, const OpKind& op, Make make) {
        const Key key = key_of(fit, op);
        Shard& shard = shards_[(key.hash >> 32) % shards_.size()];
        if (const auto known = shard.find(key)) return *known;
        const Prediction made = make();
        shard.put(key, made);
        return made;
    }

private:
    struct Key {
        std::uint64_t fit = 0;   // FittedFamily::id()
        std::array<double, 14> sizes{};
        std::uint64_t hash = 0;   // of the others
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const { return static_cast<std::size_t>(key.hash); }
    };
    class Shard {
    public:
        std::optional<Prediction> find(const Key& key);
        void put(const Key& key, const Prediction& value);

    private:
        std::mutex mutex_;
        std::unordered_map<Key, Prediction, Hash> young_, old_;
    };
    static Key key_of(const FittedFamily& fit, const OpKind& op);

    std::array<Shard, 16> shards_;
};

}  // namespace moeplan
