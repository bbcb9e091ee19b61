#pragma once
// Recorded request traces as a stream of requests, in the forms they are published in. The form is told from
// the content, never from the file name. Memory stays bounded: one request at a time goes to a sink.
//
// | form         | told by                                    | arrival                     | prefix ids |
// |--------------|--------------------------------------------|-----------------------------|------------|
// | azure        | TIMESTAMP,ContextTokens,GeneratedTokens    | date, zone and fraction optional | no    |
// | burstgpt     | Request tokens, Response tokens            | seconds                     | no         |
// | mooncake     | JSON lines with input_length               | milliseconds                | hash_ids   |
// | vllm_bench   | JSON with input_lens and output_lens       | start_times, where present  | no         |
// | splitwise    | arrival_timestamp, prompt_size, token_size | seconds                     | no         |
// | vidur        | num_prefill_tokens, num_decode_tokens      | arrived_at, where present   | no         |
// | plain_csv    | a header with names like arrival_s (or arrival_ms), input_tokens (isl), output_tokens (osl) |
//
// Sources of the forms: Azure/AzurePublicDataset (AzureLLMInferenceTrace 2023, 2024), HPMLL/BurstGPT,
// kvcache-ai/Mooncake, vllm-project/vllm (bench serve --save-detailed), Mutinifni/splitwise-sim,
// microsoft/vidur.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace moeplan {

struct TraceRequest {
    double arrival_s = 0;            // since the first request of the file; 0 where the form has no arrivals
    std::int64_t input_tokens = 0;   // >= 1
    std::int64_t output_tokens = 0;  // >= 1
    // One id per block of the prompt; equal leading ids share their KV cache.
    std::vector<std::uint64_t> prefix;
    bool operator==(const TraceRequest&) const = default;
};

enum class TraceForm : std::uint8_t { azure, burstgpt, mooncake, vllm_bench, splitwise, vidur, plain_csv };
std::string_view name_of(TraceForm form);

// How the reading went.
struct TraceReport {
    TraceForm form = TraceForm::plain_csv;
    bool has_arrivals = false;
    std::int64_t prefix_block_tokens = 0;  // tokens behind one prefix id (Mooncake: 512); 0 = no ids
    std::size_t rows = 0;                  // data rows, good and bad, blank lines not counted
    std::size_t requests = 0;              // handed to the sink
    std::size_t empty = 0;  // skipped: no input or no output tokens (in BurstGPT a failed request)
    std::size_t bad_rows = 0;              // skipped: could not be understood
    std::size_t out_of_order = 0;          // arrived before the request before it
    Problems first_bad;                    // up to 20, with line numbers
    bool stopped = false;                  // the sink asked to stop
};

// Takes one request; returning false stops the reading. The request is only valid during the call.
using TraceSink = std::function<bool(const TraceRequest&)>;

// Errors: no such file; a form that is not known (names those that are); ServeGen's files, which hold rates
// and distributions and no requests; more than 1 % bad rows (all told at the end, or at once after 1000 bad
// ones), with the first 20 of them; no request at all. The sink may have seen requests before a refusal.
// Bounds: a line of 1 MiB, 10,000 prefix ids a request, 1e9 tokens, a vLLM JSON file of 256 MiB.
// `stream` must be seekable.
Result<TraceReport> read_trace(const std::string& file, const TraceSink& sink);
Result<TraceReport> parse_trace(std::istream& stream, const std::string& name,
                                const TraceSink& sink);

// The whole trace in memory, in order of arrival (rows of equal arrival keep their order) and starting at 0.
struct Trace {
    std::vector<TraceRequest> requests;
    TraceReport report;
};
// Reads at most `most` requests: report.stopped then says that the file has more.
Result<Trace> load_trace(const std::string& file, std::size_t most = 20'000'000);

}  // namespace moeplan
