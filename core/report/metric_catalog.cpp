// Every metric a report can carry: one line each. Writers, the CLI and the GUI read labels, units and
// directions here and nowhere else.

#include <algorithm>

#include "core/report/report.h"

namespace moeplan {
namespace {

constexpr bool kLower = true, kHigher = false;
constexpr bool kRanks = true, kNeutral = false;

using enum MetricGroup;

std::vector<MetricInfo> make_catalog() {
    return {
        // what it is
        {"params_total", "total parameters", "", kLower,
         "All weights of the model, counted from its config (method: parameters).", model, kNeutral},
        {"params_active", "active parameters per token", "", kLower,
         "Weights one token passes through, both embeddings included (method: active parameters).", model,
         kNeutral},
        {"params_active_no_input_table", "active, no input embedding", "", kLower,
         "Active parameters without the input embedding (method: active parameters).", model, kNeutral},
        {"params_active_no_embeddings", "active, no embeddings", "", kLower,
         "Active parameters without input and output embeddings (method: active parameters).", model,
         kNeutral},
        {"flops_per_output_token", "compute per output token", "FLOP", kLower,
         "Floating point operations to produce one token at the workload's mean context, a multiply-add counted "
         "as two (method: flops per token).",
         model, kRanks},
        {"activated_experts", "experts read per layer", "experts", kLower,
         "Expected distinct routed experts a decode step touches in a layer: sum of 1-(1-p_e)^n (method: activated experts).",
         model, kNeutral},
        {"imbalance", "hottest rank over mean", "x", kLower,
         "E[max]/mean of the expert load over expert-parallel ranks (method: imbalance).", model, kRanks},
        {"gpus", "GPUs", "", kLower, "GPUs of all replicas.", model, kNeutral},
        {"batch", "sequences in a decode step", "", kHigher,
         "Mean sequences together on one replica, over the time that steps run (method: batch).", model, kNeutral},

        // does it fit
        {"fits", "fits", "bool", kHigher,
         "Weights, cache and overheads fit on the fullest GPU (method: memory).", memory, kRanks},
        {"weights_gb_per_gpu", "weights per GPU", "GB", kLower,
         "Weights on the fullest GPU, decimal GB (method: memory).", memory, kRanks},
        {"memory_used_gb_per_gpu", "memory used per GPU", "GB", kLower,
         "Weights, cache in use, activations and overheads on the fullest GPU (method: memory).", memory,
         kRanks},
        {"kv_bytes_per_token", "KV cache per token", "bytes", kLower,
         "Bytes one more token of context adds over the whole model (method: kv cache).", memory, kRanks},
        {"max_concurrency", "most sequences in flight", "", kHigher,
         "Sequences of the workload's length the KV blocks hold (method: kv blocks).", memory, kRanks},
        {"kv_peak", "KV cache held, peak", "fraction", kLower,
         "Largest share of a replica's KV blocks that running requests held in the simulation.", memory, kRanks},
        {"prefix_hit", "prompt found in KV cache", "fraction", kHigher,
         "Share of simulated prompt tokens whose KV cache an earlier request had left.", memory, kRanks},
        {"offload_gb", "weights in host memory", "GB", kLower,
         "Expert weights kept in host memory per replica (method: offload).", memory, kRanks},

        // how fast
        {"ttft_ms", "time to first token", "ms", kLower,
         "From arrival to the first token, mean (method: ttft).", speed, kRanks},
        {"ttft_ms_p50", "time to first token, p50", "ms", kLower, "Median over simulated requests.", speed,
         kRanks},
        {"ttft_ms_p90", "time to first token, p90", "ms", kLower, "90th percentile over simulated requests.",
         speed, kRanks},
        {"ttft_ms_p99", "time to first token, p99", "ms", kLower, "99th percentile over simulated requests.",
         speed, kRanks},
        {"tpot_ms", "time per output token", "ms", kLower,
         "(last token - first token)/(n-1), mean (method: tpot).", speed, kRanks},
        {"tpot_ms_p50", "time per output token, p50", "ms", kLower, "Median over simulated requests.", speed,
         kRanks},
        {"tpot_ms_p90", "time per output token, p90", "ms", kLower,
         "90th percentile over simulated requests.", speed, kRanks},
        {"tpot_ms_p99", "time per output token, p99", "ms", kLower,
         "99th percentile over simulated requests.", speed, kRanks},
        {"itl_ms", "gap between tokens", "ms", kLower, "Time between two tokens of a request, mean over all simulated gaps.",
         speed, kRanks},
        {"itl_ms_p50", "gap between tokens, p50", "ms", kLower, "Median over simulated gaps.", speed, kRanks},
        {"itl_ms_p90", "gap between tokens, p90", "ms", kLower, "90th percentile over simulated gaps.", speed, kRanks},
        {"itl_ms_p99", "gap between tokens, p99", "ms", kLower, "99th percentile over simulated gaps.", speed, kRanks},
        {"e2e_ms", "time to last token", "ms", kLower, "From arrival to the last token, mean (method: e2e).",
         speed, kRanks},
        {"e2e_ms_p50", "time to last token, p50", "ms", kLower, "Median over simulated requests.", speed,
         kRanks},
        {"e2e_ms_p90", "time to last token, p90", "ms", kLower, "90th percentile over simulated requests.",
         speed, kRanks},
        {"e2e_ms_p99", "time to last token, p99", "ms", kLower, "99th percentile over simulated requests.",
         speed, kRanks},
        {"output_tok_s", "output tokens", "tok/s", kHigher, "Output tokens per second of the whole fleet.",
         speed, kRanks},
        {"total_tok_s", "input and output tokens", "tok/s", kHigher,
         "Input plus output tokens per second of the whole fleet.", speed, kRanks},
        {"tok_s_per_gpu", "output tokens per GPU", "tok/s", kHigher, "Output tokens per second over GPUs.",
         speed, kRanks},
        {"tok_s_per_user", "interactivity", "tok/s", kHigher,
         "Output tokens per second one user sees: 1/TPOT.", speed, kRanks},
        {"goodput_rps", "goodput", "req/s", kHigher, "Requests per second that meet every objective.", speed,
         kRanks},
        {"attainment", "objectives met", "fraction", kHigher, "Share of simulated requests that meet every objective.", speed,
         kRanks},
        {"waiting_peak", "most requests waiting", "", kLower, "Most simulated requests waiting at one time, all replicas.",
         speed, kRanks},
        {"preemptions_per_k", "preemptions per 1,000 requests", "", kLower,
         "How often a simulated request lost its KV cache to another, per 1,000 requests.", speed, kRanks},
        {"saturation", "load over capacity", "fraction", kLower,
         "Offered load over the most the fleet sustains (method: saturation).", speed, kRanks},
        {"cold_start_s", "cold start", "s", kLower,
         "From a stopped replica to its first token: read, upload, engine start (method: cold start).", speed,
         kRanks},

        // where the time goes
        {"mfu", "compute used (MFU)", "fraction", kHigher, "Useful FLOP/s over the dense peak.", utilisation,
         kRanks},
        {"mbu", "bandwidth used (MBU)", "fraction", kHigher, "Bytes moved per second over the peak, idle time included (method: batch).",
         utilisation, kRanks},
        {"expert_share", "experts, share of a step", "fraction", kLower,
         "Expert feed-forward time over the step.", utilisation, kNeutral},
        {"attention_share", "attention, share of a step", "fraction", kLower,
         "Attention time, projections included, over the step.", utilisation, kNeutral},
        {"router_share", "router, share of a step", "fraction", kLower,
         "Router and top-k time over the step.", utilisation, kNeutral},
        {"dispatch_share", "dispatch, share of a step", "fraction", kLower,
         "Permuting tokens to experts and combining them again, over the decode step.", utilisation,
         kNeutral},
        {"communication_share", "communication, share of step", "fraction", kLower,
         "Collectives over the decode step.", utilisation, kNeutral},
        {"compute_bound_share", "compute-bound share", "fraction", kHigher,
         "Share of a decode step in operations that compute bounds.", utilisation, kNeutral},
        {"memory_bound_share", "memory-bound share", "fraction", kLower,
         "Share of a decode step in operations that memory bandwidth bounds.", utilisation, kNeutral},

        // what it costs
        {"usd_per_hour", "cost per hour", "USD/h", kLower, "All GPUs of all replicas (method: price).", money,
         kRanks},
        {"usd_per_month", "cost per month", "USD/month", kLower, "730 hours (method: price).", money, kRanks},
        {"idle_usd_per_hour", "cost of idle time per hour", "USD/h", kLower,
         "Money paid for time that carries no load (method: utilisation).", money, kRanks},
        {"usd_per_cold_start", "cost of a cold start", "USD", kLower,
         "The replica's price while it loads and warms up (method: cold start).", money, kRanks},
        {"usd_per_mtok_input", "cost per Mtok input", "USD/Mtok", kLower,
         "All money over input tokens (method: unit prices).", money, kRanks},
        {"usd_per_mtok_output", "cost per Mtok output", "USD/Mtok", kLower,
         "All money over output tokens (method: unit prices).", money, kRanks},
        {"usd_per_mtok_total", "cost per Mtok in and out", "USD/Mtok", kLower,
         "All money over input plus output tokens (method: unit prices).", money, kRanks},
        {"usd_per_request", "cost per request", "USD", kLower,
         "All money over requests (method: unit prices).", money, kRanks},
        {"usd_per_answer", "cost per answer", "USD", kLower,
         "One attempt with this model's own tokens per answer (method: cost per answer).", money, kRanks},
        {"usd_per_correct_answer", "cost per correct answer", "USD", kLower,
         "Cost of one attempt over P(correct) (method: cost per correct answer; Cost-of-Pass, arXiv 2504.13359).",
         money, kRanks},

        // how good the answers are
        {"accuracy", "P(correct)", "fraction", kHigher,
         "Share of questions answered right (method: accuracy).", quality, kRanks},
        {"tokens_per_answer", "output tokens per answer", "tokens", kLower,
         "Mean output tokens of one attempt (method: cost per answer).", quality, kRanks},

        // energy
        {"joules_per_output_token", "energy per output token", "J", kLower,
         "Accelerator energy times PUE over output tokens (method: energy).", energy, kRanks},
        {"grams_co2_per_mtok_output", "CO2 per Mtok output", "g", kLower,
         "Energy times the grid's carbon intensity (method: energy).", energy, kRanks},
    };
}

}  // namespace

const std::vector<MetricInfo>& metric_catalog() {
    static const std::vector<MetricInfo> catalog = make_catalog();
    return catalog;
}

const MetricInfo* find_metric(std::string_view id) {
    const auto& catalog = metric_catalog();
    const auto found = std::ranges::find(catalog, id, &MetricInfo::id);
    return found == catalog.end() ? nullptr : &*found;
}

}  // namespace moeplan
