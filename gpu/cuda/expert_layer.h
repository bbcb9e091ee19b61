#pragma once
// One expert feed-forward layer of a rank as the probe times it: gather, up (and gate), SwiGLU, down, combine. fp8: the
// input is converted first, the activation is stored as fp8, both with a scale of 1; the weights' is weight_scale().

#include <cstdint>
#include <string>
#include <vector>

#include "core/kernels/kernel.h"
#include "gpu/cuda/expert_matmul.h"

namespace moeplan::cuda {

// The pairs of a layer in the order of their experts; a token has at most top_k of them, no expert twice.
struct LayerPairs {
    std::vector<int> pair_of_row;  // token * top_k + slot
    std::vector<int> row_of_pair;  // tokens * top_k; -1 where a slot's expert is held elsewhere
};
LayerPairs spread_pairs(const ExpertKernel& kernel);

class ExpertLayer {
public:
    // Random data; `sets` copies of input and weights. Throws DeviceError.
    ExpertLayer(Session& session, const ExpertKernel& kernel, int sets);
    void enqueue(int set) const;
    std::string text() const;

    struct Set {
        DeviceBuffer input, up, down;
    };
    const Set& set(int index) const { return sets_[static_cast<std::size_t>(index)]; }
    const DeviceBuffer& output() const { return output_; }
    const DeviceBuffer& weight_of() const { return weight_of_; }
    const LayerPairs& pairs() const { return pairs_; }

private:
    void allocate();
    void fill(Set& set, std::uint64_t seed) const;

    Session& session_;
    ExpertKernel kernel_;
    LayerPairs pairs_;
    std::int64_t rows_ = 0, up_width_ = 0;
    ExpertMatmul up_, down_;
    std::vector<Set> sets_;
    DeviceBuffer pair_of_row_, row_of_pair_, row_count_, weight_of_;
    DeviceBuffer converted_, gathered_, raised_, activated_, lowered_, output_;
};

// Bytes of one set, and of what all sets share.
double bytes_of_set(const ExpertKernel& kernel);
double bytes_shared(const ExpertKernel& kernel);

}  // namespace moeplan::cuda
