#include "sim/trace/measured.h"

#include <cmath>
#include <sstream>

#include <fmt/format.h>

#include "tests/support/catch.h"
#include "tests/support/scratch.h"
#include "tests/trace/packed.h"

using namespace moeplan;

namespace {

std::vector<MeasuredRun> runs_of(const std::string& text) {
    std::istringstream stream(text);
    const auto runs = parse_measured_runs(stream, "m.json");
    if (!runs) FAIL(to_text(runs.error().front()));
    return *runs;
}

Problem problem_of(const std::string& text) {
    std::istringstream stream(text);
    const auto runs = parse_measured_runs(stream, "m.json");
    REQUIRE_FALSE(runs);
    return runs.error().front();
}

MeasuredRequest only(const std::string& text) { return runs_of(text).front().requests.front(); }

}  // namespace

TEST_CASE("vLLM's lists give one request an index, in order of their start") {
    const auto runs =
        runs_of(R"({"model_id": "org/model", "request_rate": 4.0, "burstiness": 0.5, "max_concurrency": 16,
        "duration": 12.5, "mean_ttft_ms": NaN, "input_lens": [10, 20, 30], "output_lens": [3, 1, 0],
        "ttfts": [0.5, 0.25, 0.0], "itls": [[0.1, 0.3], [], []], "start_times": [101.0, 100.5, 102.0],
        "errors": ["", "", "timed out"], "generated_texts": ["a", "b", ""]})");
    REQUIRE(runs.size() == 1);
    const MeasuredRun& run = runs[0];
    CHECK(run.model_id == "org/model");
    CHECK(run.request_rate == 4.0);
    CHECK(run.burstiness == 0.5);
    CHECK(run.max_concurrency == 16.0);
    CHECK(run.duration_s == 12.5);
    REQUIRE(run.requests.size() == 3);
    CHECK(run.failed == 1);
    // The second sent, first in the file: 0.5 s to its first token, 0.4 s for two more.
    const MeasuredRequest& r = run.requests[1];
    CHECK(r.input_tokens == 10);
    CHECK(r.arrival_s == Approx(0.5));
    CHECK(*r.ttft_s == 0.5);
    CHECK(*r.e2e_s == Approx(0.9));
    CHECK(*r.tpot_s == Approx(0.2));
    CHECK(*run.requests[0].arrival_s == 0);
    CHECK(*run.requests[0].ttft_s == 0.25);
    CHECK_FALSE(run.requests[0].tpot_s);   // one token has none after it
    CHECK(run.requests[2].failed);
    CHECK_FALSE(run.requests[2].ttft_s);
}

TEST_CASE("an infinite rate is one, and a run a line gives as many runs") {
    const std::string line =
        R"({"request_rate": "inf", "input_lens": [5], "output_lens": [2], "ttfts": [0.1], "itls": [[0.2]]})";
    const auto runs = runs_of(line + "\n" + line + "\n");
    REQUIRE(runs.size() == 2);
    CHECK(std::isinf(*runs[1].request_rate));
    CHECK_FALSE(runs[0].requests[0].arrival_s);
    Scratch scratch;
    CHECK(read_measured_requests(scratch.file("one.json", line)));
    CHECK_THAT(read_measured_requests(scratch.file("two.json", line + line)).error()[0].what,
               ContainsSubstring("2 runs"));
}

TEST_CASE("an object per request is read from lines, a list and a list inside, with units told by the keys") {
    const std::string one = R"({"prompt_len": 100, "output_len": 11, "ttft_ms": 250, "latency": 1.25, "arrival": 3})";
    const std::string two =
        R"({"input_tokens": 50, "completion_tokens": 2, "time_to_first_token": 0.125, "e2e_latency_ms": 500, "arrival": 1})";
    for (const std::string& text :
         {one + "\n" + two + "\n", "[" + one + "," + two + "]",
          R"({"model": "m", "requests": [)" + one + "," + two + "]}",
          R"({"benchmarks": [{"requests": {"successful": [)" + one + "," + two + R"(], "errored": [{"a": 1}]}}]})"}) {
        const auto runs = runs_of(text);
        REQUIRE(runs.size() == 1);
        REQUIRE(runs[0].requests.size() == 2);
        const MeasuredRequest& late = runs[0].requests[1];
        CHECK(late.input_tokens == 100);
        CHECK(*late.arrival_s == 2);
        CHECK(*late.ttft_s == Approx(0.25));
        CHECK(*late.tpot_s == Approx(0.1));   // (1.25 - 0.25) / 10
        CHECK(*runs[0].requests[0].e2e_s == Approx(0.5));
    }
}

