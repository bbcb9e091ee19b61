#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "gpu/cpu/attention.h"
#include "gpu/cpu/element.h"
#include "gpu/cpu/parallel.h"

namespace moeplan::cpu {

std::int64_t kept_keys(const AttentionKernel& k) {
    const std::int64_t all = k.context + k.new_tokens;
    return k.window > 0 ? std::min(all, k.window + k.new_tokens - 1) : all;
}

namespace {

constexpr std::int64_t kBlock = 64;        // keys whose scores are held at once
constexpr std::int64_t kLanes = 16;        // of the widest vectors
constexpr std::int64_t kFewestKeys = 256;  // a share of a sequence smaller than this costs more to merge than it saves

// The queries of one group (the heads that share a key head) against a range of keys.
template <class T>
struct Group {
    const float* queries;  // [heads][qk_dim], scaled
    const T* keys;  // of the range
    const T* values;
    std::int64_t count, heads, qk_dim, v_dim;
    float* most;  // [heads] largest score
    float* sum;  // [heads] of e^(score - most)
    float* mix;  // [heads][v_dim] of e^(score - most) * value
};

// The sum of a vector of partial sums, halved again and again; a reduction clause would add them one by one.
template <std::int64_t half = kLanes / 2>
MOEPLAN_INLINE float fold(float* lanes) {
    for (std::int64_t l = 0; l < half; ++l) lanes[l] += lanes[l + half];
    if constexpr (half > 1) return fold<half / 2>(lanes);
    else return lanes[0];
}

// Four heads share each key that is widened.
template <class T>
MOEPLAN_INLINE void dots4(const float* q, const T* key, std::int64_t dim, float* out, std::int64_t stride) {
    float a[kLanes] = {}, b[kLanes] = {}, c[kLanes] = {}, d[kLanes] = {};
    std::int64_t i = 0;
    for (; i + kLanes <= dim; i += kLanes) {
#pragma omp simd
        for (std::int64_t l = 0; l < kLanes; ++l) {
            const float k = widen(key[i + l]);
            a[l] += q[i + l] * k;
            b[l] += q[dim + i + l] * k;
            c[l] += q[2 * dim + i + l] * k;
            d[l] += q[3 * dim + i + l] * k;
        }
    }
    for (; i < dim; ++i) {
        const float k = widen(key[i]);
        a[0] += q[i] * k;
        b[0] += q[dim + i] * k;
        c[0] += q[2 * dim + i] * k;
        d[0] += q[3 * dim + i] * k;
    }
    out[0] = fold(a);
    out[stride] = fold(b);
    out[2 * stride] = fold(c);
    out[3 * stride] = fold(d);
}

template <class T>
MOEPLAN_INLINE float dot(const float* q, const T* key, std::int64_t dim) {
    float a[kLanes] = {};
    std::int64_t i = 0;
    for (; i + kLanes <= dim; i += kLanes) {
#pragma omp simd
        for (std::int64_t l = 0; l < kLanes; ++l) a[l] += q[i + l] * widen(key[i + l]);
    }
    for (; i < dim; ++i) a[0] += q[i] * widen(key[i]);
    return fold(a);
}

// Scores of one head become weights; what was summed under an older maximum is scaled down.
template <class T>
MOEPLAN_INLINE void soften(const Group<T>& g, std::int64_t head, float* scores, std::int64_t keys) {
    float most = g.most[head];
    for (std::int64_t j = 0; j < keys; ++j) most = scores[j] > most ? scores[j] : most;
    const float shrink = g.sum[head] > 0 ? fast_exp(g.most[head] - most) : 0.0F;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t j = 0; j < keys; ++j) {
        scores[j] = fast_exp(scores[j] - most);
        sum += scores[j];
    }
    if (most > g.most[head]) {
        float* mix = g.mix + head * g.v_dim;
#pragma omp simd
        for (std::int64_t i = 0; i < g.v_dim; ++i) mix[i] *= shrink;
    }
    g.sum[head] = g.sum[head] * shrink + sum;
    g.most[head] = most;
}

// Four heads share each value that is widened, four keys each sum that is loaded.
template <class T>
MOEPLAN_INLINE void add_values4(const Group<T>& g, std::int64_t head, const float* w, const T* values,
                                std::int64_t keys) {
    const std::int64_t dim = g.v_dim;
    float *m0 = g.mix + head * dim, *m1 = m0 + dim, *m2 = m1 + dim, *m3 = m2 + dim;
    for (std::int64_t j = 0; j + 4 <= keys; j += 4) {
        const T *v0 = values + j * dim, *v1 = v0 + dim, *v2 = v1 + dim, *v3 = v2 + dim;
        const float *w0 = w + j, *w1 = w0 + kBlock, *w2 = w1 + kBlock, *w3 = w2 + kBlock;
#pragma omp simd
        for (std::int64_t i = 0; i < dim; ++i) {
            const float a = widen(v0[i]), b = widen(v1[i]), c = widen(v2[i]), d = widen(v3[i]);
            m0[i] += w0[0] * a + w0[1] * b + w0[2] * c + w0[3] * d;
            m1[i] += w1[0] * a + w1[1] * b + w1[2] * c + w1[3] * d;
            m2[i] += w2[0] * a + w2[1] * b + w2[2] * c + w2[3] * d;
            m3[i] += w3[0] * a + w3[1] * b + w3[2] * c + w3[3] * d;
        }
    }
}

// One head, keys first .. keys.
template <class T>
MOEPLAN_INLINE void add_values1(const Group<T>& g, std::int64_t head, const float* weights, const T* values,
                                std::int64_t first, std::int64_t keys) {
    float* mix = g.mix + head * g.v_dim;
    for (std::int64_t j = first; j < keys; ++j) {
        const T* v = values + j * g.v_dim;
#pragma omp simd
        for (std::int64_t i = 0; i < g.v_dim; ++i) mix[i] += weights[j] * widen(v[i]);
    }
}

template <class T>
MOEPLAN_INLINE void add_values(const Group<T>& g, const float* weights, const T* values, std::int64_t keys) {
    std::int64_t h = 0;
    for (; h + 4 <= g.heads; h += 4) {
        add_values4(g, h, weights + h * kBlock, values, keys);
        for (std::int64_t i = h; i < h + 4; ++i) add_values1(g, i, weights + i * kBlock, values, keys / 4 * 4, keys);
    }
    for (; h < g.heads; ++h) add_values1(g, h, weights + h * kBlock, values, 0, keys);
}

template <class T>
MOEPLAN_INLINE void attend(const Group<T>& g, float* scores) {
    for (std::int64_t begin = 0; begin < g.count; begin += kBlock) {
        const std::int64_t keys = g.count - begin < kBlock ? g.count - begin : kBlock;
        for (std::int64_t j = 0; j < keys; ++j) {
            const T* key = g.keys + (begin + j) * g.qk_dim;
            std::int64_t h = 0;
            for (; h + 4 <= g.heads; h += 4)
                dots4(g.queries + h * g.qk_dim, key, g.qk_dim, scores + h * kBlock + j, kBlock);
            for (; h < g.heads; ++h) scores[h * kBlock + j] = dot(g.queries + h * g.qk_dim, key, g.qk_dim);
        }
        for (std::int64_t h = 0; h < g.heads; ++h) soften(g, h, scores + h * kBlock, keys);
        add_values(g, scores, g.values + begin * g.v_dim, keys);
    }
}

MOEPLAN_CLONES void attend_f32(const Group<float>& g, float* scores) { attend(g, scores); }
MOEPLAN_CLONES void attend_bf16(const Group<Bf16>& g, float* scores) { attend(g, scores); }

void attend_group(const Group<float>& g, float* scores) { attend_f32(g, scores); }
void attend_group(const Group<Bf16>& g, float* scores) { attend_bf16(g, scores); }

template <class T>
class Decode {
public:
    Decode(const AttentionKernel& k, const AttentionData& data)
        : k_(k), data_(data), keys_(kept_keys(k)), group_(k.heads / k.kv_heads), items_(k.sequences * k.kv_heads) {
        const std::int64_t wanted = (2 * threads() + items_ - 1) / items_;
        splits_ = std::clamp(wanted, std::int64_t{1}, std::max(std::int64_t{1}, keys_ / kFewestKeys));
        const auto parts = static_cast<std::size_t>(items_ * splits_ * group_);
        most_.assign(parts, -std::numeric_limits<float>::infinity());
        sum_.assign(parts, 0.0F);
        mix_.assign(parts * static_cast<std::size_t>(k.v_dim), 0.0F);
    }

