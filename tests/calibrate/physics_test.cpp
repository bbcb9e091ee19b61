#include "core/calibrate/physics.h"

#include <cmath>
#include <random>

#include "core/catalog/catalog.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

// Round figures to work by hand with: 1 TB/s, 1 PFLOP/s, 100 processors, 50 MB of cache.
constexpr DeviceRates kRound{1e12, 1e15, 100, 5e7};

double prior_of(const FamilyPhysics& physics, const OpKind& op) { return physics.prior(op, kRound, starts_of(physics)); }

double share(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1.0p-53; }

// A whole number from 1 on, evenly spread in its logarithm.
double size(std::mt19937_64& random, double most) { return std::floor(std::pow(most, share(random))); }

OpKind wild(KernelFamily family, std::mt19937_64& r) {
    if (family == KernelFamily::gemm) return Gemm{size(r, 1e6), size(r, 1e6), size(r, 1e6), NumberFormat::fp8};
    if (family == KernelFamily::copy) return MemoryPass{{size(r, 1e12)}};
    if (family == KernelFamily::collective) {
        return Collective{CollectiveKind::all_reduce, {size(r, 1e11)}, 2 + static_cast<std::int64_t>(size(r, 1e3)), false};
    }
    if (family == KernelFamily::moe_ffn) {
        ExpertFfn f;
        f.held = size(r, 1e3);
        f.experts = f.held * size(r, 256);
        f.activated = f.held * share(r);
        f.pairs = size(r, 1e7) * share(r);
        f.tokens = size(r, 1e6);
        f.hottest = f.pairs * share(r);
        f.hidden = size(r, 1e5);
        f.width = size(r, 1e5);
        f.top_k = static_cast<std::int64_t>(size(r, 64));
        f.gated = r() % 2 == 0;
        return f;
    }
    Attention a;
    a.decode = family == KernelFamily::attention_decode;
    a.sequences = size(r, 1e5);
    a.new_tokens = a.decode ? 1 : size(r, 1e6);
    a.context = size(r, 1e7) - 1;
    a.kv_heads = size(r, 256);
    a.heads = a.kv_heads * size(r, 256);
    a.qk_dim = size(r, 1024);
    a.v_dim = size(r, 1024);
    if (r() % 3 == 0) a.window = size(r, 1e5);
    if (r() % 5 == 0) a.selected = size(r, 1e4);
    a.shared_key_value = r() % 7 == 0;
    return a;
}

const std::vector<KernelFamily> kFamilies{KernelFamily::gemm, KernelFamily::moe_ffn, KernelFamily::attention_prefill,
                                          KernelFamily::attention_decode, KernelFamily::copy, KernelFamily::collective};

Attention decode(double sequences, double context) {
    Attention a;
    a.decode = true;
    a.sequences = sequences;
    a.new_tokens = 1;
    a.context = context;
    a.heads = 32;
    a.kv_heads = 8;
    a.qk_dim = a.v_dim = 128;
    return a;
}

// Parameters of prefill's prior by name; memory costs nothing unless said.
struct PrefillTheta {
    double rows = 128, heads_a_tile = 1, start = 1e-6, packed_start = 2e-6, per_row = 1e-9, write_token = 1e-12;
    double prior(const Attention& a, const DeviceRates& rates = kRound) const {
        std::vector<double> theta = starts_of(kPrefillPhysics);
        const auto set = [&theta](std::string_view name, double value) { theta[*parameter_place(kPrefillPhysics, name)] = value; };
        set("launch (s)", 1e-6);
        set("bandwidth reached", 1e6);
        set("compute reached", 1);
        set("rows of a tile", rows);
        set("heads a tile packs at most", heads_a_tile);
        set("start of a tile (s)", start);
        set("start of a tile of several heads (s)", packed_start);
        set("per row of a tile (s)", per_row);
        set("slower start, heads packed unevenly", 0.25);
        set("slower, heads of 64", 1);
        set("slower, odd head size", 1.5);
        set("cache write bandwidth reached", 1e6);
        set("cache write of a token (s)", write_token);
        return kPrefillPhysics.prior(a, rates, theta);
    }
};

}  // namespace

TEST_CASE("every family's features are as many as their names, and its parameters start inside their bounds") {
    for (const KernelFamily family : all_kernel_families()) {
        const FamilyPhysics* physics = physics_of(family);
        if (!physics) continue;
        for (const Parameter& p : physics->parameters) {
            CHECK(p.low > 0);
            CHECK(p.low <= p.start);
            CHECK(p.start <= p.high);
        }
        for (const std::size_t k : physics->spread) CHECK(k < physics->features.size());
    }
    CHECK(physics_of(KernelFamily::launch) == nullptr);
}

