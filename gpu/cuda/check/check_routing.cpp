#include <cmath>
#include <limits>

#include "gpu/cuda/check/checks.h"
#include "gpu/cuda/check/device_array.h"
#include "gpu/cuda/check/numbers.h"
#include "gpu/cuda/check/references.h"

namespace moeplan::cuda {

namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

std::string text(const char* name, std::int64_t value) { return std::string(name) + " " + std::to_string(value) + " "; }

// Where two lists of numbers first differ; empty when they do not.
std::string first_difference(const char* what, const std::vector<int>& found, const std::vector<int>& expected) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (found[i] == expected[i]) continue;
        return std::string(what) + "[" + std::to_string(i) + "] is " + std::to_string(found[i]) + ", expected " +
               std::to_string(expected[i]);
    }
    return {};
}

// Few different values, so that there are ties, and now and then what is not finite.
std::vector<float> draw_scores(CheckRandom& random, std::int64_t count) {
    std::vector<float> out;
    const std::int64_t kind = draw(random, 0, 2);
    for (std::int64_t i = 0; i < count; ++i) {
        const double fine = static_cast<double>(draw(random, -8000, 8000)) / 1000.0;
        out.push_back(static_cast<float>(kind == 0 ? std::floor(fine) : fine));
        if (kind == 2 && draw(random, 0, 40) == 0) out.back() = std::numeric_limits<float>::quiet_NaN();
        if (kind == 2 && draw(random, 0, 40) == 0) out.back() = -std::numeric_limits<float>::infinity();
    }
    return out;
}

struct Placed {
    DeviceArray<int> offsets, row_of_pair, pair_of_row;
};

Placed place(const std::vector<int>& expert_of, std::int64_t experts) {
    const auto pairs = static_cast<std::int64_t>(expert_of.size());
    DeviceArray<int> given(expert_of), workspace(at(place_workspace(pairs, experts)));
    Placed out{DeviceArray<int>(at(experts + 1)), DeviceArray<int>(at(pairs)),
               DeviceArray<int>(std::vector<int>(at(pairs), -7))};
    run_place(
        {given.get(), workspace.get(), out.offsets.get(), out.row_of_pair.get(), out.pair_of_row.get(), pairs, experts},
        nullptr);
    out.offsets.values();   // waits before the workspace goes
    return out;
}

struct Shape {
    std::int64_t tokens, experts, top_k;
    int skew;
    std::string text() const {
        return "tokens " + std::to_string(tokens) + " experts " + std::to_string(experts) + " top_k " +
               std::to_string(top_k) +
               (skew == 1   ? " one hot, half empty"
                : skew == 2 ? " half held elsewhere"
                            : "");
    }
};

Shape draw_shape(CheckRandom& random, CheckSize size) {
    Shape s{};
    s.tokens = size == CheckSize::small ? draw(random, 1, 300) : one_of(random, {1, 17, 1000, 16384, 40000});
    // More than 256 take the scan over experts more than one round.
    const std::int64_t few = draw(random, 0, 3) == 0 ? draw(random, 250, 700) : draw(random, 2, 70);
    s.experts = size == CheckSize::small ? few : one_of(random, {2, 8, 60, 128, 256, 384, 1024});
    s.top_k = draw(random, 1, std::min<std::int64_t>(8, s.experts));
    s.skew = static_cast<int>(draw(random, 0, 2));
    return s;
}

}  // namespace

Comparison check_router(CheckRandom& random, CheckSize size) {
    const std::int64_t tokens = size == CheckSize::small ? draw(random, 1, 20) : one_of(random, {1, 7, 300, 5000});
    const std::int64_t experts = one_of(random, {1, 8, 31, 64, 100, 128, 256, 384, 512, 1000, 1024});
    const std::int64_t top_k = draw(random, 1, std::min<std::int64_t>(experts, kMostTopK));
    const std::vector<float> scores = draw_scores(random, tokens * experts);
    DeviceArray<float> given(scores), weight(at(tokens * top_k));
    DeviceArray<int> expert(at(tokens * top_k));
    run_router({given.get(), expert.get(), weight.get(), tokens, experts, top_k}, nullptr);
    const RoutedReference expected = route_reference(scores, tokens, experts, top_k);
    Comparison out{text("tokens", tokens) + text("experts", experts) + "top_k " + std::to_string(top_k), 0, 1e-4, {}};
    out.wrong = first_difference("expert_of", expert.values(), expected.expert_of);
    out.worst = worst_difference(weight.values(), expected.weight_of);
    return out;
}

Comparison check_place(CheckRandom& random, CheckSize size) {
    const Shape shape = draw_shape(random, size);
    const std::vector<int> expert_of = draw_experts(random, shape.tokens, shape.experts, shape.top_k, shape.skew);
    const Placed placed = place(expert_of, shape.experts);
    PlacedReference expected = place_reference(expert_of, shape.experts);
    Comparison out{shape.text(), 0, 0, {}};
    expected.pair_of_row.resize(expert_of.size(), -7);   // what lies behind the rows is left alone
    out.wrong = first_difference("offsets", placed.offsets.values(), expected.offsets);
    if (out.wrong.empty())
        out.wrong = first_difference("row_of_pair", placed.row_of_pair.values(), expected.row_of_pair);
    if (out.wrong.empty())
        out.wrong = first_difference("pair_of_row", placed.pair_of_row.values(), expected.pair_of_row);
    return out;
}

