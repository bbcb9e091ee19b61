#include <algorithm>
#include <cmath>
#include <vector>

#include "gpu/cpu/attention.h"
#include "gpu/cpu/element.h"
#include "gpu/cpu/parallel.h"

namespace moeplan::cpu {
namespace {

constexpr std::int64_t kKeys = 64;   // keys of a block
constexpr std::int64_t kRows =
    64;   // (query, head) rows of a tile; vectors run over rows, so it is always filled up to this
// Below any score; its weight e^(kHidden - largest) comes out as e^-87, nothing beside the largest's 1.
constexpr float kHidden = -1e30F;

// What one thread works in.
struct Scratch {
    std::vector<float> queries;   // [qk_dim][kRows], scaled
    std::vector<float> keys;      // [kKeys][qk_dim]
    std::vector<float> values;    // [kKeys][v_dim]
    std::vector<float> scores;    // [kKeys][kRows]
    std::vector<float> mix;       // [kRows][v_dim]
    float most[kRows], sum[kRows], shrink[kRows];
};

// scores = keys * queries, four keys by 32 rows in registers.
MOEPLAN_CLONES void score_block(const float* keys, const float* queries, std::int64_t dim, float* scores) {
    constexpr std::int64_t kColumns = 32;
    for (std::int64_t j = 0; j < kKeys; j += 4) {
        for (std::int64_t column = 0; column < kRows; column += kColumns) {
            float s0[kColumns] = {}, s1[kColumns] = {}, s2[kColumns] = {}, s3[kColumns] = {};
            const float* k = keys + j * dim;
            for (std::int64_t d = 0; d < dim; ++d) {
                const float* q = queries + d * kRows + column;
                const float k0 = k[d], k1 = k[dim + d], k2 = k[2 * dim + d], k3 = k[3 * dim + d];
#pragma omp simd
                for (std::int64_t r = 0; r < kColumns; ++r) {
                    s0[r] += k0 * q[r];
                    s1[r] += k1 * q[r];
                    s2[r] += k2 * q[r];
                    s3[r] += k3 * q[r];
                }
            }
            float* out = scores + j * kRows + column;
            for (std::int64_t r = 0; r < kColumns; ++r) out[r] = s0[r];
            for (std::int64_t r = 0; r < kColumns; ++r) out[kRows + r] = s1[r];
            for (std::int64_t r = 0; r < kColumns; ++r) out[2 * kRows + r] = s2[r];
            for (std::int64_t r = 0; r < kColumns; ++r) out[3 * kRows + r] = s3[r];
        }
    }
}

// Scores become weights; `shrink` is what sums under the older maximum must be multiplied by.
MOEPLAN_CLONES void soften_block(std::int64_t keys, float* scores, float* most, float* sum, float* shrink) {
    float largest[kRows], added[kRows] = {};
    for (std::int64_t r = 0; r < kRows; ++r) largest[r] = most[r];
    for (std::int64_t j = 0; j < keys; ++j) {
        const float* s = scores + j * kRows;
#pragma omp simd
        for (std::int64_t r = 0; r < kRows; ++r) largest[r] = s[r] > largest[r] ? s[r] : largest[r];
    }
    for (std::int64_t j = 0; j < keys; ++j) {
        float* s = scores + j * kRows;
#pragma omp simd
        for (std::int64_t r = 0; r < kRows; ++r) {
            s[r] = fast_exp(s[r] - largest[r]);
            added[r] += s[r];
        }
    }
#pragma omp simd
    for (std::int64_t r = 0; r < kRows; ++r) {
        shrink[r] = fast_exp(most[r] - largest[r]);
        sum[r] = sum[r] * shrink[r] + added[r];
        most[r] = largest[r];
    }
}

// mix = shrink * mix + weights^T * values, four rows and four keys at a time.
MOEPLAN_CLONES void mix_block(const float* weights, const float* values, std::int64_t keys, std::int64_t v_dim,
                              const float* shrink, float* mix) {
    for (std::int64_t r = 0; r < kRows; r += 4) {
        float *m0 = mix + r * v_dim, *m1 = m0 + v_dim, *m2 = m1 + v_dim, *m3 = m2 + v_dim;
        for (std::int64_t i = 0; i < v_dim; ++i) {
            m0[i] *= shrink[r];
            m1[i] *= shrink[r + 1];
            m2[i] *= shrink[r + 2];
            m3[i] *= shrink[r + 3];
        }
        for (std::int64_t j = 0; j < keys; j += 4) {
            const float* w = weights + j * kRows + r;
            const float *v0 = values + j * v_dim, *v1 = v0 + v_dim, *v2 = v1 + v_dim, *v3 = v2 + v_dim;
#pragma omp simd
            for (std::int64_t i = 0; i < v_dim; ++i) {
                const float a = v0[i], b = v1[i], c = v2[i], d = v3[i];
                m0[i] += w[0] * a + w[kRows] * b + w[2 * kRows] * c + w[3 * kRows] * d;
                m1[i] += w[1] * a + w[kRows + 1] * b + w[2 * kRows + 1] * c + w[3 * kRows + 1] * d;
                m2[i] += w[2] * a + w[kRows + 2] * b + w[2 * kRows + 2] * c + w[3 * kRows + 2] * d;
                m3[i] += w[3] * a + w[kRows + 3] * b + w[2 * kRows + 3] * c + w[3 * kRows + 3] * d;
            }
        }
    }
}

MOEPLAN_CLONES void widen_all(const Bf16* from, std::int64_t count, float* to) {
#pragma omp simd
    for (std::int64_t i = 0; i < count; ++i) to[i] = widen(from[i]);
}
void widen_all(const float* from, std::int64_t count, float* to) { std::copy(from, from + count, to); }

template <class T>
class Prefill {
public:
    Prefill(const AttentionKernel& k, const AttentionData& data)
        : k_(k),
          data_(data),
          keys_(kept_keys(k)),
          first_kept_(k.context + k.new_tokens - keys_),
          group_(k.heads / k.kv_heads) {
        queries_per_tile_ = std::max(std::int64_t{1}, kRows / group_);
        parts_ = (group_ + kRows - 1) / kRows;
        tiles_ = (k.new_tokens + queries_per_tile_ - 1) / queries_per_tile_ * parts_;
    }

