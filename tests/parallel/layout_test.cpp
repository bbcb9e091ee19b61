#include <algorithm>

#include "core/parallel/layout.h"
#include "tests/support/catch.h"
#include "tests/support/models.h"

using namespace moeplan;

namespace {

// All messages in one text, "path: what; hint" each.
std::string complaints(const Layout& layout, const ModelSpec& model) {
    std::string text;
    for (const Problem& p : layout_problems(layout, model, "study.yaml:7", "candidates[0].layout")) text += to_text(p) + "\n";
    return text;
}

}  // namespace

TEST_CASE("a layout that works draws no complaint") {
    REQUIRE(complaints({2, 1, 1, 1, 2}, models::mixtral_8x7b()).empty());
    REQUIRE(complaints({1, 1, 8, 8, 1}, models::deepseek_v3()).empty());
    REQUIRE(complaints({8, 4, 1, 1, 8}, models::llama3_8b()).empty());
}

TEST_CASE("heads that cannot be split name the divisors that would work") {
    const std::string text = complaints({3, 1, 1, 1, 3}, models::llama3_8b());
    REQUIRE_THAT(text, ContainsSubstring("study.yaml:7"));
    REQUIRE_THAT(text, ContainsSubstring("candidates[0].layout.tp"));
    REQUIRE_THAT(text, ContainsSubstring("32 attention heads cannot be split 3 ways"));
    REQUIRE_THAT(text, ContainsSubstring("1, 2, 4, 8, 16, 32"));
}

TEST_CASE("key-value heads may be replicated but not torn") {
    const ModelSpec m = models::model_of("odd", 384, 1000, {models::group_of(2, models::gqa(12, 4, 32), DenseFfn{1536}, 384)});
    REQUIRE(complaints({12, 1, 1, 1, 12}, m).empty());
    REQUIRE_THAT(complaints({6, 1, 1, 1, 6}, m), ContainsSubstring("4 key-value heads can be neither split nor replicated over 6 ranks"));
}

TEST_CASE("every reason is given at once") {
    const std::string text = complaints({3, 100, 1, 64, 1}, models::mixtral_8x7b());
    REQUIRE_THAT(text, ContainsSubstring("32 attention heads"));
    REQUIRE_THAT(text, ContainsSubstring("64 ranks for 8 experts"));
    REQUIRE_THAT(text, ContainsSubstring("100 stages for 32 layers"));
    REQUIRE_THAT(text, ContainsSubstring("the two products must be equal"));
}

TEST_CASE("identical groups of layers complain once") {
    const std::string text = complaints({3, 1, 1, 1, 3}, models::deepseek_v3());
    const std::string what = "128 attention heads cannot be split 3 ways";
    REQUIRE(text.find(what) == text.rfind(what));
}

TEST_CASE("expert parallelism of a dense model is refused") {
    REQUIRE_THAT(complaints({1, 1, 2, 2, 1}, models::llama3_8b()), ContainsSubstring("is dense: there are no experts to spread"));
}

TEST_CASE("a shared expert and cross attention must be split too") {
    ModelSpec m = models::tiny_moe();
    std::get<MoeFfn>(m.layers[0].ffn).shared_width = 255;
    REQUIRE_THAT(complaints({2, 1, 1, 1, 2}, m), ContainsSubstring("a shared expert 255 wide"));
    ModelSpec t5 = models::tiny_dense();
    t5.layers[0].cross = models::gqa(6, 6, 32);
    REQUIRE_THAT(complaints({4, 1, 1, 1, 4}, t5), ContainsSubstring("6 attention heads"));
}

TEST_CASE("sizes that are no sizes are refused before anything is multiplied") {
    REQUIRE_THAT(complaints({0, 1, 1, 1, 1}, models::llama3_8b()), ContainsSubstring("0 is not a number of ranks"));
    const std::int64_t huge = std::int64_t{1} << 62;
    REQUIRE_THAT(complaints({huge, huge, huge, huge, huge}, models::mixtral_8x7b()), ContainsSubstring("more than the 65536"));
}

TEST_CASE("listed layouts are valid, different, and use all GPUs") {
    for (const ModelSpec& m : models::all()) {
        for (const std::int64_t gpus : {1, 2, 4, 8, 16}) {
            const auto all = valid_layouts(m, gpus, 8);
            CAPTURE(m.id, gpus);
            if (gpus == 1) REQUIRE(all.size() == 1);
            for (std::size_t i = 0; i < all.size(); ++i) {
                REQUIRE(all[i].gpus() == gpus);
                REQUIRE(all[i].tp <= 8);
                REQUIRE(layout_problems(all[i], m, {}, {}).empty());
                REQUIRE(std::count(all.begin(), all.end(), all[i]) == 1);
                if (m.is_moe()) REQUIRE(all[i].tp * all[i].dp == all[i].ep * all[i].moe_tp);
            }
        }
    }
}

TEST_CASE("a layout's name leaves out what is 1") {
    REQUIRE(describe(Layout{}) == "1 GPU");
    REQUIRE(describe(Layout{2, 2, 1, 1, 2}) == "tp 2 · pp 2");
    REQUIRE(describe(Layout{1, 1, 8, 8, 1}) == "dp 8 · ep 8");
}
