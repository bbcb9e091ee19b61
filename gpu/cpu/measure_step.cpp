#include "gpu/cpu/measure_step.h"

#include <algorithm>
#include <chrono>
#include <new>

#include <fmt/format.h>

#include "gpu/cpu/machine.h"
#include "gpu/cpu/probe.h"
#include "gpu/cpu/stopwatch.h"
#include "gpu/protocol/median.h"

namespace moeplan::cpu {
namespace {

constexpr std::int64_t kMostSteps = 1000;
constexpr double kError = 0.005;

Problem problem(std::string what, ProblemKind kind) { return {"--step", "", std::move(what), "", kind}; }

std::vector<double> time_step(const StepShape& shape, double seconds) {
    const auto step = make_step(shape);
    return sample_until({kMostSteps, seconds, kError}, [&] { return time_quietly([] {}, [&] { step->run(); }); });
}

// The run before brings back what the step and the other kernels drove out of the caches.
double time_alone(CpuProbe& probe) {
    const auto before = [&] {
        probe.prepare();
        probe.run();
        probe.prepare();
    };
    return time_quietly(before, [&] { probe.run(); });
}

// The step and its kernels in turn, so that whatever else the machine does meets them alike.
void time_in_turn(const StepShape& shape, double seconds, StepMeasurement& measured) {
    const auto step = make_step(shape);
    std::vector<std::unique_ptr<CpuProbe>> probes;
    for (const StepKernel& one : measured.kernels) probes.push_back(make_probe(one.kernel));
    std::vector<std::vector<double>> alone(probes.size());
    const auto begin = std::chrono::steady_clock::now();
    step->run();
    for (std::int64_t round = 0; round < kMostSteps; ++round) {
        measured.samples_us.push_back(1e6 * time_quietly([] {}, [&] { step->run(); }));
        for (std::size_t i = 0; i < probes.size(); ++i) alone[i].push_back(1e6 * time_alone(*probes[i]));
        if (std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() > seconds) break;
    }
    for (std::size_t i = 0; i < probes.size(); ++i) measured.kernels[i].alone_us = median_of(alone[i]);
}

double bytes_together(const StepShape& shape) {
    double bytes = step_bytes(shape).value;
    for (const StepKernel& one : step_kernels(shape)) bytes += probe_bytes(one.kernel).value;
    return bytes;
}

}  // namespace

Result<StepMeasurement> measure_step(const StepShape& shape, double seconds, bool alone) {
    const double needed = alone ? bytes_together(shape) : step_bytes(shape).value;
    const double left = static_cast<double>(available_bytes());
    if (needed > 0.9 * left) {
        return fail(problem(fmt::format("needs {:.2f} GiB, {:.2f} GiB can be had", needed / kGiB, left / kGiB),
                            ProblemKind::infeasible));
    }
    try {
        StepMeasurement measured;
        measured.step = to_text(shape);
        measured.kernels = step_kernels(shape);
        if (alone) time_in_turn(shape, seconds, measured);
        else measured.samples_us = time_step(shape, seconds);
        measured.median_us = median_of(measured.samples_us);
        return measured;
    } catch (const std::bad_alloc&) {
        return fail(problem("the system refused the memory", ProblemKind::infeasible));
    } catch (const std::exception& e) {
        return fail(problem(e.what(), ProblemKind::wrong_input));
    }
}

}  // namespace moeplan::cpu
