// Prefill attention: causal, many queries a sequence. Source of the form: docs/calibration.md, "Prefill attention".

#include <algorithm>
#include <cmath>

#include "core/calibrate/physics_attention.h"
#include "core/calibrate/physics_parts.h"

namespace moeplan {
namespace {

constexpr double kQueryTile = 128, kKeyTile = 128;   // rows and columns of scores one thread block works on, as usual
constexpr double kAllHeads = 1024;                    // more than any key-value head serves
constexpr double kMostThreads = 512;                  // of a block that writes one token's keys and values
constexpr double kSmallHead = 64, kUsualHead = 128, kLargeHead = 256;
constexpr double kPackedFreely = 16;                  // a power of two of heads to here is packed at no cost

enum : std::size_t { launch, bandwidth, compute, tile_rows, tile_heads, per_tile, per_packed, per_row, unevenly,
                     small_head, odd_head, odd_rows, large_head, huge_head, written, latency, crowding };

// How a prompt's queries are dealt to thread blocks. The lengths are of one sequence and one set of heads packed together.
struct Tiling {
    double rows = 0, packed = 0;   // of a whole tile; query heads in it
    double filled = 0;             // rows of a tile that hold queries
    double tiles = 0, sets = 0;    // tiles of a set; sets of all sequences
    double key_tiles = 0;          // that all tiles of a set visit
    double longest = 0;            // key tiles of the longest one
    double nearly_longest = 0;     // tiles within a tenth of it
};

// Sum over i < n of floor(i c): the key tiles below the diagonal where a query tile is c key tiles wide.
double below_diagonal(double n, double c) {
    if (n <= 0) return 0;
    if (c >= 1) return c * n * (n - 1) / 2;
    const double whole = std::floor(n * c), rest = n - whole / c;
    return whole * (whole - 1) / (2 * c) + rest * whole;
}

// Tiles of 192 and 256 rows are of heads that leave registers for them.
double rows_for(double head, double most) {
    if (most == 192 && head > kSmallHead) return 128;
    return most == 256 && head > kUsualHead ? 128 : most;
}

Tiling tiling_of(const AttentionSizes& s, std::span<const double> built) {
    Tiling t;
    t.rows = rows_for(s.head, built[tile_rows]);
    t.packed = s.queries <= 1 ? s.group : std::min(s.group, built[tile_heads]);   // a single query's heads always fill a tile together
    if (s.odd_head && built[odd_rows] < kQueryTile) {   // a fallback kernel: the heads of a group in one small tile
        t.packed = s.group;
        t.rows = std::max(built[odd_rows], std::exp2(std::ceil(std::log2(s.group))));
    }
    t.filled = std::min(t.rows, s.queries * t.packed);
    t.tiles = std::ceil(s.queries * t.packed / t.rows);
    t.sets = s.batch * s.heads / t.packed;
    const double context = s.length - s.queries;
    const double wide = t.rows / t.packed / kKeyTile;   // key tiles next to one query tile
    const double most = std::ceil(s.length / kKeyTile);
    // Without a window: all tiles up to each query tile's last query, which in the last one comes before its end.
    t.key_tiles = below_diagonal(t.tiles, wide) + t.tiles * (std::max(wide, 1.0) + context / kKeyTile) -
                  std::max(std::floor(t.tiles * wide - s.queries / kKeyTile), 0.0);
    t.longest = most;
    if (s.reach < s.length) {   // less those that lie before the window
        const double within = (s.reach - context) / kKeyTile;   // of the queries, in key tiles: those that see the first key
        const double first = std::clamp(std::ceil(within / wide), 0.0, t.tiles);
        t.key_tiles -= below_diagonal(t.tiles, wide) - below_diagonal(first, wide) - (t.tiles - first) * within;
        t.longest = std::min(std::ceil(s.reach / kKeyTile + std::max(std::min(wide, s.queries / kKeyTile), 1.0)), most);
    }
    t.key_tiles = std::clamp(t.key_tiles, t.tiles, t.tiles * most);
    const double first_long = std::floor(std::floor(0.9 * t.longest) / wide) - std::floor(context / kKeyTile / wide);
    t.nearly_longest = std::clamp(t.tiles - std::max(first_long, 0.0), 1.0, t.tiles);
    return t;
}

struct Phases {
    Tiling tiling;
    double memory, arithmetic, longest;   // seconds; arithmetic of all processors together, with the tiles' own time
    double makespan;                      // of all tiles on the processors
    double writing;                       // keys and values of the new tokens into the cache
};

// Times as long as heads of 128.
double slower(const AttentionSizes& s, std::span<const double> theta) {
    double times = s.odd_head ? theta[odd_head] : 1;
    if (s.head <= kSmallHead) times *= theta[small_head];
    if (s.head > kLargeHead) times *= theta[huge_head];
    else if (!s.odd_head && s.head >= kLargeHead) times *= theta[large_head];
    return times;
}

Phases phases_of(const AttentionSizes& s, const DeviceRates& rates, std::span<const double> theta) {
    Phases p{};
    p.tiling = tiling_of(s, theta);
    const Tiling& t = p.tiling;
    const double a_tile = 4 * s.head * t.rows * kKeyTile * slower(s, theta) / (rates.peak * theta[compute] / rates.processors);
    const bool uneven = t.packed > kPackedFreely || (t.packed > 1 && std::exp2(std::round(std::log2(t.packed))) != t.packed);
    const double begun = (theta[t.packed > 1 ? per_packed : per_tile] + theta[per_row] * t.filled * s.head / kUsualHead) *
                         (uneven ? 1 + theta[unevenly] : 1);
    p.arithmetic = t.sets * (t.key_tiles * a_tile + t.tiles * begun) / rates.processors;
    p.longest = t.longest * a_tile + begun;
    // The longest ones come in whole waves.
    p.makespan = std::max(p.arithmetic, std::ceil(t.sets * t.nearly_longest / rates.processors) * p.longest);
    const double bytes = cached_bytes(s, std::min(s.length, s.queries + s.reach)) +
                         s.batch * s.heads * s.queries * s.head * (s.query_bytes + kActivationBytes);
    p.memory = bytes / (rates.bandwidth * theta[bandwidth]);
    // Serving engines write the cache in the same call: a block a token, of as many threads as it has values.
    const double values = 2 * s.batch * s.kv_heads * s.queries * s.head;
    const double threads = std::min(s.kv_heads * s.head, kMostThreads);
    p.writing = norm3(values * (kActivationBytes + s.key_bytes) / (rates.bandwidth * theta[written]),
                      s.batch * s.queries * theta[latency] * std::pow(threads / kMostThreads, theta[crowding]) / rates.processors);
    return p;
}

double work_seconds(const Phases& p) { return norm4(p.makespan, p.memory) + p.writing; }

double prior(const OpKind& op, const DeviceRates& rates, std::span<const double> theta) {
    return theta[launch] + work_seconds(phases_of(sizes_of(std::get<Attention>(op)), rates, theta));
}

const std::vector<Parameter> kParameters{{"launch (s)", 8e-6, 1e-7, 1e-2},
                                         {"bandwidth reached", 0.7, 0.01, 1},
                                         {"compute reached", 0.6, 0.005, 1.2},
                                         {"rows of a tile", 128, 64, 256, {128, 64, 192, 256}},
                                         {"heads a tile packs at most", 1, 1, kAllHeads, {1, kAllHeads}},
                                         {"start of a tile (s)", 1e-6, 1e-10, 1e-3},
                                         {"start of a tile of several heads (s)", 1e-6, 1e-10, 1e-3},
                                         {"per row of a tile (s)", 3e-9, 1e-12, 1e-5},
                                         {"slower start, heads packed unevenly", 0.1, 1e-3, 10},
                                         {"slower, heads of 64", 1.4, 0.2, 20},
                                         {"slower, odd head size", 1, 0.2, 50},
                                         {"rows of a tile, odd head size", kQueryTile, 16, kQueryTile, {kQueryTile, 16}},
                                         {"slower, heads of 256", 1, 0.2, 20},
                                         {"slower, heads over 256", 1.5, 0.2, 50},
                                         {"cache write bandwidth reached", 0.5, 0.02, 100},
                                         {"cache write of a token (s)", 5e-7, 1e-9, 1e-4},
                                         {"cache write, growth with its threads", 1, 0.3, 3}};

// Phases as of the datasheet, with the parameters' usual sizes: features must not move when parameters are fitted.
Phases usual_phases(const AttentionSizes& s, const DeviceRates& rates, std::span<const double> built) {
    const double usual[] = {8e-6, 1, 0.7, built[tile_rows], built[tile_heads], 1e-6, 1e-6, 3e-9, 0.1, 1.4, 1, built[odd_rows], 1, 1.5, 0.5, 5e-7, 1};
    return phases_of(s, rates, usual);
}

double padding(double size, double tile) { return std::log(std::ceil(size / tile) * tile / size); }

void describe(const OpKind& op, const DeviceRates& rates, std::span<const double> built, std::span<double> out) {
    const AttentionSizes s = sizes_of(std::get<Attention>(op));
    const Phases p = usual_phases(s, rates, built);
    const double blocks = s.batch * s.kv_heads * std::ceil(s.queries * s.group / kQueryTile) / rates.processors;
    const double rows = s.batch * s.heads * std::ceil(s.queries / kQueryTile) / rates.processors;
    const double own = p.tiling.sets * p.tiling.tiles / rates.processors;
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
    out[22] = std::log(s.batch * s.queries);
    out[23] = std::log(p.makespan / p.arithmetic);
    out[24] = std::log(p.writing / p.makespan);
    out[25] = std::log(p.longest / p.arithmetic);
    out[26] = std::log(own);
    out[27] = idle(own);
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
     "head size over 256", "cached over L2", "tokens", "idle in all tiles", "writing over attending", "longest over mean",
     "its own tiles per processor", "idle in its own tiles"},
    describe,
    attention_shape,
    {0, 1, 2, 3, 4, 5, 7, 19, 20}};

}  // namespace moeplan
