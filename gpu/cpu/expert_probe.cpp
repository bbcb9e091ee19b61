#include <algorithm>
#include <numeric>

#include "gpu/cpu/expert_layer.h"
#include "gpu/cpu/probe.h"
#include "gpu/cpu/refresh.h"

namespace moeplan::cpu {
namespace {

std::int64_t activated(const ExpertKernel& k) {
    return std::ranges::count_if(k.loads, [](std::int64_t load) { return load > 0; });
}

std::int64_t mean_rows(const ExpertKernel& k) {
    const std::int64_t pairs = std::accumulate(k.loads.begin(), k.loads.end(), std::int64_t{0});
    return std::max(std::int64_t{1}, pairs / std::max(std::int64_t{1}, activated(k)));
}

// Experts without tokens are never read, so only slots for those with tokens are there, and enough of them that each
// run finds its experts in memory.
std::int64_t slots(const ExpertKernel& k) {
    const double bytes = weight_bytes(static_cast<double>(k.hidden * k.width) * (k.gated ? 3 : 2), k.format).value;
    const std::int64_t active = std::max(std::int64_t{1}, activated(k));
    return active * rotating_copies(std::max(std::int64_t{1}, static_cast<std::int64_t>(bytes) * active));
}

template <class T, class Out>
class ExpertProbe final : public CpuProbe {
public:
    explicit ExpertProbe(const ExpertKernel& k)
        : k_(k),
          slots_(slots(k)),
          ffn_({k.hidden, k.width, k.gated, k.format}, slots_, mean_rows(k)),
          source_(random_buffer<T>(static_cast<std::size_t>(k.tokens * k.hidden), 1.0F, 1)),
          input_(source_.bytes()),
          output_(static_cast<std::size_t>(k.tokens * k.hidden) * sizeof(Out)),
          slot_of_(k.loads.size(), 0) {
        ffn_.load_random(2);
        PermutePlan plan = plan_loads(k.tokens, k.loads);
        weights_.resize(plan.token.size());
        fill_random(weights_.data(), weights_.size(), 1.0F, 3);
        ffn_.set_plan(std::move(plan));
    }

    void prepare() override {
        for (std::size_t e = 0; e < slot_of_.size(); ++e) {
            if (k_.loads[e] == 0) continue;
            slot_of_[e] = next_slot_;
            next_slot_ = (next_slot_ + 1) % slots_;
        }
        refresh(input_, source_);
    }
    void run() override { ffn_.run(input_.data(), weights_.data(), slot_of_, output_.data()); }
    std::string implementation() const override { return "experts in turn, " + ffn_.implementation(); }

private:
    ExpertKernel k_;
    std::int64_t slots_, next_slot_ = 0;
    ExpertLayer ffn_;
    Buffer source_, input_, output_;
    std::vector<std::int64_t> slot_of_;
    std::vector<float> weights_;
};

}  // namespace

std::unique_ptr<CpuProbe> make_expert_probe(const ExpertKernel& k) {
    if (k.format == NumberFormat::fp32) return std::make_unique<ExpertProbe<float, float>>(k);
    if (k.format == NumberFormat::bf16) return std::make_unique<ExpertProbe<Bf16, Bf16>>(k);
    return std::make_unique<ExpertProbe<std::int8_t, Bf16>>(k);
}

}  // namespace moeplan::cpu
