#include "gpu/cpu/transformer_step.h"

#include <cmath>
#include <cstring>
#include <numeric>

#include "gpu/cpu/attention.h"
#include "gpu/cpu/expert_layer.h"
#include "gpu/cpu/norm.h"
#include "gpu/cpu/parallel.h"
#include "gpu/cpu/router.h"

namespace moeplan::cpu {
namespace {

std::size_t z(std::int64_t value) { return static_cast<std::size_t>(value); }

// One product's weights in every layer.
template <class T>
class Projection {
public:
    Projection(std::int64_t layers, std::int64_t m, std::int64_t n, std::int64_t k, NumberFormat format,
               bool fp32_result = false)
        : m_(m),
          matmul_(n, k, format, m, fp32_result),
          step_((matmul_.packed_bytes() + 63) / 64 * 64),
          weights_(step_ * z(layers)) {
        const Buffer plain = random_buffer<T>(z(n * k), std::sqrt(3.0F / static_cast<float>(k)), z(n));
        matmul_.prepare(m);
        matmul_.pack(plain.data(), weights_.data());
        for (std::int64_t layer = 1; layer < layers; ++layer) {
            std::memcpy(weights_.data() + z(layer) * step_, weights_.data(), matmul_.packed_bytes());
        }
    }
    void run(std::int64_t layer, const Buffer& from, const Buffer& to) {
        matmul_.run(m_, from.data(), weights_.data() + z(layer) * step_, to.data());
    }

private:
    std::int64_t m_;
    Matmul matmul_;
    std::size_t step_;
    Buffer weights_;
};

template <class T>
class Step final : public TransformerStep {
public:
    explicit Step(const StepShape& s)
        : s_(s),
          loads_(example_loads(s.sequences, s.experts, s.top_k, 1, s.alpha)),
          qkv_width_((s.heads + 2 * s.kv_heads) * s.head_dim),
          attention_{true,       s.sequences, 1, s.context, s.heads, s.kv_heads,
                     s.head_dim, s.head_dim,  0, s.format,  s.format},
          qkv_(s.layers, s.sequences, qkv_width_, s.hidden, s.format),
          out_(s.layers, s.sequences, s.hidden, s.heads * s.head_dim, s.format),
          router_(s.layers, s.sequences, s.experts, s.hidden, s.format, true),
          head_(1, s.sequences, s.vocabulary, s.hidden, s.format),
          experts_({s.hidden, s.width, true, s.format}, s.layers * s.experts, typical_rows()),
          cache_rows_(s.sequences * s.kv_heads * (s.context + 1)),
          keys_(random_buffer<T>(z(s.layers * cache_rows_ * s.head_dim), 1.0F, 1)),
          values_(random_buffer<T>(z(s.layers * cache_rows_ * s.head_dim), 1.0F, 2)),
          start_(random_buffer<T>(z(s.sequences * s.hidden), 1.0F, 3)),
          stream_(start_.bytes()),
          delta_(start_.bytes()),
          normed_(start_.bytes()),
          projected_(z(s.sequences * qkv_width_) * sizeof(T)),
          queries_(z(s.sequences * s.heads * s.head_dim) * sizeof(T)),
          mixed_(queries_.bytes()),
          scores_(z(s.sequences * s.experts) * sizeof(float)),
          logits_(z(s.sequences * s.vocabulary) * sizeof(T)) {
        plan_experts();
    }

    // Laps are the indices of step_kernels().
    void run(const Lap& lap) override {
        const auto done = [&](std::size_t kernel) {
            if (lap) lap(kernel);
        };
        std::memcpy(stream_.data(), start_.data(), start_.bytes());
        std::memset(delta_.data(), 0, delta_.bytes());
        for (std::int64_t layer = 0; layer < s_.layers; ++layer) {
            norm(), done(0);
            qkv_.run(layer, normed_, projected_), done(1);
            append(layer), done(2);
            attend(layer), done(3);
            out_.run(layer, mixed_, delta_), done(4);
            norm(), done(0);
            router_.run(layer, normed_, scores_), done(5);
            route({s_.sequences, s_.experts, s_.top_k}, scores_.as<float>(), routed_.data(), weights_.data()), done(6);
            feed_forward(layer, done);
        }
        norm(), done(0);
        head_.run(0, normed_, logits_), done(s_.exchange ? 10 : 8);
    }

    std::vector<float> stream() const override { return widened(stream_); }
    std::vector<float> logits() const override { return widened(logits_); }

private:
    static std::vector<float> widened(const Buffer& buffer) {
        std::vector<float> values(buffer.bytes() / sizeof(T));
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = widen(buffer.as<T>()[i]);
        return values;
    }

