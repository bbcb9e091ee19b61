// Bytes on a GPU against figures worked by hand, and sums over ranks.

#include <cmath>

#include "core/memory/footprint.h"
#include "core/model/count.h"
#include "tests/support/catch.h"
#include "tests/support/hardware.h"
#include "tests/support/models.h"

using namespace moeplan;

namespace {

struct Case {
    ModelSpec model;
    DeviceSpec device = hardware::h100();
    EngineSpec engine = hardware::usual_engine();
    FootprintInput in;

    explicit Case(ModelSpec m, Layout layout = {}) : model(std::move(m)) {
        in.layout = layout;
        in.context_tokens = 4096;
        in.step_tokens = 8192 * static_cast<double>(layout.dp);
    }
    Footprint get() {
        in.model = &model;
        in.device = &device;
        in.engine = &engine;
        return footprint(in);
    }
};

double total_parameters(const ModelSpec& m) { return count_parameters(m).total; }

}  // namespace

TEST_CASE("Mixtral 8x7B in 16 bits is about 93 GB") {
    // 46.70 B parameters (mistral.ai/news/mixtral-of-experts: 46.7B) at two bytes.
    const Footprint f = Case(models::mixtral_8x7b()).get();
    REQUIRE(f.weights.value / 1e9 == Approx(93.4).epsilon(0.002));
    REQUIRE_FALSE(f.fits());
    REQUIRE(f.headroom().value < 0);
}

TEST_CASE("on one GPU the weights are the model's parameters") {
    for (const ModelSpec& m : models::all()) {
        CAPTURE(m.id);
        REQUIRE(Case(m).get().weights.value == Approx(2 * total_parameters(m)).epsilon(1e-4));
        REQUIRE(weight_bytes_per_gpu(m, {}, {}).value == Case(m).get().weights.value);
    }
}

TEST_CASE("the parts of the weights add up") {
    for (const ModelSpec& m : models::all()) {
        const Footprint f = Case(m, {2, 1, 1, 1, 2}).get();
        REQUIRE((f.attention + f.dense_ffn + f.experts + f.embeddings + f.other).value == Approx(f.weights.value));
    }
}

TEST_CASE("shards of all ranks add up to the model: tensors that split, split exactly") {
    for (const ModelSpec& m : {models::llama3_8b(), models::mixtral_8x7b(), models::tiny_dense(), models::tiny_windowed()}) {
        const Footprint whole = Case(m).get();
        for (const Layout& layout : {Layout{2, 1, 1, 1, 2}, Layout{4, 1, 1, 1, 4}, Layout{4, 1, 1, 4, 1}, Layout{4, 1, 1, 2, 2}, Layout{2, 2, 1, 1, 2}, Layout{1, 4, 1, 1, 1}}) {
            if (!m.is_moe() && layout.ep > 1) continue;
            const double stages = static_cast<double>(layout.pp), tp = static_cast<double>(layout.tp) * stages;
            const double expert_ranks = static_cast<double>(layout.ep * layout.moe_tp) * stages;
            const Footprint one = Case(m, layout).get();
            CAPTURE(m.id, describe(layout));
            REQUIRE(one.attention.value * tp == Approx(whole.attention.value));
            REQUIRE(one.dense_ffn.value * tp == Approx(whole.dense_ffn.value));
            REQUIRE(one.experts.value * expert_ranks == Approx(whole.experts.value));
            // Routers and norms are whole on every rank of a stage.
            REQUIRE(one.other.value <= whole.other.value);
            // With stages the fullest GPU has the table or the head, of which there is one each.
            REQUIRE(one.embeddings.value * static_cast<double>(layout.tp) == Approx(whole.embeddings.value / (layout.pp > 1 ? 2 : 1)));
        }
    }
}

TEST_CASE("eight ranks of DeepSeek-V3 hold its latent down-projections eight times") {
    const ModelSpec m = models::deepseek_v3();
    const double down = 61.0 * 7168 * (1536 + 512 + 64) * 2;   // bytes of both down-projections in all layers
    const double whole = Case(m).get().attention.value;
    REQUIRE(Case(m, {8, 1, 1, 1, 8}).get().attention.value == Approx((whole - down) / 8 + down));
}

TEST_CASE("sixteen ranks hold each of eight key-value heads twice") {
    const ModelSpec m = models::llama3_8b();
    const double kv = 32.0 * 4096 * 2 * 8 * 128 * 2;   // bytes of key and value projections
    const double whole = Case(m).get().attention.value;
    REQUIRE(Case(m, {16, 1, 1, 1, 16}).get().attention.value * 16 == Approx(whole + kv));
    REQUIRE(Case(m, {16, 1, 1, 1, 16}).get().kv_per_token.value * 16 == Approx(2 * 131072));
}

TEST_CASE("data-parallel attention keeps attention whole and spreads the experts") {
    const ModelSpec m = models::deepseek_v3();
    const Footprint one = Case(m).get(), spread = Case(m, {1, 1, 8, 8, 1}).get();
    REQUIRE(spread.attention.value == Approx(one.attention.value));
    REQUIRE(spread.experts.value * 8 == Approx(one.experts.value));
}

