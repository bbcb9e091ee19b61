#include "gpu/cuda/check/numbers.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "gpu/cuda/number_codec.h"

namespace moeplan::cuda {

std::int64_t draw(CheckRandom& random, std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
}

std::int64_t one_of(CheckRandom& random, const std::vector<std::int64_t>& values) {
    return values[random() % values.size()];
}

std::vector<float> draw_floats(CheckRandom& random, std::int64_t count, float scale) {
    std::vector<float> out(static_cast<std::size_t>(count));
    for (float& v : out) v = (static_cast<float>(random() >> 40) * (2.0f / 16777216.0f) - 1.0f) * scale;
    return out;
}

std::vector<std::uint8_t> encode(const std::vector<float>& values, Element element) {
    std::vector<std::uint8_t> out(values.size() * static_cast<std::size_t>(bytes_of(element)));
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (element == Element::fp8) {
            out[i] = fp8_bits(values[i]);
            continue;
        }
        const std::uint16_t bits = element == Element::bf16 ? bf16_bits(values[i]) : fp16_bits(values[i]);
        std::memcpy(out.data() + 2 * i, &bits, 2);
    }
    return out;
}

std::vector<float> decode(const std::vector<std::uint8_t>& bytes, Element element) {
    std::vector<float> out(bytes.size() / static_cast<std::size_t>(bytes_of(element)));
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (element == Element::fp8) {
            out[i] = fp8_value(bytes[i]);
            continue;
        }
        std::uint16_t bits = 0;
        std::memcpy(&bits, bytes.data() + 2 * i, 2);
        out[i] = element == Element::bf16 ? bf16_value(bits) : fp16_value(bits);
    }
    return out;
}

std::vector<float> rounded(const std::vector<float>& values, Element element) {
    return decode(encode(values, element), element);
}

std::vector<int> draw_experts(CheckRandom& random, std::int64_t tokens, std::int64_t experts, std::int64_t top_k,
                              int skew) {
    std::vector<int> out, order(static_cast<std::size_t>(experts));
    std::iota(order.begin(), order.end(), 0);
    const auto allowed = static_cast<std::size_t>(skew == 1 ? std::max(top_k, experts / 2) : experts);
    const int absent = skew == 2 ? static_cast<int>(experts / 2) : static_cast<int>(experts);   // held: below
    for (std::int64_t t = 0; t < tokens; ++t) {
        std::iota(order.begin(), order.end(), 0);
        for (std::size_t s = 0; s < static_cast<std::size_t>(top_k); ++s) {
            if (!(skew == 1 && s == 0)) std::swap(order[s], order[s + random() % (allowed - s)]);
            out.push_back(order[s] < absent ? order[s] : -1);
        }
    }
    return out;
}

double worst_difference(const std::vector<float>& a, const std::vector<float>& b) {
    if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double difference = std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
        if (!(difference >= 0)) return std::numeric_limits<double>::infinity();
        worst = std::max(worst, difference);
    }
    return worst;
}

}  // namespace moeplan::cuda
