// What the tools write, each as a small file of its form: tests/data/measured.
#include <cmath>
#include <sstream>

#include "sim/trace/measured.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

std::string sample(const std::string& name) { return std::string(MOEPLAN_SOURCE_DIR) + "/tests/data/measured/" + name; }

std::vector<MeasuredRun> runs_in(const std::string& name) {
    const auto runs = read_measured_runs(sample(name));
    if (!runs) FAIL(to_text(runs.error().front()));
    return *runs;
}

Result<std::vector<MeasuredRun>> parsed(const std::string& text) {
    std::istringstream stream(text);
    return parse_measured_runs(stream, "m.json");
}

Problem problem_of(const std::string& text) {
    const auto runs = parsed(text);
    REQUIRE_FALSE(runs);
    return runs.error().front();
}

// seconds, to the nanosecond
auto s(double value) { return Approx(value).margin(1e-6); }

}  // namespace

TEST_CASE("vLLM's result tells lists, a failed request with its clock at 0, and the load") {
    const auto runs = runs_in("vllm_serve.json");
    REQUIRE(runs.size() == 1);
    const MeasuredRun& run = runs[0];
    CHECK(run.where == "line 1");
    CHECK(run.model_id == "org/model");
    CHECK(run.request_rate == 2.0);
    CHECK(run.burstiness == 1.0);
    CHECK_FALSE(run.max_concurrency);
    CHECK_FALSE(run.varied);
    CHECK(run.duration_s == 3.5);
    CHECK(run.failed == 1);
    REQUIRE(run.requests.size() == 4);
    CHECK(*run.requests[0].arrival_s == 0);   // the failed one's clock does not count
    CHECK(run.requests[1].failed);
    CHECK(*run.requests[2].arrival_s == s(0.75));
    CHECK(*run.requests[3].arrival_s == s(1.5));
    CHECK(*run.requests[3].e2e_s == s(0.31));
    CHECK(*run.requests[3].tpot_s == s(0.02));
    CHECK(*run.requests[2].e2e_s == s(0.125));
    CHECK_FALSE(run.requests[2].tpot_s);
    CHECK(run.gaps.size() == 6);
    CHECK(run.gaps.mean_s() == Approx(0.11 / 6));
}

TEST_CASE("a rate that was ramped up or a trace's is told") {
    const auto runs = parsed(R"({"request_rate": "inf", "max_concurrency": null, "ramp_up_strategy": "linear", "ramp_up_start_rps": 1,
        "input_lens": [5], "output_lens": [2], "ttfts": [0.1], "itls": [[0.2]]})");
    REQUIRE(runs);
    CHECK(runs->front().varied);
    CHECK(std::isinf(*runs->front().request_rate));
    const auto trace = parsed(R"({"request_rate": "trace", "max_concurrency": 4, "input_lens": [5], "output_lens": [2], "ttfts": [0.1], "itls": [[0.2]]})");
    REQUIRE(trace);
    CHECK(trace->front().varied);
    CHECK_FALSE(trace->front().request_rate);
}

TEST_CASE("SGLang's appended runs are told apart, and those without details passed over and mentioned") {
    const auto runs = runs_in("sglang.jsonl");
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].where == "line 2");
    CHECK(std::isinf(*runs[0].request_rate));   // a bare Infinity
    CHECK(runs[0].max_concurrency == 2.0);
    CHECK(runs[1].request_rate == 4.0);
    CHECK_FALSE(runs[1].requests[0].arrival_s);
    CHECK(*runs[0].requests[1].tpot_s == s(0.02));
    REQUIRE(runs[0].notes.size() == 1);
    CHECK_THAT(runs[0].notes[0], ContainsSubstring("passed over"));
    const auto several = read_measured_requests(sample("sglang.jsonl"));
    REQUIRE_FALSE(several);
    CHECK_THAT(several.error()[0].hint, ContainsSubstring("1 (line 2: 3 requests, 2 at a time)") && ContainsSubstring("2 (line 3: 3 requests, 4 a second)"));
    const auto second = read_measured_requests(sample("sglang.jsonl"), 2);
    REQUIRE(second);
    CHECK(second->where == "line 3");
    CHECK_THAT(read_measured_requests(sample("sglang.jsonl"), 3).error()[0].what, ContainsSubstring("no run 3"));
    CHECK_FALSE(read_measured_requests(sample("sglang.jsonl"), 0));
}

