// What a fit of 500 measurements and a prediction by it cost. Targets: a fit under 10 s; the tabulated step is timed in
// bench_analyse.

#include <cmath>

#include <benchmark/benchmark.h>

#include "core/calibrate/fitted_family.h"
#include "core/calibrate/physics.h"
#include "core/catalog/catalog.h"

using namespace moeplan;

namespace {

// Sizes on a lattice of irrational steps; a time that no prior matches exactly.
std::vector<Measurement> rows_of(KernelFamily family, int count) {
    std::vector<Measurement> rows;
    for (int i = 0; i < count; ++i) {
        const auto step = [i](double by, double most) { return std::floor(std::pow(most, std::fmod(by * (i + 1), 1.0))); };
        Measurement m;
        if (family == KernelFamily::gemm) {
            m.op = Gemm{step(0.6180339887, 16384), 64 * step(0.7548776662, 256), 64 * step(0.5698402910, 256), NumberFormat::bf16};
        } else {
            Attention a;
            a.decode = true;
            a.new_tokens = 1;
            a.sequences = step(0.6180339887, 512);
            a.context = step(0.7548776662, 65536);
            a.kv_heads = step(0.5698402910, 16);
            a.heads = a.kv_heads * step(0.8191725134, 16);
            a.qk_dim = a.v_dim = 128;
            m.op = a;
        }
        m.family = family;
        m.format = "bf16";
        const Work work = work_of(m.op);
        m.seconds = 5e-6 + (work.bytes.value / 2.5e12 + work.flops.value / 6e14) * (1 + 0.2 * std::sin(0.37 * i));
        rows.push_back(std::move(m));
    }
    return rows;
}

std::shared_ptr<const FittedFamily> fitted_rows(KernelFamily family, const std::vector<Measurement>& rows) {
    const auto rates = rates_for(rows.front().op, *builtin_catalog().device("h100_sxm"));
    return fit_family(*physics_of(family), *rates, rows, {});
}

void fit(benchmark::State& state, KernelFamily family) {
    const std::vector<Measurement> rows = rows_of(family, static_cast<int>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(fitted_rows(family, rows));
}
BENCHMARK_CAPTURE(fit, gemm, KernelFamily::gemm)->Arg(50)->Arg(500)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fit, attention_decode, KernelFamily::attention_decode)->Arg(500)->Unit(benchmark::kMillisecond);

void predict_one(benchmark::State& state) {
    const auto family = fitted_rows(KernelFamily::gemm, rows_of(KernelFamily::gemm, 500));
    const OpKind op = Gemm{333, 4096, 11008, NumberFormat::bf16};
    for (auto _ : state) benchmark::DoNotOptimize(family->predict(op));
}
BENCHMARK(predict_one);

}  // namespace
