#include "gpu/calibrator/draw_kernels.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>

#include "core/calibrate/fitted_family.h"
#include "gpu/calibrator/plan.h"

namespace moeplan {
namespace {

constexpr std::size_t kTriesEach = 400;
constexpr double kMostSkew = 1.2;   // public measurements of MoE kernels are taken up to here

class Draw {
public:
    Draw(const FamilyProfile& family, const WorkerHello& hello, std::uint64_t seed)
        : family_(family), state_(family.fit->state()), hello_(hello), random_(seed) {}

    // Nothing when what came up cannot be asked for.
    std::optional<Kernel> kernel() {
        const auto formats = formats_of();
        if (!formats) return std::nullopt;
        std::optional<Kernel> drawn;
        switch (family_.family) {
            case KernelFamily::gemm: drawn = gemm(formats->first); break;
            case KernelFamily::moe_ffn: drawn = experts(formats->first); break;
            case KernelFamily::attention_decode:
            case KernelFamily::attention_prefill: drawn = attention(formats->first, formats->second); break;
            default: break;
        }
        return drawn && fits(*drawn) ? drawn : std::nullopt;
    }

private:
    using Formats = std::pair<NumberFormat, NumberFormat>;

    // "bf16" or "bf16, fp8 cache".
    std::optional<Formats> formats_of() const {
        const std::string& text = family_.format;
        const std::size_t comma = text.find(", ");
        const auto first = number_format_named(text.substr(0, comma));
        if (!first || comma == std::string::npos) return first ? std::optional(Formats{*first, *first}) : std::nullopt;
        const std::string cache = text.substr(comma + 2);
        if (!cache.ends_with(" cache")) return std::nullopt;
        const auto second = number_format_named(cache.substr(0, cache.size() - 6));
        return second ? std::optional(Formats{*first, *second}) : std::nullopt;
    }

    double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }

    // Log-uniform over the measured range of a feature that is the logarithm of a size, in whole multiples of `step`.
    std::int64_t size(const char* feature, std::int64_t step = 1) {
        const auto& names = family_.fit->physics().features;
        const auto at = static_cast<std::size_t>(std::ranges::find(names, feature) - names.begin());
        if (at == names.size()) return step;
        const double value = std::exp(uniform(state_.lowest[at], state_.highest[at]));
        return std::max<std::int64_t>(1, std::llround(value / static_cast<double>(step))) * step;
    }

    Kernel gemm(NumberFormat format) { return GemmKernel{size("m"), size("n", 64), size("k", 64), format}; }

    std::optional<Kernel> experts(NumberFormat format) {
        ExpertKernel k;
        k.tokens = size("tokens");
        k.hidden = size("hidden", 64);
        k.width = size("width", 64);
        k.top_k = size("top-k");
        k.format = format;
        const std::int64_t held = size("held experts");
        if (k.top_k > held || held > kMostExperts) return std::nullopt;
        const double alpha = uniform(0, 1) < 0.5 ? 0 : uniform(0, kMostSkew);
        k.loads = example_loads(k.tokens, held, k.top_k, 1, alpha);
        return k;
    }

    std::optional<Kernel> attention(NumberFormat format, NumberFormat kv) {
        AttentionKernel k;
        k.decode = family_.family == KernelFamily::attention_decode;
        k.sequences = size("sequences");
        k.kv_heads = size("kv heads");
        k.heads = k.kv_heads * size("heads a kv head");
        k.qk_dim = k.v_dim = size("head size", 16);
        k.format = format;
        k.kv = kv;
        if (k.decode) {
            k.context = size("length") - 1;
        } else {
            k.new_tokens = size("new tokens");
            // A third each: no cache; less than the new tokens; up to eight times as many.
            const double cached = uniform(0, 3);
            k.context = cached < 1 ? 0 : std::llround(static_cast<double>(k.new_tokens) * std::exp2(3 * (cached - 2)));
        }
        return k;
    }

    bool fits(const Kernel& kernel) const {
        if (!check_kernel(kernel).empty() || !hello_.supports(kernel)) return false;
        const KernelBounds bounds = bounds_of(hello_);
        const OpKind op = op_of(kernel);
        if (memory_of(kernel).value > bounds.bytes || work_of(op).flops.value > bounds.flops) return false;
        if (std::ranges::binary_search(state_.shapes, family_.fit->physics().shape(op))) return false;
        return !family_.fit->predict(op).outside;
    }

    const FamilyProfile& family_;
    const FittedFamily::State& state_;
    const WorkerHello& hello_;
    std::mt19937_64 random_;
};

}  // namespace

std::vector<Kernel> draw_kernels(const FamilyProfile& family, const WorkerHello& hello, std::size_t count,
                                 std::uint64_t seed) {
    std::vector<Kernel> kernels;
    if (!family.fit) return kernels;
    Draw draw(family, hello, seed);
    for (std::size_t tries = 0; kernels.size() < count && tries < kTriesEach * count; ++tries) {
        auto kernel = draw.kernel();
        if (kernel && std::ranges::find(kernels, *kernel) == kernels.end()) kernels.push_back(std::move(*kernel));
    }
    return kernels;
}

}  // namespace moeplan
