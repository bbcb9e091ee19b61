#include "gpu/cpu/parallel.h"
#include "gpu/cpu/probe.h"

namespace moeplan::cpu {
namespace {

// What starting and joining the threads costs: here a kernel's launch.
class LaunchProbe final : public CpuProbe {
public:
    explicit LaunchProbe(const LaunchKernel& k) : kernels_(k.kernels) {}
    void run() override {
        for (std::int64_t i = 0; i < kernels_; ++i) parallel_for(threads(), [](std::int64_t, std::int64_t) {});
    }
    std::string implementation() const override { return has_openmp() ? "empty OpenMP region" : "empty call"; }

private:
    std::int64_t kernels_;
};

}  // namespace

std::unique_ptr<CpuProbe> make_launch_probe(const LaunchKernel& k) { return std::make_unique<LaunchProbe>(k); }

}  // namespace moeplan::cpu
