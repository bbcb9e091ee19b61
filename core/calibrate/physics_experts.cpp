// The fused expert layer: gather, two grouped GEMMs with an activation between, weighted sum.
// Source of the form: docs/calibration.md, "Experts".

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/calibrate/physics.h"
#include "core/calibrate/physics_parts.h"

namespace moeplan {
namespace {

constexpr double kTileRows = 64, kTileColumns = 128;   // of a grouped GEMM's tile, the usual middle size

struct Sizes {
    double pairs, active, mean, hottest, matrices, tiles;
};

// Rows are padded to whole tiles expert by expert. From the mean and the hottest load alone: equal loads fill
// ceil(mean / tile) tiles each; skewed ones are near exponential, where E[ceil(x / tile)] = 1 / (1 - exp(-tile / mean)).
double tiles_of(double active, double mean, double hottest) {
    const double skew = std::clamp(hottest / mean - 1.0, 0.0, 1.0);
    const double even = std::ceil(mean / kTileRows - 1e-9);
    const double skewed = -1.0 / std::expm1(-kTileRows / mean);
    return active * ((1.0 - skew) * even + skew * skewed);
}

Sizes sizes_of(const ExpertFfn& f) {
    const double active = std::max(f.activated, 0.05);
    const double mean = std::max(f.pairs / active, 1e-3);
    const double hottest = std::max(f.hottest, mean);
    return {f.pairs, active, mean, hottest, f.gated ? 3.0 : 2.0, tiles_of(active, mean, hottest)};
}

double weight_bytes_read(const ExpertFfn& f, const Sizes& s) {
    return s.active * s.matrices * f.hidden * f.width * bits_per_weight(f.weights) / 8;
}

double padded_flops(const ExpertFfn& f, const Sizes& s) {
    return 2 * s.tiles * kTileRows * s.matrices * f.hidden * f.width;
}

enum : std::size_t { start, bandwidth, compute, rows, intermediate, token, expert, block };

double prior(const OpKind& op, const DeviceRates& rates, std::span<const double> theta) {
    const auto& f = std::get<ExpertFfn>(op);
    const Sizes s = sizes_of(f);
    const double memory = weight_bytes_read(f, s) / (rates.bandwidth * theta[bandwidth]);
    const double arithmetic = padded_flops(f, s) / (rates.peak * theta[compute]);
    // One thread block streams a column of tiles through one processor's share of the bandwidth, however few there are.
    const double alone = (f.hidden + f.width) * kTileColumns * bits_per_weight(f.weights) / 8 /
                         (rates.bandwidth / rates.processors * theta[block]);
    // Every token's top_k rows are summed, those of other ranks' experts as zeros.
    const double summed = f.tokens * static_cast<double>(f.top_k) * f.hidden * kActivationBytes;
    const double between = s.pairs * (2 * f.hidden + 3 * f.width) * kActivationBytes;
    return theta[start] + norm3(memory, arithmetic, alone) + summed / (rates.bandwidth * theta[rows]) +
           between / (rates.bandwidth * theta[intermediate]) + theta[token] * f.tokens + theta[expert] * f.experts;
}

void describe(const OpKind& op, const DeviceRates& rates, std::span<const double>, std::span<double> out) {
    const auto& f = std::get<ExpertFfn>(op);
    const Sizes s = sizes_of(f);
    const double intensity = padded_flops(f, s) / rates.peak / (weight_bytes_read(f, s) / rates.bandwidth);
    const double blocks = s.tiles * std::ceil(2 * f.width / kTileColumns);
    out[0] = std::log(std::max(f.tokens, 1.0));
    out[1] = std::log(f.hidden);
    out[2] = std::log(f.width);
    out[3] = std::log(static_cast<double>(f.top_k));
    out[4] = std::log(f.held);
    out[5] = std::log(std::max(s.active, 0.1));
    out[6] = std::log(std::max(s.mean, 0.5));
    out[7] = std::log(std::max(s.hottest, 0.5) / std::max(s.mean, 0.5));
    out[8] = std::log(intensity + 1e-3);
    out[9] = std::log(std::max(f.experts, f.held) / f.held);
    out[10] = std::log(alignment(f.width, 256));
    out[11] = std::log(std::max(blocks, 1.0) / rates.processors);
    out[12] = f.experts > f.held ? 1 : 0;   // engines take another kernel where experts are spread over ranks
    out[13] = f.gated ? 1 : 0;
}

std::string shape(const OpKind& op) {
    const auto& f = std::get<ExpertFfn>(op);
    return fmt::format("{} of {}, hidden {}, {}", f.top_k, f.experts, f.hidden, f.gated ? "gated" : "plain");
}

}  // namespace

const FamilyPhysics kExpertPhysics{
    KernelFamily::moe_ffn,
    {{"start (s)", 2e-5, 1e-6, 3e-4},
     {"bandwidth reached", 0.7, 0.05, 1.3},
     {"compute reached", 0.6, 0.05, 1.3},
     {"bandwidth of summed rows", 1, 0.02, 30},
     {"bandwidth of intermediates", 1, 0.02, 30},
     {"per token (s)", 1e-9, 1e-13, 1e-7},
     {"per expert (s)", 1e-8, 1e-12, 1e-6},
     {"bandwidth of one block", 3, 0.3, 100}},
    prior,
    nullptr,
    {"tokens", "hidden", "width", "top-k", "held experts", "activated experts", "tokens per expert", "hottest over mean",
     "compute over memory time", "ranks", "alignment of width", "tiles per processor", "spread over ranks", "gated"},
    describe,
    shape,
    {0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 13}};

}  // namespace moeplan
