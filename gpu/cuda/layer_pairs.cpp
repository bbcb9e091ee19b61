#include <algorithm>
#include <numeric>
#include <random>

#include "gpu/cuda/expert_layer.h"

namespace moeplan::cuda {

// Pairs go round a random order of the tokens, so that no token gets one twice before every other has got one: at most
// top_k in all, and no expert twice, as no load is greater than the number of tokens. Within an expert tokens ascend, as
// a stable sort leaves them.
LayerPairs spread_pairs(const ExpertKernel& kernel) {
    const auto tokens = static_cast<std::size_t>(kernel.tokens), top_k = static_cast<std::size_t>(kernel.top_k);
    std::vector<std::size_t> order(tokens), used(tokens, 0);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::mt19937_64 random(20240229);
    for (std::size_t i = tokens; i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    LayerPairs out;
    out.row_of_pair.assign(tokens * top_k, -1);
    std::size_t next = 0;
    std::vector<std::size_t> mine;
    for (const std::int64_t load : kernel.loads) {
        mine.clear();
        for (std::int64_t i = 0; i < load; ++i) mine.push_back(order[next++ % tokens]);
        std::sort(mine.begin(), mine.end());
        for (const std::size_t token : mine) {
            const std::size_t pair = token * top_k + used[token]++;
            out.row_of_pair[pair] = static_cast<int>(out.pair_of_row.size());
            out.pair_of_row.push_back(static_cast<int>(pair));
        }
    }
    return out;
}

}  // namespace moeplan::cuda
