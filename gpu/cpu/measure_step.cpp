#include "gpu/cpu/measure_step.h"

#include <algorithm>
#include <chrono>
#include <new>

#include <fmt/format.h>

#include "gpu/cpu/machine.h"
#include "gpu/cpu/probe.h"
#include "gpu/protocol/median.h"

namespace moeplan::cpu {
namespace {

constexpr std::int64_t kMostSteps = 1000;
constexpr double kError = 0.005;

Problem problem(std::string what, ProblemKind kind) { return {"--step", "", std::move(what), "", kind}; }

std::vector<double> time_step(const StepShape& shape, double seconds) {
    const auto step = make_step(shape);
    return sample_until({kMostSteps, seconds, kError}, [&] {
        const auto begin = std::chrono::steady_clock::now();
        step->run();
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    });
}

Problems time_alone(std::vector<StepKernel>& kernels, double seconds) {
    const ProbeLimits limits{kMostSteps, std::max(0.1, seconds / static_cast<double>(kernels.size())), kError};
    for (StepKernel& one : kernels) {
        const ProbeReply reply = answer({0, one.kernel, limits});
        if (reply.status != ProbeStatus::ok) {
            return {problem(fmt::format("{}: {}: {}", one.part, to_text(one.kernel), reply.message),
                            ProblemKind::wrong_input)};
        }
        one.alone_us = median_of(reply.samples_us);
    }
    return {};
}

}  // namespace

Result<StepMeasurement> measure_step(const StepShape& shape, double seconds, bool alone) {
    const double needed = step_bytes(shape).value, left = static_cast<double>(available_bytes());
    if (needed > 0.9 * left) {
        return fail(problem(fmt::format("needs {:.2f} GiB, {:.2f} GiB can be had", needed / kGiB, left / kGiB),
                            ProblemKind::infeasible));
    }
    try {
        StepMeasurement measured;
        measured.step = to_text(shape);
        measured.kernels = step_kernels(shape);
        measured.samples_us = time_step(shape, seconds);
        measured.median_us = median_of(measured.samples_us);
        if (alone) {
            if (Problems wrong = time_alone(measured.kernels, seconds); !wrong.empty()) return fail(std::move(wrong));
        }
        return measured;
    } catch (const std::bad_alloc&) {
        return fail(problem("the system refused the memory", ProblemKind::infeasible));
    } catch (const std::exception& e) {
        return fail(problem(e.what(), ProblemKind::wrong_input));
    }
}

}  // namespace moeplan::cpu
