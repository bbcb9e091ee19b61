// What models become, against sizes worked by hand.

#include <cmath>

#include "core/model/count.h"
#include "tests/support/catch.h"
#include "tests/support/lowering.h"

using namespace moeplan;

namespace {

const Layout kTp2{2, 1, 1, 1, 2};

double sum_repeat(const std::vector<Op>& ops, CollectiveKind kind) {
    double n = 0;
    for (const Op& op : ops) {
        if (const auto* c = std::get_if<Collective>(&op.kind); c && c->kind == kind) n += op.repeat;
    }
    return n;
}

const Collective& first(const std::vector<Op>& ops, CollectiveKind kind) {
    for (const Op& op : ops) {
        if (const auto* c = std::get_if<Collective>(&op.kind); c && c->kind == kind) return *c;
    }
    throw std::logic_error("no such collective");
}

}  // namespace

TEST_CASE("Mixtral on two GPUs projects 16 query and 4 key-value heads on each") {
    const ModelSpec mixtral = models::mixtral_8x7b();
    const auto ops = Lowered(mixtral, kTp2).ops(decode_step(32, 1024));
    const auto gemms = of_kind<Gemm>(ops, Part::attention_projections);
    REQUIRE(gemms.size() == 2);
    // 16 * 128 queries + 2 * 4 * 128 keys and values = 3072 columns.
    REQUIRE(gemms[0].m == 32);
    REQUIRE(gemms[0].n == 3072);
    REQUIRE(gemms[0].k == 4096);
    REQUIRE(gemms[1].n == 4096);
    REQUIRE(gemms[1].k == 2048);
}

TEST_CASE("Mixtral on two GPUs computes half of every expert for all pairs") {
    const ModelSpec mixtral = models::mixtral_8x7b();
    const auto experts = of_kind<ExpertFfn>(Lowered(mixtral, kTp2).ops(decode_step(32, 1024)), Part::experts);
    REQUIRE(experts.size() == 1);
    REQUIRE(experts[0].pairs == Approx(64));
    REQUIRE(experts[0].width == 7168);
    // 8 (1 - (6/8)^32): practically all experts have a token.
    REQUIRE(experts[0].activated == Approx(8 * (1 - std::pow(0.75, 32))).epsilon(1e-6));
}

TEST_CASE("tensor parallelism all-reduces the hidden state twice a layer") {
    const ModelSpec mixtral = models::mixtral_8x7b();
    const auto ops = Lowered(mixtral, kTp2).ops(decode_step(32, 1024));
    REQUIRE(sum_repeat(ops, CollectiveKind::all_reduce) == 64);
    REQUIRE(first(ops, CollectiveKind::all_reduce).bytes.value == 32 * 4096 * 2.0);
    REQUIRE(first(ops, CollectiveKind::all_reduce).ranks == 2);
    // Logits of 32 rows are gathered once.
    REQUIRE(sum_repeat(ops, CollectiveKind::all_gather) == 1);
    REQUIRE(first(ops, CollectiveKind::all_gather).bytes.value == 32 * 32000 * 2.0);
}

TEST_CASE("norms of queries and keys are passes of their own, and over all heads an exchange of sums of squares") {
    ModelSpec model = models::mixtral_8x7b();
    const auto all_reduced = [&](QkNorm norm) {
        std::get<SoftmaxAttention>(model.layers.front().mixer).qk_norm = norm;
        const auto ops = Lowered(model, kTp2).ops(decode_step(32, 1024));
        double norms = 0;
        for (const MemoryPass& p : of_kind<MemoryPass>(ops, Part::norms)) norms += p.bytes.value == 2 * 32 * (16 + 4) * 128 * 2.0;
        return std::pair(norms, sum_repeat(ops, CollectiveKind::all_reduce));
    };
    REQUIRE(all_reduced(QkNorm::none) == std::pair(0.0, 64.0));
    REQUIRE(all_reduced(QkNorm::per_head) == std::pair(1.0, 64.0));
    REQUIRE(all_reduced(QkNorm::full_width) == std::pair(1.0, 96.0));
    const auto ops = Lowered(model, kTp2).ops(decode_step(32, 1024));
    REQUIRE(first(ops, CollectiveKind::all_reduce).bytes.value == 32 * 2 * 4.0);
}

TEST_CASE("a router in fp32 widens the tokens first and multiplies in fp32") {
    ModelSpec model = models::mixtral_8x7b();
    const auto router = [&] {
        const auto ops = Lowered(model, kTp2).ops(decode_step(32, 1024));
        double widened = 0;   // two bytes read, four written
        for (const MemoryPass& p : of_kind<MemoryPass>(ops, Part::router)) widened += p.bytes.value == 32 * 4096 * 6.0;
        return std::pair(of_kind<Gemm>(ops, Part::router).at(0).weights, widened);
    };
    REQUIRE(router() == std::pair(NumberFormat::bf16, 0.0));
    std::get<MoeFfn>(model.layers.front().ffn).fp32_router = true;
    REQUIRE(router() == std::pair(NumberFormat::fp32, 1.0));
}

