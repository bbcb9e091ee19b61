#include "gui/session/new_study.h"

#include "core/base/require.h"

namespace moeplan {
namespace {

constexpr const char* kNewStudy = R"(name: A mixture of experts against a dense model
workload:
  lengths: {input: 1024, output: 256}
  load: {concurrency: 32}
routing: {zipf: {alpha: 0.3}}
price: {tier: on_demand}
quality: {benchmark: gpqa_diamond}
objective: usd_per_correct_answer
candidates:
  - {name: mixtral, model: mistralai/Mixtral-8x7B-v0.1, precision: fp8_block, gpu: h100_sxm, count: 2, layout: {tp: 2, ep: 2}}
  - {name: llama, model: meta-llama/Meta-Llama-3-70B, precision: fp8, gpu: h100_sxm, count: 2, layout: {tp: 2}}
sweep: {batch: [1, 2, 4, 8, 16, 32, 64, 128, 256]}
)";

}  // namespace

Scenario new_study() {
    auto study = parse_scenario(kNewStudy, "new study");
    require(study.has_value(), "the new study is one that can be read");
    study->file.clear();
    return std::move(*study);
}

}  // namespace moeplan
