#pragma once
// What serving engines call on their command lines, and in requests, what a study says in its own keys. Internal to core/scenario.

#include <span>

#include "core/yaml/reader.h"

namespace moeplan::scenario {

// vLLM's `vllm serve`, SGLang's launch_server, TensorRT-LLM's trtllm-serve and its YAML.
std::span<const YamlNode::OtherName> engine_flags();

// What of theirs is said under `simulate` here, or looked for there.
std::span<const YamlNode::OtherName> scheduler_flags();

// Of a request (OpenAI's API and what engines add to it), for the workload.
std::span<const YamlNode::OtherName> request_parameters();

}  // namespace moeplan::scenario
