#include <algorithm>
#include <cmath>

#include "gpu/cuda/check/checks.h"
#include "gpu/cuda/check/device_array.h"
#include "gpu/cuda/check/numbers.h"
#include "gpu/cuda/check/references.h"

namespace moeplan::cuda {

namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

struct Case {
    AttentionReference given;
    Element cache = Element::bf16;
    std::int64_t chunk = 64;
};

void draw_heads(Case& c, CheckRandom& random, CheckSize size) {
    AttentionReference& g = c.given;
    g.kv_heads = one_of(random, {1, 2, 3});
    g.heads =
        g.kv_heads * (size == CheckSize::small ? one_of(random, {1, 2, 5, 16, 19}) : one_of(random, {1, 4, 8, 16, 71}));
    g.qk_dim =
        size == CheckSize::small ? one_of(random, {16, 24, 33, 64}) : one_of(random, {33, 64, 80, 128, 192, 256, 576});
    g.v_dim = size == CheckSize::small ? one_of(random, {8, 16, 37, 72}) : one_of(random, {20, 64, 128, 256, 512});
    if (size == CheckSize::small && draw(random, 0, 9) == 0) {   // a latent cache, narrowed
        g.heads = g.kv_heads = 1;
        g.qk_dim = 288;
        g.v_dim = 264;
    }
}

// Pages lie anywhere, none is used twice; lengths are ragged.
void draw_cache(Case& c, CheckRandom& random, CheckSize size) {
    AttentionReference& g = c.given;
    const std::int64_t longest = size == CheckSize::small ? draw(random, 1, 200) : one_of(random, {1, 90, 700, 3000});
    g.sequences = size == CheckSize::small ? draw(random, 1, 3) : draw(random, 1, 40);
    g.table_width = (longest + g.page_tokens - 1) / g.page_tokens;
    g.window = draw(random, 0, 1) == 0 ? 0 : draw(random, 1, longest);
    for (std::int64_t s = 0; s < g.sequences; ++s)
        g.lengths.push_back(static_cast<int>(s == 0 ? longest : draw(random, 1, longest)));
    for (std::int64_t p = 0; p < g.sequences * g.table_width; ++p) g.pages.push_back(static_cast<int>(p));
    std::shuffle(g.pages.begin(), g.pages.end(), random);
    const std::int64_t rows = g.sequences * g.table_width * g.page_tokens * g.kv_heads;
    g.query = rounded(draw_floats(random, g.sequences * g.heads * g.qk_dim, 1.0f), Element::bf16);
    g.keys = rounded(draw_floats(random, rows * g.qk_dim, 1.0f), c.cache);
    g.values = rounded(draw_floats(random, rows * g.v_dim, 1.0f), c.cache);
}

Case draw_case(CheckRandom& random, CheckSize size) {
    Case c;
    c.cache = draw(random, 0, 1) == 0 ? Element::bf16 : Element::fp8;
    c.chunk = one_of(random, {64, 128, 256});
    draw_heads(c, random, size);
    draw_cache(c, random, size);
    // Scores of a few units, so that weights differ.
    c.given.scale = static_cast<double>(static_cast<float>(3.0 / std::sqrt(static_cast<double>(c.given.qk_dim))));
    if (c.cache == Element::fp8) {
        c.given.key_scale = 1.25;
        c.given.value_scale = 0.5;
    }
    return c;
}

std::vector<float> run(const Case& c) {
    const AttentionReference& g = c.given;
    DeviceArray<std::uint8_t> query(encode(g.query, Element::bf16)), keys(encode(g.keys, c.cache)),
        values(encode(g.values, c.cache));
    DeviceArray<int> pages(g.pages), lengths(g.lengths);
    DeviceArray<std::uint8_t> out(at(g.sequences * g.heads * g.v_dim * 2));
    DecodeWork work{query.get(),
                    keys.get(),
                    values.get(),
                    pages.get(),
                    lengths.get(),
                    out.get(),
                    nullptr,
                    g.sequences,
                    g.heads,
                    g.kv_heads,
                    g.qk_dim,
                    g.v_dim,
                    g.table_width,
                    *std::max_element(g.lengths.begin(), g.lengths.end()),
                    g.window,
                    c.cache,
                    static_cast<float>(g.scale),
                    static_cast<float>(g.key_scale),
                    static_cast<float>(g.value_scale),
                    c.chunk};
    DeviceArray<float> workspace(at(decode_workspace(work)));
    work.workspace = workspace.get();
    run_decode_attention(work, nullptr);
    return decode(out.values(), Element::bf16);
}

std::string text(const Case& c) {
    const AttentionReference& g = c.given;
    return "sequences " + std::to_string(g.sequences) + " longest " + std::to_string(g.lengths[0]) + " heads " +
           std::to_string(g.heads) + "/" + std::to_string(g.kv_heads) + " dims " + std::to_string(g.qk_dim) + "/" +
           std::to_string(g.v_dim) + " window " + std::to_string(g.window) +
           (c.cache == Element::fp8 ? " fp8" : " bf16") + " chunk " + std::to_string(c.chunk);
}

}  // namespace

Comparison check_decode(CheckRandom& random, CheckSize size) {
    const Case c = draw_case(random, size);
    // Values below 1; weights and results are stored with 8 bits.
    Comparison out{text(c), 0, 0.006, {}};
    out.worst = worst_difference(run(c), attention_reference(c.given));
    return out;
}

Comparison check_constant_values(CheckRandom& random, CheckSize size) {
    Case c = draw_case(random, size);
    AttentionReference& g = c.given;
    const float constant = 0.4375f;   // exact in every format, and halved
    std::fill(g.values.begin(), g.values.end(), constant);
    Comparison out{text(c), 0, 1e-3, {}};
    const std::vector<float> want(at(g.sequences * g.heads * g.v_dim), constant * static_cast<float>(g.value_scale));
    out.worst = worst_difference(run(c), want);
    return out;
}

const std::vector<KernelCheck>& kernel_checks() {
    static const std::vector<KernelCheck> all = {
        {"router", check_router},           {"place", check_place},
        {"gather", check_gather},           {"combine", check_combine},
        {"round trip", check_round_trip},   {"activation", check_activation},
        {"quantise", check_quantise},       {"fill", check_fill},
        {"read", check_read},
        {"decode attention", check_decode}, {"decode attention of constant values", check_constant_values},
    };
    return all;
}

}  // namespace moeplan::cuda