TEST_CASE("GuideLLM's benchmarks are runs with their strategy, and its TPOT is the gap between tokens") {
    const auto runs = runs_in("guidellm.json");
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].where == "benchmark 1");
    CHECK(runs[0].request_rate == 2.0);
    CHECK(runs[0].failed == 1);   // errored
    CHECK(runs[0].duration_s == 1.5);
    REQUIRE(runs[0].requests.size() == 2);
    CHECK(*runs[0].requests[1].arrival_s == s(0.5));
    CHECK(*runs[0].requests[1].ttft_s == s(0.06));
    CHECK(*runs[0].requests[1].tpot_s == s(0.012));   // not time_per_output_token_ms, which has the first token in it
    CHECK(*runs[0].requests[1].e2e_s == s(0.158));
    CHECK(runs[1].max_concurrency == 2.0);
    CHECK_FALSE(runs[1].request_rate);
    CHECK(runs[1].failed == 2);   // incomplete
}

TEST_CASE("GuideLLM reports without requests, or with some of them, are told") {
    CHECK_THAT(problem_of(R"({"benchmarks": [{"type_": "generative_benchmark", "requests": {"successful": [], "errored": []}}]})").what,
               ContainsSubstring("no request is kept") && ContainsSubstring("benchmark 1"));
    const auto runs = parsed(R"({"benchmarks": [{"metrics": {"request_totals": {"successful": 50}}, "args": {"strategy": {"type_": "synchronous"}},
        "requests": {"successful": [{"prompt_tokens": 3, "output_tokens": 2, "request_latency": 1.5}]}}]})");
    REQUIRE(runs);
    CHECK(runs->front().max_concurrency == 1.0);
    REQUIRE(runs->front().notes.size() == 1);
    CHECK_THAT(runs->front().notes[0], ContainsSubstring("1 of 50 requests"));
}

TEST_CASE("AIPerf's records count reasoning, leave the warm-up out and say which failed") {
    const auto runs = runs_in("aiperf.jsonl");
    REQUIRE(runs.size() == 1);
    const MeasuredRun& run = runs[0];
    REQUIRE(run.requests.size() == 2);
    CHECK(run.failed == 2);
    CHECK(run.requests[0].input_tokens == 64);   // sent first, second in the file
    CHECK(*run.requests[1].arrival_s == s(0.25));
    CHECK(run.requests[1].output_tokens == 4);   // output_sequence_length, not output_token_count
    CHECK(*run.requests[1].ttft_s == s(0.08));
    CHECK(*run.requests[1].tpot_s == s(0.0205));
    CHECK(run.gaps.size() == 5);
}

TEST_CASE("GenAI-Perf's time stamps are nanoseconds, and only responses with text are tokens") {
    const auto runs = runs_in("genai_perf.json");
    REQUIRE(runs.size() == 1);
    CHECK(runs[0].where == "experiment 1");
    CHECK(runs[0].max_concurrency == 2.0);
    REQUIRE(runs[0].requests.size() == 3);
    const MeasuredRequest& r = runs[0].requests[2];
    CHECK(*r.arrival_s == s(0.09));
    CHECK(r.input_tokens == 17);
    CHECK(r.output_tokens == 3);
    CHECK(*r.ttft_s == s(0.05));
    CHECK(*r.e2e_s == s(0.085));
    CHECK(*r.tpot_s == s(0.0175));
    CHECK(runs[0].notes.empty());
    CHECK(runs[0].gaps.size() == 6);
    const auto together = parsed("{\"experiments\": [{\"requests\": [{\"timestamp\": 0, \"response_timestamps\": [1000000000, 2000000000], "
                                 "\"response_outputs\": [{\"response\": \"data: {\\\"choices\\\": [{\\\"text\\\": \\\"a\\\"}]}\\n\\ndata: "
                                 "{\\\"choices\\\": [{\\\"text\\\": \\\"b\\\"}]}\\n\\n\"}, {\"response\": \"data: {\\\"error\\\": {}}\"}]}, "
                                 "{\"timestamp\": 0, \"response_timestamps\": [1000000000], \"response_outputs\": [{\"response\": "
                                 "\"{\\\"choices\\\": [{\\\"message\\\": {\\\"content\\\": \\\"a\\\"}}]}\"}]}]}]}");
    REQUIRE(together);
    CHECK(together->front().requests[0].output_tokens == 2);   // two events in one response
    CHECK(together->front().requests[0].failed);
    CHECK(together->front().requests[1].output_tokens == 1);
    const auto without_usage = parsed(R"({"service_kind": "triton", "experiments": [{"experiment": {"mode": "request_rate", "value": 3},
        "requests": [{"timestamp": 1000000000, "response_timestamps": [1500000000, 1750000000], "response_outputs": [{"text_output": "a"}, {"text_output": "b"}]}]}]})");
    REQUIRE(without_usage);
    const MeasuredRun& run = without_usage->front();
    CHECK(run.request_rate == 3.0);
    CHECK(run.requests[0].input_tokens == 0);
    CHECK(run.requests[0].output_tokens == 2);
    CHECK(*run.requests[0].ttft_s == s(0.5));
    REQUIRE(run.notes.size() == 1);
    CHECK_THAT(run.notes[0], ContainsSubstring("counted"));
}

