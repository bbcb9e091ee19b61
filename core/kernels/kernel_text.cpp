#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "core/kernels/kernel.h"

namespace moeplan {
namespace {

std::string sizes(const GemmKernel& k) { return fmt::format("m {} n {} k {}", k.m, k.n, k.k); }

// Loads that are not (nearly) the same are summed up by the busiest one.
std::string sizes(const ExpertKernel& k) {
    std::string text =
        fmt::format("tokens {} hidden {} width {} experts {} top_k {}", k.tokens, k.hidden, k.width, k.held(), k.top_k);
    if (!k.gated) text += " ungated";
    if (k.loads.empty()) return text;
    const auto [least, most] = std::ranges::minmax(k.loads);
    const std::int64_t pairs = std::accumulate(k.loads.begin(), k.loads.end(), std::int64_t{0});
    if (pairs != k.tokens * k.top_k) text += fmt::format(" pairs {}", pairs);
    if (most - least > 1) text += fmt::format(" hottest {}", most);
    return text;
}

std::string sizes(const AttentionKernel& k) {
    std::string text = fmt::format("sequences {}", k.sequences);
    if (!k.decode) text += fmt::format(" new_tokens {}", k.new_tokens);
    text += fmt::format(" context {} heads {} kv_heads {} qk_dim {} v_dim {}", k.context, k.heads, k.kv_heads, k.qk_dim,
                        k.v_dim);
    if (k.window > 0) text += fmt::format(" window {}", k.window);
    return text;
}

std::string sizes(const RouterKernel& k) {
    return fmt::format("tokens {} experts {} top_k {}", k.tokens, k.experts, k.top_k);
}
std::string sizes(const PermuteKernel& k) {
    return fmt::format("tokens {} hidden {} experts {} top_k {}", k.tokens, k.hidden, k.experts, k.top_k);
}
std::string sizes(const ActivationKernel& k) { return fmt::format("rows {} width {}", k.rows, k.width); }
std::string sizes(const CopyKernel& k) { return fmt::format("bytes {}", k.bytes); }
std::string sizes(const LaunchKernel& k) { return fmt::format("kernels {}{}", k.kernels, k.graph ? " graph" : ""); }
std::string sizes(const CollectiveKernel& k) {
    return fmt::format("{} ranks {} bytes {}", name_of(k.kind), k.ranks, k.bytes);
}

}  // namespace

std::string to_text(const Kernel& kernel) {
    const std::string format = format_of(kernel);
    return fmt::format("{} {}{}{}", name_of(family_of(kernel)), format, format.empty() ? "" : " ",
                       std::visit([](const auto& k) { return sizes(k); }, kernel));
}

}  // namespace moeplan
