#pragma once
// What the calibrator and a probe worker say to each other: one JSON object a line, the worker's stdin and stdout.
// docs/probe-protocol.md is the same in prose, for people who write a worker of their own.
//
//   worker, once, first:   {"moeplan_probe":1,"device":"NVIDIA H100 80GB HBM3","driver":"570.86","runtime":"CUDA 13.0",
//                           "memory_bytes":…,"clocks_mhz":{"core":1980,"memory":2619},"devices":1,
//                           "ops":{"gemm":["bf16","fp8"],"moe_ffn":["bf16"],"copy":[],…},"threads":…}
//   calibrator:            {"id":7,"op":"moe_ffn","dtype":"bf16","tokens":256,"hidden":4096,"inter":14336,"experts":8,
//                           "top_k":2,"gated":true,"loads":[…],"limits":{"samples":50,"seconds":2.0,"error":0.01}}
//   worker:                {"id":7,"status":"ok","samples_us":[…],"kernel":"cublasLt grouped","clock_mhz":1755,"throttled":false}
//                          {"id":7,"status":"unsupported"|"out_of_memory"|"failed","message":"…"}
//   calibrator, at the end: {"quit":true}, or closes stdin.
// A worker answers requests in order, writes nothing else to stdout, and flushes every line.

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

struct WorkerHello {
    int version = kProbeProtocolVersion;
    std::string device;      // as the driver names it
    std::string driver, runtime;
    std::int64_t memory_bytes = 0;
    std::optional<double> core_mhz, memory_mhz;
    std::int64_t devices = 1;   // ranks a collective may use
    std::int64_t threads = 0;   // CPU workers; 0 = not one
    std::map<KernelFamily, std::vector<std::string>> ops;   // formats as in format_of(); empty list = the family has none
    bool supports(const Kernel& kernel) const;
};

// When a worker stops repeating.
struct ProbeLimits {
    std::int64_t samples = 50;   // at most
    double seconds = 2.0;        // at most, warm-up included
    double error = 0.01;         // half-width of the median's 95 % interval over the median: enough
};

struct ProbeRequest {
    std::int64_t id = 0;
    Kernel kernel;
    ProbeLimits limits;
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
};

// One line without the newline.
std::string write_hello(const WorkerHello& hello);
std::string write_request(const ProbeRequest& request);
std::string write_reply(const ProbeReply& reply);
std::string write_quit();

// Errors: not JSON, a missing or mistyped key (named), another protocol version, samples that are not positive.
Result<WorkerHello> read_hello(std::string_view line);
// The calibrator's line: a request, or nothing for quit.
Result<std::optional<ProbeRequest>> read_request(std::string_view line);
Result<ProbeReply> read_reply(std::string_view line);

// Takes `samples` from `run_once` (seconds of one execution) until a limit is met: warm-up first (at least one, at most a
// tenth of the seconds), then until the median's interval is narrow enough. Returns microseconds.
std::vector<double> sample_until(const ProbeLimits& limits, const std::function<double()>& run_once);

}  // namespace moeplan
