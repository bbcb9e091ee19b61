#include "gpu/cpu/activation.h"
#include "gpu/cpu/buffer.h"
#include "gpu/cpu/probe.h"

namespace moeplan::cpu {
namespace {

class ActivationProbe final : public CpuProbe {
public:
    explicit ActivationProbe(const ActivationKernel& k)
        : k_(k),
          from_(random_buffer<Bf16>(static_cast<std::size_t>(2 * k.rows * k.width), 2.0F, 1)),
          to_(static_cast<std::size_t>(k.rows * k.width) * sizeof(Bf16)) {}
    void run() override { activate({k_.rows, k_.width, true}, from_.as<Bf16>(), to_.as<Bf16>()); }
    std::string implementation() const override { return "moeplan SwiGLU"; }

private:
    ActivationKernel k_;
    Buffer from_, to_;
};

}  // namespace

std::unique_ptr<CpuProbe> make_activation_probe(const ActivationKernel& k) {
    return std::make_unique<ActivationProbe>(k);
}

}  // namespace moeplan::cpu
