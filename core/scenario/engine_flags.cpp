#include "core/scenario/engine_flags.h"

#include <array>

namespace moeplan::scenario {

// Source: arguments of vllm-project/vllm:vllm/engine/arg_utils.py, sgl-project/sglang:python/sglang/srt/server_args.py,
// NVIDIA/TensorRT-LLM:tensorrt_llm/llmapi/llm_args.py.
std::span<const YamlNode::OtherName> engine_flags() {
    static constexpr std::array<YamlNode::OtherName, 29> kFlags{{
        {"max_num_seqs", "max_sequences"},
        {"max_running_requests", "max_sequences"},
        {"max_batch_size", "max_sequences"},
        {"max_num_batched_tokens", "token_budget"},
        {"chunked_prefill_size", "token_budget"},
        {"max_num_tokens", "token_budget"},
        {"gpu_memory_utilization", "memory_fraction"},
        {"mem_fraction_static", "memory_fraction"},
        {"num_gpu_blocks_override", "kv_blocks"},
        {"enable_chunked_prefill", "whole_prompts: false"},
        {"no_enable_chunked_prefill", "whole_prompts: true"},
        {"max_cudagraph_capture_size", "graph_tokens"},
        {"enforce_eager", "graph_tokens: 0"},
        {"tensor_parallel_size", "layout: {tp: 2}"},
        {"tp_size", "layout: {tp: 2}"},
        {"tp", "layout: {tp: 2}"},
        {"pipeline_parallel_size", "layout: {pp: 2}"},
        {"pp", "layout: {pp: 2}"},
        {"data_parallel_size", "layout: {dp: 2}"},
        {"dp", "layout: {dp: 2}"},
        {"enable_expert_parallel", "layout: {tp: 2, ep: 2}"},
        {"expert_parallel_size", "layout: {tp: 2, ep: 2}"},
        {"ep", "layout: {tp: 2, ep: 2}"},
        {"kv_cache_dtype", "precision: {kv: fp8}"},
        {"quantization", "precision"},
        {"dtype", "precision"},
        {"num_gpus", "count"},
        {"gpus", "count"},
        {"cpu_offload_gb", "offload: {experts: 50 %}"},
    }};
    return kFlags;
}

std::span<const YamlNode::OtherName> scheduler_flags() {
    static constexpr std::array<YamlNode::OtherName, 14> kFlags{{
        {"enable_prefix_caching", "prefix_cache: true"},
        {"no_enable_prefix_caching", "prefix_cache: false"},
        {"disable_radix_cache", "prefix_cache: false"},
        {"enable_block_reuse", "prefix_cache: true"},
        {"preemption_mode", "preemption: swap"},
        {"max_queued_requests", "queue_limit"},
        {"max_num_seqs", "max_sequences", "of a candidate"},
        {"max_running_requests", "max_sequences", "of a candidate"},
        {"max_batch_size", "max_sequences", "of a candidate"},
        {"max_num_batched_tokens", "token_budget", "of a candidate"},
        {"chunked_prefill_size", "token_budget", "of a candidate"},
        {"max_num_tokens", "token_budget", "of a candidate"},
        {"gpu_memory_utilization", "memory_fraction", "of a candidate"},
        {"num_gpu_blocks_override", "kv_blocks", "of a candidate"},
    }};
    return kFlags;
}

std::span<const YamlNode::OtherName> request_parameters() {
    static constexpr std::array<YamlNode::OtherName, 8> kParameters{{
        {"temperature", "sampling"},
        {"top_p", "sampling: filtered"},
        {"top_k", "sampling: filtered"},
        {"min_p", "sampling: filtered"},
        {"max_tokens", "lengths: {input: 1024, output: 256}"},
        {"max_completion_tokens", "lengths: {input: 1024, output: 256}"},
        {"request_rate", "load: {poisson: {rate: 4/s}}"},
        {"max_concurrency", "load: {concurrency: 32}"},
    }};
    return kParameters;
}

}  // namespace moeplan::scenario
