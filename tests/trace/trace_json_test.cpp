#include "sim/trace/trace.h"

#include <sstream>

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

Result<TraceReport> read(const std::string& text, std::vector<TraceRequest>& requests) {
    std::istringstream stream(text);
    return parse_trace(stream, "t.json", [&](const TraceRequest& r) {
        requests.push_back(r);
        return true;
    });
}

Problem problem_of(const std::string& text) {
    std::vector<TraceRequest> requests;
    const auto report = read(text, requests);
    REQUIRE_FALSE(report);
    return report.error().front();
}

}  // namespace

TEST_CASE("Mooncake's lines give milliseconds and one prefix id a block") {
    std::vector<TraceRequest> requests;
    const auto report =
        read_trace(std::string(MOEPLAN_SOURCE_DIR) + "/tests/data/trace/mooncake_conversation.jsonl",
                   [&](const TraceRequest& r) {
                       requests.push_back(r);
                       return true;
                   });
    REQUIRE(report);
    CHECK(report->form == TraceForm::mooncake);
    CHECK(report->prefix_block_tokens == 512);
    REQUIRE(requests.size() == 6);
    CHECK(requests[0].input_tokens == 6758);
    CHECK(requests[0].output_tokens == 500);
    CHECK(requests[0].prefix.size() == 14);  // 6758 tokens in blocks of 512
    CHECK(requests[1].prefix[0] == requests[0].prefix[0]);
    CHECK(requests[5].arrival_s >= requests[2].arrival_s);
    CHECK(requests[2].arrival_s == Approx(3));
}

TEST_CASE("Mooncake's lines may lack prefix ids") {
    std::vector<TraceRequest> requests;
    const auto report = read("{\"timestamp\": 27000, \"input_length\": 5, \"output_length\": 6}\n"
                             "{\"timestamp\": 27500.5, \"input_length\": 7, \"output_length\": 8}\n",
                             requests);
    REQUIRE(report);
    CHECK(report->prefix_block_tokens == 0);
    CHECK(requests[1].arrival_s == Approx(0.5005));
}

TEST_CASE("what is wrong with a Mooncake line is said") {
    const std::string ok = "{\"timestamp\": 1, \"input_length\": 5, \"output_length\": 6}\n";
    std::vector<TraceRequest> requests;
    std::string text;
    for (int i = 0; i < 500; ++i) text += ok;
    text +=
        "{\"timestamp\": 1, \"input_length\": 5\n[1]\n{\"timestamp\": 1, \"input_length\": 5.5, "
        "\"output_length\": 6}\n";
    text += "{\"timestamp\": 1, \"input_length\": 5, \"output_length\": 6, \"hash_ids\": [\"a\"]}\n";
    text += "{\"input_length\": 5, \"output_length\": 6}\n";
    const auto report = read(text, requests);
    REQUIRE(report);
    REQUIRE(report->first_bad.size() == 5);
    CHECK(report->first_bad[0].where == "t.json:501");
    CHECK_THAT(report->first_bad[0].what, ContainsSubstring("not valid JSON"));
    CHECK_THAT(report->first_bad[1].what, ContainsSubstring("not a JSON object"));
    CHECK_THAT(report->first_bad[2].what, ContainsSubstring("input_length"));
    CHECK_THAT(report->first_bad[3].what, ContainsSubstring("hash_ids"));
    CHECK_THAT(report->first_bad[4].what, ContainsSubstring("timestamp"));
    CHECK(requests.size() == 500);
}

TEST_CASE("a vLLM benchmark's lengths are replayed, with its start times where it kept them") {
    std::vector<TraceRequest> requests;
    const auto report =
        read(R"({"date": "x", "request_rate": "inf", "mean_ttft_ms": NaN, "input_lens": [10, 20, 30],
        "output_lens": [1, 0, 3], "ttfts": [0.1, 0.2, 0.3], "itls": [[0.1], [], [0.2, 0.3]]})",
             requests);
    REQUIRE(report);
    CHECK(report->form == TraceForm::vllm_bench);
    CHECK_FALSE(report->has_arrivals);
    CHECK(report->empty == 1);
    CHECK(requests == std::vector<TraceRequest>{{0, 10, 1, {}}, {0, 30, 3, {}}});
    requests.clear();
    const auto timed =
        read(R"({"input_lens":[10,20],"output_lens":[1,2],"start_times":[100.5,101.0]})", requests);
    REQUIRE(timed);
    CHECK(timed->has_arrivals);
    CHECK(requests[1].arrival_s == Approx(0.5));
}

TEST_CASE("JSON that holds no requests is refused with what it is") {
    CHECK_THAT(problem_of(R"({"date":"20260214","completed":160,"median_ttft":0.9})").hint,
               ContainsSubstring("--save-detailed"));
    CHECK_THAT(problem_of(R"({"0": {"input_tokens": "{45: 0.1}", "output_tokens": "{}"}})").what,
               ContainsSubstring("ServeGen"));
    CHECK_THAT(problem_of(R"({"input_lens":[1,2],"output_lens":[1]})").what,
               ContainsSubstring("2 input_lens but 1"));
    CHECK_THAT(problem_of(R"({"input_lens":[1,2)").what, ContainsSubstring("not valid JSON"));
    CHECK_THAT(problem_of("[{\"a\":1}]").what, ContainsSubstring("JSON list"));
    CHECK_THAT(problem_of("{\"a\":" + std::string(3000, '[')).what, ContainsSubstring("nested 3001 deep"));
    CHECK_THAT(problem_of(R"({"input_lens":["a"],"output_lens":[1]})").what,
               ContainsSubstring("whole numbers"));
}
