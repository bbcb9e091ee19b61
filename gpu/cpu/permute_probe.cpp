#include "gpu/cpu/buffer.h"
#include "gpu/cpu/permute.h"
#include "gpu/cpu/probe.h"
#include "gpu/cpu/router.h"

namespace moeplan::cpu {
namespace {

// Experts chosen as a router chooses them from random scores.
class PermuteProbe final : public CpuProbe {
public:
    explicit PermuteProbe(const PermuteKernel& k)
        : k_(k),
          chosen_(static_cast<std::size_t>(k.tokens * k.top_k)),
          weights_(chosen_.size()),
          rows_(random_buffer<Bf16>(static_cast<std::size_t>(k.tokens * k.hidden), 1.0F, 1)),
          pairs_(random_buffer<Bf16>(static_cast<std::size_t>(k.tokens * k.top_k * k.hidden), 1.0F, 2)) {
        const Buffer scores = random_buffer<float>(static_cast<std::size_t>(k.tokens * k.experts), 2.0F, 3);
        route({k.tokens, k.experts, k.top_k}, scores.as<float>(), chosen_.data(), weights_.data());
        plan_permute(k.tokens, k.top_k, k.experts, chosen_.data(), plan_);
    }

    void run() override {
        if (k_.combine) return combine_rows(plan_, k_.hidden, weights_.data(), pairs_.as<Bf16>(), rows_.as<Bf16>());
        plan_permute(k_.tokens, k_.top_k, k_.experts, chosen_.data(), plan_);
        gather_rows(plan_, k_.hidden * static_cast<std::int64_t>(sizeof(Bf16)), rows_.data(), pairs_.data());
    }
    std::string implementation() const override { return k_.combine ? "moeplan combine" : "moeplan dispatch"; }

private:
    PermuteKernel k_;
    std::vector<std::int32_t> chosen_;
    std::vector<float> weights_;
    Buffer rows_, pairs_;
    PermutePlan plan_;
};

}  // namespace

std::unique_ptr<CpuProbe> make_permute_probe(const PermuteKernel& k) { return std::make_unique<PermuteProbe>(k); }

}  // namespace moeplan::cpu
