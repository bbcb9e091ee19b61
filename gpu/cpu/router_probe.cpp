#include "gpu/cpu/buffer.h"
#include "gpu/cpu/probe.h"
#include "gpu/cpu/router.h"

namespace moeplan::cpu {
namespace {

class RouterProbe final : public CpuProbe {
public:
    explicit RouterProbe(const RouterKernel& k)
        : k_(k),
          scores_(random_buffer<float>(static_cast<std::size_t>(k.tokens * k.experts), 2.0F, 1)),
          chosen_(static_cast<std::size_t>(k.tokens * k.top_k) * 4),
          weights_(chosen_.bytes()) {}
    void run() override { route(k_, scores_.as<float>(), chosen_.as<std::int32_t>(), weights_.as<float>()); }
    std::string implementation() const override { return "moeplan router"; }

private:
    RouterKernel k_;
    Buffer scores_, chosen_, weights_;
};

}  // namespace

std::unique_ptr<CpuProbe> make_router_probe(const RouterKernel& k) { return std::make_unique<RouterProbe>(k); }

}  // namespace moeplan::cpu