TEST_CASE("llmperf's own time between tokens is not read as one") {
    const auto runs = runs_in("llmperf.json");
    REQUIRE(runs.size() == 1);
    const auto& requests = runs[0].requests;
    REQUIRE(requests.size() == 4);
    CHECK(runs[0].failed == 1);
    CHECK(requests[2].failed);
    CHECK(requests[0].input_tokens == 550);
    CHECK(*requests[0].tpot_s == s(0.02));   // (2.5 - 0.5) / 100; the file says 2.5 / 101
    CHECK_FALSE(requests[3].ttft_s);         // -1: not streamed
    CHECK_FALSE(requests[3].tpot_s);
    CHECK(*requests[3].e2e_s == s(1.0));
    CHECK_FALSE(requests[0].arrival_s);
}

TEST_CASE("inference-perf tells when each token came") {
    const auto runs = runs_in("inference_perf.json");
    REQUIRE(runs.size() == 1);
    const auto& requests = runs[0].requests;
    REQUIRE(requests.size() == 4);
    CHECK(runs[0].failed == 1);
    CHECK(requests[2].failed);
    CHECK(requests[0].input_tokens == 320);   // the first sent
    CHECK(*requests[1].arrival_s == s(0.25));
    CHECK(*requests[1].ttft_s == s(0.13));
    CHECK(*requests[1].tpot_s == s(0.01));
    CHECK(*requests[1].e2e_s == s(0.171));
    CHECK(*requests[3].ttft_s == s(0.2));
    CHECK(*requests[3].tpot_s == s(0.03));
    CHECK(requests[3].output_tokens == 5);
    CHECK(runs[0].gaps.size() == 4 + 2 + 2);   // the last is told by its chunks
    CHECK_THAT(problem_of(R"([{"start_time": 1, "end_time": 2, "info": {"input_tokens": 5, "output_tokens": 2, "output_token_times": [1.5, "x"]}}])").what,
               ContainsSubstring("output_token_times"));
}

TEST_CASE("tables of vidur, of splitwise-sim and of the project's own are read") {
    const auto vidur = runs_in("vidur.csv").front();
    REQUIRE(vidur.requests.size() == 3);
    CHECK(*vidur.requests[1].arrival_s == s(0.125));
    CHECK(*vidur.requests[2].arrival_s == s(2.125));
    CHECK(*vidur.requests[2].ttft_s == s(1.0));
    CHECK(*vidur.requests[2].tpot_s == s(0.375));
    CHECK(vidur.requests[2].input_tokens == 200);
    const auto splitwise = runs_in("splitwise_sim.csv").front();
    CHECK(*splitwise.requests[1].tpot_s == s(0.1));   // by its definition: tbt_times divides by all tokens
    CHECK_FALSE(splitwise.requests[0].arrival_s);
    const auto own = runs_in("moeplan.csv").front();
    REQUIRE(own.requests.size() == 3);
    CHECK(own.failed == 1);
    CHECK(own.requests[0].input_tokens == 512);
    CHECK(*own.requests[1].arrival_s == s(0.25));
    CHECK(*own.requests[1].ttft_s == s(0.0205));
    CHECK(own.requests[1].output_tokens == 4);
}

TEST_CASE("own tables may list gaps in a cell and name start and end") {
    const auto runs = parsed("start_time,end_time,prompt_tokens,completion_tokens,ttft,itls\n10,12.5,7,3,0.5,\"[1.5, 0.5]\"\n11,13,7,2,nan,[]\n");
    REQUIRE(runs);
    CHECK(runs->front().gaps.size() == 2);
    CHECK(*runs->front().requests[0].e2e_s == s(2.5));
    CHECK(*runs->front().requests[0].tpot_s == s(1.0));
    CHECK_FALSE(runs->front().requests[1].ttft_s);
    CHECK_THAT(problem_of("isl,osl,itls\n1,2,\"[0.1, soon]\"\n").what, ContainsSubstring("itls"));
}

