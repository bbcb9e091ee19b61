// Attention: prefill (causal, many queries a sequence) and decode (one query over a paged cache).
// Source of the forms: docs/calibration.md, "Attention".

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/calibrate/physics.h"
#include "core/calibrate/physics_parts.h"

namespace moeplan {
namespace {

enum : std::size_t { launch, bandwidth, compute, per_key, per_sequence };

double keys_of(const Attention& a) {
    double keys = a.context + a.new_tokens;
    if (a.window) keys = std::min(keys, *a.window + a.new_tokens - 1);
    return keys;
}

double prior(const OpKind& op, const DeviceRates& rates, std::span<const double> theta) {
    const auto& a = std::get<Attention>(op);
    const Work work = work_of(op);
    const double memory = work.bytes.value / (rates.bandwidth * theta[bandwidth]);
    const double arithmetic = work.flops.value / (rates.peak * theta[compute]);
    return theta[launch] + norm3(memory, arithmetic) + theta[per_key] * keys_of(a) + theta[per_sequence] * a.sequences;
}

void describe(const OpKind& op, const DeviceRates& rates, std::span<double> out) {
    const auto& a = std::get<Attention>(op);
    const Work work = work_of(op);
    out[0] = std::log(a.sequences);
    out[1] = std::log(a.new_tokens);
    out[2] = std::log(keys_of(a));
    out[3] = std::log(a.heads);
    out[4] = std::log(a.kv_heads);
    out[5] = std::log(a.qk_dim);
    out[6] = a.window ? 1 : 0;
    out[7] = std::log(work.flops.value / rates.peak / (work.bytes.value / rates.bandwidth));
    out[8] = std::log(a.sequences * a.kv_heads * std::ceil(a.new_tokens * a.heads / a.kv_heads / 128) / rates.processors);
    out[9] = std::log(a.context + a.new_tokens);
}

std::string shape(const OpKind& op) {
    const auto& a = std::get<Attention>(op);
    return fmt::format("{} heads, {} kv, {}", a.heads, a.kv_heads, a.qk_dim);
}

const std::vector<Parameter> kParameters{{"launch (s)", 5e-6, 1e-7, 1e-2},
                                         {"bandwidth reached", 0.7, 0.02, 3},
                                         {"compute reached", 0.5, 0.005, 1.2},
                                         {"per key (s)", 1e-10, 1e-14, 1e-6},
                                         {"per sequence (s)", 1e-9, 1e-13, 1e-5}};
const std::vector<std::string> kFeatures{"sequences", "new tokens", "keys seen", "heads", "kv heads", "head size", "windowed",
                                         "compute over memory time", "tiles per processor", "context"};

}  // namespace

const FamilyPhysics kPrefillPhysics{KernelFamily::attention_prefill, kParameters, prior, kFeatures, describe, shape};
const FamilyPhysics kDecodePhysics{KernelFamily::attention_decode, kParameters, prior, kFeatures, describe, shape};

}  // namespace moeplan
