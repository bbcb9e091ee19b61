#include "tests/support/catch.h"

#include <cstdio>
#include <filesystem>

#include "core/routing/read_counts.h"
#include "core/routing/routing.h"

using namespace moeplan;

namespace {

ExpertCounts read(std::string_view text, const CountsQuery& query = {}) {
    auto counts = read_counts_text(text, "f", query);
    if (!counts) {
        for (const auto& p : counts.error()) UNSCOPED_INFO(to_text(p));
    }
    REQUIRE(counts);
    return *counts;
}

std::string refused(std::string_view text, const CountsQuery& query = {}) {
    const auto counts = read_counts_text(text, "f", query);
    REQUIRE_FALSE(counts);
    std::string all;
    for (const auto& p : counts.error()) all += to_text(p) + "\n";
    return all;
}

const std::vector<std::vector<double>> kTwoLayers{{1, 2}, {3, 4}};

}  // namespace

TEST_CASE("fiddler's expert_popularity is read, on one line or many") {
    CHECK(read(R"({"total_input_tokens": 5, "expert_popularity": [[1, 2], [3, 4]]})").layers == kTwoLayers);
    CHECK(read("\n{\r\n \"expert_popularity\":\r\n [[1,2],[3,4]]}").layers == kTwoLayers);
}

TEST_CASE("SGLang's CSV is read whatever its line ends, order and last newline") {
    CHECK(read("layer_id,expert_id,count\n0,0,1\n0,1,2\n1,0,3\n1,1,4\n").layers == kTwoLayers);
    CHECK(read("\xEF\xBB\xBFlayer_id,expert_id,count\r\n1,1,4\r\n0,1,2\r\n\r\n0,0,1\r\n1,0,3").layers ==
          kTwoLayers);
    // Rows of one expert add up (several ranks or dumps in one file).
    CHECK(read("layer_id,expert_id,count\n7,0,1\n7,1,1\n7,1,1\n").layers ==
          std::vector<std::vector<double>>{{1, 2}});
    CHECK(read("layer_id,expert_id,count\n7,0,1\n").layer_ids == std::vector<std::int64_t>{7});
}

TEST_CASE("a collection gives the model and dataset that are asked for") {
    const std::string text =
        "model,dataset,layer,expert,count,source\n"
        "A,x,0,0,1,s\nA,x,0,1,2,\"s, t\"\nA,y,0,0,5,s\nA,y,0,1,6,s\nB,x,0,0,7,s\nB,x,0,1,8,s\n";
    CHECK(read(text, {"A", "y", 2, 1}).layers == std::vector<std::vector<double>>{{5, 6}});
    CHECK(read(text, {"b", "", 2, 1}).label == "B, x");
    CHECK_THAT(refused(text), ContainsSubstring("holds 3 sets of counts") && ContainsSubstring("A, x") &&
                                  ContainsSubstring("B, x"));
    CHECK_THAT(refused(text, {"A", "", 0, 0}),
               ContainsSubstring("holds 2 sets") && !ContainsSubstring("B, x"));
    CHECK_THAT(refused(text, {"A", "z", 0, 0}),
               ContainsSubstring("has no counts for 'A, z'") && ContainsSubstring("B, x"));
}

TEST_CASE("of OLMoE's selections the one named after top_k is meant, or the one that is asked for") {
    const std::string text =
        "model,domain,selection,layer,expert,count\n"
        "m,c4,top1,0,0,1\nm,c4,top1,0,1,2\nm,c4,top2,0,0,8\nm,c4,top2,0,1,9\n";
    CHECK(read(text, {"", "", 0, 2}).layers == std::vector<std::vector<double>>{{8, 9}});
    CHECK(read(text, {"", "c4/top1", 0, 0}).layers == std::vector<std::vector<double>>{{1, 2}});
    CHECK_THAT(refused(text), ContainsSubstring("c4/top1") && ContainsSubstring("c4/top2"));
}

TEST_CASE("malformed lines are named by number, twenty at most and the rest counted") {
    CHECK_THAT(refused("layer,expert,count\n0,0,1\n0,x,1\n0,1,-4\n0,1,nan\n0\n-1,0,1\n", {"", "", 2, 1}),
               ContainsSubstring("f:3: expert 'x'") &&
                   ContainsSubstring("f:4: count '-4'; expected a number from 0") &&
                   ContainsSubstring("f:5: count 'nan'") && ContainsSubstring("f:6: 1 fields") &&
                   ContainsSubstring("f:7: layer '-1'"));
    std::string text = "layer,expert,count\n";
    for (int i = 0; i < 100; ++i) text += "0,zz,1\n";
    const auto many = refused(text);
    CHECK_THAT(many,
               ContainsSubstring("f:21:") && ContainsSubstring("80 more lines have problems (100 in all)"));
    CHECK_THAT(many, !ContainsSubstring("f:22:"));
}