    void run() {
        parallel_each(k_.sequences * k_.kv_heads * tiles_, [&](std::int64_t i) {
            thread_local Scratch scratch;
            // The last tiles see the most keys: first, so that no thread is left with them alone.
            tile(i % (k_.sequences * k_.kv_heads), tiles_ - 1 - i / (k_.sequences * k_.kv_heads), scratch);
        });
    }

private:
    // Row r of a tile is query first + r / per_query, head r % per_query of the part of the group that fits a tile.
    void tile(std::int64_t item, std::int64_t index, Scratch& s) {
        const Tile t = tile_at(item, index);
        load_queries(t, s);
        s.keys.assign(static_cast<std::size_t>(kKeys * k_.qk_dim), 0.0F);
        s.values.assign(static_cast<std::size_t>(kKeys * k_.v_dim), 0.0F);
        s.scores.resize(static_cast<std::size_t>(kKeys * kRows));
        s.mix.assign(static_cast<std::size_t>(kRows * k_.v_dim), 0.0F);
        std::fill_n(s.most, kRows, kHidden);
        std::fill_n(s.sum, kRows, 0.0F);
        const std::int64_t end = highest_key(t.first + t.queries - 1);
        for (std::int64_t block = lowest_key(t.first); block < end; block += kKeys) {
            const std::int64_t keys = std::min(kKeys, end - block);
            const std::int64_t row = item * keys_ + block;
            widen_all(static_cast<const T*>(data_.keys) + row * k_.qk_dim, keys * k_.qk_dim, s.keys.data());
            widen_all(static_cast<const T*>(data_.values) + row * k_.v_dim, keys * k_.v_dim, s.values.data());
            score_block(s.keys.data(), s.queries.data(), k_.qk_dim, s.scores.data());
            hide(t, block, s);
            soften_block(kKeys, s.scores.data(), s.most, s.sum, s.shrink);
            mix_block(s.scores.data(), s.values.data(), kKeys, k_.v_dim, s.shrink, s.mix.data());
        }
        store(t, s);
    }