TEST_CASE("clocks in another unit than their name tells, and answers that end before they begin, are told") {
    CHECK_THAT(problem_of("timestamp,isl,osl,ttft\n1710000000000,1,2,3\n").what, ContainsSubstring("arrival_ms"));
    const auto named = parsed("timestamp_ms,isl,osl,ttft\n1710000000000,1,2,3\n1710000000500,1,2,3\n");
    REQUIRE(named);
    CHECK(*named->front().requests[1].arrival_s == s(0.5));
    const auto runs = parsed("isl,osl,ttft,latency\n1,3,0.5,0.25\n1,3,0.5,0.75\n");
    REQUIRE(runs);
    CHECK_FALSE(runs->front().requests[0].tpot_s);
    REQUIRE(runs->front().notes.size() == 1);
    CHECK_THAT(runs->front().notes[0], ContainsSubstring("1 of the requests"));
}

TEST_CASE("results in a list are runs, and what validate wrote is read again") {
    const std::string one = R"({"input_lens": [5], "output_lens": [2], "ttfts": [0.1], "itls": [[0.2]]})";
    const auto runs = parsed("[" + one + "," + one + "]");
    REQUIRE(runs);
    REQUIRE(runs->size() == 2);
    CHECK((*runs)[1].where == "entry 2");
    CHECK(problem_of("[" + one + ", 7]").path == "entry 2");
    const auto again = parsed("request,input,output,sent_s,ttft_ms,tpot_ms,e2e_ms,predicted_sent_s,predicted_ttft_ms\n0,5,2,1.5,100,200,300,0,9\n1,5,2,2.5,100,200,300,0,9\n");
    REQUIRE(again);
    CHECK(*again->front().requests[1].arrival_s == s(1));
    CHECK(*again->front().requests[1].ttft_s == s(0.1));
}

TEST_CASE("what is found in the server's cache is told") {
    const auto runs = parsed(R"({"input_lens": [100, 300, 50], "output_lens": [2, 2, 0], "ttfts": [0.1, 0.1, 0], "itls": [[0.2], [0.2], []],
        "cached_tokens": [0, 100, 50], "cached_tokens_details": [null, {"device": 100}, null]})");
    REQUIRE(runs);
    CHECK(runs->front().cached_share == 0.25);   // the failed one's do not count
    CHECK(runs_in("vllm_serve.json").front().cached_share == 0);
}

TEST_CASE("summaries are refused with the file that has the requests") {
    for (const char* text : {R"({"request_latency": {"unit": "ms", "avg": 5.5, "p50": 5}, "time_to_first_token": {"unit": "ms", "avg": 1}})",
                             R"({"version": "2023-08-31", "name": "x_summary", "mean_input_tokens": 550, "results_ttft_s_mean": 0.5})"}) {
        const Problem problem = problem_of(text);
        CHECK_THAT(problem.hint, ContainsSubstring("profile_export.jsonl") && ContainsSubstring("individual_responses.json"));
    }
}

TEST_CASE("values that cannot be are refused with their place and the nearest name") {
    CHECK_THAT(problem_of(R"({"input_lens": [1, 2], "output_lens": [2, 3], "ttfts": [0.1, 0.2], "itls": [[0.1], [0.1, "x"]]})").what,
               ContainsSubstring("'itls' is not a number"));
    CHECK(problem_of(R"({"input_lens": [1, 2], "output_lens": [2, 3], "ttfts": [0.1, 0.2], "itls": [[0.1], [-0.5]]})").path == "request 2");
    CHECK_THAT(problem_of(R"({"input_lens": [1], "output_lens": [2], "ttfts": [Infinity], "itls": [[0.1]]})").what, ContainsSubstring("'ttfts'"));
    CHECK_THAT(problem_of(R"({"input_lens": [1, 2], "output_lens": [2, 3], "ttfts": [0.1, 0.2], "errors": [""]})").what,
               ContainsSubstring("'input_lens' has 2 entries where 'errors' has 1"));
    CHECK_THAT(problem_of(R"([{"promt_tokens": 5, "ttft": 1}])").hint, ContainsSubstring("'promt_tokens'") && ContainsSubstring("'prompt_tokens'"));
    CHECK(problem_of(R"([{"prompt_tokens": 5, "output_tokens": 2, "ttft": 1}, 7])").path == "entry 2");
    CHECK_THAT(problem_of("isl,osl,tttf\n1,2,3\n").hint, ContainsSubstring("'tttf'") && ContainsSubstring("'ttft'"));
    CHECK_THAT(problem_of(R"({"experiments": [{"requests": [{"timestamp": 1}]}]})").what, ContainsSubstring("response_timestamps"));
    CHECK_THAT(problem_of(std::string(300, '[')).what, ContainsSubstring("nested"));
    CHECK_THAT(problem_of(R"({"input_lens": [5], "output_lens": [2], "ttfts": [0.1)").what, ContainsSubstring("ends in the middle"));
}

