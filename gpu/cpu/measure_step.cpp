#include "gpu/cpu/measure_step.h"

#include <algorithm>
#include <chrono>
#include <limits>
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
    return sample_until({kMostSteps, seconds, kError}, [&] { return time_quietly([] {}, [&] { step->run(); }).seconds; });
}

// The run before brings back what the step and the other kernels drove out of the caches.
Timed time_alone(CpuProbe& probe) {
    const auto before = [&] {
        probe.prepare();
        probe.run();
        probe.prepare();
    };
    return time_quietly(before, [&] { probe.run(); });
}

// Of a kernel alone: the median of the undisturbed times, else the shortest.
class Alone {
public:
    void take(const Timed& timed) {
        if (!timed.disturbed) quiet_.push_back(timed.seconds * 1e6);
        shortest_ = std::min(shortest_, timed.seconds * 1e6);
    }
    double us() const { return quiet_.empty() ? shortest_ : median_of(quiet_); }

private:
    std::vector<double> quiet_;
    double shortest_ = std::numeric_limits<double>::infinity();
};

// Every execution of every kernel of a step, over many steps.
class Laps {
public:
    explicit Laps(std::size_t kernels) : in_step_(kernels, 0.0) {}

    // Runs the step; microseconds of all of it.
    double run(TransformerStep& step) {
        std::size_t index = 0;
        double sum = 0;
        clock_.restart();
        step.run([&](std::size_t kernel) {
            const Timed timed = clock_.lap();
            if (index == all_.size()) all_.push_back({kernel, {}, {}});
            all_[index].every.push_back(timed.seconds * 1e6);
            if (!timed.disturbed) all_[index].quiet.push_back(timed.seconds * 1e6);
            sum += timed.seconds * 1e6;
            ++index;
        });
        return sum;
    }

    // An execution that was never undisturbed counts by its shortest time.
    void summarise(StepMeasurement& measured) {
        measured.quiet_us = 0;
        for (const Execution& one : all_) {
            const double us = one.quiet.empty() ? std::ranges::min(one.every) : median_of(one.quiet);
            in_step_[one.kernel] += us;
            *measured.quiet_us += us;
        }
        for (std::size_t i = 0; i < in_step_.size(); ++i) {
            measured.kernels[i].in_step_us = in_step_[i] / static_cast<double>(measured.kernels[i].repeat);
        }
    }

private:
    struct Execution {
        std::size_t kernel = 0;
        std::vector<double> every, quiet;
    };
    LapClock clock_;
    std::vector<Execution> all_;
    std::vector<double> in_step_;
};

// The step and its kernels in turn, so that whatever else the machine does meets them alike.
void time_in_turn(const StepShape& shape, double seconds, StepMeasurement& measured) {
    const auto step = make_step(shape);
    std::vector<std::unique_ptr<CpuProbe>> probes;
    for (const StepKernel& one : measured.kernels) probes.push_back(make_probe(one.kernel));
    std::vector<Alone> alone(probes.size());
    Laps laps(probes.size());
    const auto begin = std::chrono::steady_clock::now();
    for (std::int64_t round = 0; round < kMostSteps; ++round) {
        step->run();   // brings back what the kernels alone drove out
        measured.samples_us.push_back(laps.run(*step));
        for (std::size_t i = 0; i < probes.size(); ++i) alone[i].take(time_alone(*probes[i]));
        if (std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() > seconds) break;
    }
    for (std::size_t i = 0; i < probes.size(); ++i) measured.kernels[i].alone_us = alone[i].us();
    laps.summarise(measured);
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