    void run() {
        parallel_for(items_ * splits_, [&](std::int64_t begin, std::int64_t end) {
            std::vector<float> queries(static_cast<std::size_t>(group_ * k_.qk_dim));
            std::vector<float> scores(static_cast<std::size_t>(group_ * kBlock));
            for (std::int64_t i = begin; i < end; ++i) part(i, queries, scores);
        });
        parallel_for(items_ * group_, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) merge(row);
        });
    }

private:
    void part(std::int64_t index, std::vector<float>& queries, std::vector<float>& scores) {
        const std::int64_t item = index / splits_, split = index % splits_;
        const T* from = static_cast<const T*>(data_.queries) + item * group_ * k_.qk_dim;
        const float scale = 1.0F / std::sqrt(static_cast<float>(k_.qk_dim));
        for (std::size_t i = 0; i < queries.size(); ++i) queries[i] = widen(from[i]) * scale;
        const std::int64_t begin = keys_ * split / splits_, end = keys_ * (split + 1) / splits_;
        const Group<T> g{queries.data(),
                         static_cast<const T*>(data_.keys) + (item * keys_ + begin) * k_.qk_dim,
                         static_cast<const T*>(data_.values) + (item * keys_ + begin) * k_.v_dim,
                         end - begin,
                         group_,
                         k_.qk_dim,
                         k_.v_dim,
                         most_.data() + index * group_,
                         sum_.data() + index * group_,
                         mix_.data() + index * group_ * k_.v_dim};
        attend_group(g, scores.data());
    }

    // One head of one sequence: its shares of the keys, each relative to its own maximum.
    void merge(std::int64_t row) {
        const std::int64_t item = row / group_, head = row % group_;
        float most = -std::numeric_limits<float>::infinity(), sum = 0;
        const auto at = [&](std::int64_t split) {
            return static_cast<std::size_t>((item * splits_ + split) * group_ + head);
        };
        for (std::int64_t s = 0; s < splits_; ++s) most = std::max(most, most_[at(s)]);
        for (std::int64_t s = 0; s < splits_; ++s) sum += sum_[at(s)] * fast_exp(most_[at(s)] - most);
        T* out = static_cast<T*>(data_.output) + row * k_.v_dim;
        for (std::int64_t i = 0; i < k_.v_dim; ++i) {
            float value = 0;
            for (std::int64_t s = 0; s < splits_; ++s) {
                value += mix_[at(s) * static_cast<std::size_t>(k_.v_dim) + static_cast<std::size_t>(i)] *
                         fast_exp(most_[at(s)] - most);
            }
            out[i] = narrow<T>(value / sum);
        }
    }

    const AttentionKernel& k_;
    const AttentionData& data_;
    std::int64_t keys_, group_, items_, splits_ = 1;
    std::vector<float> most_, sum_, mix_;
};

}  // namespace

void decode_attention(const AttentionKernel& shape, const AttentionData& data) {
    if (shape.format == NumberFormat::fp32) Decode<float>(shape, data).run();
    else Decode<Bf16>(shape, data).run();
}

}  // namespace moeplan::cpu
