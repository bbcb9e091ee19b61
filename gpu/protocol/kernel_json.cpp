#include "gpu/protocol/kernel_json.h"

#include <array>

#include <fmt/format.h>

#include "core/base/nearest.h"

namespace moeplan::probe_json {
namespace {

void write(json& o, const GemmKernel& k) {
    o["dtype"] = name_of(k.format);
    o["m"] = k.m;
    o["n"] = k.n;
    o["k"] = k.k;
}

void write(json& o, const ExpertKernel& k) {
    o["dtype"] = name_of(k.format);
    o["tokens"] = k.tokens;
    o["hidden"] = k.hidden;
    o["inter"] = k.width;
    o["experts"] = k.held();
    o["top_k"] = k.top_k;
    o["gated"] = k.gated;
    o["loads"] = k.loads;
}

void write(json& o, const AttentionKernel& k) {
    o["dtype"] = name_of(k.format);
    o["kv_dtype"] = name_of(k.kv);
    o["sequences"] = k.sequences;
    o["new_tokens"] = k.new_tokens;
    o["context"] = k.context;
    o["heads"] = k.heads;
    o["kv_heads"] = k.kv_heads;
    o["qk_dim"] = k.qk_dim;
    o["v_dim"] = k.v_dim;
    o["window"] = k.window;
}

void write(json& o, const RouterKernel& k) {
    o["tokens"] = k.tokens;
    o["experts"] = k.experts;
    o["top_k"] = k.top_k;
}

void write(json& o, const PermuteKernel& k) {
    o["tokens"] = k.tokens;
    o["hidden"] = k.hidden;
    o["experts"] = k.experts;
    o["top_k"] = k.top_k;
}

void write(json& o, const ActivationKernel& k) {
    o["rows"] = k.rows;
    o["width"] = k.width;
}

void write(json& o, const CopyKernel& k) { o["bytes"] = k.bytes; }

void write(json& o, const LaunchKernel& k) {
    o["kernels"] = k.kernels;
    o["graph"] = k.graph;
}

void write(json& o, const CollectiveKernel& k) {
    o["kind"] = name_of(k.kind);
    o["ranks"] = k.ranks;
    o["bytes"] = k.bytes;
}

GemmKernel gemm(Keys& keys) { return {keys.whole("m"), keys.whole("n"), keys.whole("k"), keys.format("dtype")}; }

ExpertKernel expert(Keys& keys) {
    ExpertKernel k;
    k.format = keys.format("dtype");
    k.tokens = keys.whole("tokens");
    k.hidden = keys.whole("hidden");
    k.width = keys.whole("inter");
    k.top_k = keys.whole("top_k");
    k.gated = keys.flag("gated");
    const std::size_t before = keys.problems.size();
    const std::int64_t experts = keys.whole("experts");
    k.loads = keys.wholes("loads", static_cast<std::size_t>(kMostExperts));
    if (keys.problems.size() == before && experts != k.held()) {
        keys.wrong("loads", fmt::format("'loads' has {} entries for {} experts", k.held(), experts));
    }
    return k;
}

AttentionKernel attention(Keys& keys, bool decode) {
    AttentionKernel k;
    k.decode = decode;
    k.format = keys.format("dtype");
    k.kv = keys.has("kv_dtype") ? keys.format("kv_dtype") : k.format;
    k.sequences = keys.whole("sequences");
    k.new_tokens = decode && !keys.has("new_tokens") ? 1 : keys.whole("new_tokens");
    k.context = keys.whole("context");
    k.heads = keys.whole("heads");
    k.kv_heads = keys.whole("kv_heads");
    k.qk_dim = keys.whole("qk_dim");
    k.v_dim = keys.whole("v_dim");
    k.window = keys.has("window") ? keys.whole("window") : 0;
    return k;
}

RouterKernel router(Keys& keys) { return {keys.whole("tokens"), keys.whole("experts"), keys.whole("top_k")}; }

PermuteKernel permute(Keys& keys, bool combine) {
    return {combine, keys.whole("tokens"), keys.whole("hidden"), keys.whole("top_k"), keys.whole("experts")};
}

CollectiveKernel collective(Keys& keys) {
    using Kind = CollectiveKind;
    constexpr std::array kinds{Kind::all_reduce, Kind::all_gather, Kind::reduce_scatter, Kind::all_to_all,
                               Kind::point_to_point};
    CollectiveKernel k;
    k.ranks = keys.whole("ranks");
    k.bytes = keys.whole("bytes");
    const std::size_t before = keys.problems.size();
    const std::string kind = keys.text("kind");
    if (keys.problems.size() > before) return k;
    std::vector<std::string> names;
    for (const Kind one : kinds) {
        if (name_of(one) == kind) {
            k.kind = one;
            return k;
        }
        names.emplace_back(name_of(one));
    }
    keys.wrong("kind", fmt::format("'kind' is '{}'; expected one of {}", kind, one_of(names)),
               did_you_mean(kind, names));
    return k;
}

Kernel read_family(Keys& keys, KernelFamily family) {
    switch (family) {
        case KernelFamily::gemm: return gemm(keys);
        case KernelFamily::moe_ffn: return expert(keys);
        case KernelFamily::attention_prefill: return attention(keys, false);
        case KernelFamily::attention_decode: return attention(keys, true);
        case KernelFamily::router: return router(keys);
        case KernelFamily::dispatch: return permute(keys, false);
        case KernelFamily::combine: return permute(keys, true);
        case KernelFamily::activation: return ActivationKernel{keys.whole("rows"), keys.whole("width")};
        case KernelFamily::copy: return CopyKernel{keys.whole("bytes")};
        case KernelFamily::launch: return LaunchKernel{keys.whole("kernels"), keys.flag("graph")};
        case KernelFamily::collective: return collective(keys);
    }
    return LaunchKernel{};
}

}  // namespace

void write_kernel(json& object, const Kernel& kernel) {
    object["op"] = name_of(family_of(kernel));
    std::visit([&](const auto& k) { write(object, k); }, kernel);
}

Kernel read_kernel(Keys& keys) {
    const std::size_t before = keys.problems.size();
    const std::string name = keys.text("op");
    if (keys.problems.size() > before) return LaunchKernel{};
    const auto family = kernel_family_named(name);
    if (!family) {
        std::vector<std::string> names;
        for (const KernelFamily one : all_kernel_families()) names.emplace_back(name_of(one));
        keys.wrong("op", fmt::format("'op' is '{}'; expected one of {}", name.substr(0, 60), one_of(names)),
                   did_you_mean(name, names));
        return LaunchKernel{};
    }
    Kernel kernel = read_family(keys, *family);
    if (keys.problems.size() == before) append(keys.problems, check_kernel(kernel));
    return kernel;
}

}  // namespace moeplan::probe_json
