#include "cli/commands/starter.h"

namespace moeplan::cli {

const std::string& starter_study() {
    static const std::string text =
        R"yaml(# A study for moeplan: what is served, on what, under which load, at which price.
# `moeplan run FILE` answers it; `moeplan describe` lists every name that may stand here.

name: Mixtral 8x7B against Llama 3 70B

workload:
  # Tokens of a request. Distributions and recorded traces: moeplan describe lengths
  lengths: {input: 1024, output: 256}
  # Users that each send their next request when answered. Other loads: moeplan describe loads
  load: {concurrency: 32}
  # What the service promises; the report says whether each candidate keeps it.
  slo: {ttft_p99: 2 s, tpot_p99: 100 ms}

# Which experts tokens go to: uniform is the kindest case, recorded counts the truest. moeplan describe routings
routing: {zipf: {alpha: 0.6}}

# The catalog's on_demand, spot or reserved price, or your own: {gpu_hour: 2.50 USD}
price: {tier: on_demand}
# Share of the paid time that carries this load.
utilisation: 100 %

# How often each model is right, for the cost of a correct answer. Yours: {accuracy: 0.71, questions: 500}
quality: {benchmark: gpqa_diamond}

# What the verdict compares: moeplan describe objectives
objective: usd_per_mtok_output

candidates:
  # model: a name of the catalog, a config.json, the folder it lies in, or a .gguf
  - name: mixtral
    model: mistralai/Mixtral-8x7B-v0.1
    precision: fp8_block    # experts run fastest so on Hopper; left out: as published. moeplan describe formats
    gpu: h100_sxm           # moeplan gpu
    count: 2                # GPUs in all; more than the layout needs become replicas
    layout: {tp: 2}         # left out: tensor parallel inside a node, stages across nodes
    engine: vllm            # moeplan describe engines
  - name: llama
    model: meta-llama/Meta-Llama-3-70B
    precision: fp8
    gpu: h100_sxm
    count: 2
    layout: {tp: 2}

# One axis at a time. Over model, gpu, count, layout, precision or engine it becomes a search:
# moeplan describe sweep-axes
sweep: {batch: [1, 2, 4, 8, 16, 32, 64, 128, 256]}

# What `moeplan check` holds the study to: moeplan describe metrics
expect:
  - {metric: mixtral.fits, is: true}
  - {ratio: [llama.flops_per_output_token, mixtral.flops_per_output_token], between: [4.8, 5.8]}
)yaml";
    return text;
}

}  // namespace moeplan::cli