TEST_CASE("priors are positive and features finite over wild sizes") {
    std::mt19937_64 random(3);
    for (const KernelFamily family : kFamilies) {
        const FamilyPhysics& physics = *physics_of(family);
        for (int i = 0; i < 2000; ++i) {
            const OpKind op = wild(family, random);
            const double seconds = prior_of(physics, op);
            REQUIRE(std::isfinite(seconds));
            REQUIRE(seconds > 0);
            std::vector<double> x(physics.features.size(), std::nan(""));
            physics.describe(op, kRound, starts_of(physics), x);
            for (std::size_t k = 0; k < x.size(); ++k) {
                INFO(physics.features[k]);
                REQUIRE(std::isfinite(x[k]));
            }
            REQUIRE_FALSE(physics.shape(op).empty());
        }
    }
}

TEST_CASE("a GEMM's prior is launch, the slower of memory and arithmetic, and what depth and quantising add") {
    // 64 x 1000 x 2000, bf16: 4 MB of weights, (64 * 2000 + 64 * 1000) * 2 B = 0.384 MB: 4.384 us; 0.256 GFLOP: 0.256 us.
    const OpKind op = Gemm{64, 1000, 2000, NumberFormat::bf16};
    const std::vector<double> theta{1e-6, 1e-12, 1e-12, 1, 1, 1e-10, 1e-12};
    const double device = 1e-6 + 4.384e-6 + 1e-10 * 2000 + 1e-12 * 64 * 2000;
    CHECK(kGemmPhysics.prior(op, kRound, theta) == Approx(device).epsilon(1e-5));
    // A slow host hides the kernel: 1 ms, and 0.5 ms more for rows that are no multiple of 4.
    const std::vector<double> slow{1e-6, 1e-3, 5e-4, 1, 1, 1e-10, 1e-12};
    CHECK(kGemmPhysics.prior(op, kRound, slow) == Approx(1e-3).epsilon(1e-6));
    CHECK(kGemmPhysics.prior(Gemm{63, 1000, 2000, NumberFormat::bf16}, kRound, slow) == Approx(1.5e-3).epsilon(1e-6));
}

TEST_CASE("an expert layer's prior reads activated weights once and computes whole tiles") {
    // 4 experts of 1000 x 500, gated, bf16: 4 * 3 * 1000 * 500 * 2 B = 12 MB: 12 us. 8 pairs each fill one tile of 64:
    // 2 * 4 * 64 * 3 * 5e5 = 0.768 GFLOP: 0.768 us. One block alone: 1500 * 128 * 2 B over 10 GB/s at 100 times its share.
    ExpertFfn f{16, 4, 32, 4, 8, 4, 1000, 500, 2, true, NumberFormat::bf16};
    const std::vector<double> theta{1e-6, 1, 1, 1, 1, 1e-9, 1e-8, 100};
    const double alone = 1500 * 128 * 2 / (1e10 * 100);
    const double overlapped = std::cbrt(std::pow(12e-6, 3) + std::pow(0.768e-6, 3) + std::pow(alone, 3));
    const double summed = 16 * 2 * 1000 * 2 / 1e12;
    const double between = 32 * (2 * 1000 + 3 * 500) * 2 / 1e12;
    CHECK(kExpertPhysics.prior(f, kRound, theta) == Approx(1e-6 + overlapped + summed + between + 16e-9 + 4e-8));
    // Without a gate, two matrices of three.
    f.gated = false;
    f.width = 500;
    const double less = std::cbrt(std::pow(8e-6, 3) + std::pow(0.512e-6, 3) + std::pow(alone, 3));
    CHECK(kExpertPhysics.prior(f, kRound, theta) == Approx(1e-6 + less + summed + between + 16e-9 + 4e-8));
}

