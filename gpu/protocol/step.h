#pragma once
// A whole step measured by a worker, with the kernels it is made of: to hold a prediction of the sum against.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kernels/kernel.h"

namespace moeplan {

struct StepKernel {
    std::string part;             // "qkv projection"
    std::int64_t repeat = 1;      // executions in a step
    Kernel kernel;
    std::optional<double> alone_us;     // its median when probed alone, where that was measured too
    std::optional<double> in_step_us;   // and within the step, undisturbed, the mean over its executions
    bool operator==(const StepKernel&) const = default;
};

struct StepMeasurement {
    std::string step;             // what was run, as the worker's option says it
    std::vector<StepKernel> kernels;
    std::vector<double> samples_us;   // each one step
    double median_us = 0;
    // The step without what other programs took: the sum over its kernels of the median of the undisturbed executions.
    std::optional<double> quiet_us;
    bool operator==(const StepMeasurement&) const = default;
};

// The sum of repeat * alone_us; nothing when one was not measured.
std::optional<double> sum_alone_us(const StepMeasurement& measured);

// {"step":…,"median_us":…,"quiet_us":…,"samples_us":[…],"kernels":[{"part":…,"repeat":4,"alone_us":…,
// "in_step_us":…,"kernel":{"op":"gemm",…}},…]}: the kernels with the keys of a request. One line.
std::string write_step(const StepMeasurement& measured);
// Errors as of read_reply().
Result<StepMeasurement> read_step(std::string_view line);

}  // namespace moeplan
