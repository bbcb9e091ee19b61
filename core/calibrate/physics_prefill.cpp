// Prefill attention: causal, many queries a sequence. Source of the form: docs/calibration.md, "Attention".

#include <algorithm>
#include <cmath>

#include "core/calibrate/physics_attention.h"
#include "core/calibrate/physics_parts.h"

namespace moeplan {
namespace {

constexpr double kQueryTile = 128, kKeyTile = 128;   // rows and columns of scores one thread block works on

enum : std::size_t { launch, bandwidth, compute, per_block, alone, fallback };

struct Phases {
    double memory, arithmetic, longest, blocks;   // seconds; thread blocks
    double dispatch;                              // seconds of starting all of them
};

Phases phases_of(const AttentionSizes& s, const DeviceRates& rates, std::span<const double> theta) {
    const double context = s.length - s.queries;
    // Queries before the window is full see a growing part, the others all of it.
    const double growing = std::clamp(s.reach - context, 0.0, s.queries);
    const double seen = (growing * (context + (growing + 1) / 2) + (s.queries - growing) * s.reach) / s.queries;
    // A key-value head's query heads are packed into one tile.
    const double tiles = std::ceil(s.queries * s.group / kQueryTile);
    const double slower = 1 + (s.odd_head ? theta[fallback] : 0);
    const double bytes = cached_bytes(s, std::min(s.length, s.queries + s.reach)) +
                         s.batch * s.heads * s.queries * s.head * (s.query_bytes + kActivationBytes);
    Phases p{};
    p.blocks = s.batch * s.kv_heads * tiles;
    const double flops = 4 * s.head * p.blocks * kQueryTile * (seen + kKeyTile / 2);
    const double last = 4 * s.head * kQueryTile * (s.reach + kKeyTile / 2);
    p.memory = bytes * slower / (rates.bandwidth * theta[bandwidth]);
    p.arithmetic = flops * slower / (rates.peak * theta[compute]);
    // The block of the last queries runs on one processor from end to end.
    p.longest = last * slower * theta[alone] / (rates.peak * theta[compute] / rates.processors);
    p.dispatch = p.blocks / rates.processors * theta[per_block];
    return p;
}

double work_seconds(const Phases& p) { return norm3(norm3(p.memory, p.arithmetic, p.longest), p.dispatch); }

double prior(const OpKind& op, const DeviceRates& rates, std::span<const double> theta) {
    return theta[launch] + work_seconds(phases_of(sizes_of(std::get<Attention>(op)), rates, theta));
}

const std::vector<Parameter> kParameters{{"launch (s)", 8e-6, 1e-7, 1e-2},
                                         {"bandwidth reached", 0.7, 0.01, 3},
                                         {"compute reached", 0.6, 0.005, 1.2},
                                         {"start of a block (s)", 1e-6, 1e-10, 1e-3},
                                         {"longest block", 1, 1e-3, 10},
                                         {"slower, odd head size", 0.5, 1e-4, 20}};

// Phases as of the datasheet, with the parameters' usual sizes: features must not move when parameters are fitted.
Phases usual_phases(const AttentionSizes& s, const DeviceRates& rates) {
    constexpr double kUsual[] = {8e-6, 1, 1, 1e-6, 1, 0};
    return phases_of(s, rates, kUsual);
}

double padding(double size, double tile) { return std::log(std::ceil(size / tile) * tile / size); }

void describe(const OpKind& op, const DeviceRates& rates, std::span<double> out) {
    const AttentionSizes s = sizes_of(std::get<Attention>(op));
    const Phases p = usual_phases(s, rates);
    const double blocks = p.blocks / rates.processors;
    const double rows = s.batch * s.heads * std::ceil(s.queries / kQueryTile) / rates.processors;
    out[0] = std::log(s.batch);
    out[1] = std::log(s.queries);
    out[2] = std::log(s.heads);
    out[3] = std::log(s.kv_heads);
    out[4] = std::log(s.head);
    out[5] = std::log(s.group);
    out[6] = std::log(s.reach / s.length);
    out[7] = s.windowed ? 1 : 0;
    out[8] = s.windowed ? std::log(s.window) : 12;
    out[9] = std::log(p.arithmetic / p.memory);
    out[10] = std::log(work_seconds(p) / 1e-6);
    out[11] = std::log(rows);
    out[12] = idle(rows);
    out[13] = std::log(blocks);
    out[14] = idle(blocks);
    out[15] = s.queries == 1 ? 1 : 0;
    out[16] = s.group == 1 ? 1 : 0;
    out[17] = s.queries > 16 ? padding(s.queries, kQueryTile) : 0;
    out[18] = padding(s.queries * s.group, kQueryTile);
    out[19] = s.odd_head ? 1 : 0;
    out[20] = s.large_head ? 1 : 0;
    out[21] = std::log(cached_bytes(s, s.length) / (rates.cache > 0 ? rates.cache : 1));
}

}  // namespace

const FamilyPhysics kPrefillPhysics{
    KernelFamily::attention_prefill,
    kParameters,
    prior,
    nullptr,
    {"sequences", "new tokens", "heads", "kv heads", "head size", "heads a kv head", "reach over length", "windowed", "window",
     "compute over memory time", "work", "unpacked tiles per processor", "idle in unpacked tiles", "tiles per processor",
     "idle in tiles", "one query", "one head a kv head", "queries padded", "packed queries padded", "odd head size",
     "head size over 256", "cached over L2"},
    describe,
    attention_shape,
    {0, 1, 2, 3, 4, 5, 7, 19, 20}};

}  // namespace moeplan