TEST_CASE("prefill deals tiles of queries over the keys they may see to the processors") {
    // One sequence of 256 tokens, 4 heads over 1 kv head of 64, a head a tile of 128 rows: each head has a tile of one key tile
    // and one of two. All run at once, so the longer one counts: 2 * 4 * 64 * 128 * 128 FLOP on one of 100 processors.
    Attention a;
    a.sequences = 1;
    a.new_tokens = 256;
    a.heads = 4;
    a.kv_heads = 1;
    a.qk_dim = a.v_dim = 64;
    PrefillTheta t;
    const double tile = 4 * 64 * 128 * 128 / 1e13;
    CHECK(t.prior(a) == Approx(1e-6 + 2 * tile + 1e-6 + 128 * 1e-9 / 2).epsilon(1e-4));
    // Packed, 4 heads of 32 queries in a tile: it starts later. Three heads are no power of two: a quarter later still.
    t.heads_a_tile = 1024;
    CHECK(t.prior(a) == Approx(1e-6 + 2 * tile + 2e-6 + 128 * 1e-9 / 2).epsilon(1e-4));
    a.heads = 3;
    CHECK(t.prior(a) == Approx(1e-6 + 2 * tile + 1.25 * (2e-6 + 128 * 1e-9 / 2)).epsilon(1e-4));
    // A head size that is no power of two: half again as long for each key tile, and 1.5 times the size.
    a.heads = 4;
    a.qk_dim = a.v_dim = 96;
    CHECK(t.prior(a) == Approx(1e-6 + 2 * tile * 1.5 * 1.5 + 2e-6 + 128 * 1e-9 * 96 / 128).epsilon(1e-4));
    // Writing the cache: 256 threads for each of 256 tokens, half of what 1 us of a processor is for.
    a.qk_dim = a.v_dim = 64;
    a.kv_heads = 4;
    t.write_token = 1e-6;
    const double written = 256 * 0.5 * 1e-6 / 100;
    CHECK(t.prior(a) == Approx(1e-6 + 2 * tile + 1e-6 + 128 * 1e-9 / 2 + written).epsilon(1e-3));
}

TEST_CASE("a prefill's key tiles are those that a walk over its queries counts") {
    std::mt19937_64 random(7);
    const auto drawn = [&random](std::initializer_list<double> of) { return *(of.begin() + random() % of.size()); };
    for (int i = 0; i < 300; ++i) {
        Attention a;
        a.sequences = drawn({1, 3});
        a.new_tokens = drawn({128, 256, 512, 1024, 2048});
        a.context = drawn({0, 0, 128, 1024});
        a.kv_heads = drawn({1, 2});
        a.heads = a.kv_heads * drawn({1, 2, 4, 8});
        a.qk_dim = a.v_dim = 128;
        if (random() % 2 == 0) a.window = static_cast<std::int64_t>(drawn({128, 256, 1024}));
        PrefillTheta t;
        t.rows = drawn({64, 128, 256});
        t.heads_a_tile = drawn({1, 1024});
        t.start = t.packed_start = 1e-10;
        t.per_row = 1e-12;
        const double packed = std::min(a.heads / a.kv_heads, t.heads_a_tile);
        const double width = t.rows / packed;
        double visited = 0;
        for (double first = 0; first < a.new_tokens; first += width) {
            const double last = std::min(first + width, a.new_tokens) - 1;
            const double from = a.window ? std::max(a.context + first - static_cast<double>(*a.window) + 1, 0.0) : 0;
            visited += std::floor((a.context + last) / 128) - std::floor(from / 128) + 1;
        }
        const double flops = 4 * 128 * t.rows * 128 * visited * a.sequences * a.heads / packed;
        INFO(a.new_tokens << " after " << a.context << ", " << a.heads << " of " << a.kv_heads << ", window " << a.window.value_or(0) << ", rows "
                          << t.rows << ", packed " << packed);
        CHECK(t.prior(a, {1e12, 1e12, 1, 5e7}) == Approx(1e-6 + flops / 1e12).epsilon(0.02));
    }
}

TEST_CASE("decode reads the cache at the bandwidth its key tiles can draw") {
    // 100 sequences of 8192 keys, 8 kv heads of 128: 2 * 100 * 8 * 8192 * 128 * 2 B = 3.36 GB, far over the cache.
    const OpKind op = decode(100, 8191);
    const std::vector<double> theta{1e-6, 1, 3, 1e-10, 1e-10, 2, 1e-4, 1e-4, 1};
    const double bytes = 2.0 * 100 * 8 * 8192 * 128 * 2 + 2.0 * 100 * 32 * 128 * 2;
    CHECK(kDecodePhysics.prior(op, kRound, theta) == Approx(1e-6 + bytes / 1e12).epsilon(1e-3));
    // One short sequence: 8 key tiles can draw 8 / 100 of the bandwidth, twice over; the cache gives it threefold.
    const OpKind alone = decode(1, 127);
    const double few = 2.0 * 8 * 128 * 128 * 2 + 2.0 * 32 * 128 * 2;
    CHECK(kDecodePhysics.prior(alone, kRound, theta) == Approx(1e-6 + few / 3e12 / 0.16).epsilon(1e-3));
    // Nothing known of a cache: no gain.
    const DeviceRates plain{1e12, 1e15, 100, 0};
    CHECK(kDecodePhysics.prior(alone, plain, theta) == Approx(1e-6 + few / 1e12 / 0.16).epsilon(1e-3));
}

