#pragma once
// One measured kernel, wherever it came from: a probe, a public table, a benchmark's output.

#include <string>
#include <vector>

#include "core/kernels/kernel.h"
#include "core/ops/op.h"

namespace moeplan {

struct Measurement {
    OpKind op;
    KernelFamily family = KernelFamily::gemm;
    std::string format;          // as format_of(Kernel)
    double seconds = 0;          // median
    std::vector<OpKind> beside = {};   // what ran before and after it and was timed with it: then `seconds` is of all of them
    double spread = 0;           // relative half-width of the median's 95 % interval; 0 = not known
    // Drawn at random from what will be asked, not picked for being unlike the others: how well it is predicted when left
    // out tells the error.
    bool representative = true;
    std::string shape;           // rows of one layer shape at other sizes and layouts share it; empty = not known
    std::string kernel;          // which implementation ran, when the source names it
    std::string source;          // "h100_sxm-vllm-moe.csv:14", "probe 17"
};

// What a set of measurements was taken on and with.
struct MeasurementSet {
    std::string device;          // catalog id, or the driver's name where none matches
    std::string engine;          // "vllm 0.24.0"; empty for bare kernels
    std::string source;          // file, repository and licence notice, or the worker's greeting
    std::vector<Measurement> rows;
    bool timed_here = false;     // by a probe worker, whose unit is known: times that are too long say that the machine was busy
};

}  // namespace moeplan
