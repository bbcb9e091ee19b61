#pragma once
// The kernels' plain meaning, in loops on the host. Sums in double.

#include <cstdint>
#include <vector>

namespace moeplan::cuda {

struct RoutedReference {
    std::vector<int> expert_of;
    std::vector<float> weight_of;
};
RoutedReference route_reference(const std::vector<float>& scores, std::int64_t tokens, std::int64_t experts,
                                std::int64_t top_k);

struct PlacedReference {
    std::vector<int> offsets, row_of_pair, pair_of_row;   // pair_of_row: as many as rows
};
PlacedReference place_reference(const std::vector<int>& expert_of, std::int64_t experts);

std::vector<float> activation_reference(const std::vector<float>& in, std::int64_t rows, std::int64_t width,
                                        bool gated);

std::vector<float> combine_reference(const std::vector<float>& rows, const std::vector<int>& row_of_pair,
                                     const std::vector<float>& weight_of, std::int64_t tokens, std::int64_t hidden,
                                     std::int64_t top_k);

struct AttentionReference {
    std::int64_t sequences = 0, heads = 0, kv_heads = 0, qk_dim = 0, v_dim = 0, table_width = 0, page_tokens = 16,
                 window = 0;
    double scale = 1, key_scale = 1, value_scale = 1;
    std::vector<float> query, keys, values;   // laid out as DecodeWork's
    std::vector<int> pages, lengths;
};
std::vector<float> attention_reference(const AttentionReference& given);

// c[m, n] = a[m, k] * w[n, k].
std::vector<float> gemm_reference(const std::vector<float>& a, const std::vector<float>& w, std::int64_t m,
                                  std::int64_t n, std::int64_t k);

}  // namespace moeplan::cuda