TEST_CASE("the latent of MLA is read once, for keys and values") {
    Attention latent = decode(64, 4095);
    latent.heads = 128;
    latent.kv_heads = 1;
    latent.qk_dim = 576;
    latent.v_dim = 512;
    latent.shared_key_value = true;
    const std::vector<double> theta{1e-9, 1, 1, 1e-12, 1e-12, 200, 1e-4, 1e-4, 30};
    const double bytes = 64.0 * 4096 * 576 * 2;
    CHECK(kDecodePhysics.prior(latent, kRound, theta) == Approx(bytes / 1e12).epsilon(0.1));
    CHECK(family_of_op(latent)->format == "bf16, latent");
    latent.shared_key_value = false;
    CHECK(family_of_op(latent)->format == "bf16");
}

TEST_CASE("a window hides keys, and a window wider than the sequence hides none") {
    Attention full = decode(32, 4095), windowed = full, wide = full;
    windowed.window = 128;
    wide.window = 1e6;
    CHECK(prior_of(kDecodePhysics, windowed) < prior_of(kDecodePhysics, full) / 2);
    CHECK(prior_of(kDecodePhysics, wide) == Approx(prior_of(kDecodePhysics, full)));
}

TEST_CASE("passes cost a start and their bytes; collectives a step's latency too") {
    CHECK(kPassPhysics.prior(MemoryPass{{1e9}}, kRound, std::vector<double>{2e-6, 0.5}) == Approx(2e-6 + 2e-3));
    // A ring of 4 reduces 1 GB in 6 steps, each rank sending 1.5 GB.
    const OpKind ring = Collective{CollectiveKind::all_reduce, {1e9}, 4, false};
    const double one = kCollectivePhysics.prior(ring, kRound, std::vector<double>{5e-6, 1e-6, 1});
    const double slower_steps = kCollectivePhysics.prior(ring, kRound, std::vector<double>{5e-6, 2e-6, 1});
    CHECK(one == Approx(5e-6 + (slower_steps - one) + 1.5e-3).epsilon(1e-6));
    CHECK(slower_steps > one);
}

TEST_CASE("more of the same is never cheaper in the prior") {
    double before[5] = {};
    for (double n = 4; n < 1e6; n *= 2) {
        Attention prompt = decode(4, 0);
        prompt.decode = false;
        prompt.new_tokens = n;
        ExpertFfn f{n, 64, 2 * n, std::min(64.0, 2 * n), std::max(1.0, 2 * n / 64), 64, 4096, 1024, 2, true, NumberFormat::bf16};
        const double now[5] = {prior_of(kGemmPhysics, Gemm{n, 4096, 4096, NumberFormat::bf16}), prior_of(kExpertPhysics, f),
                               prior_of(kPrefillPhysics, prompt), prior_of(kDecodePhysics, decode(4, n)),
                               prior_of(kPassPhysics, MemoryPass{{n}})};
        for (int i = 0; i < 5; ++i) {
            INFO(i << " at " << n);
            CHECK(now[i] >= before[i]);
            before[i] = now[i];
        }
    }
}

TEST_CASE("a faster device is never slower in the prior") {
    std::mt19937_64 random(11);
    const DeviceRates faster{2e12, 2e15, 100, 5e7};
    for (const KernelFamily family : kFamilies) {
        const FamilyPhysics& physics = *physics_of(family);
        for (int i = 0; i < 300; ++i) {
            const OpKind op = wild(family, random);
            CHECK(physics.prior(op, faster, starts_of(physics)) <= prior_of(physics, op));
        }
    }
}

TEST_CASE("ops of one layer at other sizes share a shape, other layers do not") {
    CHECK(kGemmPhysics.shape(Gemm{1, 512, 64}) == kGemmPhysics.shape(Gemm{4096, 512, 64}));
    CHECK(kGemmPhysics.shape(Gemm{1, 512, 64}) != kGemmPhysics.shape(Gemm{1, 64, 512}));
    CHECK(kDecodePhysics.shape(decode(1, 1)) == kDecodePhysics.shape(decode(64, 9999)));
    Attention windowed = decode(1, 1);
    windowed.window = 128;
    CHECK(kDecodePhysics.shape(decode(1, 1)) != kDecodePhysics.shape(windowed));
}

TEST_CASE("a device without a peak for the format is refused by name") {
    const DeviceSpec* a100 = builtin_catalog().device("a100_sxm");
    REQUIRE(a100);
    const auto rates = rates_for(Gemm{1, 64, 64, NumberFormat::bf16}, *a100);
    REQUIRE(rates);
    CHECK(rates->bandwidth == a100->bandwidth.value);
    CHECK(rates->cache == Approx(40e6));
    DeviceSpec bare = *a100;
    bare.peak = {};
    const auto none = rates_for(Gemm{1, 64, 64, NumberFormat::bf16}, bare);
    REQUIRE_FALSE(none);
    CHECK_THAT(none.error().front().what, ContainsSubstring("has no published dense"));
}
