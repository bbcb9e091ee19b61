#pragma once
// How one replica is spread over GPUs. Attention is split tp ways and replicated dp ways; the experts of
// a layer are split ep ways by expert and moe_tp ways inside each expert; layers are split pp ways.
// Invariant: tp * dp == moe_tp * ep. A replica uses tp * dp * pp GPUs.

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/model/model_spec.h"

namespace moeplan {

struct Layout {
    std::int64_t tp = 1;
    std::int64_t pp = 1;
    std::int64_t dp = 1;      // attention data parallelism inside the replica
    std::int64_t ep = 1;
    std::int64_t moe_tp = 1;
    bool operator==(const Layout&) const = default;

    std::int64_t gpus() const { return tp * dp * pp; }
    std::int64_t stage_gpus() const { return tp * dp; }
};

// "tp 4", "tp 2 · pp 2", "dp 8 · ep 8": axes of size 1 are left out; "1 GPU" when all are.
std::string describe(const Layout& layout);

// Every reason why this layout cannot hold this model (tp does not divide heads, ep exceeds experts,
// pp exceeds layers, the products differ). `path` is the YAML path to blame. Empty = fine.
Problems layout_problems(const Layout& layout, const ModelSpec& model, const std::string& where,
                         const std::string& path);

// All valid layouts of `gpus` GPUs for this model, smallest tp first.
std::vector<Layout> valid_layouts(const ModelSpec& model, std::int64_t gpus, std::int64_t gpus_per_node);

}  // namespace moeplan
