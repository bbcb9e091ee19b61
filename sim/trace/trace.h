#pragma once
// Recorded request traces as a stream of requests, in the forms they are published in, plain or compressed by gzip or
// zstd. Form and compression are told from the content, never from the file name. Memory stays bounded: requests are
// pulled one at a time (TraceStream) or go to a sink one at a time (read_trace).
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
#include <memory>
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
    std::size_t out_of_order = 0;          // arrived before the request before it in the file
    std::size_t late = 0;                  // of those, too far back for the reorder window
    Problems first_late;                   // up to 20, with line numbers
    Problems first_bad;                    // up to 20, with line numbers
    bool stopped = false;                  // the sink asked to stop
};

// What was skipped or mended, in a sentence each: malformed rows, failed requests, rows that came too late. `name` is the
// file's.
std::vector<std::string> remarks_on(const TraceReport& report, const std::string& name);

constexpr double kMostBadRows = 0.01;

struct TraceOptions {
    // Share of the rows that may be impossible to understand; more, and the file is refused.
    double most_bad = kMostBadRows;
    // Requests held back to put them into order of arrival; 0 = as they stand in the file.
    std::size_t reorder = 0;
};
constexpr std::size_t kReorderWindow = 4096;  // what a simulation asks for

// Reads a trace request by request, holding the reorder window and no more.
//
// Errors on opening: no such file, a folder, nothing in it; a form that is not known (names those that are); ServeGen's
// files, which hold rates and distributions and no requests. Errors later, told by problems(): compressed data that is
// damaged or cut short; more than options.most_bad bad rows (at the end, or at once after 1000 bad ones), with the first
// 20 of them; no request at all.
// Bounds: a line of 1 MiB, 10,000 prefix ids a request, 1e9 tokens, a vLLM JSON file of 256 MiB (that form alone is held
// in memory: its lists stand one after the other).
class TraceStream {
public:
    static Result<TraceStream> open(const std::string& file, const TraceOptions& options = {});
    // `stream` outlives this; it need not be seekable.
    static Result<TraceStream> over(std::istream& stream, const std::string& name, const TraceOptions& options = {});
    TraceStream(TraceStream&&) noexcept;
    TraceStream& operator=(TraceStream&&) noexcept;
    ~TraceStream();

    // The next request; nothing at the end. With a reorder window `arrival_s` never falls: a row that comes later than
    // the window can mend is given the time of the request before it, and counted as late.
    std::optional<TraceRequest> next();

    // So far: complete once next() gave nothing. `stopped` is never set here.
    const TraceReport& report() const;
    // Once next() gave nothing: why the trace is refused after all; empty when it is fine.
    Problems problems() const;

private:
    struct Impl;
    explicit TraceStream(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Takes one request; returning false stops the reading. The request is only valid during the call.
using TraceSink = std::function<bool(const TraceRequest&)>;

// The same pushed, with the same errors; the sink may have seen requests before a refusal.
Result<TraceReport> read_trace(const std::string& file, const TraceSink& sink, const TraceOptions& options = {});
Result<TraceReport> parse_trace(std::istream& stream, const std::string& name, const TraceSink& sink,
                                const TraceOptions& options = {});

// The whole trace in memory, in order of arrival (rows of equal arrival keep their order) and starting at 0.
struct Trace {
    std::vector<TraceRequest> requests;
    TraceReport report;
};
// Reads at most `most` requests: report.stopped then says that the file has more.
Result<Trace> load_trace(const std::string& file, std::size_t most = 20'000'000);

}  // namespace moeplan
