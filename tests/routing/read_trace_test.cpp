#include "tests/support/catch.h"

#include "core/routing/read_trace.h"

using namespace moeplan;

namespace {

RecordedTrace read(std::string_view text, const TraceQuery& query = {}) {
    auto trace = read_trace_text(text, "f", query);
    if (!trace) {
        for (const auto& p : trace.error()) UNSCOPED_INFO(to_text(p));
    }
    REQUIRE(trace);
    return *trace;
}

std::string refused(std::string_view text, const TraceQuery& query = {}) {
    const auto trace = read_trace_text(text, "f", query);
    REQUIRE_FALSE(trace);
    std::string all;
    for (const auto& p : trace.error()) all += to_text(p) + "\n";
    return all;
}

const std::string kHeader = "sample,dataset,category,variant,gen_token_idx,abs_token,layer,e0,e1,p0,p1\n";

}  // namespace

TEST_CASE("a gpt-oss fingerprint CSV is read token by token") {
    const auto trace = read(kHeader +
                            "0,d,c,v,0,198,0,3,1,0.5,0.2\r\n0,d,c,v,0,198,1,2,0,0.5,0.2\r\n"
                            "0,d,c,v,1,199,0,1,2,0.5,0.2\r\n0,d,c,v,1,199,1,3,2,0.5,0.2");
    CHECK(trace.routes.tokens() == 2);
    CHECK(trace.routes.layers == 2);
    CHECK(trace.routes.top_k == 2);
    CHECK(trace.routes.experts == 4);
    CHECK(trace.routes.route == std::vector<std::int32_t>{3, 1, 2, 0, 1, 2, 3, 2});
    CHECK(trace.warnings.empty());
    const auto p = marginals(trace.routes);
    CHECK(p[0] == std::vector<double>{0, 1.0, 0.5, 0.5});
    CHECK(p[1] == std::vector<double>{0.5, 0, 1.0, 0.5});
}

TEST_CASE("a vLLM routing log is read, interleaved requests put in order") {
    const auto trace = read(
        R"({"type":"meta","model":"m","num_layers":2})"
        "\n"
        R"({"type":"route","req_id":"b","token_idx":1,"layer":4,"topk_ids":[1,2],"topk_weights":[0.5,0.5]})"
        "\n"
        R"({"type":"route","req_id":7,"token_idx":0,"layer":4,"topk_ids":[0,3],"topk_weights":[0.5,0.5]})"
        "\n"
        R"({"type":"route","req_id":"b","token_idx":0,"layer":4,"topk_ids":[2,3],"topk_weights":[0.5,0.5]})"
        "\n");
    CHECK(trace.layer_ids == std::vector<std::int64_t>{4});
    CHECK(trace.routes.sequence == std::vector<std::int32_t>{0, 0, 1});
    CHECK(trace.routes.route == std::vector<std::int32_t>{2, 3, 1, 2, 0, 3});
}

TEST_CASE("tokens without all layers are left out and said so") {
    const auto trace = read(kHeader + "0,d,c,v,0,1,0,0,1,,\n0,d,c,v,0,1,1,0,1,,\n0,d,c,v,1,2,0,0,1,,\n");
    CHECK(trace.routes.tokens() == 1);
    REQUIRE(trace.warnings.size() == 1);
    CHECK_THAT(trace.warnings[0], ContainsSubstring("1 tokens without all 2 layers left out"));
}

TEST_CASE("a long trace is cut at what is kept in memory, with a warning") {
    std::string text = kHeader;
    for (int t = 0; t < 100; ++t) text += "0,d,c,v," + std::to_string(t) + ",0,0,0,1,,\n";
    const auto trace = read(text, {4, 2, 50});
    CHECK(trace.routes.tokens() == 25);
    CHECK_THAT(trace.warnings.at(0), ContainsSubstring("the first 25 are used"));
}

TEST_CASE("lines that cannot be are refused by number") {
    CHECK_THAT(refused(kHeader + "0,d,c,v,0,1,0,0,9,,\n0,d,c,v,0,1,0,1,1,,\n0,d,c,v,0,1,x,0,1,,\n0,d,c\n0,d,"
                                 "c,v,0,1,0,-1,1,,\n",
                       {4, 2}),
               ContainsSubstring("f:2: expert 9; expected 0 to 3") &&
                   ContainsSubstring("f:3: expert 1 twice") &&
                   ContainsSubstring("f:4: layer 'x'; expected a whole number") &&
                   ContainsSubstring("f:5: 3 fields") && ContainsSubstring("f:6: expert -1"));
    CHECK_THAT(refused(kHeader + "0,d,c,v,0,1,0,0,1,,\n", {4, 3}),
               ContainsSubstring("2 experts per token, the model has top_k 3"));
    CHECK_THAT(refused("layer,e0\n0,1\n"), ContainsSubstring("which token a row is"));
    CHECK_THAT(refused("{\"type\":\"meta\"}\n{\"type\":\"route\"\n"),
               ContainsSubstring("f:2: not valid JSON"));
    CHECK_THAT(refused("{\"type\":\"route\",\"req_id\":1,\"token_idx\":0,\"layer\":0,\"topk_ids\":[1.5]}\n"
                       "{\"type\":\"route\",\"req_id\":[],\"token_idx\":0,\"layer\":0,\"topk_ids\":[1]}\n"
                       "{\"type\":\"route\",\"req_id\":1,\"layer\":0,\"topk_ids\":[1]}\n[]\n"),
               ContainsSubstring("f:1: expected whole numbers in 'topk_ids'") &&
                   ContainsSubstring("f:2: expected 'req_id'") &&
                   ContainsSubstring("f:3: expected whole numbers 'token_idx'") &&
                   ContainsSubstring("f:4: expected a JSON object"));
    CHECK_THAT(refused("{\"type\":\"meta\"}\n" + std::string(2000000, '[')),
               ContainsSubstring("f:2: line longer than 1 MiB"));
    CHECK_THAT(refused("{\"type\":\"meta\"}\n" + std::string(500000, '[')),
               ContainsSubstring("f:2: nests too deep"));
}

TEST_CASE("what is not a trace is refused by what it is") {
    CHECK_THAT(refused(""), ContainsSubstring("is empty"));
    CHECK_THAT(refused("{\"type\":\"meta\"}\n"), ContainsSubstring("holds no routed tokens"));
    CHECK_THAT(refused("layer_id,expert_id,count\n0,0,1\n"), ContainsSubstring("counts: f"));
    CHECK_THAT(refused(R"({"expert_popularity": [[1,2]]})"), ContainsSubstring("holds counts"));
}

TEST_CASE("a trace that names half the experts at most is doubted") {
    const auto trace = read(kHeader + "0,d,c,v,0,1,0,0,1,,\n", {64, 2});
    CHECK_THAT(trace.warnings.at(0), ContainsSubstring("only experts 0 to 1 of 64"));
}
