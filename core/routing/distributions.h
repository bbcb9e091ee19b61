#pragma once
// Probability vectors over the experts of one layer: p_e = P(a token uses expert e), sum p = top_k, p_e <= 1.

#include <cstdint>
#include <vector>

#include "core/routing/rng.h"

namespace moeplan {

// p proportional to weights, those that would exceed 1 held at 1 and the rest scaled up again.
// Where fewer than top_k weights are positive the others share what is left equally.
// weights: finite, >= 0, not all zero, at least top_k of them.
std::vector<double> inclusion_probabilities(const std::vector<double>& weights, double top_k);

// 1/rank^alpha, the ranks dealt to experts by a seeded shuffle (which expert is hot differs per layer).
std::vector<double> zipf_weights(std::int64_t experts, double alpha, Rng rng);

// One draw from a symmetric Dirichlet(kappa), as gamma variates (not normalised).
// Source: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000).
std::vector<double> dirichlet_weights(std::int64_t experts, double kappa, Rng rng);

// One draw of expert loads as public MoE benchmarks make them: x^-alpha on [1, 0.8 * tokens] by inverse CDF,
// held to at most `tokens` each, scaled to tokens * top_k pairs. Fractional.
// Source: the power_law_A workloads of ai-dynamo/aiconfigurator (Apache-2.0), as its data's columns describe
// them.
std::vector<double> power_law_loads(double tokens, std::int64_t experts, double top_k, double alpha, Rng rng);

// The same total in whole tokens: largest remainders first, equal ones by seeded lot, none above `at_most`.
std::vector<double> whole_loads(const std::vector<double>& loads, double total, double at_most, Rng rng);

}  // namespace moeplan
