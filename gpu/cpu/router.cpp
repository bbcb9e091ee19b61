#include "gpu/cpu/router.h"

#include <vector>

#include "gpu/cpu/element.h"
#include "gpu/cpu/parallel.h"

namespace moeplan::cpu {
namespace {

constexpr float kTaken = -1.0F;   // no probability is negative

MOEPLAN_CLONES void route_token(const float* scores, std::int64_t experts, std::int64_t top_k, float* shares,
                                std::int32_t* chosen, float* weights) {
    float most = scores[0];
    for (std::int64_t e = 1; e < experts; ++e) most = scores[e] > most ? scores[e] : most;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t e = 0; e < experts; ++e) {
        shares[e] = fast_exp(scores[e] - most);
        sum += shares[e];
    }
    float picked = 0;
    for (std::int64_t k = 0; k < top_k; ++k) {
        std::int64_t best = 0;
        for (std::int64_t e = 1; e < experts; ++e) best = shares[e] > shares[best] ? e : best;
        chosen[k] = static_cast<std::int32_t>(best);
        weights[k] = shares[best] / sum;
        picked += weights[k];
        shares[best] = kTaken;
    }
    for (std::int64_t k = 0; k < top_k; ++k) weights[k] /= picked;
}

}  // namespace

void route(const RouterKernel& shape, const float* scores, std::int32_t* chosen, float* weights) {
    parallel_for(shape.tokens, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> shares(static_cast<std::size_t>(shape.experts));
        for (std::int64_t t = begin; t < end; ++t) {
            route_token(scores + t * shape.experts, shape.experts, shape.top_k, shares.data(), chosen + t * shape.top_k,
                        weights + t * shape.top_k);
        }
    });
}

}  // namespace moeplan::cpu
