// Names a study is written with. The tests load every example as part of a study.
#include "cli/commands/kinds.h"

namespace moeplan::cli {

std::vector<Item> routing_items(const Catalog&) {
    return {
        {"uniform", "every expert equally likely: the kindest case", {}, "routing: uniform"},
        {"zipf",
         "expert r gets a share of 1/r^alpha",
         {"alpha: 0 to 10; 0 is uniform"},
         "routing: {zipf: {alpha: 0.6}}"},
        {"power_law",
         "loads drawn from a bounded power law, as public MoE benchmarks are timed with",
         {"alpha: 0 to 10"},
         "routing: {power_law: {alpha: 1.2}}"},
        {"dirichlet",
         "shares drawn per layer from a symmetric Dirichlet",
         {"kappa: 0.001 to 1e9; small is skewed"},
         "routing: {dirichlet: {kappa: 5}}"},
        {"counts",
         "how often each expert of each layer was chosen, from a file",
         {"a file, or {file, model, dataset} where the file holds several", "forms: docs/routing.md"},
         "routing: {counts: counts.csv}"},
        {"trace",
         "which experts each token chose, recorded",
         {"a file; forms: docs/routing.md"},
         "routing: {trace: tokens.csv}"},
    };
}

std::vector<Item> placement_items(const Catalog&) {
    return {
        {"contiguous", "experts in order, a block per rank", {}, "placement: contiguous"},
        {"round_robin", "expert e on rank e mod ranks", {}, "placement: round_robin"},
        {"balanced", "heaviest first, each to the least loaded rank", {}, "placement: balanced"},
        {"eplb",
         "balanced, with further replicas of the busiest experts",
         {"redundant: extra slots over all ranks of a layer; their memory is counted"},
         "placement: {eplb: {redundant: 32}}"},
    };
}

std::vector<Item> load_items(const Catalog&) {
    std::vector<Item> loads{
        {"concurrency",
         "so many users, each sending its next request when answered",
         {"1 to 1e7, all replicas together", "think: pause before the next request; simulations only"},
         "workload: {load: {concurrency: 32}}"},
        {"poisson",
         "requests arrive at random at a mean rate; the report says how far that is from saturation",
         {"rate: with its unit, such as 4/s or 90/min"},
         "workload: {load: {poisson: {rate: 4/s}}}"},
        {"batch",
         "one batch, prefilled and decoded together to its end, as offline jobs run",
         {"1 to 1e7"},
         "workload: {load: {batch: 64}}"},
    };
    const auto simulated = arrival_items();
    loads.insert(loads.end(), simulated.begin(), simulated.end());
    return loads;
}

std::vector<Item> length_items(const Catalog&) {
    return {
        {"input, output",
         "every request has these tokens",
         {"1 to 1e9"},
         "workload: {lengths: {input: 1024, output: 256}}"},
        {"uniform",
         "drawn evenly between two ends",
         {"input, output: [low, high]"},
         "workload: {lengths: {uniform: {input: [100, 2000], output: [50, 500]}}}"},
        {"lognormal",
         "many short ones, a few long ones",
         {"input, output: {mean, cv}; cv is the standard deviation over the mean"},
         "workload: {lengths: {lognormal: {input: {mean: 1024, cv: 0.8}, output: {mean: 256, cv: 1}}}}"},
        {"trace",
         "the means of a recorded trace",
         {"a file, as Azure, BurstGPT, Mooncake, vLLM and others publish them"},
         "workload: {lengths: {trace: requests.csv}}"},
    };
}

std::vector<Item> layout_items(const Catalog&) {
    return {
        {"tp",
         "tensor parallel: every matrix split over so many GPUs",
         {"must divide the attention heads"},
         "layout: {tp: 4}"},
        {"pp",
         "pipeline parallel: layers split into so many stages",
         {"at most the number of layers"},
         "layout: {tp: 4, pp: 2}"},
        {"dp",
         "attention data parallel: so many groups serve their own sequences and share the experts",
         {"used with ep"},
         "layout: {dp: 8, ep: 8}"},
        {"ep",
         "expert parallel: whole experts spread over so many ranks",
         {"at most the number of experts; ep x moe_tp = tp x dp"},
         "layout: {tp: 4, ep: 4}"},
        {"moe_tp",
         "tensor parallel inside each expert",
         {"tp x dp / ep when left out"},
         "layout: {tp: 4, ep: 2, moe_tp: 2}"},
        {"auto",
         "tensor parallel inside a node, stages across nodes; more GPUs become replicas",
         {"the same as no layout"},
         "layout: auto"},
    };
}

std::vector<Item> sweep_items(const Catalog&) {
    return {
        {"batch",
         "requests in flight",
         {"a list, or {from, to, steps, scale: log} or {from, to, times}"},
         "sweep: {batch: [1, 4, 16, 64]}"},
        {"input", "input tokens of a request", {}, "sweep: {input: [256, 1024, 4096]}"},
        {"output", "output tokens of a request", {}, "sweep: {output: [64, 256, 1024]}"},
        {"utilisation",
         "share of the paid time that carries the load",
         {},
         "sweep: {utilisation: [10 %, 50 %, 100 %]}"},
        {"gpu_hour", "price of one GPU for an hour", {}, "sweep: {gpu_hour: [1.50 USD, 3 USD]}"},
        {"skew", "Zipf exponent of the routing", {}, "sweep: {skew: [0, 0.5, 1]}"},
        {"accuracy", "share of answers that are right", {}, "sweep: {accuracy: [0.7, 0.8]}"},
        {"tokens_per_answer", "output tokens of one attempt", {}, "sweep: {tokens_per_answer: [100, 1000]}"},
        {"model",
         "searches over models",
         {"a search may combine this with the axes below"},
         "sweep: {model: [mistralai/Mixtral-8x7B-v0.1, meta-llama/Meta-Llama-3-70B]}"},
        {"gpu", "searches over GPUs", {}, "sweep: {gpu: [a100_sxm, h100_sxm]}"},
        {"count", "searches over numbers of GPUs", {}, "sweep: {count: [1, 2, 4, 8]}"},
        {"layout", "searches over layouts; auto is every valid one", {}, "sweep: {layout: [auto]}"},
        {"precision", "searches over number formats", {}, "sweep: {precision: [bf16, fp8]}"},
        {"engine", "searches over engines", {}, "sweep: {engine: [vllm, sglang]}"},
    };
}

}  // namespace moeplan::cli
