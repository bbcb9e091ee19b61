#pragma once
// Measured serving results from CSV: whole servers under a closed loop, or static batches.

#include <functional>
#include <optional>
#include <string>

#include "core/parallel/layout.h"
#include "core/scenario/scenario.h"

namespace moeplan {

// One measurement. Times in seconds; absent when the row does not have them.
struct MeasuredServing {
    std::size_t line = 0;
    std::string model, gpu, engine;      // as in the file
    std::string engine_version;          // "0.12.0"; empty = not told
    std::string measured_date;           // "2025-12-08"; empty = not told
    PrecisionSpec precision;
    Layout layout;                       // of the workers that decode, where others prefill
    std::int64_t gpus = 1;
    std::optional<PoolsSpec> pools;      // separate prefill and decode workers
    Lengths lengths;
    bool mean_lengths = false;           // `lengths` are means of others, not every request's
    Sampling sampling = Sampling::greedy;
    Load load;
    std::optional<double> ttft_s, tpot_s, e2e_s;
    // Dated rows of the serving form are InferenceX runs (github:SemiAnalysisAI/InferenceX, benchmarks/*.sh): ten requests per
    // user, all users at once, prefix caching off.
    bool inference_x = false;
    // Requests a user of a closed loop sends one after the other; all users start at once. As InferenceX and AIConfigurator's
    // evaluation have it, but where a launch is known to differ.
    double requests_per_user = 10;
    // What the client sees late: so many tokens come together (a stream interval), and new requests are looked for only
    // every so many steps.
    double streamed_tokens = 1, polled_steps = 0;
    // What the server is known to have been started with (core/analyse/inferencex_launch.h); absent = the engine's own.
    std::optional<std::int64_t> max_sequences, token_budget, graph_tokens;
    std::optional<double> memory_fraction;
    std::optional<bool> whole_prompts, async_scheduling;
    std::optional<BatchWait> batch_wait;
    // Flagged in the file as limited by waiting for room, not by steps ("ttft>5s(queueing)" and nothing else): compared, but
    // apart from the clean rows.
    bool queueing = false;
    std::string skip;                    // why it cannot be compared; empty = can
};

// Two forms, told by their header:
// * serving: model, gpu, engine, isl, osl, concurrency, tp, pp, attention_dp, moe_tp, moe_ep, gemm_dtype, moe_dtype,
//   kv_dtype, serving_mode, quality_flag, mean_ttft_ms, mean_tpot_ms;
//   engine_version, measured_date and source where there are: the latter two tell whose runs they are, and so how servers were
//   started (core/analyse/inferencex_launch.h, aiconfigurator_launch.h).
//   serving_mode disagg: workers that prefill and workers that decode, with prefill_ and decode_ columns of their own: tp_size,
//   pp_size, attention_dp_size, moe_tp_size, moe_ep_size, num_workers; where the latter are left out they follow from
//   total_gpus_derived if one number of each makes that total.
//   A row that says what cannot be read (a layout, a number format, a time) is left out with that.
//   A quality_flag other than the one of queueing leaves the row out.
//   Nominal lengths of 1024 and 8192 are maxima drawn uniformly from 0.8 to 1.0 (InferenceX benchmark): the mean is 0.9.
// * static batch: hardware, n_devices, framework, model, isl, osl, batch_size, parallelism, latency_s (whole batch).
// Errors: unreadable, neither form (names the columns that are missing).
Result<void> read_measured_serving(const std::string& file, const std::function<void(const MeasuredServing&)>& take);

}  // namespace moeplan
