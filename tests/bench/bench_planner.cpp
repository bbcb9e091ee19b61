// What moving one knob of a study costs: the study with two candidates and 64 batch sizes, one edit an answer, each value
// of a slider new. `Planner` keeps what it found out; `run` starts anew each time. Counters: milliseconds of one answer.

#include <algorithm>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "sim/planner.h"

using namespace moeplan;

namespace {

const std::string kStudy = std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/studies/mixtral-vs-llama70b.yaml";
constexpr int kBatches = 64;

Scenario swept_study() {
    auto scenario = load_scenario(kStudy);
    if (!scenario) throw std::runtime_error(to_text(scenario.error().front()));
    SweepAxis axis;
    axis.name = "batch";
    for (int i = 1; i <= kBatches; ++i) axis.values.push_back(std::to_string(4 * i));
    scenario->sweep = {axis};
    return *scenario;
}

// Sets a slider to its n-th position; positions never repeat within a run.
using Edit = std::function<void(Scenario&, int n)>;

FixedLengths& lengths(Scenario& s) { return std::get<FixedLengths>(s.workload.lengths); }

void turn_utilisation(Scenario& s, int n) { s.money.utilisation = 0.2 + 0.0007 * (n % 1000); }
void turn_price(Scenario& s, int n) { s.money.price = GivenPrice{1 + 0.001 * n}; }
void turn_users(Scenario& s, int n) { s.workload.load = ClosedLoop{1.0 + n % 512}; }
void turn_output(Scenario& s, int n) { lengths(s).output = 64 + n; }
void turn_input(Scenario& s, int n) { lengths(s).input = 256 + 3 * n; }
void turn_skew(Scenario& s, int n) { s.routing = ZipfRouting{0.001 * (1 + n)}; }
void turn_count(Scenario& s, int n) {
    for (Candidate& c : s.candidates) {
        c.count = 2 << (n % 3);
        c.layout->tp = c.count;
        if (c.layout->ep > 1) c.layout->ep = c.count;
    }
    lengths(s).output = 64 + n;   // a count seen before would be known
}
void turn_precision(Scenario& s, int n) {
    constexpr NumberFormat kFormats[] = {NumberFormat::bf16, NumberFormat::fp8};
    for (Candidate& c : s.candidates) {
        c.precision = {};
        c.precision.all = kFormats[n % 2];
    }
    lengths(s).output = 64 + n;
}

double at_share(std::vector<double> values, double share) {
    std::ranges::sort(values);
    return values.at(static_cast<std::size_t>(share * static_cast<double>(values.size() - 1)));
}

template <class Answer>
void time_edits(benchmark::State& state, const Edit& edit, Answer answer) {
    Scenario scenario = swept_study();
    RunControl control;
    if (!answer(scenario, control)) return state.SkipWithError("the study has no answer");
    std::vector<double> ms;
    int n = 0;
    for (auto _ : state) {
        edit(scenario, n++);
        const auto start = std::chrono::steady_clock::now();
        const auto report = answer(scenario, control);
        ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
        if (!report) return state.SkipWithError(to_text(report.error().front()).c_str());
    }
    state.counters["median_ms"] = at_share(ms, 0.5);
    state.counters["p99_ms"] = at_share(ms, 0.99);
}

void planner(benchmark::State& state, Edit edit) {
    Planner kept(builtin_catalog());
    time_edits(state, edit, [&](const Scenario& s, RunControl& c) { return kept.answer(s, c); });
}

void run_anew(benchmark::State& state, Edit edit) {
    time_edits(state, edit, [](const Scenario& s, RunControl& c) { return run(s, builtin_catalog(), c); });
}

void setting(benchmark::internal::Benchmark* b) { b->Iterations(200)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond)->UseRealTime(); }

}  // namespace

#define MOEPLAN_EDIT(name)                                              \
    BENCHMARK_CAPTURE(planner, name, turn_##name)->Apply(setting);      \
    BENCHMARK_CAPTURE(run_anew, name, turn_##name)->Apply(setting)

MOEPLAN_EDIT(utilisation);
MOEPLAN_EDIT(price);
MOEPLAN_EDIT(users);
MOEPLAN_EDIT(output);
MOEPLAN_EDIT(input);
MOEPLAN_EDIT(skew);
MOEPLAN_EDIT(count);
MOEPLAN_EDIT(precision);
