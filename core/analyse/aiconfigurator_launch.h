#pragma once
// How AIConfigurator's own evaluation starts the servers it measures, for rows that do not record it.
// Source: github:ai-dynamo/aiconfigurator, src/aiconfigurator: generator/rule_plugin/benchmark/{trtllm@581e4591fbdc,vllm@2b264ba7b872}.rule
// (max_num_tokens is max_batch_size, 128 unless given, and the prompt and 1500; the overlap scheduler is on) and
// generator/config/backend_templates/trtllm/extra_engine_args.1.0.0rc3.yaml.j2@71a2b0330a51 (no chunked prefill). Its client sends
// ten requests a user, prompts and answers all of one length, and nothing of how tokens are to be drawn: eval/benchmarks/
// genai_perf_runner.py@901d06862053. vLLM then draws them as the model's generation_config.json asks; TensorRT-LLM's sampler of the
// time takes the likeliest (https://github.com/NVIDIA/TensorRT-LLM/pull/6451).

#include "core/analyse/measured_serving.h"

namespace moeplan {

void set_as_generated(MeasuredServing& row, double input, double users);

}  // namespace moeplan
