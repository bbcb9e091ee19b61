// Work of single ops against numbers worked by hand.

#include <algorithm>
#include <random>

#include "core/ops/op.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

// Every query of every sequence, key by key.
double count_pairs(int sequences, int new_tokens, int context, std::optional<int> window, std::optional<int> selected) {
    double pairs = 0;
    for (int query = 0; query < new_tokens; ++query) {
        int seen = 0;
        const int position = context + query;
        for (int key = 0; key <= position; ++key) {
            if (window && key <= position - *window) continue;
            ++seen;
        }
        if (selected) seen = std::min(seen, *selected);
        pairs += seen;
    }
    return pairs * sequences;
}

// Keys any query of the chunk sees: what has to be read once.
int count_keys(int new_tokens, int context, std::optional<int> window) {
    int keys = 0;
    for (int key = 0; key < context + new_tokens; ++key) {
        bool seen = false;
        for (int query = 0; query < new_tokens; ++query) {
            const int position = context + query;
            seen = seen || (key <= position && (!window || key > position - *window));
        }
        keys += seen ? 1 : 0;
    }
    return keys;
}

Attention shape(int sequences, int new_tokens, int context) {
    Attention a;
    a.decode = new_tokens == 1;
    a.sequences = sequences;
    a.new_tokens = new_tokens;
    a.context = context;
    a.heads = 4;
    a.kv_heads = 2;
    a.qk_dim = 8;
    a.v_dim = 8;
    return a;
}

}  // namespace

TEST_CASE("attended pairs are those counted key by key, for any window, context and selection") {
    std::mt19937 random(7);
    const auto draw = [&](int low, int high) { return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1)); };
    int windowed = 0, sparse = 0;
    for (int i = 0; i < 400; ++i) {
        const int sequences = draw(1, 3), tokens = draw(1, 40), context = draw(0, 60);
        std::optional<int> window, selected;
        if (draw(0, 1)) window = draw(1, 80);
        if (draw(0, 1)) selected = draw(1, 80);
        // A model has windows or an indexer, never both.
        if (window && selected) (draw(0, 1) ? window : selected).reset();
        Attention a = shape(sequences, tokens, context);
        if (window) a.window = *window;
        if (selected) a.selected = *selected;
        windowed += window ? 1 : 0;
        sparse += selected ? 1 : 0;
        CAPTURE(sequences, tokens, context, window.value_or(-1), selected.value_or(-1));
        REQUIRE(attended_pairs(a) == Approx(count_pairs(sequences, tokens, context, window, selected)));
    }
    REQUIRE(windowed > 50);
    REQUIRE(sparse > 50);
}

TEST_CASE("attention reads every key that some query of the chunk sees, once") {
    std::mt19937 random(8);
    for (int i = 0; i < 200; ++i) {
        const int tokens = 1 + static_cast<int>(random() % 30), context = static_cast<int>(random() % 50);
        std::optional<int> window;
        if (random() % 2) window = 1 + static_cast<int>(random() % 60);
        Attention a = shape(2, tokens, context);
        if (window) a.window = *window;
        const double queries = 2.0 * tokens * 4 * (8 + 8) * 2;
        const double cache = 2.0 * count_keys(tokens, context, window) * 2 * (8 + 8) * 2;
        CAPTURE(tokens, context, window.value_or(-1));
        REQUIRE(work_of(a).bytes.value == Approx(queries + cache));
    }
}

TEST_CASE("a GEMM is 2mnk FLOPs and moves its weights and activations once") {
    // 32 x 4096 by 4096 x 6144 in bf16: 2*32*4096*6144 FLOPs; weights 50,331,648 B, rows 32*(4096+6144)*2 B.
    const Work w = work_of(Gemm{32, 6144, 4096, NumberFormat::bf16});
    REQUIRE(w.flops.value == 1610612736.0);
    REQUIRE(w.bytes.value == 50331648.0 + 655360.0);
    // Weights at 8 bits move half; activations stay.
    REQUIRE(work_of(Gemm{32, 6144, 4096, NumberFormat::fp8}).bytes.value == 25165824.0 + 655360.0);
}

TEST_CASE("a grouped expert FFN reads the experts that have tokens and computes the pairs they have") {
    // One Mixtral expert: 3 * 4096 * 14336 = 176,160,768 weights. 8 activated in bf16: 2.819 GB.
    ExpertFfn f;
    f.pairs = 64;
    f.activated = 8;
    f.hidden = 4096;
    f.width = 14336;
    const Work w = work_of(f);
    REQUIRE(w.flops.value == 2.0 * 64 * 176160768);
    REQUIRE(w.bytes.value == 8 * 176160768.0 * 2 + 64 * (2 * 4096 + 3 * 14336) * 2.0);
    // Without a gate there are two matrices and one half of the intermediate.
    f.gated = false;
    REQUIRE(work_of(f).flops.value == 2.0 * 64 * 2 * 4096 * 14336);
}

TEST_CASE("a cache in fp8 is read at one byte, queries stay at two") {
    Attention a = shape(1, 1, 99);
    const double queries = 4 * 16 * 2;
    REQUIRE(work_of(a).bytes.value == queries + 100 * 2 * 16 * 2);
    a.kv = NumberFormat::fp8;
    REQUIRE(work_of(a).bytes.value == queries + 100 * 2 * 16 * 1);
}

TEST_CASE("a recurrent step reads and writes the state whatever the context") {
    const Work w = work_of(StateUpdate{3, 5, 100, {1000}, 7});
    REQUIRE(w.flops.value == 500);
    REQUIRE(w.bytes.value == 2 * 3 * 1000 + 5 * 7 * 2);
}
