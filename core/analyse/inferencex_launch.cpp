#include "core/analyse/inferencex_launch.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace moeplan {
namespace {

// On B200 dsr1_fp8_b200.sh@16ffb65814b8 and dsr1_fp4_b200.sh@285b6628b8b1 (single_node): the cache in fp8, answers streamed 30 or
// 10 tokens at a time, new requests received every 10 steps, or 30 from 16 users on. On H200 dsr1_fp8_h200.sh@161e7f65bce8: 10
// tokens at a time.
void deepseek_sglang(MeasuredServing& row, double users) {
    const bool fp8 = row.precision.linear == NumberFormat::fp8;
    if (row.gpu == "h200_sxm") {
        row.streamed_tokens = 10;
        row.token_budget = 32768;
        return;
    }
    row.precision.kv = NumberFormat::fp8;
    row.streamed_tokens = fp8 ? 30 : 10;
    row.polled_steps = users < 16 ? 10 : 30;
    row.token_budget = fp8 ? 32768 : 16384;
}

// 70b_fp8_b200_trt_slurm.sh@a267b4bd52f1, 70b_fp4_b200_trt_docker.sh@c2faa3da42b1: prompts wait for each other where prompts and
// answers are of 1024 tokens and fewer than 8 GPUs serve.
void llama_tensorrt(MeasuredServing& row, double input, double output) {
    row.precision.kv = NumberFormat::fp8;
    row.token_budget = 16384;
    if (input == 1024 && output == 1024 && row.layout.tp < 8) row.batch_wait = BatchWait{20, 0.9};
}

// dsr1_fp8_b200_trt.sh@0a919c5f81ce, dsr1_fp4_b200_trt.sh@111f0312c13b, dsr1_fp8_h200_trt.sh@1fc5d73cdd31
void deepseek_tensorrt(MeasuredServing& row, double input, double output, double users) {
    row.precision.kv = NumberFormat::fp8;
    row.token_budget = std::max<std::int64_t>(8192, static_cast<std::int64_t>(std::floor((users + input + 127) / 64)) * 64);
    const bool waits = row.gpu == "b200_sxm" && row.precision.linear == NumberFormat::fp8 && input == 1024 && output == 1024 && users >= 64 && users < 256;
    if (waits && row.layout.dp == 1) row.batch_wait = BatchWait{40, 0.8};
}

// gptoss_fp4_h200_trt.sh@111f0312c13b, gptoss_fp4_b200_trt.sh@1825e7f0676d
void gpt_oss_tensorrt(MeasuredServing& row) { row.token_budget = 20000; }

// What the client of a row is said to have sent at a time in December 2025, whatever the server was started for: it was given
// --max-concurrency 512 and ten requests for each of the server's sequences (gptoss_fp4_h100_docker.sh@d22bf9ca99e9 of
// github:ishandhanani/InferenceMAX, a copy of that time), so that nearly all of them wait from the start.
constexpr double kUsersOfTheClient = 512;

// The sequences such a server was started for are not recorded. The sweep went from 4 to 64 by twos, with prompts of 8192 on eight
// GPUs to 16 (.github/configs/nvidia-master.yaml@0e3c3598b1f5 there): the middle one.
std::int64_t middle_of_sweep(const MeasuredServing& row, double input) { return input == 8192 && row.layout.tp == 8 ? 8 : 16; }

// VLLM_MXFP4_USE_MARLIN=1 came with version 0.13 (https://github.com/SemiAnalysisAI/InferenceX/pull/327), which is of December 2025.
bool before_marlin(const MeasuredServing& row) {
    if (const auto version = parse_engine_version(row.engine_version)) return *version < EngineVersion{{0, 13, 0}};
    return row.measured_date < "2025-12-15";
}

// gptoss_fp4_h100.sh@1fc5d73cdd31, gptoss_fp4_h100_slurm.sh@2e46dba03935, gptoss_fp4_b200.sh@1fc5d73cdd31,
// single_node/gptoss_fp4_{h100,h200,b200}.sh@34bc7c409cd1. On Hopper experts run in Marlin's kernels since version 0.13, which
// tables time with int4 weights.
void gpt_oss_vllm(MeasuredServing& row, double input, double users) {
    const bool b200 = row.gpu == "b200_sxm", marlin = !b200 && !before_marlin(row);
    row.max_sequences = b200 ? 512 : static_cast<std::int64_t>(users);
    if (row.gpu == "h100_sxm" && users == kUsersOfTheClient && !marlin) {
        row.max_sequences = middle_of_sweep(row, input);
        row.load = ClosedLoop{10.0 * static_cast<double>(*row.max_sequences)};
        row.requests_per_user = 1;
    }
    row.token_budget = 8192;
    row.memory_fraction = 0.9;
    row.async_scheduling = true;
    row.graph_tokens = 2048;
    if (marlin) row.precision.experts = NumberFormat::int4_g128;
}

// 70b_fp8_b200_docker.sh and 70b_fp4_b200_docker.sh@bb4c7f9389a8, where graphs are of decodes only (FULL_DECODE_ONLY, nothing
// split); 70b_fp8_h100_slurm.sh@2a205bb3c2af
void llama_vllm(MeasuredServing& row, double users) {
    const bool b200 = row.gpu == "b200_sxm";
    row.max_sequences = b200 ? 512 : static_cast<std::int64_t>(users);
    row.token_budget = 8192;
    row.memory_fraction = 0.9;
    row.async_scheduling = true;
    if (b200) row.graph_tokens = 0;
}

// single_node/minimaxm2.5_fp8_b200.sh@07e171a32875, which spreads experts over all ranks whatever was asked for, until version 0.19
// (https://github.com/SemiAnalysisAI/InferenceX/pull/947); from then on as in @43ae41b78535 of github:whn09/InferenceX, a copy of that
// week: two prompts a step, graphs of up to 2,048 tokens, the cache in fp8. No script starts replicas of attention, whatever a row
// says: those of tp 2, dp 2 are as fast as those of tp 2 at every load.
void minimax_on_b200(MeasuredServing& row, double input) {
    if (row.layout.dp > 1) {
        row.layout.dp = 1;
        row.layout.ep = row.layout.ep > 1 ? row.layout.stage_gpus() : 1;
        row.layout.moe_tp = row.layout.stage_gpus() / row.layout.ep;
        row.gpus = row.layout.gpus();
    }
    const auto version = parse_engine_version(row.engine_version);
    if (version && *version < EngineVersion{{0, 19, 0}}) {
        row.memory_fraction = 0.95;
        row.layout.ep = row.layout.stage_gpus();
        row.layout.moe_tp = 1;
        return;
    }
    row.memory_fraction = 0.9;
    row.token_budget = static_cast<std::int64_t>(2 * input);
    row.graph_tokens = 2048;
}

// single_node/minimaxm2.5_fp8_h100.sh@34bc7c409cd1
void minimax_on_h100(MeasuredServing& row) {
    row.memory_fraction = 0.9;
    row.max_sequences = 256;
}

}  // namespace

