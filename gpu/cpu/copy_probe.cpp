#include "gpu/cpu/buffer.h"
#include "gpu/cpu/probe.h"
#include "gpu/cpu/refresh.h"

namespace moeplan::cpu {
namespace {

// One pair of buffers: what fits into the caches stays there, as what a step copies has just been written.
class CopyProbe final : public CpuProbe {
public:
    explicit CopyProbe(const CopyKernel& k)
        : from_(random_buffer<std::int8_t>(static_cast<std::size_t>(k.bytes), 1.0F, 1)), to_(from_.bytes()) {}
    void run() override { refresh(to_, from_); }
    std::string implementation() const override { return "memcpy on each thread"; }

private:
    Buffer from_, to_;
};

}  // namespace

std::unique_ptr<CpuProbe> make_copy_probe(const CopyKernel& k) { return std::make_unique<CopyProbe>(k); }

}  // namespace moeplan::cpu
