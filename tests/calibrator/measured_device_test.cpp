// A device nobody wrote down, from what was measured on it.

#include "gpu/calibrator/measured_device.h"
#include "tests/calibrator/support.h"

using namespace moeplan;
using namespace moeplan::test;

namespace {

Measurement row(const Kernel& kernel, double seconds) {
    Measurement m;
    m.op = op_of(kernel);
    m.family = family_of(kernel);
    m.format = format_of(kernel);
    m.seconds = seconds;
    return m;
}

}  // namespace

TEST_CASE("bandwidth is that of the largest copy, not of one that stays in a cache") {
    // Read and written: 2e9 bytes in 0.1 s are 20 GB/s; the small one would be 200 GB/s.
    const auto device = measured_device({}, {row(CopyKernel{1'000'000}, 1e-5), row(CopyKernel{1'000'000'000}, 0.1)});
    CHECK(device.bandwidth.value == Approx(2e10));
    CHECK(device.bandwidth_fraction == Estimate::exact(1));
}

TEST_CASE("without copies bandwidth is what kernels that compute little moved, without those what any kernel moved") {
    const GemmKernel one{1, 1000, 1000, NumberFormat::bf16}, many{1000, 1000, 1000, NumberFormat::bf16};
    const auto moved = [](const GemmKernel& gemm, double seconds) { return work_of(op_of(Kernel(gemm))).bytes.value / seconds; };
    // Twice as fast a byte, but it computes.
    CHECK(measured_device({}, {row(one, 1e-4), row(many, 1e-4)}).bandwidth.value == Approx(moved(one, 1e-4)));
    CHECK(measured_device({}, {row(many, 1e-4), row(many, 1e-3)}).bandwidth.value == Approx(moved(many, 1e-4)));
}

TEST_CASE("the peak of a format is the best any of its kernels reached, and no other format's") {
    // 2 m n k operations: 2e9 in 0.01 s and in 0.02 s.
    const GemmKernel gemm{1000, 1000, 1000, NumberFormat::fp32};
    const auto device = measured_device({}, {row(gemm, 0.02), row(gemm, 0.01)});
    CHECK(device.peak.fp32.value == Approx(2e11));
    CHECK(device.peak.bf16.value == 0);
    CHECK(device.peak.fp8.value == 0);
}

TEST_CASE("a device that was only greeted has its name and memory") {
    WorkerHello hello;
    hello.device = "CPU of somebody";
    hello.memory_bytes = 16'000'000'000;
    const auto device = measured_device(hello, {});
    CHECK(device.name == "CPU of somebody");
    CHECK(device.memory.value == 16e9);
    CHECK(device.bandwidth.value == 0);
}
