// Decode attention: one query a sequence over a paged cache. Source of the form: docs/calibration.md, "Attention".

#include <algorithm>
#include <cmath>

#include "core/calibrate/physics_attention.h"
#include "core/calibrate/physics_parts.h"

namespace moeplan {
namespace {

constexpr double kUsualRows = 16;      // of the smallest tensor-core tile: a group of query heads fills at least one
constexpr double kCacheUse = 0.8;      // of the second-level cache that can hold keys and values
constexpr double kSplitGrid = 128;     // vLLM's Triton kernel, which runs what others cannot, cuts sequences up where blocks are so few
constexpr double kLargeGroup = 32;     // query heads a kv head: more run a head a block in TensorRT-LLM, in a second tile in others
constexpr double kAllHeads = 1024;     // more than any key-value head serves
constexpr double kUsualKeys = 128;     // a block takes at a time
constexpr double kSmallHead = 64, kLargeHead = 256;

enum : std::size_t { launch, bandwidth, cache_gain, block_rows, most_heads, key_tile, least_keys, packed_start, head_start, block_share,
                     compute, split, per_split, small_head, large_head, huge_head, odd_head };

struct Phases {
    double memory, blocks_work, again, combine;   // seconds; of all waves of blocks; of what blocks read again out of the cache
    double dispatch;                              // seconds of starting them
    double blocks, units, splits;                 // thread blocks; key tiles; parts a sequence is cut into
};

double slower(const AttentionSizes& s, std::span<const double> theta) {
    double times = s.odd_head ? theta[odd_head] : 1;
    if (s.head <= kSmallHead) times *= theta[small_head];
    if (s.head >= kLargeHead) times *= theta[s.head > kLargeHead ? huge_head : large_head];
    return times;
}

Phases phases_of(const AttentionSizes& s, const DeviceRates& rates, std::span<const double> theta) {
    Phases p{};
    // A block takes the query heads of one key-value head, or each of a group too large for it has its own.
    const double packed = s.group > theta[most_heads] ? 1 : s.group;
    const double tiles_of_rows = std::ceil(packed / theta[block_rows]);
    const double filled = std::min(theta[block_rows], std::ceil(packed / kUsualRows) * kUsualRows);
    p.blocks = s.batch * s.heads / packed * tiles_of_rows;
    p.units = s.batch * s.kv_heads * std::ceil(s.reach / kUsualKeys);
    // Long sequences are cut where there are too few blocks, and the parts combined.
    p.splits = std::clamp(std::floor(rates.processors / p.blocks), 1.0, std::ceil(s.reach / theta[least_keys]));
    const double keys = std::ceil(std::ceil(s.reach / p.splits) / theta[key_tile]) * theta[key_tile];
    const double streaming = 2 * keys * s.head * s.key_bytes / (rates.bandwidth / rates.processors * theta[block_share]);
    const double arithmetic = 4 * keys * s.head * filled / (rates.peak / rates.processors * theta[compute]);
    const double slow = slower(s, theta);
    const double waves = std::ceil(p.blocks * p.splits / rates.processors);
    const double begun = theta[packed > 1 ? packed_start : head_start];
    p.blocks_work = waves * (begun + streaming + arithmetic) * slow;
    p.dispatch = p.blocks * p.splits / rates.processors * begun;
    const double bytes = cached_bytes(s, s.reach) + 2 * s.batch * s.heads * s.head * kActivationBytes;
    const double hit = rates.cache > 0 ? 1 / (1 + std::pow(bytes / (kCacheUse * rates.cache), 4)) : 0;
    p.memory = bytes * ((1 - hit) + hit / theta[cache_gain]) * slow / (rates.bandwidth * theta[bandwidth]);
    const double times_read = s.group / packed * tiles_of_rows;
    p.again = cached_bytes(s, s.reach) * (times_read - 1) / (rates.bandwidth * theta[bandwidth] * theta[cache_gain]);
    p.combine = p.splits > 1 ? theta[split] + theta[per_split] * std::log2(p.splits) : 0;
    return p;
}

double prior(const OpKind& op, const DeviceRates& rates, std::span<const double> theta) {
    const Phases p = phases_of(sizes_of(std::get<Attention>(op)), rates, theta);
    return theta[launch] + norm3(p.memory, p.blocks_work, p.again) + p.combine;
}

const std::vector<Parameter> kParameters{{"launch (s)", 8e-6, 1e-7, 1e-2},
                                         {"bandwidth reached", 0.8, 0.01, 1},
                                         {"cache over memory bandwidth", 2, 1, 30},
                                         {"rows of a block", 64, 16, 64, {64, 16}},
                                         {"heads a block packs at most", kAllHeads, kLargeGroup, kAllHeads, {kAllHeads, kLargeGroup}},
                                         {"keys a block takes at a time", 128, 64, 128, {128, 64}},
                                         {"keys of a part at least", 256, 64, 1024, {256, 64, 1024}},
                                         {"start of a block (s)", 2e-6, 1e-10, 1e-3},
                                         {"start of a block of one head (s)", 1.5e-6, 1e-10, 1e-3},
                                         {"bandwidth of one block over its share", 3, 0.05, 200},
                                         {"compute reached", 0.3, 0.001, 30},
                                         {"combining split sequences (s)", 5e-7, 1e-10, 1e-3},
                                         {"combining, for each doubling (s)", 5e-7, 1e-10, 1e-3},
                                         {"slower, heads of 64", 1, 0.1, 20},
                                         {"slower, heads of 256", 1, 0.1, 20},
                                         {"slower, heads over 256", 1, 0.1, 50},
                                         {"slower, odd head size", 1.2, 0.2, 50}};

// As of the datasheet, with the parameters' usual sizes: features must not move when parameters are fitted.
Phases usual_phases(const AttentionSizes& s, const DeviceRates& rates, std::span<const double> built) {
    const double kUsual[] = {8e-6, 0.8, 3, built[block_rows], built[most_heads], built[key_tile], built[least_keys], 1e-6, 1e-6, 2, 0.6, 0, 1e-6, 1, 1, 1, 1};
    return phases_of(s, rates, kUsual);
}

void describe(const OpKind& op, const DeviceRates& rates, std::span<const double> built, std::span<double> out) {
    const AttentionSizes s = sizes_of(std::get<Attention>(op));
    const Phases p = usual_phases(s, rates, built);
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
    out[17] = s.group > kUsualRows ? 1 : 0;
    out[18] = s.group > kLargeGroup ? 1 : 0;
    out[19] = s.odd_head ? 1 : 0;
    out[20] = s.odd_head ? std::log(s.reach) : 0;
    out[21] = s.large_head ? 1 : 0;
    out[22] = std::log(cached_bytes(s, s.reach) / (rates.cache > 0 ? rates.cache : 1));
    out[23] = s.odd_head && s.batch * s.kv_heads > kSplitGrid ? 1 : 0;
    out[24] = s.windowed && s.length > s.window ? 1 : 0;
    out[25] = std::log((s.group > kLargeGroup ? s.batch * s.heads : s.batch * s.kv_heads) / rates.processors);
}

}  // namespace

const FamilyPhysics kDecodePhysics{
    KernelFamily::attention_decode,
    kParameters,
    prior,
    nullptr,
    {"sequences", "length", "reach", "heads", "kv heads", "head size", "heads a kv head", "windowed", "memory over start time",
     "work", "blocks per processor", "idle in blocks", "key tiles per processor", "idle in key tiles", "splits",
     "one head a kv head", "alignment of heads a kv head", "over 16 heads a kv head", "over 32 heads a kv head", "odd head size",
     "length at odd head size", "head size over 256", "cached over L2", "not split at odd head size",
     "past the window", "blocks per processor, a head each in groups over 32"},
    describe,
    attention_shape,
    {0, 1, 3, 4, 5, 6, 7, 19, 21}};

}  // namespace moeplan