TEST_CASE("NaN is a time that is not there, and half a character harms nobody") {
    const auto runs = parsed("{\"prompt_len\": 5, \"output_len\": 2, \"ttft\": NaN, \"latency\": 1.5, \"text\": \"\\ud83d \xF0\x9F\x98\", \"note\": \"NaN\"}\n"
                             "{\"prompt_len\": \"6\", \"output_len\": 2, \"ttft\": 0.5}\n");
    REQUIRE(runs);
    CHECK_FALSE(runs->front().requests[0].ttft_s);
    CHECK(runs->front().requests[1].input_tokens == 6);
}

TEST_CASE("a file that is cut anywhere is read or refused, never more than there is") {
    for (const char* name : {"vllm_serve.json", "sglang.jsonl", "guidellm.json", "aiperf.jsonl", "genai_perf.json", "llmperf.json", "inference_perf.json", "vidur.csv", "moeplan.csv"}) {
        const std::string text = text_of(sample(name));
        const auto whole = parsed(text);
        REQUIRE(whole);
        for (std::size_t length = 0; length < text.size(); length += 7) {
            INFO(name << " cut to " << length);
            const auto runs = parsed(text.substr(0, length));
            if (!runs) {
                CHECK_FALSE(runs.error().empty());
                continue;
            }
            CHECK(runs->size() <= whole->size());
            CHECK(runs->front().requests.size() <= whole->front().requests.size());
        }
    }
}

TEST_CASE("vLLM's own statistics of requests have arrivals on one clock and tokens on another") {
    const auto runs = parsed(
        R"({"request_id": "bench-0", "input_toks": 2358, "output_toks": 531, "arrival_time": 1777142838.25, "queued_ts": 479748.5, "scheduled_ts": 479748.5, "first_token_ts": 479748.75, "last_token_ts": 479759.35})"
        "\n"
        R"({"request_id": "bench-1", "input_toks": 100, "output_toks": 11, "arrival_time": 1777142839.0, "queued_ts": 479749.3, "scheduled_ts": 479749.3, "first_token_ts": 479749.45, "last_token_ts": 479750.45})"
        "\n");
    REQUIRE(runs);
    const MeasuredRun& run = runs->front();
    REQUIRE(run.requests.size() == 2);
    CHECK(*run.requests[0].to_queue_s == s(0));   // the soonest
    CHECK(*run.requests[0].ttft_s == s(0.25));
    CHECK(*run.requests[0].tpot_s == s(0.02));
    CHECK(*run.requests[1].arrival_s == s(0.75));
    CHECK(*run.requests[1].to_queue_s == s(0.05));   // a step was on its way
    CHECK(*run.requests[1].ttft_s == s(0.2));
    CHECK(*run.requests[1].e2e_s == s(1.2));
    REQUIRE(run.notes.size() == 1);
    CHECK(run.notes[0].find("another clock") != std::string::npos);
}

TEST_CASE("times of an engine on the clients' clock count from the arrival") {
    const auto rows = parsed(
        "prompt_tokens,output_tokens,arrival_time,queued_at,first_token_time,last_token_time\n"
        "10,11,100.0,100.01,100.2,101.2\n"
        "10,11,101.0,101.06,101.3,102.3\n");
    REQUIRE(rows);
    CHECK(*rows->front().requests[0].ttft_s == s(0.2));
    CHECK(*rows->front().requests[1].e2e_s == s(1.3));
    CHECK(rows->front().notes.empty());
    // Without a queue the arrival itself is what they are told since.
    const auto plain = parsed("input_len,output_len,arrival_time,first_token_ts,last_token_ts\n10,11,5,5.25,6.25\n");
    REQUIRE(plain);
    CHECK(*plain->front().requests[0].ttft_s == s(0.25));
    CHECK(*plain->front().requests[0].tpot_s == s(0.1));
    const auto backwards = parsed("input_len,output_len,arrival_time,first_token_ts,last_token_ts\n10,11,5,4.5,6.25\n10,11,6,6.5,7.5\n");
    REQUIRE(backwards);
    CHECK_FALSE(backwards->front().requests[0].ttft_s);
    CHECK(*backwards->front().requests[0].e2e_s == s(1.25));
    // Where the file has done the sums they stand.
    const auto told = parsed("input_len,output_len,ttft,arrival_time,queued_ts,first_token_ts\n10,11,0.5,5,5.1,5.25\n");
    REQUIRE(told);
    CHECK(*told->front().requests[0].ttft_s == s(0.5));
    CHECK_FALSE(told->front().requests[0].to_queue_s);
}
