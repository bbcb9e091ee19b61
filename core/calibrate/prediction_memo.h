#pragma once
// Predictions already made, by op: a study prices the same product in a dozen places. Safe from several threads.
// Internal to core/calibrate.

#include <array>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <variant>

#include "core/calibrate/profile.h"

namespace moeplan {

class PredictionMemo {
public:
    // What `make` gives for this fit and op, asked once. Forgets everything when it grows beyond a bound.
    Prediction get(const FittedFamily& fit, const OpKind& op, const std::function<Prediction()>& make);

private:
    struct Key {
        const FittedFamily* fit = nullptr;
        std::array<double, 14> sizes{};
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const;
    };
    struct Shard {
        std::mutex mutex;
        std::unordered_map<Key, Prediction, Hash> known;
    };
    static Key key_of(const FittedFamily& fit, const OpKind& op);

    std::array<Shard, 16> shards_;
};

}  // namespace moeplan
