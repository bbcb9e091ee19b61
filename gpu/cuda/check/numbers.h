#pragma once
// Random sizes and numbers for the comparisons, and stored numbers as float.

#include <cstdint>
#include <vector>

#include "gpu/cuda/check/comparison.h"
#include "gpu/cuda/operators.h"

namespace moeplan::cuda {

// Uniform in [low, high].
std::int64_t draw(CheckRandom& random, std::int64_t low, std::int64_t high);
std::int64_t one_of(CheckRandom& random, const std::vector<std::int64_t>& values);
std::vector<float> draw_floats(CheckRandom& random, std::int64_t count, float scale);

// As the device stores them, and back.
std::vector<std::uint8_t> encode(const std::vector<float>& values, Element element);
std::vector<float> decode(const std::vector<std::uint8_t>& bytes, Element element);
// What is left of a number once stored.
std::vector<float> rounded(const std::vector<float>& values, Element element);

// The experts of each (token, slot): distinct within a token. skew 0: even; 1: one expert takes all first slots and the
// upper half none. Where an expert is not held its number is -1.
std::vector<int> draw_experts(CheckRandom& random, std::int64_t tokens, std::int64_t experts, std::int64_t top_k,
                              int skew);

// The largest absolute difference; infinity where one is not a number.
double worst_difference(const std::vector<float>& a, const std::vector<float>& b);

}  // namespace moeplan::cuda
