#include "gpu/cuda/check/references.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace moeplan::cuda {

namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

}  // namespace

RoutedReference route_reference(const std::vector<float>& scores, std::int64_t tokens, std::int64_t experts,
                                std::int64_t top_k) {
    RoutedReference out;
    for (std::int64_t t = 0; t < tokens; ++t) {
        std::vector<double> score(scores.begin() + t * experts, scores.begin() + (t + 1) * experts);
        for (double& s : score) {
            if (std::isnan(s)) s = -std::numeric_limits<double>::infinity();
            s = std::min(s, static_cast<double>(std::numeric_limits<float>::max()));
        }
        std::vector<int> order(at(experts));
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return score[at(a)] > score[at(b)]; });
        const double top = score[at(order[0])];
        std::vector<double> part;
        for (std::int64_t s = 0; s < top_k; ++s) {
            const double mine = score[at(order[at(s)])];
            part.push_back(std::isinf(mine) ? 0.0 : std::exp(mine - top));
        }
        const double total = std::accumulate(part.begin(), part.end(), 0.0);
        for (std::int64_t s = 0; s < top_k; ++s) {
            out.expert_of.push_back(order[at(s)]);
            out.weight_of.push_back(
                static_cast<float>(total > 0 ? part[at(s)] / total : 1.0 / static_cast<double>(top_k)));
        }
    }
    return out;
}

PlacedReference place_reference(const std::vector<int>& expert_of, std::int64_t experts) {
    PlacedReference out;
    out.row_of_pair.assign(expert_of.size(), -1);
    for (std::int64_t e = 0; e < experts; ++e) {
        out.offsets.push_back(static_cast<int>(out.pair_of_row.size()));
        for (std::size_t p = 0; p < expert_of.size(); ++p) {
            if (expert_of[p] != e) continue;
            out.row_of_pair[p] = static_cast<int>(out.pair_of_row.size());
            out.pair_of_row.push_back(static_cast<int>(p));
        }
    }
    out.offsets.push_back(static_cast<int>(out.pair_of_row.size()));
    return out;
}

std::vector<float> activation_reference(const std::vector<float>& in, std::int64_t rows, std::int64_t width,
                                        bool gated) {
    std::vector<float> out;
    for (std::int64_t r = 0; r < rows; ++r) {
        const std::int64_t first = r * width * (gated ? 2 : 1);
        for (std::int64_t i = 0; i < width; ++i) {
            const double gate = in[at(first + i)];
            out.push_back(static_cast<float>(gate / (1.0 + std::exp(-gate)) *
                                             (gated ? static_cast<double>(in[at(first + width + i)]) : 1.0)));
        }
    }
    return out;
}

std::vector<float> combine_reference(const std::vector<float>& rows, const std::vector<int>& row_of_pair,
                                     const std::vector<float>& weight_of, std::int64_t tokens, std::int64_t hidden,
                                     std::int64_t top_k) {
    std::vector<float> out;
    for (std::int64_t t = 0; t < tokens; ++t) {
        for (std::int64_t i = 0; i < hidden; ++i) {
            double sum = 0;
            for (std::int64_t pair = t * top_k; pair < (t + 1) * top_k; ++pair) {
                const std::int64_t row = row_of_pair[at(pair)];
                if (row >= 0)
                    sum += static_cast<double>(weight_of[at(pair)]) * static_cast<double>(rows[at(row * hidden + i)]);
            }
            out.push_back(static_cast<float>(sum));
        }
    }
    return out;
}

namespace {

// One query head over the keys it attends to; appends v_dim numbers.
void attend(const AttentionReference& g, std::int64_t sequence, std::int64_t head, std::vector<float>& out) {
    const std::int64_t length = g.lengths[at(sequence)];
    const std::int64_t first = g.window > 0 ? std::max<std::int64_t>(0, length - g.window) : 0;
    const std::int64_t kv_head = head / (g.heads / g.kv_heads);
    const auto row = [&](std::int64_t key) {
        const std::int64_t page = g.pages[at(sequence * g.table_width + key / g.page_tokens)];
        return (page * g.page_tokens + key % g.page_tokens) * g.kv_heads + kv_head;
    };
    std::vector<double> weight;
    for (std::int64_t key = first; key < length; ++key) {
        double dot = 0;
        for (std::int64_t d = 0; d < g.qk_dim; ++d) {
            dot += static_cast<double>(g.query[at((sequence * g.heads + head) * g.qk_dim + d)]) *
                   static_cast<double>(g.keys[at(row(key) * g.qk_dim + d)]);
        }
        weight.push_back(dot * g.scale * g.key_scale);
    }
    const double top = *std::max_element(weight.begin(), weight.end());
    for (double& w : weight) w = std::exp(w - top);
    const double total = std::accumulate(weight.begin(), weight.end(), 0.0);
    for (std::int64_t d = 0; d < g.v_dim; ++d) {
        double sum = 0;
        for (std::int64_t key = first; key < length; ++key)
            sum += weight[at(key - first)] * static_cast<double>(g.values[at(row(key) * g.v_dim + d)]);
        out.push_back(static_cast<float>(sum / total * g.value_scale));
    }
}

}  // namespace

std::vector<float> attention_reference(const AttentionReference& given) {
    std::vector<float> out;
    for (std::int64_t s = 0; s < given.sequences; ++s) {
        for (std::int64_t h = 0; h < given.heads; ++h) attend(given, s, h, out);
    }
    return out;
}

std::vector<float> gemm_reference(const std::vector<float>& a, const std::vector<float>& w, std::int64_t m,
                                  std::int64_t n, std::int64_t k) {
    std::vector<float> out;
    for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
            double sum = 0;
            for (std::int64_t l = 0; l < k; ++l)
                sum += static_cast<double>(a[at(i * k + l)]) * static_cast<double>(w[at(j * k + l)]);
            out.push_back(static_cast<float>(sum));
        }
    }
    return out;
}

}  // namespace moeplan::cuda