TEST_CASE("AIPerf's records carry values with their units") {
    const auto runs = runs_of(R"({"metadata": {"request_start_ns": 1000000000, "worker_id": "w"}, "metrics":
        {"time_to_first_token": {"value": 20.5, "unit": "ms"}, "request_latency": {"value": 120.5, "unit": "ms"},
         "inter_token_latency": {"value": 10, "unit": "ms"}, "input_sequence_length": {"value": 64, "unit": "tokens"},
         "output_sequence_length": {"value": 11, "unit": "tokens"}}, "error": null}
        {"metadata": {"request_start_ns": 1500000000}, "metrics": {"input_sequence_length": {"value": 64, "unit": "tokens"}},
         "error": {"code": 500}})");
    REQUIRE(runs.size() == 1);
    const auto& requests = runs[0].requests;
    REQUIRE(requests.size() == 2);
    CHECK(*requests[0].ttft_s == Approx(0.0205));
    CHECK(*requests[0].tpot_s == Approx(0.01));
    CHECK(requests[0].output_tokens == 11);
    CHECK(requests[1].failed);
    CHECK(*requests[1].arrival_s == Approx(0.5));
}

TEST_CASE("rows of CSV are requests, with dates or seconds") {
    const auto runs = runs_of(
        "request_id,Input Tokens,output_tokens,TTFT (ms),tpot_ms,e2e_s,error\n"
        "a,100,10,200,50,0.65,\nb,10,0,,,,refused\n");
    REQUIRE(runs.size() == 1);
    CHECK(*runs[0].requests[0].ttft_s == Approx(0.2));
    CHECK(*runs[0].requests[0].tpot_s == Approx(0.05));
    CHECK(*runs[0].requests[0].e2e_s == Approx(0.65));
    CHECK(runs[0].failed == 1);
    const auto dated = runs_of("timestamp,isl,osl,latency\n2024-05-10 00:00:01,1,2,3\n2024-05-10 00:00:00.5,1,2,3\n");
    CHECK(*dated[0].requests[1].arrival_s == Approx(0.5));
}

TEST_CASE("measured requests are read compressed, and a cut file is refused") {
    const std::string text = R"({"input_lens": [5], "output_lens": [2], "ttfts": [0.1], "itls": [[0.2]]})";
    CHECK(runs_of(gzipped(text))[0].requests == runs_of(text)[0].requests);
    CHECK(runs_of(zstd_packed(text))[0].requests == runs_of(text)[0].requests);
    const std::string packed = gzipped(text);
    CHECK_THAT(problem_of(packed.substr(0, packed.size() - 4)).what, ContainsSubstring("cut short"));
}

TEST_CASE("what holds no measurements is refused with what would") {
    CHECK_THAT(problem_of(R"({"date": "x", "completed": 160, "median_ttft": 0.9})").hint,
               ContainsSubstring("--save-detailed"));
    CHECK_THAT(problem_of(R"({"input_lens": [1, 2], "output_lens": [1, 2]})").what, ContainsSubstring("measured time"));
    CHECK_THAT(problem_of(R"({"input_lens": [1, 2], "ttfts": [0.1]})").what,
               ContainsSubstring("2") && ContainsSubstring("1"));
    CHECK_THAT(problem_of(R"({"input_len": 1, "ttft": "soon"})").what, ContainsSubstring("'ttft'"));
    CHECK_THAT(problem_of(R"({"input_len": 1.5, "ttft": 1})").what, ContainsSubstring("1.5 tokens"));
    CHECK_THAT(problem_of(R"({"input_len": 1, "ttft": -1})").what, ContainsSubstring("TTFT of -1"));
    CHECK_THAT(problem_of("a,b\n1,2\n").what, ContainsSubstring("no columns for lengths"));
    CHECK_THAT(problem_of("isl,osl,ttft\n1,2,x\n").what, ContainsSubstring("ttft 'x'"));
    CHECK_THAT(problem_of("").what, ContainsSubstring("empty"));
    CHECK_THAT(problem_of("{\"a\":").what, ContainsSubstring("not valid JSON"));
    CHECK(problem_of("{\"input_len\": 1, \"ttft\": 1}\n{\"input_len\": 1, \"ttft\": }\n").where == "m.json:2");
    CHECK_THAT(read_measured_runs("no/such").error()[0].what, ContainsSubstring("cannot be opened"));
}

TEST_CASE("an answer whose length nobody tells is refused, not taken for one token") {
    CHECK_THAT(problem_of("arrival_time,input_tokens,ttft,e2e\n0,100,0.1,2\n").what, ContainsSubstring("length of its answer is not told"));
    CHECK_THAT(problem_of("input_tokens,output_tokens,ttft\n100,20,0.1\n100,,0.1\n").what, ContainsSubstring("length of its answer"));
}

TEST_CASE("a first token told by a clock counts beside an end told by a clock") {
    const auto r = only("start_time,first_token_time,end_time,input_tokens,output_tokens\n1000,1000.5,1002.5,100,11\n");
    CHECK(*r.ttft_s == Approx(0.5));
    CHECK(*r.e2e_s == Approx(2.5));
    CHECK(*r.tpot_s == Approx(0.2));
    // The engine's clock is another one, and tells the queue.
    const auto engine = only("start_time,end_time,queued_ts,first_token_ts,input_tokens,output_tokens\n1000,1002.5,7,7.25,100,11\n");
    CHECK(*engine.ttft_s == Approx(0.25));
}

