#include "gpu/calibrator/measured_device.h"

#include <algorithm>

namespace moeplan {
namespace {

// Fewer operations a byte than this and a kernel moves data for all any device cares.
constexpr double kLittleArithmetic = 1.0;

NumberFormat arithmetic_of(const Measurement& row) {
    if (const auto* gemm = std::get_if<Gemm>(&row.op)) return compute_format(gemm->weights, true, true);
    if (const auto* ffn = std::get_if<ExpertFfn>(&row.op)) return compute_format(ffn->weights, true, true);
    // Attention's arithmetic is only in the name: "bf16, fp8 cache".
    return number_format_named(row.format.substr(0, row.format.find(','))).value_or(NumberFormat::bf16);
}

double measured_bandwidth(const std::vector<Measurement>& rows) {
    double largest = 0, of_largest = 0, most = 0, any = 0;
    for (const Measurement& row : rows) {
        if (!(row.seconds > 0)) continue;
        const Work work = work_of(row.op);
        const double rate = work.bytes.value / row.seconds;
        if (row.family == KernelFamily::copy && work.bytes.value > largest) {
            largest = work.bytes.value;
            of_largest = rate;
        }
        any = std::max(any, rate);
        if (work.flops.value <= kLittleArithmetic * work.bytes.value) most = std::max(most, rate);
    }
    if (largest > 0) return of_largest;
    return most > 0 ? most : any;
}

FlopsPerSecond& peak_of(Peaks& peaks, NumberFormat compute) {
    switch (compute) {
        case NumberFormat::fp32: return peaks.fp32;
        case NumberFormat::fp16: return peaks.fp16;
        case NumberFormat::fp8:
        case NumberFormat::fp8_block: return peaks.fp8;
        case NumberFormat::nvfp4:
        case NumberFormat::mxfp4: return peaks.fp4;
        case NumberFormat::int8: return peaks.int8;
        default: return peaks.bf16;
    }
}

}  // namespace

DeviceSpec measured_device(const WorkerHello& hello, const std::vector<Measurement>& rows) {
    DeviceSpec device;
    device.id = hello.device;
    device.name = hello.device;
    device.memory = {static_cast<double>(hello.memory_bytes)};
    device.bandwidth = {measured_bandwidth(rows)};
    device.bandwidth_fraction = device.compute_fraction = device.compute_fraction_fp8 = device.link_fraction =
        Estimate::exact(1);
    if (hello.threads > 0) device.sm_count = hello.threads;   // a processor's cores; of a GPU nobody says how many
    device.link_domain = std::max<std::int64_t>(1, hello.devices);
    for (const Measurement& row : rows) {
        if (!(row.seconds > 0)) continue;
        if (const auto* collective = std::get_if<Collective>(&row.op))
            device.link = std::max(device.link, BytesPerSecond{collective->bytes.value / row.seconds});
        const double rate = work_of(row.op).flops.value / row.seconds;
        if (!(rate > 0)) continue;
        FlopsPerSecond& peak = peak_of(device.peak, arithmetic_of(row));
        peak = std::max(peak, FlopsPerSecond{rate});
    }
    device.sources.push_back({"bandwidth, peak", "measured on the device by the calibration", {}});
    return device;
}

}  // namespace moeplan
