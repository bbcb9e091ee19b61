#include <cmath>
#include <cstring>

#include "gpu/cpu/buffer.h"
#include "gpu/cpu/matmul.h"
#include "gpu/cpu/parallel.h"
#include "gpu/cpu/probe.h"
#include "gpu/cpu/refresh.h"

namespace moeplan::cpu {
namespace {

template <class T, class Out>
class GemmProbe final : public CpuProbe {
public:
    explicit GemmProbe(const GemmKernel& k)
        : k_(k),
          matmul_(k.n, k.k, k.format, k.m),
          step_((matmul_.packed_bytes() + 63) / 64 * 64),
          copies_(rotating_copies(static_cast<std::int64_t>(step_))),
          weights_(step_ * static_cast<std::size_t>(copies_)),
          source_(random_buffer<T>(static_cast<std::size_t>(k.m * k.k), 1.0F, 1)),
          input_(source_.bytes()),
          output_(static_cast<std::size_t>(k.m * k.n) * sizeof(Out)) {
        const Buffer plain =
            random_buffer<T>(static_cast<std::size_t>(k.n * k.k), std::sqrt(3.0F / static_cast<float>(k.k)), 2);
        matmul_.prepare(k.m);
        matmul_.pack(plain.data(), weights_.data());
        for (std::int64_t i = 1; i < copies_; ++i) std::memcpy(copy(i), weights_.data(), matmul_.packed_bytes());
    }

    void prepare() override {
        turn_ = (turn_ + 1) % copies_;
        refresh(input_, source_);
    }
    void run() override { matmul_.run(k_.m, input_.data(), copy(turn_), output_.data()); }
    std::string implementation() const override { return matmul_.implementation(); }

private:
    std::byte* copy(std::int64_t i) { return weights_.data() + step_ * static_cast<std::size_t>(i); }

    GemmKernel k_;
    Matmul matmul_;
    std::size_t step_;
    std::int64_t copies_, turn_ = 0;
    Buffer weights_, source_, input_, output_;
};

}  // namespace

std::unique_ptr<CpuProbe> make_gemm_probe(const GemmKernel& k) {
    if (k.format == NumberFormat::fp32) return std::make_unique<GemmProbe<float, float>>(k);
    if (k.format == NumberFormat::bf16) return std::make_unique<GemmProbe<Bf16, Bf16>>(k);
    return std::make_unique<GemmProbe<std::int8_t, float>>(k);
}

}  // namespace moeplan::cpu
