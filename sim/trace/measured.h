#pragma once
// What load generators measured, request by request: to replay the same requests and to hold a simulation against them.
//
// | form                                                     | written by                                               |
// |----------------------------------------------------------|----------------------------------------------------------|
// | one object with lists input_lens, output_lens, ttfts,    | vllm bench serve --save-detailed, benchmark_serving.py;  |
// | itls, start_times, errors; a run a line                  | sglang.bench_serving --output-details                    |
// | {"benchmarks": [{"config": {"strategy"}, "requests":     | GuideLLM's JSON report                                   |
// | {"successful": [...], "errored", "incomplete"}}]}        |                                                          |
// | lines of {"metadata", "metrics": {NAME: {"value",        | AIPerf's profile_export.jsonl                            |
// | "unit"}}, "error"}                                       |                                                          |
// | {"experiments": [{"experiment": {"mode", "value"},       | GenAI-Perf's (Perf Analyzer's) profile_export.json       |
// | "requests": [{"timestamp", "response_timestamps"}]}]}    |                                                          |
// | a list of objects                                        | llmperf's individual_responses.json; inference-perf's    |
// |                                                          | per_request_lifecycle_metrics.json                       |
// | objects with arrival_time, queued_ts, first_token_ts,    | vLLM's own statistics of a request, as LLMServingSim's   |
// | last_token_ts                                            | bench writes them (requests.jsonl)                       |
// | objects or rows of CSV with a request each               | vidur, splitwise-sim, `moeplan run --requests`, scripts  |
//
// Keys are known by their words, in any case and with any separators (measured_names.cpp has all): a last word ms, us or
// ns, or a "unit", tells the unit of a time; without, it is seconds. Plain or compressed, as traces.
// Sources: vllm-project/vllm vllm/benchmarks/serve.py; sgl-project/sglang python/sglang/bench_serving.py;
// vllm-project/guidellm src/guidellm/schemas; ai-dynamo/aiperf docs, Working with Profile Export Files;
// triton-inference-server/perf_analyzer genai-perf, profile data parser; ray-project/llmperf token_benchmark_ray.py;
// kubernetes-sigs/inference-perf inference_perf/apis; casys-kaist/LLMServingSim bench; microsoft/vidur vidur/metrics; Mutinifni/splitwise-sim scheduler.py.

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "sim/trace/gap_counts.h"

namespace moeplan {

struct MeasuredRequest {
    std::optional<double> arrival_s;  // since the run's first request that succeeded
    std::int64_t input_tokens = 0;  // 0 = not told
    std::int64_t output_tokens = 0;
    std::optional<double> ttft_s;  // absent where the answer was not streamed
    // (e2e - ttft) / (output - 1) wherever those are told, since tools mean different things by the word; else as given,
    // else the mean gap between tokens.
    std::optional<double> tpot_s;
    std::optional<double> e2e_s;  // as given, else from its start to its end, else ttft + the sum of the gaps between tokens
    std::optional<double> to_queue_s;  // from its arrival into the engine's queue, where that is told
    bool failed = false;  // an error was told, or nothing came; no times then
    bool operator==(const MeasuredRequest&) const = default;
};

struct MeasuredRun {
    std::string where;     // in the file: "line 2", "benchmark 1"
    std::string model_id;  // empty = not told
    std::string backend;   // what the tool says it sent requests to: "vllm", "sglang-oai"; empty = not told
    std::optional<double> max_concurrency;
    std::optional<double> request_rate;  // a second; infinity = all sent at once
    std::optional<double> burstiness;  // shape of the gamma gaps (1 = Poisson): cv = 1 / sqrt(burstiness)
    bool varied = false;   // the rate was ramped up, or a trace's: only recorded times tell when requests were sent
    std::optional<double> duration_s;
    std::vector<MeasuredRequest> requests;  // in order of arrival where it is known, else as in the file
    GapCounts gaps;        // between tokens, of all requests that succeeded; none where they are not told one by one
    double cached_share = 0;  // of the prompts' tokens, found in the server's prefix cache, as far as that is told
    std::size_t failed = 0;   // of the requests, and of those a report lists apart
    std::vector<std::string> notes;   // what a reader must know of how the file was read
};

// Errors: no such file; nothing in it; not JSON or CSV, with the line; no request with a length and a time (a result
// saved without its details); lists of different lengths; a value that is no number where one is expected; compressed
// data cut short.
// Bounds: 10 million requests and 2^29 times between tokens a run, 200 levels, texts of 64 MiB. Memory: what is read, some
// 200 bytes a request and 4 a time between tokens; texts that were generated are not held.
Result<std::vector<MeasuredRun>> read_measured_runs(const std::string& file);
Result<std::vector<MeasuredRun>> parse_measured_runs(std::istream& stream, const std::string& name);

// One run of a file, from 1. Where a file holds several and none is named, the error lists them.
Result<MeasuredRun> read_measured_requests(const std::string& file, std::optional<std::size_t> which = std::nullopt);

// "line 2: 500 requests, 16 at a time"
std::string describe(const MeasuredRun& run);

}  // namespace moeplan
