// Dense matrix product. Source of the form: docs/calibration.md, "GEMM".

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/calibrate/physics.h"
#include "core/calibrate/physics_parts.h"

namespace moeplan {
namespace {

enum : std::size_t { launch, host, unaligned, bandwidth, compute, per_depth, per_element };

double bytes_of(const Gemm& g) { return work_of(OpKind{g}).bytes.value; }
double flops_of(const Gemm& g) { return 2 * g.m * g.n * g.k; }

// On the device, launch left out. A deep product is a long chain on each processor; rows are quantised
// element by element first.
double work_seconds(const Gemm& g, const DeviceRates& rates, std::span<const double> theta) {
    const double memory = bytes_of(g) / (rates.bandwidth * theta[bandwidth]);
    const double arithmetic = flops_of(g) / (rates.peak * theta[compute]);
    return norm4(memory, arithmetic) + theta[per_depth] * g.k + theta[per_element] * g.m * g.k;
}

bool padded(double m) { return std::fmod(m, 4) != 0; }

double device_time(const OpKind& op, const DeviceRates& rates, std::span<const double> theta) {
    return theta[launch] + work_seconds(std::get<Gemm>(op), rates, theta);
}

// Either the device is busy or the host is not done launching; rows that are no multiple of 4 are padded by the host.
double prior(const OpKind& op, const DeviceRates& rates, std::span<const double> theta) {
    const auto& g = std::get<Gemm>(op);
    const double device = device_time(op, rates, theta);
    const double launched = theta[host] + (padded(g.m) ? theta[unaligned] : 0);
    return norm6(device, launched);
}

// log of whole waves over waves: the processors left idle by the last one.
double wave_loss(const Gemm& g, double rows, double columns, double processors) {
    const double waves = std::ceil(g.m / rows) * std::ceil(g.n / columns) / processors;
    return std::log(std::ceil(waves) / waves);
}

double power_of_two_above(double x) { return std::exp2(std::ceil(std::log2(x))); }

// A tile of the result that one block works on, and what it reaches of a processor's peak against the largest: guesses, fitted to
// nothing; larger tiles read less for what they compute.
struct Tile {
    double rows, columns, reached;
};
constexpr std::array<Tile, 8> kTiles{{{128, 256, 1}, {256, 128, 1}, {128, 128, 0.92}, {64, 256, 0.85}, {256, 64, 0.85}, {128, 64, 0.75}, {64, 128, 0.75}, {64, 64, 0.6}}};

// Time over the roofline's, as a logarithm, where the best of the tiles comes in whole waves; 0 where memory binds.
double tiling_loss(const Gemm& g, const DeviceRates& rates, double rows) {
    const double memory = bytes_of(g) / rates.bandwidth, arithmetic = flops_of(g) / rates.peak;
    double best = std::numeric_limits<double>::infinity();
    for (const Tile& t : kTiles) {
        const double waves = std::ceil(std::ceil(rows / t.rows) * std::ceil(g.n / t.columns) / rates.processors);
        best = std::min(best, waves * rates.processors * t.rows * t.columns / (rows * g.n * t.reached));
    }
    return std::log(norm4(memory, arithmetic * best) / norm4(memory, arithmetic));
}

void describe(const OpKind& op, const DeviceRates& rates, std::span<const double>, std::span<double> out) {
    const auto& g = std::get<Gemm>(op);
    const double m = std::max(g.m, 1.0);
    const double waves = std::ceil(m / 128) * std::ceil(g.n / 128) / rates.processors;
    const double few = std::max(m, 16.0);
    out[0] = std::log(m);
    out[1] = std::log(g.n);
    out[2] = std::log(g.k);
    out[3] = std::log(flops_of(g) / rates.peak / (bytes_of(g) / rates.bandwidth));
    out[4] = std::log(waves);
    out[5] = wave_loss(g, 128, 128, rates.processors);
    out[6] = wave_loss(g, 128, 256, rates.processors);
    out[7] = wave_loss(g, 64, 64, rates.processors);
    out[8] = std::log2(alignment(m, 8));
    out[9] = m == 1 ? 1 : 0;
    out[10] = std::fmod(g.n, 64) != 0 || std::fmod(g.k, 128) != 0 ? 1 : 0;
    out[11] = m >= 64 ? std::log(std::ceil(m / 128) * 128 / m) : 0;
    out[12] = m <= 256 ? std::log(power_of_two_above(few) / few) : 0;
    out[13] = std::log(bytes_of(g));
    out[14] = wave_loss(g, 256, 128, rates.processors);
    out[15] = wave_loss(g, 64, 128, rates.processors);
    out[16] = std::log(norm4(bytes_of(g) / rates.bandwidth, flops_of(g) / rates.peak) / 1e-6);
    out[17] = wave_loss(g, 256, 128, std::max(1.0, std::floor(rates.processors / 2)));   // two processors share a tile
    out[18] = tiling_loss(g, rates, m);
}

std::string shape(const OpKind& op) {
    const auto& g = std::get<Gemm>(op);
    return fmt::format("{} x {}", g.n, g.k);
}

}  // namespace

const FamilyPhysics kGemmPhysics{
    KernelFamily::gemm,
    // A kernel of a captured graph starts within microseconds; what a measurement shows beyond that is its host.
    {{"launch (s)", 3e-6, 2e-7, 1.5e-5},
     {"host (s)", 3e-6, 1e-8, 1e-2},
     {"host, rows not a multiple of 4 (s)", 1e-6, 1e-9, 1e-2},
     {"bandwidth reached", 0.8, 0.05, 2},
     {"compute reached", 0.7, 0.02, 1.3},
     {"per column of the depth (s)", 1e-10, 1e-14, 1e-7},
     {"per element of the rows (s)", 3e-13, 1e-18, 1e-9}},
    prior,
    device_time,
    {"m", "n", "k", "compute over memory time", "waves of 128 x 128", "idle in 128 x 128", "idle in 128 x 256", "idle in 64 x 64",
     "alignment of m", "one row", "blocks not whole", "rows padded to 128", "rows padded to a power of two", "bytes",
     "idle in 256 x 128", "idle in 64 x 128", "work",
     "idle in pairs of 256 x 128", "loss of the best tile"},
    describe,
    shape,
    {0, 1, 2}};

}  // namespace moeplan