void set_as_launched(MeasuredServing& row, double input, double output, double users) {
    if (!row.inference_x) return;
    const auto is = [&row](std::string_view model, std::string_view engine) { return row.model.find(model) != std::string::npos && row.engine == engine; };
    const bool b200 = row.gpu == "b200_sxm", h200 = row.gpu == "h200_sxm", h100 = row.gpu == "h100_sxm";
    if (is("DeepSeek-R1", "sglang") && (b200 || h200)) deepseek_sglang(row, users);
    if (is("DeepSeek-R1", "trtllm") && (b200 || h200)) deepseek_tensorrt(row, input, output, users);
    if (is("Llama-3", "trtllm") && is("70B", "trtllm") && b200) llama_tensorrt(row, input, output);
    if (is("Llama-3", "vllm") && is("70B", "vllm") && (b200 || h100)) llama_vllm(row, users);
    if (is("MiniMax-M2.5", "vllm") && b200) minimax_on_b200(row, input);
    if (is("MiniMax-M2.5", "vllm") && h100) minimax_on_h100(row);
    if (is("gpt-oss", "vllm") && (b200 || h200 || h100)) gpt_oss_vllm(row, input, users);
    if (is("gpt-oss", "trtllm") && (b200 || h200)) gpt_oss_tensorrt(row);
}

}  // namespace moeplan
