#pragma once
// The feed-forward layer of the experts one rank holds, on rows of tokens: gather, up and gate in one product,
// activation, down, sum weighted by the router. Experts are multiplied one after the other, each on all threads.

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/number_format.h"
#include "gpu/cpu/buffer.h"
#include "gpu/cpu/matmul.h"
#include "gpu/cpu/permute.h"

namespace moeplan::cpu {

struct ExpertLayerShape {
    std::int64_t hidden = 0, width = 0;
    bool gated = true;
    NumberFormat format = NumberFormat::bf16;
};

class ExpertLayer {
public:
    // Memory for the weights of `slots` experts; typical_rows: of an expert, for the layout of its weights.
    ExpertLayer(const ExpertLayerShape& shape, std::int64_t slots, std::int64_t typical_rows);

    // Weights of one slot in the shape's format: up_gate [hidden][2 * width], up first (gated; else [hidden][width]);
    // down [width][hidden].
    void load(std::int64_t slot, const void* up_gate, const void* down);
    // Every slot random, so scaled that rows of numbers about 1 give rows of numbers about 1.
    void load_random(std::uint64_t seed);
    // Which tokens go to which expert, and what running it needs. Takes milliseconds for each different load.
    void set_plan(PermutePlan plan);

    // input [tokens][hidden] in the format; weights: one per entry of plan.pair; slots[e]: whose weights expert e uses.
    // output [tokens][hidden]: fp32 for fp32, else bf16. int8 sums are not scaled back.
    void run(const void* input, const float* weights, const std::vector<std::int64_t>& slots, void* output);

    std::int64_t slot_bytes() const { return static_cast<std::int64_t>(up_bytes_ + down_bytes_); }
    std::string implementation() const;
    // What int8 sums of the first product are multiplied by before the activation.
    float int8_scale() const;

private:
    void activate_rows(std::int64_t first, std::int64_t rows);
    std::size_t element() const;  // bytes of the format
    std::size_t result_element() const;  // bytes of a product's result

    ExpertLayerShape shape_;
    std::int64_t slots_, up_width_;
    Matmul up_, down_;
    std::size_t up_bytes_, down_bytes_;
    Buffer up_weights_, down_weights_;
    PermutePlan plan_;
    Buffer rows_, raised_, active_, lowered_;
};

}  // namespace moeplan::cpu
