// What a study, a step and a large space cost. items_per_second of the exploration is configurations per second,
// over the threads named; divide by them for the figure per core.

#include <sys/resource.h>

#include <string>

#include <benchmark/benchmark.h>
#include <tbb/global_control.h>

#include "core/analyse/explore.h"
#include "core/analyse/step_timer.h"
#include "core/cost/cost_source.h"
#include "sim/run.h"

using namespace moeplan;

namespace {

const std::string kStudy = std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/studies/mixtral-vs-llama70b.yaml";

Scenario must_load(const std::string& text) {
    auto scenario = parse_scenario(text, "bench.yaml");
    if (!scenario) throw std::runtime_error(to_text(scenario.error().front()));
    return *scenario;
}

// model x GPU x count x layout x format x batch; `batches` sets how large it is.
Scenario space(int batches) {
    std::string values;
    for (int b = 1; b <= batches; ++b) values += (b > 1 ? ", " : "") + std::to_string(b);
    return must_load(R"(
name: a space
workload: {lengths: {input: 1024, output: 256}, load: {concurrency: 32}}
price: {gpu_hour: 2 USD}
candidates: [{name: base, model: mixtral-8x7b, gpu: h100_sxm, count: 1}]
sweep:
  model: [mixtral-8x7b, llama-3-70b, qwen3-235b-a22b, deepseek-v3, gpt-oss-120b, qwen3-30b-a3b]
  gpu: [h100_sxm, h200_sxm, b200_sxm, a100_sxm, mi300x, l40s]
  count: [1, 2, 4, 8, 16]
  layout: [auto]
  precision: [bf16, fp8, int4_g128]
  batch: [)" + values + "]\n");
}

double peak_mib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

void explore_space(benchmark::State& state) {
    const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(state.range(0)));
    const Scenario scenario = space(static_cast<int>(state.range(1)));
    const auto source = make_roofline();
    RunControl control;
    std::uint64_t evaluated = 0;
    for (auto _ : state) {
        auto found = explore(scenario, builtin_catalog(), *source, nullptr, control);
        if (!found) {
            state.SkipWithError(to_text(found.error().front()).c_str());
            return;
        }
        evaluated += found->evaluated;
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(evaluated));
    state.counters["configurations"] = static_cast<double>(evaluated) / static_cast<double>(state.iterations());
    state.counters["peak_MiB"] = peak_mib();
}
BENCHMARK(explore_space)->Args({1, 32})->Args({2, 32})->Args({2, 320})->Unit(benchmark::kMillisecond)->UseRealTime();

void load_study(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(load_scenario(kStudy));
}
BENCHMARK(load_study)->Unit(benchmark::kMicrosecond);

void answer_study(benchmark::State& state) {
    auto scenario = load_scenario(kStudy);
    if (!scenario) {
        state.SkipWithError(to_text(scenario.error().front()).c_str());
        return;
    }
    RunControl control;
    for (auto _ : state) benchmark::DoNotOptimize(run(*scenario, builtin_catalog(), control));
}
BENCHMARK(answer_study)->Unit(benchmark::kMillisecond);

void price_step(benchmark::State& state) {
    const Scenario scenario = space(1);
    auto prepared = prepare(scenario, builtin_catalog(), nullptr);
    if (!prepared) {
        state.SkipWithError(to_text(prepared.error().front()).c_str());
        return;
    }
    const auto source = make_roofline();
    StepTimer timer(prepared->front().lowering(), prepared->front().place(), *source);
    StepShape step;
    step.decode = {32, 1, 1024};
    for (auto _ : state) benchmark::DoNotOptimize(timer.price(step));
}
BENCHMARK(price_step);

}  // namespace

BENCHMARK_MAIN();
