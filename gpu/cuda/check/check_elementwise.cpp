#include <cmath>

#include "gpu/cuda/check/checks.h"
#include "gpu/cuda/check/device_array.h"
#include "gpu/cuda/check/numbers.h"
#include "gpu/cuda/check/references.h"

namespace moeplan::cuda {

namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

Element draw_16_bit(CheckRandom& random) { return draw(random, 0, 1) == 0 ? Element::bf16 : Element::fp16; }

}  // namespace

Comparison check_activation(CheckRandom& random, CheckSize size) {
    const std::int64_t rows = size == CheckSize::small ? draw(random, 1, 30) : one_of(random, {1, 333, 4096});
    const std::int64_t width = size == CheckSize::small ? draw(random, 1, 150) : one_of(random, {7, 768, 1408, 4096});
    const bool gated = draw(random, 0, 2) > 0, to_fp8 = draw(random, 0, 2) == 0;
    const Element in = draw_16_bit(random), stored = to_fp8 ? Element::fp8 : in;
    const float scale = to_fp8 ? 0.125f : 1.0f;
    const std::vector<float> input = rounded(draw_floats(random, rows * width * (gated ? 2 : 1), 3.0f), in);
    DeviceArray<std::uint8_t> given(encode(input, in)), made(at(rows * width * bytes_of(stored)));
    run_activation({given.get(), made.get(), rows, width, gated, in, stored, scale}, nullptr);
    std::vector<float> found = decode(made.values(), stored);
    for (float& f : found) f *= scale;
    Comparison out{"rows " + std::to_string(rows) + " width " + std::to_string(width) + (gated ? " gated" : "") +
                       (to_fp8 ? " to fp8" : ""),
                   0,
                   0,
                   {}};
    // Values below 9: half of the last of 4 bits (fp8), 8 bits (bf16), 11 bits (fp16).
    out.allowed = to_fp8 ? 0.51 : in == Element::bf16 ? 0.032 : 0.0045;
    out.worst = worst_difference(found, activation_reference(input, rows, width, gated));
    return out;
}

Comparison check_quantise(CheckRandom& random, CheckSize size) {
    const std::int64_t count = draw(random, 1, size == CheckSize::small ? 2000 : 3'000'000);
    const Element in = draw_16_bit(random);
    // A power of two: the division is exact and so is the comparison. The largest saturate.
    const float scale = 0.0625f;
    const std::vector<float> input = rounded(draw_floats(random, count, 32.0f), in);
    DeviceArray<std::uint8_t> given(encode(input, in)), made(at(count));
    run_quantise(given.get(), in, made.get(), count, scale, nullptr);
    std::vector<float> scaled = input;
    for (float& f : scaled) f /= scale;
    Comparison out{"numbers " + std::to_string(count), 0, 0, {}};
    if (made.values() != encode(scaled, Element::fp8)) out.wrong = "a number is rounded differently";
    return out;
}

Comparison check_fill(CheckRandom& random, CheckSize size) {
    const std::int64_t count = draw(random, 1000, size == CheckSize::small ? 4000 : 5'000'000);
    const Element element = static_cast<Element>(draw(random, 0, 2));
    DeviceArray<std::uint8_t> made(at(count * bytes_of(element))), again(at(count * bytes_of(element)));
    const std::uint64_t seed = random();
    run_fill_random(made.get(), count, element, 0.5f, seed, nullptr);
    run_fill_random(again.get(), count, element, 0.5f, seed, nullptr);
    double sum = 0, squares = 0, largest = 0;
    for (const float f : decode(made.values(), element)) {
        sum += static_cast<double>(f);
        squares += static_cast<double>(f) * static_cast<double>(f);
        largest = std::max(largest, std::fabs(static_cast<double>(f)));
    }
    const auto n = static_cast<double>(count);
    Comparison out{"numbers " + std::to_string(count), 0, 0, {}};
    // Uniform in [-0.5, 0.5): mean 0, variance 1/12; five standard errors.
    if (made.values() != again.values()) out.wrong = "the same seed gives other numbers";
    else if (largest > 0.5 || largest < 0.45) out.wrong = "the numbers do not fill the range";
    else if (std::fabs(sum / n) > 5 * std::sqrt(1.0 / 12 / n)) out.wrong = "the mean is not 0";
    else if (std::fabs(squares / n - 1.0 / 12) > 5 * std::sqrt(1.0 / 180 / n) + 0.001)
        out.wrong = "the variance is not 1/12";
    return out;
}

Comparison check_read(CheckRandom& random, CheckSize size) {
    const std::int64_t fours = draw(random, 1, size == CheckSize::small ? 3000 : 5'000'000);
    std::vector<unsigned> words(at(4 * fours));
    unsigned want = 0;
    for (unsigned& word : words) want += word = static_cast<unsigned>(random());
    DeviceArray<unsigned> given(words), sum(std::vector<unsigned>{7});
    run_read(given.get(), 16 * fours, sum.get(), nullptr);
    Comparison out{"bytes " + std::to_string(16 * fours), 0, 0, {}};
    if (sum.values().front() != want + 7) out.wrong = "the sum is another";
    return out;
}

}  // namespace moeplan::cuda
