#include "gpu/cpu/attention.h"

#include "gpu/cpu/parallel.h"
#include "tests/probe_cpu/reference.h"

using namespace moeplan;
using namespace moeplan::cpu;

namespace {

// Every query against every key it may see, by the definition.
struct Reference {
    const AttentionKernel& k;
    Doubles queries, keys, values;

    Doubles output() const {
        Doubles out(z(k.sequences * k.new_tokens * k.heads * k.v_dim));
        for (std::int64_t s = 0; s < k.sequences; ++s) {
            for (std::int64_t i = 0; i < k.new_tokens; ++i) {
                for (std::int64_t h = 0; h < k.heads; ++h)
                    one(s, i, h, out.data() + ((s * k.new_tokens + i) * k.heads + h) * k.v_dim);
            }
        }
        return out;
    }

    void one(std::int64_t s, std::int64_t i, std::int64_t h, double* out) const {
        const std::int64_t kept = kept_keys(k), first = k.context + k.new_tokens - kept,
                           item = s * k.kv_heads + h / (k.heads / k.kv_heads);
        const double* q = queries.data() + ((s * k.new_tokens + i) * k.heads + h) * k.qk_dim;
        Doubles weights;
        double sum = 0;
        const std::int64_t own = k.context + i;
        const std::int64_t from = k.window > 0 ? std::max(std::int64_t{0}, own + 1 - k.window) : 0;
        REQUIRE(from >= first);   // what is kept reaches far enough back
        for (std::int64_t position = from; position <= own; ++position) {
            double dot = 0;
            for (std::int64_t d = 0; d < k.qk_dim; ++d)
                dot += q[d] * keys[z((item * kept + position - first) * k.qk_dim + d)];
            weights.push_back(std::exp(dot / std::sqrt(static_cast<double>(k.qk_dim))));
            sum += weights.back();
        }
        for (std::int64_t d = 0; d < k.v_dim; ++d) {
            out[d] = 0;
            for (std::size_t j = 0; j < weights.size(); ++j) {
                out[d] += weights[j] / sum *
                          values[z((item * kept + from - first + static_cast<std::int64_t>(j)) * k.v_dim + d)];
            }
        }
    }
};

template <class T>
void compare(const AttentionKernel& k) {
    CAPTURE(to_text(k), k.window);
    REQUIRE(check_kernel(k).empty());
    const std::int64_t rows = k.sequences * k.kv_heads * kept_keys(k);
    const Buffer keys = random_buffer<T>(z(rows * k.qk_dim), 2.0F, 1),
                 values = random_buffer<T>(z(rows * k.v_dim), 1.0F, 2);
    const Buffer queries = random_buffer<T>(z(k.sequences * k.new_tokens * k.heads * k.qk_dim), 2.0F, 3);
    Buffer output(z(k.sequences * k.new_tokens * k.heads * k.v_dim) * sizeof(T));
    const AttentionData data{queries.data(), keys.data(), values.data(), output.data()};
    if (k.decode) decode_attention(k, data);
    else prefill_attention(k, data);
    const Reference reference{k, doubles<T>(queries), doubles<T>(keys), doubles<T>(values)};
    REQUIRE(worst_error(doubles<T>(output), reference.output()) < kTolerance<T>);
}

AttentionKernel random_shape(Random& random, bool decode, NumberFormat format) {
    const std::int64_t kv_heads = random.from(1, 3), group = random.from(1, 9);
    return {decode,
            random.from(1, 3),
            decode ? 1 : random.from(1, 90),
            random.from(0, 200),
            kv_heads * group,
            kv_heads,
            random.from(1, 80),
            random.from(1, 80),
            random.from(0, 1) * random.from(1, 120),
            format,
            format};
}

}  // namespace

TEST_CASE("decode attention is the definition's, with shared heads, windows and both formats") {
    Random random(11);
    for (int i = 0; i < 25; ++i) {
        compare<float>(random_shape(random, true, NumberFormat::fp32));
        compare<Bf16>(random_shape(random, true, NumberFormat::bf16));
    }
}

TEST_CASE("decode attention of one long sequence shared out over threads is the definition's") {
    const int before = threads();
    for (const int count : {1, 2, 5}) {
        set_threads(count);
        compare<float>({true, 1, 1, 3000, 4, 1, 16, 16, 0, NumberFormat::fp32, NumberFormat::fp32});
    }
    set_threads(before);
}

TEST_CASE("prefill attention is the definition's, with shared heads, windows, cached tokens and both formats") {
    Random random(12);
    for (int i = 0; i < 15; ++i) {
        compare<float>(random_shape(random, false, NumberFormat::fp32));
        compare<Bf16>(random_shape(random, false, NumberFormat::bf16));
    }
}

TEST_CASE("more query heads on one key head than a tile holds are all computed") {
    compare<float>({false, 1, 5, 20, 130, 1, 8, 8, 0, NumberFormat::fp32, NumberFormat::fp32});
}

TEST_CASE("a window keeps only the keys that some query reaches") {
    REQUIRE(kept_keys({false, 1, 10, 100, 1, 1, 1, 1, 16, NumberFormat::fp32, NumberFormat::fp32}) == 25);
    REQUIRE(kept_keys({true, 1, 1, 100, 1, 1, 1, 1, 16, NumberFormat::fp32, NumberFormat::fp32}) == 16);
    REQUIRE(kept_keys({true, 1, 1, 100, 1, 1, 1, 1, 0, NumberFormat::fp32, NumberFormat::fp32}) == 101);
    REQUIRE(kept_keys({true, 1, 1, 3, 1, 1, 1, 1, 16, NumberFormat::fp32, NumberFormat::fp32}) == 4);
}