TEST_CASE("DeepSeek-V3 keeps what it absorbs in 16 bits") {
    ModelSpec v3 = models::deepseek_v3();
    Lowered lowered(v3);
    lowered.context.precision.linear = NumberFormat::fp8_block;
    int in_16_bits = 0;
    for (const Gemm& g : of_kind<Gemm>(lowered.ops(decode_step(16, 4095)), Part::attention_projections)) {
        const bool absorbed = g.k == 128 || (g.k == 512 && g.n == 128 * 128);
        REQUIRE(g.weights == (absorbed ? NumberFormat::bf16 : NumberFormat::fp8_block));
        in_16_bits += absorbed;
    }
    REQUIRE(in_16_bits == 4);   // two in each of two layer groups
}

TEST_CASE("DeepSeek-V3 decodes from 576 cached elements a token, whatever the number of GPUs") {
    const ModelSpec v3 = models::deepseek_v3();
    for (const std::int64_t tp : {1, 8}) {
        const auto ops = Lowered(v3, Layout{tp, 1, 1, 1, tp}).ops(decode_step(16, 4095));
        const auto cores = of_kind<Attention>(ops, Part::attention);
        REQUIRE(cores.size() == 2);   // one for each layer group
        const double heads = 128.0 / static_cast<double>(tp);
        const double queries = 16 * heads * (576 + 512) * 2;
        REQUIRE(work_of(cores[0]).bytes.value == Approx(576 * 4096.0 * 16 * 2 + queries));
        // Scores over 576, values over 512 elements, for every head: arXiv 2405.04434, 2.1.2.
        REQUIRE(work_of(cores[0]).flops.value == Approx(2 * 16 * 4096.0 * heads * (576 + 512)));
    }
}

TEST_CASE("DeepSeek-V3 expands its latent into 128 heads of 192 and 128 to prefill") {
    const ModelSpec v3 = models::deepseek_v3();
    const auto ops = Lowered(v3).ops(prefill_step(1, 512, 1024));
    const auto core = of_kind<Attention>(ops, Part::attention).front();
    REQUIRE(core.kv_heads == 128);
    REQUIRE(core.qk_dim == 192);
    REQUIRE(core.v_dim == 128);
    bool expands = false;
    for (const Gemm& g : of_kind<Gemm>(ops, Part::attention_projections)) {
        expands = expands || (g.m == 1536 && g.n == 128 * (128 + 128) && g.k == 512);
    }
    REQUIRE(expands);   // cached tokens are expanded again with each chunk
}

TEST_CASE("DeepSeek-V3.2 scores every cached token with its indexer and reads 2048 of them") {
    const ModelSpec v32 = models::deepseek_v3(true);
    const auto cores = of_kind<Attention>(Lowered(v32).ops(decode_step(1, 9999)), Part::attention);
    REQUIRE(cores.size() == 4);   // score and core in each of two groups
    REQUIRE(work_of(cores[0]).flops.value == Approx(2 * 10000.0 * 64 * 128));
    REQUIRE(work_of(cores[1]).flops.value == Approx(2 * 2048.0 * 128 * 1088));
}

TEST_CASE("key-value heads fewer than GPUs are replicated, not divided") {
    const ModelSpec mixtral = models::mixtral_8x7b();
    const auto cores = of_kind<Attention>(Lowered(mixtral, Layout{16, 1, 1, 1, 16}).ops(decode_step(1, 99)), Part::attention);
    REQUIRE(cores.front().heads == 2);
    REQUIRE(cores.front().kv_heads == 1);
}

TEST_CASE("with data-parallel attention tokens are divided and exchanged with the experts' GPUs") {
    const ModelSpec v3 = models::deepseek_v3();
    const auto ops = Lowered(v3, Layout{1, 1, 8, 8, 1}).ops(decode_step(128, 1000));
    REQUIRE(of_kind<Gemm>(ops, Part::attention_projections).front().m == 16);
    REQUIRE(sum_repeat(ops, CollectiveKind::all_to_all) == 2 * 58);
    REQUIRE(sum_repeat(ops, CollectiveKind::all_reduce) == 0);
    // 16 tokens of this GPU to at most 8 GPUs each, 7168 elements of 2 bytes.
    REQUIRE(first(ops, CollectiveKind::all_to_all).bytes.value == 16 * 8 * 7168 * 2.0);
    REQUIRE(first(ops, CollectiveKind::all_to_all).ranks == 8);
    // The busiest of 8 ranks has at least its share of 128 * 8 pairs.
    REQUIRE(of_kind<ExpertFfn>(ops, Part::experts).front().pairs >= 128.0);
}

