#include "core/calibrate/prediction_memo.h"

#include <bit>
#include <cstdint>

#include "core/base/match.h"
#include "core/calibrate/fitted_family.h"

namespace moeplan {
namespace {

constexpr std::size_t kHalfOfShard = 1024;   // 16 shards of two halves: 6 MB when full, near the processor's caches; a study asks for some thousands

double number(const std::optional<double>& value) { return value.value_or(-1); }

// Sizes are mostly whole: all that tells them apart is in their leading bits, which a product moves out; the shift brings them back.
std::uint64_t hash_of(std::uint64_t fit, const std::array<double, 14>& sizes) {
    std::uint64_t hash = 1469598103934665603ULL ^ fit;
    for (const double size : sizes) {
        hash = (hash ^ std::bit_cast<std::uint64_t>(size)) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 32;
    }
    return hash;
}

}  // namespace

PredictionMemo::Key PredictionMemo::key_of(const FittedFamily& fit, const OpKind& op) {
    Key key;
    key.fit = fit.id();
    key.sizes = match(
        op, [](const Gemm& g) -> std::array<double, 14> { return {g.m, g.n, g.k}; },
        [](const ExpertFfn& f) -> std::array<double, 14> {
            return {f.tokens, f.experts, f.pairs, f.activated, f.hottest, f.held, f.hidden, f.width, static_cast<double>(f.top_k), f.gated ? 1.0 : 0.0};
        },
        [](const Attention& a) -> std::array<double, 14> {
            return {a.sequences, a.new_tokens, a.context, a.heads, a.kv_heads, a.qk_dim, a.v_dim, number(a.window), number(a.selected)};
        },
        [](const MemoryPass& p) -> std::array<double, 14> { return {p.bytes.value}; },
        [](const Collective& c) -> std::array<double, 14> { return {c.bytes.value, static_cast<double>(c.ranks)}; },
        [](const auto&) -> std::array<double, 14> { return {}; });
    key.hash = hash_of(key.fit, key.sizes);
    return key;
}

std::optional<Prediction> PredictionMemo::Shard::find(const Key& key) {
    const std::lock_guard lock(mutex_);
    if (const auto at = young_.find(key); at != young_.end()) return at->second;
    const auto at = old_.find(key);
    if (at == old_.end()) return std::nullopt;
    if (young_.size() < kHalfOfShard) return young_.emplace(key, at->second).first->second;
    return at->second;
}

void PredictionMemo::Shard::put(const Key& key, const Prediction& value) {
    const std::lock_guard lock(mutex_);
    if (young_.size() >= kHalfOfShard) {
        old_ = std::move(young_);
        young_.clear();
    }
    young_.emplace(key, value);
}

}  // namespace moeplan
