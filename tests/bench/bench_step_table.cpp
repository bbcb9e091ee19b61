// What building and asking a table of steps costs, and what loading a profile costs.

#include <benchmark/benchmark.h>

#include "core/analyse/evaluate.h"
#include "core/analyse/step_table.h"
#include "core/calibrate/profile.h"
#include "core/catalog/catalog.h"

using namespace moeplan;

namespace {

struct Candidates {
    Scenario study;
    std::vector<Prepared> prepared;
};

// Mixtral 8x7B on four H100 by the built-in profile.
const Candidates& mixtral() {
    static const Candidates* made = [] {
        auto* c = new Candidates;
        c->study.money.price = GivenPrice{1};
        c->study.workload.lengths = FixedLengths{1024, 256};
        c->study.workload.load = ClosedLoop{8};
        Candidate candidate;
        candidate.name = "mixtral";
        candidate.model = "mistralai/Mixtral-8x7B-v0.1";
        candidate.gpu = "h100_sxm";
        candidate.count = 4;
        c->study.candidates.push_back(candidate);
        c->prepared = prepare(c->study, builtin_catalog(), nullptr).value();
        return c;
    }();
    return *made;
}

void build_step_table(benchmark::State& state) {
    const auto source = make_calibrated(make_roofline());
    StepTimer timer(mixtral().prepared[0].lowering(), mixtral().prepared[0].place(), *source);
    for (auto _ : state) benchmark::DoNotOptimize(StepTable::build(timer, {}));
}
BENCHMARK(build_step_table)->Unit(benchmark::kMillisecond);

void ask_step_table(benchmark::State& state) {
    const auto source = make_calibrated(make_roofline());
    StepTimer timer(mixtral().prepared[0].lowering(), mixtral().prepared[0].place(), *source);
    const auto table = StepTable::build(timer, {}).value();
    double context = 100;
    for (auto _ : state) {
        context = context > 8000 ? 100 : context + 1;
        benchmark::DoNotOptimize(table.at({{2, 777, 0}, {61, 1, context}}));
    }
}
BENCHMARK(ask_step_table);

void price_step_op_by_op(benchmark::State& state) {
    const auto source = make_calibrated(make_roofline());
    StepTimer timer(mixtral().prepared[0].lowering(), mixtral().prepared[0].place(), *source);
    double context = 100;
    for (auto _ : state) {
        context = context > 8000 ? 100 : context + 1;
        benchmark::DoNotOptimize(timer.price({{2, 777, 0}, {61, 1, context}}));
    }
}
BENCHMARK(price_step_op_by_op);

void load_profile(benchmark::State& state) {
    const std::string text = write_profile(*builtin_catalog().profile_named("h100_sxm-vllm").value());
    for (auto _ : state) benchmark::DoNotOptimize(read_profile(text, "profile"));
}
BENCHMARK(load_profile)->Unit(benchmark::kMillisecond);

}  // namespace