TEST_CASE("experts cut in two under data parallelism get every row twice") {
    const ModelSpec v3 = models::deepseek_v3();
    const auto whole = Lowered(v3, Layout{2, 1, 4, 8, 1}).ops(decode_step(128, 1000));
    const auto halves = Lowered(v3, Layout{2, 1, 4, 4, 2}).ops(decode_step(128, 1000));
    // 32 tokens a group, 16 of them sent by each of its two GPUs: to 8 ranks, or to 4 ranks of two GPUs.
    REQUIRE(first(whole, CollectiveKind::all_to_all).bytes.value == 16 * 8 * 7168 * 2.0);
    REQUIRE(first(halves, CollectiveKind::all_to_all).bytes.value == 16 * 4 * 2 * 7168 * 2.0);
    REQUIRE(first(halves, CollectiveKind::all_to_all).ranks == 8);
}

TEST_CASE("data parallelism without expert parallelism gathers all tokens and scatters the sums") {
    const ModelSpec moe = models::tiny_moe();
    const auto ops = Lowered(moe, Layout{1, 1, 4, 1, 4}).ops(decode_step(64, 100));
    REQUIRE(first(ops, CollectiveKind::all_gather).bytes.value == 64 * 256 * 2.0);
    REQUIRE(first(ops, CollectiveKind::reduce_scatter).bytes.value == 64 * 256 * 2.0);
    REQUIRE(of_kind<ExpertFfn>(ops, Part::experts).front().pairs == Approx(128));
    REQUIRE(of_kind<ExpertFfn>(ops, Part::experts).front().width == 128);
    // Every rank permutes the rows of all tokens, not only of its own.
    REQUIRE(of_kind<MemoryPass>(ops, Part::dispatch).front().bytes.value == Approx((64 + 128) * 256 * 2.0));
}

TEST_CASE("pipeline stages pass the hidden state on and change no other work") {
    const ModelSpec dense = models::tiny_dense();
    const auto one = Lowered(dense).ops(decode_step(8, 100));
    const auto four = Lowered(dense, Layout{1, 4, 1, 1, 1}).ops(decode_step(8, 100));
    REQUIRE(sum_repeat(four, CollectiveKind::point_to_point) == 3);
    REQUIRE(first(four, CollectiveKind::point_to_point).bytes.value == 8 * 256 * 2.0);
    REQUIRE(total_work(four).flops.value == total_work(one).flops.value);
}

TEST_CASE("a group that spans more GPUs than a node has crosses nodes") {
    const ModelSpec v3 = models::deepseek_v3();
    Lowered inside(v3, Layout{1, 1, 8, 8, 1}), across(v3, Layout{1, 1, 16, 16, 1});
    REQUIRE_FALSE(first(inside.ops(decode_step(64, 100)), CollectiveKind::all_to_all).across_nodes);
    REQUIRE(first(across.ops(decode_step(64, 100)), CollectiveKind::all_to_all).across_nodes);
    REQUIRE(first(across.ops(decode_step(64, 100)), CollectiveKind::all_to_all).per_node == 8);
    // Every second rank of a node, and one a node.
    const Lowered wide(v3, Layout{4, 1, 4, 16, 1}), one_each(v3, Layout{8, 1, 2, 1, 16});
    REQUIRE(first(wide.ops(decode_step(64, 100)), CollectiveKind::all_to_all).per_node == 8);
    REQUIRE(first(one_each.ops(decode_step(64, 100)), CollectiveKind::all_gather).per_node == 1);
}

TEST_CASE("experts on a latent compute that wide between two projections") {
    const ModelSpec m = models::tiny_latent_experts();
    const auto ops = Lowered(m).ops(decode_step(10, 50));
    REQUIRE(of_kind<ExpertFfn>(ops, Part::experts).front().hidden == 64);
    const auto projections = of_kind<Gemm>(ops, Part::experts);
    REQUIRE(projections.size() == 2);
    REQUIRE(projections[0].n == 64);
    REQUIRE(projections[1].k == 64);
}

TEST_CASE("experts in host memory are fetched in proportion to those activated") {
    const ModelSpec mixtral = models::mixtral_8x7b();
    Lowered lowered(mixtral);
    lowered.context.experts_on_host = 0.5;
    const auto ops = lowered.ops(decode_step(1, 100));
    // One token activates two experts of 176,160,768 weights; half of them come over PCIe.
    REQUIRE(of_kind<HostFetch>(ops, Part::offload).front().bytes.value == Approx(0.5 * 2 * 176160768 * 2));
}

TEST_CASE("an encoder-decoder projects its cross keys once for every prompt token") {
    ModelSpec t5 = models::tiny_dense();
    t5.encoder = t5.layers;
    t5.layers[0].cross = models::gqa(8, 8, 32);
    const auto ops = Lowered(t5).ops(prefill_step(2, 100));
    bool found = false;
    for (const Gemm& g : of_kind<Gemm>(ops, Part::attention_projections)) found = found || (g.m == 200 && g.n == 512);
    REQUIRE(found);
}

TEST_CASE("a step without tokens is no work") {
    const ModelSpec dense = models::tiny_dense();
    REQUIRE(Lowered(dense).ops({}).empty());
}