    // Of the kept keys, those query i sees: lowest_key .. highest_key.
    std::int64_t highest_key(std::int64_t i) const { return k_.context + i + 1 - first_kept_; }
    std::int64_t lowest_key(std::int64_t i) const {
        return k_.window > 0 ? std::max(std::int64_t{0}, k_.context + i + 1 - k_.window - first_kept_) : 0;
    }

    struct Tile {
        std::int64_t item, first, queries, head, heads;  // `heads` heads of the group from `head` on
        std::int64_t rows() const { return queries * heads; }
    };

    Tile tile_at(std::int64_t item, std::int64_t index) const {
        Tile t{};
        t.item = item;
        t.first = index / parts_ * queries_per_tile_;
        t.queries = std::min(queries_per_tile_, k_.new_tokens - t.first);
        t.head = index % parts_ * kRows;
        t.heads = std::min(group_ - t.head, kRows);
        return t;
    }

    std::int64_t row_of(const Tile& t, std::int64_t r) const {
        const std::int64_t sequence = t.item / k_.kv_heads, kv_head = t.item % k_.kv_heads;
        return (sequence * k_.new_tokens + t.first + r / t.heads) * k_.heads + kv_head * group_ + t.head + r % t.heads;
    }

    void load_queries(const Tile& t, Scratch& s) {
        const float scale = 1.0F / std::sqrt(static_cast<float>(k_.qk_dim));
        s.queries.assign(static_cast<std::size_t>(k_.qk_dim * kRows), 0.0F);
        for (std::int64_t r = 0; r < t.rows(); ++r) {
            const T* from = static_cast<const T*>(data_.queries) + row_of(t, r) * k_.qk_dim;
            for (std::int64_t d = 0; d < k_.qk_dim; ++d)
                s.queries[static_cast<std::size_t>(d * kRows + r)] = widen(from[d]) * scale;
        }
    }

    // Keys after a row's own token, before its window, or beyond the block's end.
    void hide(const Tile& t, std::int64_t block, Scratch& s) {
        for (std::int64_t r = 0; r < t.rows(); ++r) {
            const std::int64_t query = t.first + r / t.heads;
            const std::int64_t first = std::clamp(lowest_key(query) - block, std::int64_t{0}, kKeys);
            const std::int64_t last = std::clamp(highest_key(query) - block, std::int64_t{0}, kKeys);
            float* scores = s.scores.data() + r;
            for (std::int64_t j = 0; j < first; ++j) scores[j * kRows] = kHidden;
            for (std::int64_t j = last; j < kKeys; ++j) scores[j * kRows] = kHidden;
        }
    }

    void store(const Tile& t, const Scratch& s) {
        for (std::int64_t r = 0; r < t.rows(); ++r) {
            T* to = static_cast<T*>(data_.output) + row_of(t, r) * k_.v_dim;
            const float* mix = s.mix.data() + r * k_.v_dim;
            const float scale = 1.0F / s.sum[r];
            for (std::int64_t i = 0; i < k_.v_dim; ++i) to[i] = narrow<T>(mix[i] * scale);
        }
    }

    const AttentionKernel& k_;
    const AttentionData& data_;
    std::int64_t keys_, first_kept_, group_, queries_per_tile_ = 1, parts_ = 1, tiles_ = 1;
};

}  // namespace

void prefill_attention(const AttentionKernel& shape, const AttentionData& data) {
    if (shape.format == NumberFormat::fp32) Prefill<float>(shape, data).run();
    else Prefill<Bf16>(shape, data).run();
}

}  // namespace moeplan::cpu
