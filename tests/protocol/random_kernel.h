#pragma once
// Random kernels of every family that check_kernel() accepts.

#include <random>

#include "core/kernels/kernel.h"

namespace moeplan {

class RandomKernels {
public:
    explicit RandomKernels(unsigned seed) : random_(seed) {}

    Kernel of(KernelFamily family) {
        switch (family) {
            case KernelFamily::gemm: return GemmKernel{size(), size(), size(), format()};
            case KernelFamily::moe_ffn: return experts();
            case KernelFamily::attention_prefill: return attention(false);
            case KernelFamily::attention_decode: return attention(true);
            case KernelFamily::router: return RouterKernel{size(), from(8, 256), from(1, 8)};
            case KernelFamily::dispatch: return PermuteKernel{false, size(), size(), from(1, 8), from(8, 256)};
            case KernelFamily::combine: return PermuteKernel{true, size(), size(), from(1, 8), from(8, 256)};
            case KernelFamily::activation: return ActivationKernel{size(), size()};
            case KernelFamily::copy: return CopyKernel{from(1, kMostBytes)};
            case KernelFamily::launch: return LaunchKernel{from(1, kMostLaunches), from(0, 1) == 1};
            case KernelFamily::collective:
                return CollectiveKernel{static_cast<CollectiveKind>(from(0, 4)), from(2, 512), from(1, kMostBytes)};
        }
        return LaunchKernel{};
    }

    std::int64_t from(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
    }

private:
    std::int64_t size() { return from(1, from(0, 1) ? 64 : kMostElements); }
    NumberFormat format() {
        const auto& all = all_number_formats();
        return all[static_cast<std::size_t>(from(0, static_cast<std::int64_t>(all.size()) - 1))];
    }
    Kernel experts() {
        ExpertKernel k{from(1, 500), size(), size(), from(1, 8), from(0, 1) == 1, format(), {}};
        std::int64_t left = k.tokens * k.top_k;
        for (std::int64_t e = from(1, 200); e > 0; --e) {
            k.loads.push_back(from(k.loads.empty() ? 1 : 0, std::min(left, k.tokens)));
            left -= k.loads.back();
        }
        return k;
    }
    Kernel attention(bool decode) {
        const std::int64_t kv_heads = from(1, 16);
        return AttentionKernel{decode,   size(),       decode ? 1 : size(), size() - 1,          kv_heads * from(1, 16),
                               kv_heads, from(1, 576), from(1, 576),        from(0, 1) * size(), format(),
                               format()};
    }

    std::mt19937_64 random_;
};

}  // namespace moeplan
