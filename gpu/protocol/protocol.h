#pragma once
// What the calibrator and a probe worker say to each other: one JSON object a line, the worker's stdin and stdout.
// docs/probe-protocol.md is the same in prose, for people who write a worker of their own.
//
//   worker, once, first:   {"moeplan_probe":1,"device":"NVIDIA H100 80GB HBM3","driver":"570.86","runtime":"CUDA 13.0",
//                           "memory_bytes":…,"clocks_mhz":{"core":1980,"memory":2619},"devices":1,
//                           "ops":{"gemm":["bf16","fp8"],"moe_ffn":["bf16"],"copy":[],…},"threads":…}
//   calibrator:            {"id":7,"op":"moe_ffn","dtype":"bf16","tokens":256,"hidden":4096,"inter":14336,"experts":8,
//                           "top_k":2,"gated":true,"loads":[…],"limits":{"samples":50,"seconds":2.0,"error":0.01}}
//   worker:                {"id":7,"status":"ok","samples_us":[…],"kernel":"cublasLt grouped",
//                           "clock_mhz":1755,"throttled":false}
//                          {"id":7,"status":"unsupported"|"out_of_memory"|"failed","message":"…"}
//   calibrator, at the end: {"quit":true}, or closes stdin.
// A worker answers requests in order, writes nothing else to stdout, and flushes every line.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/kernels/kernel.h"

namespace moeplan {

constexpr int kProbeProtocolVersion = 1;
// A reader refuses what is over these before it parses: a worker is any program and may write anything.
constexpr std::size_t kLongestProbeLine = std::size_t{16} << 20;
constexpr int kDeepestProbeLine = 8;
constexpr std::int64_t kMostProbeSamples = 100'000;
// What a kernel may have taken, in microseconds: a femtosecond, eleven days. Anything else is no time.
constexpr double kShortestSample_us = 1e-9, kLongestSample_us = 1e12;
constexpr double kMostProbeSeconds = 3600;

struct WorkerHello {
    int version = kProbeProtocolVersion;
    std::string device;      // as the driver names it
    std::string driver, runtime;
    std::int64_t memory_bytes = 0;
    std::optional<double> core_mhz, memory_mhz;
    std::int64_t devices = 1;   // ranks a collective may use
    std::int64_t threads = 0;   // CPU workers; 0 = not one
    // Formats as in format_of(); an empty list where the family has none.
    std::map<KernelFamily, std::vector<std::string>> ops;
    std::vector<std::string> unknown_ops;   // offered too, by names this program does not know: never asked for
    // The family is offered in the kernel's format; a collective also needs as many devices as ranks.
    bool supports(const Kernel& kernel) const;
    bool operator==(const WorkerHello&) const = default;
};

// When a worker stops repeating.
struct ProbeLimits {
    std::int64_t samples = 50;   // at most
    double seconds = 2.0;        // at most, warm-up included
    double error = 0.01;         // half-width of the median's 95 % interval over the median: enough
    bool operator==(const ProbeLimits&) const = default;
};

struct ProbeRequest {
    std::int64_t id = 0;
    Kernel kernel;
    ProbeLimits limits;
    bool operator==(const ProbeRequest&) const = default;
};

enum class ProbeStatus : std::uint8_t { ok, unsupported, out_of_memory, failed };
std::string_view name_of(ProbeStatus status);

struct ProbeReply {
    std::int64_t id = 0;
    ProbeStatus status = ProbeStatus::ok;
    std::vector<double> samples_us;   // each one execution, > 0, in the order taken
    std::string kernel;               // which implementation ran; may be empty
    std::optional<double> clock_mhz;
    bool throttled = false;
    std::string message;
    bool operator==(const ProbeReply&) const = default;
};

// One line without the newline. Text that is not UTF-8 (a driver's name) has the wrong bytes replaced.
std::string write_hello(const WorkerHello& hello);
std::string write_request(const ProbeRequest& request);
std::string write_reply(const ProbeReply& reply);
std::string write_quit();

// Errors (Problem::path names the key; all of them at once): not JSON, too long, too deep, a missing or mistyped key,
// another protocol version, sizes check_kernel() refuses, samples that are not positive, an ok reply without samples.
// A hello or reply may hold keys of the worker's own, which are ignored, and a hello ops that are not known; an unknown key of a request is an error, since
// it may change what is to be run.
Result<WorkerHello> read_hello(std::string_view line);
// The calibrator's line: a request, or nothing for quit.
Result<std::optional<ProbeRequest>> read_request(std::string_view line);
Result<ProbeReply> read_reply(std::string_view line);
// The id of a line that read_request() refused, so that a worker can answer it; nothing when there is none to be found.
std::optional<std::int64_t> request_id(std::string_view line);

// Takes `samples` from `run_once` (seconds of one execution) until a limit is met: warm-up first (at least one, until
// it gets no faster, at most a tenth of the seconds), then until the median's interval (gpu/protocol/median.h) is
// narrow enough. Returns microseconds in the order taken, only positive finite ones; at least one when run_once gives
// any: when one execution takes longer than all the seconds, that is the warm-up's.
std::vector<double> sample_until(const ProbeLimits& limits, const std::function<double()>& run_once);

}  // namespace moeplan
