#include <algorithm>
#include <array>
#include <utility>

#include "core/base/match.h"
#include "core/base/require.h"
#include "core/kernels/kernel.h"

namespace moeplan {
namespace {

constexpr std::array<std::pair<KernelFamily, std::string_view>, 11> kNames{{
    {KernelFamily::gemm, "gemm"},
    {KernelFamily::moe_ffn, "moe_ffn"},
    {KernelFamily::attention_prefill, "attention_prefill"},
    {KernelFamily::attention_decode, "attention_decode"},
    {KernelFamily::router, "router"},
    {KernelFamily::dispatch, "dispatch"},
    {KernelFamily::combine, "combine"},
    {KernelFamily::activation, "activation"},
    {KernelFamily::copy, "copy"},
    {KernelFamily::launch, "launch"},
    {KernelFamily::collective, "collective"},
}};

}  // namespace

const std::vector<KernelFamily>& all_kernel_families() {
    static const std::vector<KernelFamily> all = [] {
        std::vector<KernelFamily> families;
        for (const auto& [family, name] : kNames) families.push_back(family);
        return families;
    }();
    return all;
}

std::string_view name_of(KernelFamily family) {
    const auto at = std::ranges::find(kNames, family, &std::pair<KernelFamily, std::string_view>::first);
    require(at != kNames.end(), "name_of: not a kernel family");
    return at->second;
}

std::optional<KernelFamily> kernel_family_named(std::string_view name) {
    const auto at = std::ranges::find(kNames, name, &std::pair<KernelFamily, std::string_view>::second);
    if (at == kNames.end()) return std::nullopt;
    return at->first;
}

KernelFamily family_of(const Kernel& kernel) {
    using Family = KernelFamily;
    return match(
        kernel, [](const GemmKernel&) { return Family::gemm; }, [](const ExpertKernel&) { return Family::moe_ffn; },
        [](const AttentionKernel& a) { return a.decode ? Family::attention_decode : Family::attention_prefill; },
        [](const RouterKernel&) { return Family::router; },
        [](const PermuteKernel& p) { return p.combine ? Family::combine : Family::dispatch; },
        [](const ActivationKernel&) { return Family::activation; }, [](const CopyKernel&) { return Family::copy; },
        [](const LaunchKernel&) { return Family::launch; }, [](const CollectiveKernel&) { return Family::collective; });
}

std::string format_of(const Kernel& kernel) {
    if (const auto* g = std::get_if<GemmKernel>(&kernel)) return std::string(name_of(g->format));
    if (const auto* e = std::get_if<ExpertKernel>(&kernel)) return std::string(name_of(e->format));
    if (std::holds_alternative<AttentionKernel>(kernel)) return attention_format(std::get<Attention>(op_of(kernel)));
    return {};
}

std::string attention_format(const Attention& a) {
    std::string format(name_of(a.format));
    if (a.kv != a.format) format += ", " + std::string(name_of(a.kv)) + " cache";
    if (a.shared_key_value) return format + ", latent";
    // Prompts over a latent that was expanded for every head, keys wider than values: kernels of their own.
    if (!a.decode && a.kv_heads == a.heads && a.qk_dim != a.v_dim) format += ", expanded";
    return format;
}

}  // namespace moeplan
