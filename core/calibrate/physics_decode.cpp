// Decode attention: one query a sequence over a paged cache. Source of the form: docs/calibration.md, "Decode attention".

#include <algorithm>
#include <cmath>

#include "core/calibrate/decode_launch.h"
#include "core/calibrate/physics_attention.h"
#include "core/calibrate/physics_parts.h"

namespace moeplan {
namespace {

constexpr double kKeyTile = 128;      // keys a block takes at a time
constexpr double kQueryTile = 16;     // rows of the smallest tensor-core tile: a group of query heads fills at least one
constexpr double kCacheUse = 0.8;     // of the second-level cache that can hold keys and values
constexpr double kSmallGroup = 8;     // query heads a kv head: the smallest tile of FlashInfer's kernels on Blackwell
constexpr double kLargeGroup = 32;    // query heads a kv head: more need a second tile in most decode kernels

enum : std::size_t { launch, bandwidth, cache_gain, per_block, split, block_share, fallback, large_group, compute };

struct Phases {
    double memory, dispatch, combine, arithmetic;   // seconds
    double blocks, units, splits;                   // thread blocks; key tiles; parts a sequence is cut into
};

Phases phases_of(const AttentionSizes& s, const DeviceRates& rates, std::span<const double> theta) {
    const double tiles = std::ceil(s.reach / kKeyTile);
    const double bytes = cached_bytes(s, s.reach) + 2 * s.batch * s.heads * s.head * kActivationBytes;
    Phases p{};
    p.units = s.batch * s.kv_heads * tiles;
    // Few key tiles leave processors without work; each draws at most a multiple of its share of the bandwidth.
    const double used = std::min(1.0, p.units / rates.processors * theta[block_share]);
    const double hit = rates.cache > 0 ? 1 / (1 + std::pow(bytes / (kCacheUse * rates.cache), 4)) : 0;
    const double slower = (1 + (s.odd_head ? theta[fallback] : 0)) * (1 + (s.group > kLargeGroup ? theta[large_group] : 0));
    p.memory = bytes * ((1 - hit) + hit / theta[cache_gain]) * slower / (rates.bandwidth * theta[bandwidth]) / used;
    const double rows = std::ceil(s.group / kQueryTile);
    p.arithmetic = 4 * s.head * s.batch * s.kv_heads * rows * kQueryTile * s.reach / (rates.peak * theta[compute]);
    p.blocks = s.batch * s.kv_heads * rows;
    // Long sequences are cut where there are too few blocks, and the parts combined.
    p.splits = std::clamp(rates.processors / p.blocks, 1.0, tiles);
    p.dispatch = p.blocks * p.splits / rates.processors * theta[per_block];
    p.combine = theta[split] * std::log2(p.splits);
    return p;
}

double prior(const OpKind& op, const DeviceRates& rates, std::span<const double> theta) {
    const Phases p = phases_of(sizes_of(std::get<Attention>(op)), rates, theta);
    return theta[launch] + norm3(p.memory, p.dispatch, p.arithmetic) + p.combine;
}

// vLLM's Triton kernel, which runs what others cannot: heads whose size is no power of two. Sequences are cut into 16 segments where
// blocks are few. Source: vllm-project/vllm:vllm/v1/attention/ops/triton_unified_attention.py.
struct TritonLaunch {
    bool split = false;
    double programs = 0, keys = 0;   // thread blocks, and keys one of them goes over
};

TritonLaunch triton_launch(const AttentionSizes& s) {
    constexpr double kFew = 128, kSegments = 16;
    TritonLaunch t;
    t.split = s.batch * s.kv_heads <= kFew;
    const double rows = std::max(kQueryTile, std::exp2(std::ceil(std::log2(s.group))));
    const double queries = std::max(1.0, std::floor(rows / s.group));   // a block holds
    t.programs = s.kv_heads * (s.batch + std::floor(s.batch / queries)) * (t.split ? kSegments : 1);
    t.keys = t.split ? std::min(s.reach, std::ceil(s.length / kSegments)) : s.reach;
    return t;
}

// As of the datasheet, with the parameters' usual sizes: features must not move when parameters are fitted.
Phases usual_phases(const AttentionSizes& s, const DeviceRates& rates) {
    constexpr double kUsual[] = {8e-6, 0.8, 3, 1e-6, 1e-6, 2, 0, 0, 0.6};
    return phases_of(s, rates, kUsual);
}

void describe(const OpKind& op, const DeviceRates& rates, std::span<const double>, std::span<double> out) {
    const AttentionSizes s = sizes_of(std::get<Attention>(op));
    const Phases p = usual_phases(s, rates);
    const double blocks = p.blocks / rates.processors, units = p.units / rates.processors;
    out[0] = std::log(s.batch);
    out[1] = std::log(s.length);
    out[2] = std::log(s.reach);
    out[3] = std::log(s.heads);
    out[4] = std::log(s.kv_heads);
    out[5] = std::log(s.head);
    out[6] = std::log(s.group);
    out[7] = s.windowed ? 1 : 0;
    out[8] = std::log(p.memory / p.dispatch);
    out[9] = std::log(norm3(p.memory, p.dispatch) / 1e-6);
    out[10] = std::log(blocks);
    out[11] = idle(blocks);
    out[12] = std::log(units);
    out[13] = idle(units);
    out[14] = std::log(p.splits);
    out[15] = s.group == 1 ? 1 : 0;
    out[16] = std::log2(alignment(std::round(s.group), 16));
    out[17] = s.group > kQueryTile ? 1 : 0;
    out[18] = s.group > kLargeGroup ? 1 : 0;
    out[19] = s.odd_head ? 1 : 0;
    const TritonLaunch triton = triton_launch(s);
    out[20] = s.odd_head ? std::log(triton.keys) : 0;
    out[21] = s.large_head ? 1 : 0;
    out[22] = std::log(cached_bytes(s, s.reach) / (rates.cache > 0 ? rates.cache : 1));
    out[23] = s.odd_head && !triton.split ? 1 : 0;
    out[24] = s.windowed && s.length > s.window ? 1 : 0;
    const DecodeLaunch launched = decode_launch(s, rates.processors);
    out[25] = std::log((s.group > kLargeGroup ? s.batch * s.heads : s.batch * s.kv_heads) / rates.processors);
    out[26] = launched.block_a_head ? 1 : 0;
    out[27] = std::log(launched.waves);
    out[28] = std::log(launched.parts);
    out[29] = s.group > kSmallGroup ? 1 : 0;
    out[30] = s.odd_head ? std::log(std::max(1.0, triton.programs / rates.processors)) : 0;
}

}  // namespace

const FamilyPhysics kDecodePhysics{
    KernelFamily::attention_decode,
    {{"launch (s)", 8e-6, 1e-7, 1e-2},
     {"bandwidth reached", 0.8, 0.01, 1},
     {"cache over memory bandwidth", 3, 1, 30},
     {"start of a block (s)", 1e-6, 1e-10, 1e-3},
     {"combining split sequences (s)", 1e-6, 1e-10, 1e-3},
     {"bandwidth of one block over its share", 2, 0.05, 200},
     {"slower, odd head size", 0.5, 1e-4, 20},
     {"slower, over 32 heads a kv head", 1, 1e-4, 20},
     {"compute reached", 0.6, 0.005, 30}},
    prior,
    nullptr,
    {"sequences", "length", "reach", "heads", "kv heads", "head size", "heads a kv head", "windowed", "memory over start time",
     "work", "blocks per processor", "idle in blocks", "key tiles per processor", "idle in key tiles", "splits",
     "one head a kv head", "alignment of heads a kv head", "over 16 heads a kv head", "over 32 heads a kv head", "odd head size",
     "keys a program at odd head size", "head size over 256", "cached over L2", "not split at odd head size",
     "past the window", "blocks per processor with a head each in groups over 32",
     "a block a head", "waves as launched", "parts as launched", "over 8 heads a kv head", "programs per processor at odd head size"},
    describe,
    attention_shape,
    {0, 1, 3, 4, 5, 6, 7, 19, 21}};

}  // namespace moeplan