TEST_CASE("counts that don't fit the model are refused") {
    const std::string two = "layer,expert,count\n0,0,1\n0,1,2\n";
    CHECK_THAT(refused(two, {"", "", 64, 1}),
               ContainsSubstring("counts 2 experts, the model has 64") && ContainsSubstring("count of 0"));
    CHECK_THAT(refused(two, {"", "", 1, 1}), ContainsSubstring("f:3: expert 1; expected 0 to 0"));
    CHECK_THAT(refused("layer,expert,count\n0,0,0\n0,1,0\n1,0,5\n1,1,0\n", {"", "", 2, 2}),
               ContainsSubstring("layer 0: no tokens at all") &&
                   ContainsSubstring("layer 1: only 1 experts have tokens; top_k is 2"));
    CHECK_THAT(refused(R"({"expert_popularity": [[1,2],[3]]})"),
               ContainsSubstring("layer 1: 1 experts; other layers have 2"));
    CHECK_THAT(refused(R"({"expert_popularity": [[1,-2,"3",[4]]]})"),
               ContainsSubstring("expert_popularity[0][1]: '-2'; expected a count from 0") &&
                   ContainsSubstring("expert_popularity[0][3]"));
    // An expert cannot have more than one of a token's top_k choices.
    CHECK(read("layer,expert,count\n0,0,9\n0,1,1\n0,2,1\n", {"", "", 3, 2}).warnings.size() == 1);
}

TEST_CASE("a few rows cannot ask for much memory") {
    std::string text = "layer,expert,count\n0,65535,1\n";
    for (int layer = 1; layer < 200; ++layer) text += std::to_string(layer) + ",0,1\n";
    CHECK_THAT(refused(text), ContainsSubstring("200 layers of 65536 experts"));
    CHECK_THAT(refused("layer,expert,count\n0,0,1\n" + std::string(3000000, '1')),
               ContainsSubstring("f:3: line longer than 1 MiB"));
}

TEST_CASE("files of another form are refused by what they are") {
    CHECK_THAT(refused(""), ContainsSubstring("is empty"));
    CHECK_THAT(refused("\n \n"), ContainsSubstring("is empty"));
    CHECK_THAT(refused("hello\n"),
               ContainsSubstring("starts with 'hello'") && ContainsSubstring("expert and count columns"));
    CHECK_THAT(refused("layer,expert,count\n"), ContainsSubstring("header but no counts"));
    CHECK_THAT(refused("sample,gen_token_idx,layer,e0,e1\n"),
               ContainsSubstring("recorded token trace") && ContainsSubstring("trace: f"));
    CHECK_THAT(refused("{\"expert_popularity\": [[1,2],\n[3,]]}"), ContainsSubstring("f:2: not valid JSON"));
    CHECK_THAT(refused(R"({"experts": 4})"),
               ContainsSubstring("expected an object with a list 'expert_popularity'"));
    CHECK_THAT(refused("{\"expert_popularity\":" + std::string(100000, '[')),
               ContainsSubstring("nests too deep"));
    CHECK_THAT(refused(R"({"expert_popularity": [[1e999]]})"), ContainsSubstring("out of range"));
}

TEST_CASE("vLLM's balancedness lines are refused with the imbalance they report") {
    CHECK_THAT(
        refused("INFO 08-21 EPLB step: 5 for model M: avg_tokens=100.0, max_tokens=150, balancedness=0.6667\n"
                "INFO 08-21 EPLB step: 6 for model M: avg_tokens=100.0, max_tokens=250, balancedness=0.4\n"),
        ContainsSubstring("EPLB balancedness lines") &&
            ContainsSubstring("2 steps, mean max/avg tokens 2.00"));
}

TEST_CASE("counts files resolve to routings, with layers used in turn") {
    const std::string root = MOEPLAN_SOURCE_DIR;
    const auto mixtral =
        resolve_routing(CountsRouting{root + "/scenarios/routing/mixtral_8x7b.json", "", ""}, 8, 2, 32, 1);
    REQUIRE(mixtral);
    CHECK(mixtral->p.size() == 32);
    CHECK(mixtral->warnings.empty());
    const auto olmoe =
        resolve_routing(CountsRouting{root + "/scenarios/routing/olmoe_1b_7b.csv", "", "c4"}, 64, 8, 16, 1);
    REQUIRE(olmoe);
    CHECK(olmoe->p.size() == 3);
    REQUIRE(olmoe->warnings.size() == 1);
    CHECK_THAT(olmoe->warnings[0], ContainsSubstring("has 3 layers, the model 16: used in turn"));
    CHECK(resolve_routing(CountsRouting{root + "/scenarios/routing/gpt_oss_20b.csv", "", ""}, 32, 4, 24, 1));
    CHECK(resolve_routing(CountsRouting{root + "/scenarios/routing/mixtral_8x7b_corpora.csv", "", "c4"}, 8, 2,
                          32, 1));
    const auto missing = resolve_routing(CountsRouting{"no/such.csv", "", ""}, 8, 2, 32, 1);
    REQUIRE_FALSE(missing);
    CHECK_THAT(to_text(missing.error()[0]),
               ContainsSubstring("no/such.csv") && ContainsSubstring("no such file"));
    const auto folder = resolve_routing(CountsRouting{root, "", ""}, 8, 2, 32, 1);
    REQUIRE_FALSE(folder);
    CHECK_THAT(to_text(folder.error()[0]), ContainsSubstring("not a regular file"));
}
