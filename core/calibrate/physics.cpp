#include "core/calibrate/physics.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/match.h"
#include "core/cost/arithmetic.h"

namespace moeplan {
namespace {

// The format an op multiplies in; nothing for passes and collectives, which do not multiply.
std::optional<NumberFormat> arithmetic_of(const OpKind& op, const DeviceSpec& device) {
    return match(
        op, [&](const Gemm& g) -> std::optional<NumberFormat> { return arithmetic_format(g.weights, device); },
        [&](const ExpertFfn& f) -> std::optional<NumberFormat> { return arithmetic_format(f.weights, device); },
        [&](const Attention& a) -> std::optional<NumberFormat> { return arithmetic_format(a.format, device); },
        [](const auto&) -> std::optional<NumberFormat> { return std::nullopt; });
}

}  // namespace

Result<DeviceRates> rates_for(const OpKind& op, const DeviceSpec& device) {
    DeviceRates rates;
    rates.bandwidth = device.bandwidth.value;
    rates.processors = static_cast<double>(device.sm_count.value_or(100));
    rates.cache = device.l2_mb.value_or(0) * 1e6;
    rates.peak = 1;
    if (const auto format = arithmetic_of(op, device)) {
        rates.peak = device.peak.of(*format).value;
        if (rates.peak <= 0) {
            return fail({{}, {}, fmt::format("{} has no published dense {} peak", device.name, name_of(*format)),
                         fmt::format("add peak.{} to the device", name_of(*format)), ProblemKind::wrong_input});
        }
    }
    if (std::holds_alternative<Collective>(op)) rates.bandwidth = device.link.value > 0 ? device.link.value : device.pcie.value;
    return rates;
}

std::vector<double> starts_of(const FamilyPhysics& physics) {
    std::vector<double> starts;
    for (const Parameter& p : physics.parameters) starts.push_back(p.start);
    return starts;
}

std::optional<std::size_t> parameter_place(const FamilyPhysics& physics, std::string_view parameter) {
    const auto at = std::ranges::find(physics.parameters, parameter, &Parameter::name);
    if (at == physics.parameters.end()) return std::nullopt;
    return static_cast<std::size_t>(at - physics.parameters.begin());
}

const FamilyPhysics* physics_of(KernelFamily family) {
    switch (family) {
        case KernelFamily::gemm: return &kGemmPhysics;
        case KernelFamily::moe_ffn: return &kExpertPhysics;
        case KernelFamily::attention_prefill: return &kPrefillPhysics;
        case KernelFamily::attention_decode: return &kDecodePhysics;
        case KernelFamily::router:
        case KernelFamily::dispatch:
        case KernelFamily::combine:
        case KernelFamily::activation:
        case KernelFamily::copy: return &kPassPhysics;
        case KernelFamily::collective: return &kCollectivePhysics;
        case KernelFamily::launch: return nullptr;
    }
    return nullptr;
}

std::optional<FamilyKey> family_of_op(const OpKind& op) {
    using Found = std::optional<FamilyKey>;
    return match(
        op, [](const Gemm& g) -> Found { return FamilyKey{KernelFamily::gemm, std::string(name_of(g.weights))}; },
        [](const ExpertFfn& f) -> Found { return FamilyKey{KernelFamily::moe_ffn, std::string(name_of(f.weights))}; },
        [](const Attention& a) -> Found {
            return FamilyKey{a.decode ? KernelFamily::attention_decode : KernelFamily::attention_prefill, attention_format(a)};
        },
        // What a pass over memory takes is what a copy of as many bytes takes.
        [](const MemoryPass&) -> Found { return FamilyKey{KernelFamily::copy, ""}; },
        [](const Collective& c) -> Found { return FamilyKey{KernelFamily::collective, std::string(name_of(c.kind))}; },
        [](const StateUpdate&) -> Found { return std::nullopt; }, [](const HostFetch&) -> Found { return std::nullopt; });
}

}  // namespace moeplan
