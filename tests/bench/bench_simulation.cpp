// What a simulated request costs: by length of the trace, output length, concurrency and replicas, skipped and step by step,
// with and without a recorder. Step times are a formula, so that the engine is what is timed.

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/routing/rng.h"
#include "sim/cluster/cluster.h"
#include "sim/measure/recorder.h"

using namespace moeplan;

namespace {

std::int64_t drawn(Rng& rng, double mean) { return 1 + std::llround(-std::log(rng.open_uniform()) * mean); }

// Poisson arrivals, exponential lengths.
class Poisson final : public RequestSource {
public:
    Poisson(double rate, double input, double output, std::int64_t n) : rate_(rate), input_(input), output_(output), left_(n), rng_(7) {}
    std::optional<Arrival> next() override {
        if (left_-- <= 0) return std::nullopt;
        time_ += -std::log(rng_.open_uniform()) / rate_;
        Arrival a;
        a.at = to_ticks(time_);
        a.input = drawn(rng_, input_);
        a.output = drawn(rng_, output_);
        return a;
    }

private:
    double rate_, input_, output_;
    std::int64_t left_;
    Rng rng_;
    double time_ = 0;
};

// So many users, each with its next request at once.
class Users final : public RequestSource {
public:
    Users(std::int64_t users, std::int64_t n) : users_(users), left_(n), rng_(7) {}
    std::optional<Arrival> next() override {
        if (users_-- <= 0) return std::nullopt;
        return draw(0);
    }
    std::optional<Arrival> after(const Arrival&, Ticks now) override { return draw(now); }

private:
    std::optional<Arrival> draw(Ticks at) {
        if (left_-- <= 0) return std::nullopt;
        Arrival a;
        a.at = at;
        a.input = drawn(rng_, 1000);
        a.output = drawn(rng_, 200);
        return a;
    }
    std::int64_t users_, left_;
    Rng rng_;
};

// 39 requests a second of 1000 and 200 tokens are all it can do.
ClusterOptions cluster(std::int64_t replicas = 1) {
    GroupOptions group;
    group.limits.total_blocks = 40'000;
    group.limits.max_sequences = 1024;
    group.replicas = replicas;
    const auto time = [](const StepShape& s) {
        return Estimate::exact(4e-3 + 20e-6 * s.decode.sequences + 2e-8 * s.decode.sequences * s.decode.context + 15e-6 * s.prefill.tokens());
    };
    group.epochs = {{0, std::make_shared<StepTimes>(time), 0}};
    ClusterOptions options;
    options.groups = {group};
    return options;
}

void run(benchmark::State& state, const ClusterOptions& options, RequestSource& source, const std::vector<Observer*>& observers = {}) {
    RunControl control;
    const auto result = simulate(options, source, observers, control);
    if (!result) return state.SkipWithError("the simulation failed");
    state.counters["per_request"] =
        benchmark::Counter(static_cast<double>(result->arrived), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
    state.counters["steps_per_request"] = static_cast<double>(result->groups[0].steps) / static_cast<double>(result->arrived);
}

void simulate_by_trace_length(benchmark::State& state) {
    for (auto _ : state) {
        Poisson source(22, 1000, 200, state.range(0));
        run(state, cluster(), source);
    }
}
BENCHMARK(simulate_by_trace_length)->RangeMultiplier(10)->Range(1'000, 1'000'000)->Unit(benchmark::kMillisecond);

void simulate_with_recorder(benchmark::State& state) {
    for (auto _ : state) {
        Poisson source(22, 1000, 200, state.range(0));
        Recorder recorder{RecorderSpec{}};
        run(state, cluster(), source, {&recorder});
    }
}
BENCHMARK(simulate_with_recorder)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// The longer the answers, the fewer requests a second, so that about as many run at once.
void simulate_by_output_length(benchmark::State& state) {
    const auto output = static_cast<double>(state.range(0));
    for (auto _ : state) {
        Poisson source(4000 / (output + 200), 1000, output, 20'000);
        run(state, cluster(), source);
    }
}
BENCHMARK(simulate_by_output_length)->Arg(1)->Arg(10)->Arg(100)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

void simulate_by_concurrency(benchmark::State& state) {
    for (auto _ : state) {
        Users source(state.range(0), 50'000);
        run(state, cluster(), source);
    }
}
BENCHMARK(simulate_by_concurrency)->Arg(1)->Arg(16)->Arg(64)->Arg(256)->Arg(1'000)->Unit(benchmark::kMillisecond);

void simulate_by_replicas(benchmark::State& state) {
    for (auto _ : state) {
        Poisson source(22 * static_cast<double>(state.range(0)), 1000, 200, 100'000);
        run(state, cluster(state.range(0)), source);
    }
}
BENCHMARK(simulate_by_replicas)->Arg(1)->Arg(4)->Arg(16)->Arg(64)->Unit(benchmark::kMillisecond);

void simulate_skipped(benchmark::State& state) {
    ClusterOptions options = cluster();
    options.skip = state.range(0) == 1;
    for (auto _ : state) {
        Poisson source(4, 1000, 200, 20'000);   // few at once: long stretches
        run(state, options, source);
    }
}
BENCHMARK(simulate_skipped)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void simulate_by_scheduler(benchmark::State& state) {
    ClusterOptions options = cluster();
    options.groups[0].scheduler = static_cast<Scheduler>(state.range(0));
    state.SetLabel(std::string(name_of(options.groups[0].scheduler)));
    for (auto _ : state) {
        Poisson source(16, 1000, 200, 50'000);
        run(state, options, source);
    }
}
BENCHMARK(simulate_by_scheduler)->DenseRange(1, 3)->Unit(benchmark::kMillisecond);

}  // namespace