TEST_CASE("how long a request queued is no time of day") {
    const auto runs = runs_of("e2e_latency,num_prompt_tokens,num_generation_tokens,queued_time\n2,100,11,0.001\n2,100,11,0.3\n");
    CHECK_FALSE(runs.front().requests[0].arrival_s);
}

TEST_CASE("what is told twice and differs is noted, and a log line's time gives way to the request's") {
    const auto two = [](const std::string& text) { return runs_of("input_tokens,output_tokens,ttft," + text).front(); };
    const MeasuredRun logged = two("start_time,timestamp\n100,11,0.1,5,9\n100,11,0.1,6,8\n");
    CHECK(*logged.requests[1].arrival_s == Approx(1));
    CHECK(logged.notes.empty());
    CHECK(*two("timestamp\n100,11,0.1,5\n100,11,0.1,8\n").requests[1].arrival_s == Approx(3));
    const MeasuredRun differ = two("latency,latency_ms\n100,11,0.1,2,350\n100,11,0.1,2,350\n");
    CHECK(*differ.requests[0].e2e_s == Approx(0.35));
    REQUIRE(differ.notes.size() == 1);
    CHECK_THAT(differ.notes[0], ContainsSubstring("tell twice how long it took, and the two differ: the last is taken"));
    CHECK(two("latency,latency_ms\n100,11,0.1,2,2001\n").notes.empty());
}

TEST_CASE("an answer that was not streamed has no first token") {
    const auto r = only(R"({"input_lens": [100], "output_lens": [50], "ttfts": [1.5], "itls": [[]]})");
    CHECK_FALSE(r.ttft_s);
    CHECK(*r.e2e_s == Approx(1.5));
    CHECK(*only(R"({"input_lens": [100], "output_lens": [1], "ttfts": [1.5], "itls": [[]]})").ttft_s == Approx(1.5));
}

TEST_CASE("failures are told in many words, and so is that there was none") {
    const auto failed = [](const std::string& column, const std::string& cell) {
        const auto runs = runs_of("input_tokens,output_tokens,ttft," + column + "\n100,11,0.1,ok\n100,11,0.1," + cell + "\n");
            return runs.front().requests[1].failed;
    };
    for (const char* cell : {"FALSE", "0.0", "none", "-", "no", "N/A", "[]", "{}", "200", "None"}) CHECK_FALSE(failed("error", cell));
    for (const char* cell : {"timeout", "500", "True", "1"}) CHECK(failed("error", cell));
    for (const char* cell : {"succeeded", "finished", "stop", "length", "done", "200", "204"}) CHECK_FALSE(failed("outcome", cell));
    for (const char* column : {"status", "status_code", "http_status"}) {
        CHECK(failed(column, "503"));
        CHECK_FALSE(failed(column, "200"));
    }
    CHECK(failed("failed", "TRUE"));
    CHECK(failed("timed_out", "1"));
    // A failed request has no figures, or any.
    CHECK(failed("error", "timeout\n,,,timeout"));
    const auto runs = runs_of("input_tokens,output_tokens,ttft,success\n100,11,0.1,TRUE\n100,-1,-1,FALSE\n100,,,False\n");
    CHECK(runs.front().failed == 2);
    const auto lines = runs_of("{\"prompt_tokens\": 5, \"output_tokens\": 3, \"ttft\": 1}\n{\"error\": \"timeout\"}\n");
    CHECK(lines.front().failed == 1);
}

TEST_CASE("names are known in camel case, blanks by their usual words, and what is not understood is told") {
    CHECK(*only("promptTokens,outputTokens,ttftMs,arrivalTime\n100,11,250,0\n").ttft_s == Approx(0.25));
    CHECK_FALSE(only("input_tokens,output_tokens,ttft,latency\n100,11,None,2\n").ttft_s);
    const auto runs = runs_of("input_tokens,output_tokens,latency,ttft_in_ms\n100,11,2,35\n");
    REQUIRE(runs.front().notes.size() == 1);
    CHECK_THAT(runs.front().notes[0], ContainsSubstring("'ttft_in_ms' is not understood"));
    CHECK_THAT(problem_of("input_tokens,output_tokens,latency\n100,11\n").what, ContainsSubstring("2 cells under 3 columns"));
}

TEST_CASE("a burstiness beyond what can be drawn is even, or the least there is, and told") {
    const auto with = [](const char* b) {
        const auto runs = runs_of(fmt::format(R"({{"input_lens": [100], "output_lens": [5], "ttfts": [1.5], "request_rate": 4, "burstiness": {}}})", b));
            return runs.front();
    };
    CHECK(std::isinf(*with("1e9").burstiness));
    CHECK(with("1e-5").burstiness == 1e-4);
    CHECK(with("1e-5").notes.size() == 1);
    CHECK(with("2.5").burstiness == 2.5);
}
