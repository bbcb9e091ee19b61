#pragma once
// What load generators measured, request by request: to replay the same requests and to hold a simulation against them.
//
// | form                                                        | where it comes from                                |
// |-------------------------------------------------------------|----------------------------------------------------|
// | one object with lists input_lens, output_lens, ttfts, itls, | vllm bench serve --save-detailed; a line per run:  |
// | start_times, latencies / e2els, errors                      | sglang.bench_serving --output-details              |
// | an object per request, as lines, as a list, or as a list in | AIPerf profile_export.jsonl (metrics {"value",     |
// | an object (requests, benchmarks: [{requests: ...}])         | "unit"}), GuideLLM reports, own scripts            |
// | CSV with a row per request                                  | own scripts                                        |
//
// Keys are known by their words, in any case and with any separators: input_len, prompt_len, isl,
// input_sequence_length …; output_len, completion_tokens, osl …; ttft, time_to_first_token; tpot,
// time_per_output_token; itl, inter_token_latency; latency, e2el, request_latency …; start_time, arrival,
// request_start …. A last word ms, us or ns (or a "unit") tells the unit of a time; without, it is seconds.
// Plain or compressed, as traces.
// Sources: vllm-project/vllm benchmarks/serve.py; sgl-project/sglang docs, bench_serving; ai-dynamo/aiperf docs,
// Working with Profile Export Files; vllm-project/guidellm.

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace moeplan {

struct MeasuredRequest {
    std::optional<double> arrival_s;  // since the run's first request
    std::int64_t input_tokens = 0;  // 0 = not told
    std::int64_t output_tokens = 0;
    std::optional<double> ttft_s;  // absent where the answer was not streamed
    std::optional<double> tpot_s;  // as given, else (e2e - ttft) / (output - 1), else the mean gap between tokens
    std::optional<double> e2e_s;  // as given, else ttft + the sum of the gaps between tokens
    bool failed = false;  // an error was told, or nothing came; no times then
    bool operator==(const MeasuredRequest&) const = default;
};

struct MeasuredRun {
    std::string model_id;  // empty = not told
    std::optional<double> max_concurrency;
    std::optional<double> request_rate;  // a second; infinity = all sent at once
    std::optional<double> burstiness;  // shape of the gamma gaps (1 = Poisson): cv = 1 / sqrt(burstiness)
    std::optional<double> duration_s;
    std::vector<MeasuredRequest> requests;  // in order of arrival where it is known, else as in the file
    std::size_t failed = 0;
};

// Errors: no such file; nothing in it; not JSON or CSV, with the line; no request with a length and a time (a result
// saved without its details); lists of different lengths; a value that is no number where one is expected; compressed
// data cut short.
// Bounds: JSON of 256 MiB, 10 million requests.
Result<std::vector<MeasuredRun>> read_measured_runs(const std::string& file);
Result<std::vector<MeasuredRun>> parse_measured_runs(std::istream& stream, const std::string& name);

// The same for a file of one run; more are an error.
Result<MeasuredRun> read_measured_requests(const std::string& file);

}  // namespace moeplan
