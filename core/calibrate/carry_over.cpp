#include "core/calibrate/carry_over.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/calibrate/family_groups.h"
#include "core/calibrate/fitted_family.h"
#include "core/cost/arithmetic.h"

namespace moeplan {
namespace {

// CUDA compute capability of the architecture's first chip. Source: https://developer.nvidia.com/cuda-gpus.
constexpr std::array<std::pair<std::string_view, double>, 6> kCapabilities{
    {{"Volta", 7.0}, {"Turing", 7.5}, {"Ampere", 8.0}, {"Ada", 8.9}, {"Hopper", 9.0}, {"Blackwell", 10.0}}};

constexpr double kSameChip = 1.5;        // ratio of peaks
constexpr double kFaultyKernel = 0.5;    // of what 16-bit kernels reach, of bandwidth and arithmetic both
constexpr double kSlowLaunch = 10;       // times the launch of 16-bit kernels: not captured in a graph

// "Blackwell Ultra" is Blackwell.
std::optional<std::pair<std::string_view, double>> architecture(const DeviceSpec& device) {
    for (const auto& known : kCapabilities) {
        if (std::string_view(device.arch).starts_with(known.first)) return known;
    }
    return std::nullopt;
}

double half_peak(const DeviceSpec& device) { return device.peak.of(half_format(device)).value; }
double intensity(const DeviceSpec& device) { return half_peak(device) / device.bandwidth.value; }

// How far apart two chips are in what decides how much of their bandwidth kernels reach: the bandwidth that each processor has
// to draw, where both counts are known.
double unlikeness(const DeviceSpec& a, const DeviceSpec& b) {
    if (!a.sm_count || !b.sm_count) return std::abs(std::log(intensity(a) / intensity(b)));
    const auto share = [](const DeviceSpec& d) { return d.bandwidth.value / static_cast<double>(*d.sm_count); };
    return std::abs(std::log(share(a) / share(b)));
}

// 90 % of log(measured / carried over) when each measured device is left out in turn and predicted from the nearest of the
// others; low and high ends as they come, so that a bias widens one side. `moeplan validate kernels TABLE --profile borrowed`
// (docs/validation.md, "Devices left out"). Only siblings and other architectures could be measured: another chip of the
// same architecture takes the wider, and so does another engine.
struct Miss {
    double low, high;
};
Miss missed(KernelFamily family, bool sibling) {
    switch (family) {
        case KernelFamily::gemm: return sibling ? Miss{-0.16, 0.19} : Miss{-0.34, 0.92};
        case KernelFamily::moe_ffn: return sibling ? Miss{-0.27, 0.29} : Miss{-0.60, 0.60};
        case KernelFamily::attention_prefill: return sibling ? Miss{-0.26, 0.20} : Miss{-0.38, 0.80};
        case KernelFamily::attention_decode: return sibling ? Miss{-0.16, 0.17} : Miss{-0.87, 0.46};
        // Of collectives only siblings could be measured: the wider is what other architectures' fabrics missed.
        default: return sibling ? Miss{-0.07, 0.10} : Miss{-0.60, 0.60};
    }
}

// 16 bits are what kernels are written for first.
const FittedFamily* in_half(const Profile& profile, KernelFamily family) {
    const FittedFamily* bf16 = fitted(profile, {family, std::string(name_of(NumberFormat::bf16))});
    return bf16 ? bf16 : fitted(profile, {family, std::string(name_of(NumberFormat::fp16))});
}

// Kernels of one format that are far worse than those of 16 bits say nothing of another chip: matrix products that reach
// neither half the bandwidth nor half the arithmetic, attention that waits for the host.
bool faulty(const Profile& profile, const FamilyProfile& family) {
    const FittedFamily* usual = in_half(profile, family.family);
    if (!usual || usual == family.fit.get()) return false;
    const auto share = [&](const char* what) { return family.fit->parameter(what) / usual->parameter(what); };
    switch (family.family) {
        case KernelFamily::gemm:
        case KernelFamily::moe_ffn: return share("bandwidth reached") < kFaultyKernel && share("compute reached") < kFaultyKernel;
        case KernelFamily::attention_prefill:
        case KernelFamily::attention_decode: return share("launch (s)") > kSlowLaunch;
        default: return false;
    }
}

std::optional<OpKind> op_of(const FamilyProfile& family) {
    const auto format = number_format_named(family.format.substr(0, family.format.find(',')));
    switch (family.family) {
        case KernelFamily::gemm: return format ? std::optional<OpKind>(Gemm{1, 1, 1, *format}) : std::nullopt;
        case KernelFamily::moe_ffn: {
            ExpertFfn f;
            if (!format) return std::nullopt;
            f.weights = *format;
            return f;
        }
        case KernelFamily::attention_prefill:
        case KernelFamily::attention_decode: {
            Attention a;
            if (!format) return std::nullopt;
            a.format = *format;
            return a;
        }
        case KernelFamily::collective: return Collective{};
        default: return MemoryPass{};
    }
}

NumberFormat arithmetic_of(const OpKind& op, const DeviceSpec& device) {
    if (const auto* g = std::get_if<Gemm>(&op)) return arithmetic_format(g->weights, device);
    if (const auto* f = std::get_if<ExpertFfn>(&op)) return arithmetic_format(f->weights, device);
    if (const auto* a = std::get_if<Attention>(&op)) return arithmetic_format(a->format, device);
    return half_format(device);
}

bool is_half(NumberFormat format) { return format == NumberFormat::bf16 || format == NumberFormat::fp16; }
bool is_narrow(NumberFormat format) { return !is_half(format) && format != NumberFormat::fp32; }

// The datasheet of `other` in the terms of the fit: what its kernels reach of it beside what those of `measured` do, both as
// in the catalog; a count of processors that is not known stays the measured device's.
DeviceRates rates_of(const FittedFamily::State& state, const OpKind& op, const DeviceSpec& measured, const DeviceSpec& other) {
    DeviceRates rates = state.rates;
    if (std::holds_alternative<Collective>(op)) {
        rates.bandwidth = other.link.value * other.link_fraction.value / measured.link_fraction.value;
        return rates;
    }
    rates.bandwidth = other.bandwidth.value * other.bandwidth_fraction.value / measured.bandwidth_fraction.value;
    const NumberFormat format = arithmetic_of(op, other);
    const bool matrix = std::holds_alternative<Gemm>(op) || std::holds_alternative<ExpertFfn>(op);
    const auto reached = [&](const DeviceSpec& d) {
        return matrix && is_narrow(format) ? d.compute_fraction_fp8.value : d.compute_fraction.value;
    };
    rates.peak = other.peak.of(format).value * reached(other) / reached(measured);
    if (measured.sm_count && other.sm_count) {
        rates.processors *= static_cast<double>(*other.sm_count) / static_cast<double>(*measured.sm_count);
    }
    if (other.l2_mb) rates.cache = *other.l2_mb * 1e6;
    return rates;
}

// What one thread block draws of the bandwidth hangs on how many loads it has under way, not on what the chip has for all of
// them: as a multiple of its share it is larger where there is less to share.
void keep_block_rate(const FamilyPhysics& physics, FittedFamily::State& state, const DeviceRates& before) {
    const double shares = before.bandwidth / before.processors / (state.rates.bandwidth / state.rates.processors);
    for (std::size_t i = 0; i < state.theta.size(); ++i) {
        if (physics.parameters[i].name.starts_with("bandwidth of one block")) state.theta[i] *= shares;
    }
}

// What was learnt adds up as inherited, and in place of its own doubt stands what carrying over misses: a process without
// points and of unit noise makes the quantiles the interval.
FittedFamily::State carried_state(const FittedFamily& fit, DeviceRates rates, Kinship how, bool same_engine) {
    FittedFamily::State state = fit.state();
    const DeviceRates before = std::exchange(state.rates, rates);
    keep_block_rate(fit.physics(), state, before);
    GpModel none;
    none.features = state.correction.features;
    none.centre.assign(none.features, 0);
    none.scale.assign(none.features, 0);
    none.noise = 1;
    if (how == Kinship::generation) state.inherited.clear();
    else state.inherited.push_back(std::move(state.correction));
    state.correction = std::move(none);
    const Miss miss = missed(fit.physics().family, how == Kinship::sibling && same_engine);
    state.quantile_low = state.unseen_low = miss.low;
    state.quantile_high = state.unseen_high = miss.high;
    return state;
}

bool carries(const Profile& profile, const FamilyProfile& family, const OpKind& op, Kinship how, const DeviceSpec& measured,
             const DeviceSpec& other) {
    if (std::holds_alternative<Collective>(op)) {
        return how != Kinship::generation && measured.link.value > 0 && other.link.value > 0 && other.link_domain > 1;
    }
    if (std::holds_alternative<MemoryPass>(op)) return true;
    const NumberFormat here = arithmetic_of(op, other), there = arithmetic_of(op, measured);
    if (here != there && !(is_half(here) && is_half(there))) return false;
    return other.peak.of(here).value > 0 && (how == Kinship::sibling || !faulty(profile, family));
}

}  // namespace

std::optional<Kinship> kinship(const DeviceSpec& measured, const DeviceSpec& other) {
    const auto a = architecture(measured), b = architecture(other);
    if (!a || !b) return std::nullopt;
    if (a->first != b->first) return Kinship::generation;
    return std::abs(std::log(half_peak(measured) / half_peak(other))) <= std::log(kSameChip) ? Kinship::sibling : Kinship::architecture;
}

std::optional<double> distance(const DeviceSpec& measured, const DeviceSpec& other) {
    const auto how = kinship(measured, other);
    if (!how) return std::nullopt;
    const double generations = std::abs(architecture(measured)->second - architecture(other)->second);
    return 1e4 * static_cast<double>(*how) + 1e2 * generations + unlikeness(measured, other);
}

std::optional<FamilyProfile> carry_over(const Profile& profile, const FamilyProfile& family, const DeviceSpec& measured,
                                        const DeviceSpec& other, bool same_engine) {
    const auto how = kinship(measured, other);
    const auto op = op_of(family);
    if (!how || !op || !family.fit || !carries(profile, family, *op, *how, measured, other)) return std::nullopt;
    const FittedFamily& fit = *family.fit;
    const DeviceRates rates = rates_of(fit.state(), *op, measured, other);
    FamilyProfile carried = family;
    carried.error.reset();
    carried.held_out = 0;
    carried.from = profile.name;
    carried.fit = std::make_shared<const FittedFamily>(fit.physics(), carried_state(fit, rates, *how, same_engine));
    return carried;
}

}  // namespace moeplan
