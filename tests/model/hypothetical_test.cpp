// Models described by a few numbers.

#include "core/model/hypothetical.h"

#include <cmath>

#include "tests/model/support.h"

namespace moeplan {
namespace {

ModelSpec made(const HypotheticalModel& wish) {
    const auto model = make_hypothetical(wish);
    if (!model) FAIL(to_text(model.error()));
    return *model;
}

std::string refused(const HypotheticalModel& wish) {
    const auto model = make_hypothetical(wish);
    REQUIRE_FALSE(model);
    return to_text(model.error());
}

HypotheticalModel moe(double total, double active, std::int64_t experts, std::int64_t top_k) {
    HypotheticalModel wish;
    wish.total_b = total;
    wish.active_b = active;
    wish.experts = experts;
    wish.top_k = top_k;
    return wish;
}

HypotheticalModel arctic() {
    HypotheticalModel wish;
    wish.experts = 128;
    wish.top_k = 2;
    wish.hidden = 7168;
    wish.layers = 35;
    wish.heads = 56;
    wish.kv_heads = 8;
    wish.width = 4864;
    wish.parallel_width = 7168;
    wish.vocab = 32000;
    return wish;
}

}  // namespace

TEST_CASE("total, active, experts and top-k alone make a model that agrees with them") {
    for (const auto& wish :
         {moe(128, 16, 64, 2), moe(46.7, 12.9, 8, 2), moe(671, 37, 256, 8), moe(30, 3, 128, 8),
          moe(1000, 32, 384, 8), moe(1600, 15, 2048, 1), moe(7, 1.3, 64, 8)}) {
        const auto model = made(wish);
        const auto c = count_parameters(model);
        INFO(*wish.total_b << " / " << *wish.active_b);
        CHECK(c.total / 1e9 == Approx(*wish.total_b).epsilon(0.01));
        CHECK(c.active_all / 1e9 == Approx(*wish.active_b).epsilon(0.01));
        CHECK(model.moe()->experts == *wish.experts);
        CHECK(model.moe()->top_k == *wish.top_k);
        CHECK_FALSE(model.notes.empty());
    }
}

TEST_CASE("a dense size alone makes a model of the shape of known ones") {
    for (const double size : {0.5, 1.0, 7.0, 13.0, 34.0, 70.0, 405.0, 2000.0}) {
        HypotheticalModel wish;
        wish.total_b = size;
        const auto model = made(wish);
        CHECK(count_parameters(model).total / 1e9 == Approx(size).epsilon(0.01));
        CHECK_FALSE(model.is_moe());
    }
    HypotheticalModel llama;
    llama.total_b = 70.6;
    CHECK(made(llama).hidden == 8192);
    CHECK(made(llama).layer_count() == 80);
}

TEST_CASE("explicit sizes win") {
    auto wish = moe(128, 16, 64, 2);
    wish.hidden = 6144;
    wish.layers = 32;
    wish.kv_heads = 4;
    const auto model = made(wish);
    CHECK(model.hidden == 6144);
    CHECK(model.layer_count() == 32);
    CHECK(std::get<SoftmaxAttention>(model.layers[0].mixer).kv_heads == 4);
    CHECK(count_parameters(model).total / 1e9 == Approx(128).epsilon(0.01));
}

TEST_CASE("without a shared expert the outer size takes up what is left") {
    auto wish = moe(46.7, 12.9, 8, 2);
    wish.shared_width = 0;
    const auto model = made(wish);
    CHECK(model.moe()->shared_width == 0);
    CHECK(count_parameters(model).active_all / 1e9 == Approx(12.9).epsilon(0.01));
}

TEST_CASE("one count is enough for a mixture of experts") {
    auto by_total = moe(128, 1, 64, 2);
    by_total.active_b.reset();
    CHECK(count_parameters(made(by_total)).total / 1e9 == Approx(128).epsilon(0.01));
    auto by_active = moe(1, 16, 64, 2);
    by_active.total_b.reset();
    CHECK(count_parameters(made(by_active)).active_all / 1e9 == Approx(16).epsilon(0.01));
}

TEST_CASE("Snowflake Arctic is a dense model beside 128 experts") {
    // 10 B dense + 128 x 3.66 B, top-2: 480 B total, 17 B active.
    // Source: Snowflake-Labs/snowflake-arctic README.
    const auto c = count_parameters(made(arctic()));
    CHECK(c.routed_experts / 128 / 1e9 == Approx(3.66).epsilon(0.001));
    CHECK((c.total - c.routed_experts) / 1e9 == Approx(10).epsilon(0.01));
    CHECK(c.total / 1e9 == Approx(480).epsilon(0.01));
    CHECK(c.active_no_embeddings / 1e9 == Approx(17).epsilon(0.01));
    const auto imported_one = count_parameters(from_catalog("Snowflake--snowflake-arctic"));
    CHECK(imported_one.routed_experts == c.routed_experts);
    CHECK(imported_one.total == Approx(c.total).epsilon(1e-5));
}

TEST_CASE("contradictions are problems, not guesses") {
    auto wish = arctic();
    wish.total_b = 300;
    CHECK_THAT(refused(wish), ContainsSubstring("total_b") && ContainsSubstring("478.6"));
    CHECK_THAT(refused(moe(100, 2, 8, 2)), ContainsSubstring("active_b"));
    CHECK_THAT(refused(moe(10, 20, 8, 2)), ContainsSubstring("at most the total of 10"));
    CHECK_THAT(refused(moe(100, 20, 8, 9)), ContainsSubstring("at most the 8 experts"));
    CHECK_THAT(refused(moe(100, 25.2, 8, 2)), ContainsSubstring("leave nothing for attention"));
    HypotheticalModel tiny;
    tiny.total_b = 1;
    tiny.hidden = 8192;
    tiny.layers = 80;
    CHECK_THAT(refused(tiny), ContainsSubstring("no parameters are left"));
}

TEST_CASE("experts that leave nothing for attention are refused") {
    // Eight experts, top-2: each is (56 - 14) / 6 = 7 B, so two of them are the whole active size.
    CHECK_THAT(refused(moe(56, 14, 8, 2)),
               ContainsSubstring("active_b") && ContainsSubstring("leave nothing for attention"));
    CHECK(made(moe(56, 14, 16, 2)).hidden >= 2048);
}

TEST_CASE("solved widths can be cut by tensor parallelism") {
    for (const auto& wish : {moe(64, 16, 16, 2), moe(128, 16, 32, 2), moe(256, 16, 64, 2)}) {
        const auto model = made(wish);
        CHECK(model.moe()->width % 8 == 0);
        CHECK(model.moe()->shared_width % 8 == 0);
    }
    HypotheticalModel dense;
    dense.total_b = 13;
    CHECK(std::get<DenseFfn>(made(dense).layers[0].ffn).width % 8 == 0);
}

TEST_CASE("missing and impossible numbers are named, all at once") {
    CHECK_THAT(refused({}), ContainsSubstring("total_b") && ContainsSubstring("is missing"));
    HypotheticalModel wish;
    wish.experts = 8;
    wish.layers = 0;
    wish.heads = -4;
    const auto text = refused(wish);
    for (const auto* part : {"top_k: is missing", "layers", "heads", "total_b"})
        CHECK_THAT(text, ContainsSubstring(part));
    auto nan = moe(std::nan(""), 1, 8, 2);
    CHECK_THAT(refused(nan), ContainsSubstring("total_b"));
    HypotheticalModel heads;
    heads.total_b = 7;
    heads.heads = 32;
    heads.kv_heads = 5;
    CHECK_THAT(refused(heads), ContainsSubstring("divisor of the 32 heads"));
}

}  // namespace moeplan
