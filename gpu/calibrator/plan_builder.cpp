#include "gpu/calibrator/plan_builder.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace moeplan {
namespace {

Kernel example(KernelFamily family, Formats formats) {
    if (family == KernelFamily::gemm) return GemmKernel{1, 1, 1, formats.first};
    if (family == KernelFamily::moe_ffn) return ExpertKernel{1, 1, 1, 1, true, formats.first, {1}};
    AttentionKernel attention;
    attention.decode = family == KernelFamily::attention_decode;
    attention.format = formats.first;
    attention.kv = formats.second;
    return attention;
}

bool has_formats(KernelFamily family) {
    return family == KernelFamily::gemm || family == KernelFamily::moe_ffn ||
           family == KernelFamily::attention_prefill || family == KernelFamily::attention_decode;
}

std::optional<Formats> formats_named(KernelFamily family, const std::string& name) {
    for (const NumberFormat format : all_number_formats()) {
        if (format_of(example(family, {format, format})) == name) return Formats{format, format};
        for (const NumberFormat cache : all_number_formats()) {
            if (format_of(example(family, {format, cache})) == name) return Formats{format, cache};
        }
    }
    return std::nullopt;
}

// Places of the kernels to keep, in their order.
std::vector<std::size_t> kept_places(const PlanGroup& group) {
    constexpr std::size_t most = kMostCandidates;
    const std::size_t n = group.kernels.size();
    std::vector<std::size_t> places(n);
    std::iota(places.begin(), places.end(), std::size_t{0});
    if (n <= most) return places;
    const auto [least, heaviest] = std::ranges::minmax(group.weights);
    if (least == heaviest) {
        for (std::size_t i = 0; i < most; ++i) places[i] = i * n / most;
        places.resize(most);
        return places;
    }
    std::ranges::stable_sort(places, [&](std::size_t a, std::size_t b) { return group.weights[a] > group.weights[b]; });
    places.resize(most);
    std::ranges::sort(places);
    return places;
}

PlanGroup kept(const PlanGroup& group) {
    PlanGroup part{group.family, group.format, 0, {}, {}};
    for (const std::size_t place : kept_places(group)) {
        part.kernels.push_back(group.kernels[place]);
        part.weights.push_back(group.weights[place]);
    }
    return part;
}

}  // namespace

std::vector<Formats> PlanBuilder::formats(KernelFamily family) {
    const auto found = hello_.ops.find(family);
    if (found == hello_.ops.end()) return {};
    if (!has_formats(family)) return {{}};
    std::vector<Formats> known;
    for (const std::string& name : found->second) {
        if (const auto formats = formats_named(family, name)) known.push_back(*formats);
        else leave_out(fmt::format("{} in '{}', a number format that is not known here", name_of(family), name));
    }
    return known;
}

bool PlanBuilder::runs(const Kernel& kernel) const {
    return check_kernel(kernel).empty() && hello_.supports(kernel) && memory_of(kernel).value <= bounds_.bytes &&
           work_of(op_of(kernel)).flops.value <= bounds_.flops;
}

std::optional<Formats> PlanBuilder::any_format(KernelFamily family) const {
    const auto found = hello_.ops.find(family);
    if (found == hello_.ops.end()) return std::nullopt;
    for (const std::string& name : found->second) {
        if (const auto formats = formats_named(family, name)) return formats;
    }
    return std::nullopt;
}

void PlanBuilder::add(const Kernel& kernel, double weight) {
    if (!check_kernel(kernel).empty()) return;
    const KernelFamily family = family_of(kernel);
    const std::string format = format_of(kernel);
    if (!hello_.supports(kernel))
        return leave_out(
            fmt::format("{}{}{}, which the worker does not offer", name_of(family), format.empty() ? "" : " ", format));
    if (memory_of(kernel).value > bounds_.bytes)
        return leave_out(fmt::format("{} that need more than {:.0f} MiB", name_of(family), bounds_.bytes / (1 << 20)));
    if (work_of(op_of(kernel)).flops.value > bounds_.flops)
        return leave_out(fmt::format("{} of more than {:.0e} operations", name_of(family), bounds_.flops));
    PlanGroup& group = groups_[{family, format}];
    group.family = family;
    group.format = format;
    const auto [place, is_new] = known_.emplace(key_of(kernel), group.kernels.size());
    if (is_new) {
        group.kernels.push_back(kernel);
        group.weights.push_back(weight);
    } else {
        group.weights[place->second] += weight;
    }
}

CalibrationPlan PlanBuilder::finish(const std::map<KernelFamily, double>& share_of) const {
    CalibrationPlan plan;
    std::map<KernelFamily, int> formats;
    for (const auto& [key, group] : groups_) ++formats[key.first];
    double total = 0;
    for (const auto& [key, group] : groups_) {
        const auto share = share_of.find(key.first);
        PlanGroup part = kept(group);
        part.share = share_of.empty() ? std::accumulate(group.weights.begin(), group.weights.end(), 0.0)
                                      : (share == share_of.end() ? 0 : share->second / formats[key.first]);
        total += part.share;
        if (part.share > 0) plan.groups.push_back(std::move(part));
    }
    for (PlanGroup& group : plan.groups) group.share /= total;
    for (const auto& [reason, count] : left_out_)
        plan.left_out.push_back(count > 1 ? fmt::format("{} × {}", count, reason) : reason);
    return plan;
}

}  // namespace moeplan