    std::int64_t typical_rows() const {
        std::int64_t pairs = 0, active = 0;
        for (const std::int64_t load : loads_) {
            pairs += load;
            active += load > 0 ? 1 : 0;
        }
        return std::max(std::int64_t{1}, pairs / active);
    }

    void plan_experts() {
        experts_.load_random(4);
        plan_ = plan_loads(s_.sequences, loads_);
        const std::size_t pairs = plan_.token.size();
        routed_.resize(pairs);
        weights_.resize(pairs);
        slots_.resize(loads_.size());
        if (!s_.exchange) return experts_.set_plan(plan_);
        // What was dispatched is already in the experts' order: each pair is a row of its own.
        chosen_.resize(pairs);
        for (std::size_t e = 0; e < loads_.size(); ++e) {
            for (std::int64_t p = plan_.begin[e]; p < plan_.begin[e + 1]; ++p)
                pair_expert_.push_back(static_cast<std::int32_t>(e));
        }
        for (std::size_t i = 0; i < pairs; ++i) chosen_[i] = pair_expert_[z(plan_.pair[i])];
        PermutePlan rows = plan_;
        std::iota(rows.token.begin(), rows.token.end(), 0);
        rows.first.resize(pairs + 1);
        std::iota(rows.first.begin(), rows.first.end(), std::int64_t{0});
        std::iota(rows.pair.begin(), rows.pair.end(), std::int64_t{0});
        experts_.set_plan(std::move(rows));
        ones_.assign(pairs, 1.0F);
        dispatched_ = Buffer(pairs * z(s_.hidden) * sizeof(T));
        returned_ = Buffer(dispatched_.bytes());
    }

    template <class Done>
    void feed_forward(std::int64_t layer, const Done& done) {
        std::iota(slots_.begin(), slots_.end(), layer * s_.experts);
        if (!s_.exchange) {
            experts_.run(normed_.data(), weights_.data(), slots_, delta_.data()), done(7);
            return;
        }
        plan_permute(s_.sequences, s_.top_k, s_.experts, chosen_.data(), plan_);
        gather_rows(plan_, s_.hidden * static_cast<std::int64_t>(sizeof(T)), normed_.data(), dispatched_.data()),
            done(7);
        experts_.run(dispatched_.data(), ones_.data(), slots_, returned_.data()), done(8);
        combine_rows(plan_, s_.hidden, weights_.data(), returned_.as<T>(), delta_.as<T>()), done(9);
    }

    void attend(std::int64_t layer) {
        const std::int64_t cache = layer * cache_rows_ * s_.head_dim;
        const AttentionData data{queries_.data(), keys_.as<T>() + cache, values_.as<T>() + cache, mixed_.data()};
        decode_attention(attention_, data);
    }

    void norm() { add_and_norm(s_.sequences, s_.hidden, stream_.as<T>(), delta_.as<T>(), normed_.as<T>()); }

    // Queries to where attention reads them, the new key and value to the end of each sequence's cache.
    void append(std::int64_t layer) {
        const std::int64_t d = s_.head_dim, keys = s_.context + 1, row = d * static_cast<std::int64_t>(sizeof(T));
        T* key_cache = keys_.as<T>() + layer * cache_rows_ * d;
        T* value_cache = values_.as<T>() + layer * cache_rows_ * d;
        parallel_for(s_.sequences, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t n = begin; n < end; ++n) {
                const T* from = projected_.as<T>() + n * qkv_width_;
                std::memcpy(queries_.as<T>() + n * s_.heads * d, from, z(s_.heads * row));
                for (std::int64_t h = 0; h < s_.kv_heads; ++h) {
                    const std::int64_t at = ((n * s_.kv_heads + h) * keys + s_.context) * d;
                    std::memcpy(key_cache + at, from + (s_.heads + h) * d, z(row));
                    std::memcpy(value_cache + at, from + (s_.heads + s_.kv_heads + h) * d, z(row));
                }
            }
        });
    }

    StepShape s_;
    std::vector<std::int64_t> loads_;
    std::int64_t qkv_width_;
    AttentionKernel attention_;
    Projection<T> qkv_, out_, router_, head_;
    ExpertLayer experts_;
    std::int64_t cache_rows_;
    Buffer keys_, values_, start_, stream_, delta_, normed_, projected_, queries_, mixed_, scores_, logits_,
        dispatched_, returned_;
    PermutePlan plan_;
    std::vector<std::int32_t> routed_, chosen_, pair_expert_;
    std::vector<float> weights_, ones_;
    std::vector<std::int64_t> slots_;
};

}  // namespace

std::unique_ptr<TransformerStep> make_step(const StepShape& shape) {
    if (shape.format == NumberFormat::fp32) return std::make_unique<Step<float>>(shape);
    return std::make_unique<Step<Bf16>>(shape);
}

}  // namespace moeplan::cpu