Comparison check_gather(CheckRandom& random, CheckSize size) {
    Shape shape = draw_shape(random, size);
    shape.tokens = std::min<std::int64_t>(shape.tokens, 2000);
    const std::int64_t row_bytes = size == CheckSize::small ? one_of(random, {1, 2, 14, 16, 80, 130, 256})
                                                            : one_of(random, {3, 1022, 4096, 14336});
    const std::vector<int> expert_of = draw_experts(random, shape.tokens, shape.experts, shape.top_k, shape.skew);
    const Placed placed = place(expert_of, shape.experts);
    std::vector<std::uint8_t> input(at(shape.tokens * row_bytes));
    for (auto& byte : input) byte = static_cast<std::uint8_t>(random());
    const std::size_t rows = expert_of.size(), bytes = at(row_bytes);
    DeviceArray<std::uint8_t> given(input), moved(std::vector<std::uint8_t>(rows * bytes, 0x5a));
    run_gather({given.get(), placed.pair_of_row.get(), placed.offsets.get() + shape.experts, moved.get(),
                static_cast<std::int64_t>(rows), shape.top_k, row_bytes},
               nullptr);
    const PlacedReference expected = place_reference(expert_of, shape.experts);
    std::vector<std::uint8_t> want(rows * bytes, 0x5a);
    for (std::size_t r = 0; r < expected.pair_of_row.size(); ++r) {
        const auto from = input.begin() + expected.pair_of_row[r] / shape.top_k * row_bytes;
        std::copy(from, from + row_bytes, want.begin() + static_cast<std::int64_t>(r * bytes));
    }
    Comparison out{shape.text() + " row " + std::to_string(row_bytes) + " bytes", 0, 0, {}};
    if (moved.values() != want) out.wrong = "rows differ from the input's";
    return out;
}

Comparison check_combine(CheckRandom& random, CheckSize size) {
    Shape shape = draw_shape(random, size);
    shape.tokens = size == CheckSize::small ? std::min<std::int64_t>(shape.tokens, 60)
                                            : std::min<std::int64_t>(shape.tokens, 1000);
    const std::int64_t hidden =
        size == CheckSize::small ? draw(random, 1, 100) : one_of(random, {100, 1001, 2880, 7168});
    const Element element = draw(random, 0, 1) == 0 ? Element::bf16 : Element::fp16;
    const std::vector<int> expert_of = draw_experts(random, shape.tokens, shape.experts, shape.top_k, shape.skew);
    const Placed placed = place(expert_of, shape.experts);
    const auto pairs = static_cast<std::int64_t>(expert_of.size());
    const std::vector<float> rows = rounded(draw_floats(random, pairs * hidden, 2.0f), element),
                             weights = draw_floats(random, pairs, 1.0f);
    DeviceArray<std::uint8_t> given(encode(rows, element)), made(at(shape.tokens * hidden * 2));
    DeviceArray<float> weight(weights);
    run_combine(
        {given.get(), placed.row_of_pair.get(), weight.get(), made.get(), shape.tokens, hidden, shape.top_k, element},
        nullptr);
    const PlacedReference expected = place_reference(expert_of, shape.experts);
    const std::vector<float> want =
        combine_reference(rows, expected.row_of_pair, weights, shape.tokens, hidden, shape.top_k);
    // Sums of up to 8 numbers below 2, stored with 8 bits: half of the last is at most 2^-5.
    Comparison out{shape.text() + " hidden " + std::to_string(hidden), 0, element == Element::bf16 ? 0.04 : 0.005, {}};
    out.worst = worst_difference(decode(made.values(), element), want);
    return out;
}

Comparison check_round_trip(CheckRandom& random, CheckSize size) {
    Shape shape = draw_shape(random, size);
    shape.tokens = std::min<std::int64_t>(shape.tokens, 500);
    shape.skew = static_cast<int>(draw(random, 0, 1));                     // everything held
    shape.top_k = one_of(random, {1, 2, 4});                              // 1 / top_k is exact
    shape.experts = std::max(shape.experts, 2 * shape.top_k);
    const std::int64_t hidden = size == CheckSize::small ? draw(random, 1, 64) : 4096;
    const std::vector<int> expert_of = draw_experts(random, shape.tokens, shape.experts, shape.top_k, shape.skew);
    const Placed placed = place(expert_of, shape.experts);
    const auto pairs = static_cast<std::int64_t>(expert_of.size());
    const std::vector<float> input = rounded(draw_floats(random, shape.tokens * hidden, 1.0f), Element::bf16);
    DeviceArray<std::uint8_t> given(encode(input, Element::bf16)), rows(at(pairs * hidden * 2)),
        back(at(shape.tokens * hidden * 2));
    DeviceArray<float> weight(std::vector<float>(at(pairs), 1.0f / static_cast<float>(shape.top_k)));
    run_gather({given.get(), placed.pair_of_row.get(), placed.offsets.get() + shape.experts, rows.get(), pairs,
                shape.top_k, hidden * 2},
               nullptr);
    run_combine({rows.get(), placed.row_of_pair.get(), weight.get(), back.get(), shape.tokens, hidden, shape.top_k,
                 Element::bf16},
                nullptr);
    Comparison out{shape.text() + " hidden " + std::to_string(hidden), 0, 0, {}};
    out.worst = worst_difference(decode(back.values(), Element::bf16), input);
    return out;
}

}  // namespace moeplan::cuda