TEST_CASE("ranks that do not divide the experts, and spare experts, fill the fullest rank") {
    Case c(models::mixtral_8x7b(), {1, 1, 3, 3, 1});
    const double expert = Case(models::mixtral_8x7b()).get().experts.value / 8;
    REQUIRE(c.get().experts.value == Approx(3 * expert));
    c.in.layout = {1, 1, 4, 4, 1};
    REQUIRE(c.get().experts.value == Approx(2 * expert));
    c.in.redundant_experts = 4;
    REQUIRE(c.get().experts.value == Approx(3 * expert));
}

TEST_CASE("a token of Llama 3 8B takes 128 KiB of cache, DeepSeek-V3's 68.6 KiB") {
    // 2 * 32 layers * 8 heads * 128 * 2 B = 131072; 61 layers * 576 * 2 B = 70272.
    REQUIRE(Case(models::llama3_8b()).get().kv_per_token.value == 131072);
    REQUIRE(Case(models::deepseek_v3()).get().kv_per_token.value == 70272);
    // Heads are split, a latent is not.
    REQUIRE(Case(models::llama3_8b(), {4, 1, 1, 1, 4}).get().kv_per_token.value == 32768);
    REQUIRE(Case(models::deepseek_v3(), {4, 1, 1, 1, 4}).get().kv_per_token.value == 70272);
    // V3.2 adds 132 bytes of indexer key a layer.
    REQUIRE(Case(models::deepseek_v3(true)).get().kv_per_token.value == 70272 + 61 * 132);
}

TEST_CASE("cache per sequence: whole blocks, windows cut, states once") {
    Case c(models::tiny_windowed());
    const double layer = 2 * 4 * 32 * 2;
    c.in.context_tokens = 1000;   // 63 blocks of 16 in the one full layer, 8 blocks (the window) in three
    REQUIRE(c.get().kv_per_sequence.value == layer * (1008 + 3 * 128));
    Case h(models::tiny_hybrid());
    h.in.context_tokens = 16;
    const auto& state = std::get<LinearState>(h.model.layers[0].mixer);
    REQUIRE(h.get().kv_per_sequence.value == Approx(3 * (4 * state.state_elements + 2 * state.conv_elements) + 2 * 2 * 32 * 2 * 16));
    REQUIRE(h.get().kv_per_token.value == 2 * 2 * 32 * 2);
}

TEST_CASE("what is left of the GPU becomes sequences") {
    Case c(models::llama3_8b());
    const Footprint f = c.get();
    REQUIRE(f.usable.value == Approx(0.92 * 80e9));
    REQUIRE(f.kv_available.value == Approx(f.usable.value - f.weights.value - f.activations.value - f.engine.value));
    REQUIRE(f.max_sequences == std::floor(f.kv_available.value / (131072.0 * 4096)));
    REQUIRE(f.fits());
}

TEST_CASE("a measured number of blocks replaces what is left") {
    Case c(models::llama3_8b());
    c.in.kv_blocks = 2560;   // of 16 tokens: ten sequences of 4096
    REQUIRE(c.get().max_sequences == 10);
}

TEST_CASE("blocks that are given make no room for weights") {
    Case c(models::mixtral_8x7b());   // 93 GB in bf16 on one GPU of 80 GB
    c.in.kv_blocks = 2560;
    const Footprint f = c.get();
    REQUIRE_FALSE(f.fits());
    REQUIRE(f.kv_available.value < 0);
    Case dense(models::llama3_8b());
    dense.in.kv_blocks = 1e6;   // more than there is room for: a server said so
    REQUIRE(dense.get().fits());
    REQUIRE(dense.get().kv_available > dense.get().kv_left);
}

TEST_CASE("half of the experts in host memory leave half on the GPU") {
    Case c(models::mixtral_8x7b());
    const double all = c.get().experts.value;
    c.in.experts_on_host = 0.5;
    REQUIRE(c.get().experts.value == Approx(all / 2));
    REQUIRE(c.get().on_host.value == Approx(all / 2));
}

TEST_CASE("fewer bits, more GPUs and shorter contexts never need more memory") {
    for (const ModelSpec& m : models::all()) {
        Case c(m);
        double last = c.get().weights.value;
        for (const NumberFormat format : {NumberFormat::fp8, NumberFormat::nvfp4, NumberFormat::int4_g128}) {
            c.in.precision = precision_from(format, m);
            REQUIRE(c.get().weights.value < last);
            last = c.get().weights.value;
        }
        double weights = 1e18, cache = 1e18;
        for (const std::int64_t tp : {1, 2, 4, 8}) {
            const Footprint f = Case(m, {tp, 1, 1, 1, tp}).get();
            REQUIRE(f.weights.value < weights);
            REQUIRE(f.kv_per_sequence.value <= cache);
            weights = f.weights.value;
            cache = f.kv_per_sequence.value;
        }
        double held = 0;
        for (double context = 1; context < 1e6; context *= 3) {
            c.in.context_tokens = context;
            REQUIRE(c.get().kv_per_sequence.value >= held);
            held = c.get().kv_per_sequence.value;
        }
    }
}

TEST_CASE("a model without a cache is bounded by the engine alone") {
    Case c(models::model_of("mlp", 64, 100, {models::group_of(2, NoMixer{}, DenseFfn{128}, 64)}));
    REQUIRE(c.get().max_sequences == 256);
}
