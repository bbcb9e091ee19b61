#pragma once
// Which experts tokens go to, and what that does to the slowest rank.
// A layer's routing is a probability vector p over experts with sum p = top_k.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/result.h"

namespace moeplan {

struct UniformRouting {
    bool operator==(const UniformRouting&) const = default;
};
struct ZipfRouting {
    double alpha = 1.0;
    bool operator==(const ZipfRouting&) const = default;
};
// Expert loads drawn from x^-alpha on a bounded range (the form public MoE benchmarks are timed with).
struct PowerLawRouting {
    double alpha = 1.2;
    bool operator==(const PowerLawRouting&) const = default;
};
// p drawn per layer from a symmetric Dirichlet(kappa): small kappa = skewed.
struct DirichletRouting {
    double kappa = 10.0;
    bool operator==(const DirichletRouting&) const = default;
};
// Per-layer counts from a file, in any form of core/routing/read_counts.h.
struct CountsRouting {
    std::string file;
    std::string model, dataset;
    bool operator==(const CountsRouting&) const = default;
};
// Recorded token -> experts trace, in any form of core/routing/read_trace.h.
struct TraceRouting {
    std::string file;
    bool operator==(const TraceRouting&) const = default;
};

using RoutingSpec =
    std::variant<UniformRouting, ZipfRouting, PowerLawRouting, DirichletRouting, CountsRouting, TraceRouting>;

// Of a server that does not tell its own. Source: docs/routing.md, "A routing for servers that do not tell theirs".
inline constexpr ZipfRouting kUsualRouting{0.6};

enum class PlacementKind : std::uint8_t { contiguous, round_robin, balanced, eplb };

struct PlacementSpec {
    PlacementKind kind = PlacementKind::contiguous;
    std::int64_t redundant = 0;  // eplb: extra expert slots over all ranks of a layer (their VRAM is counted)
    bool operator==(const PlacementSpec&) const = default;
};

// One recorded token: its experts in every MoE layer. Tokens of one sequence are consecutive.
struct TokenRoutes {
    std::int64_t experts = 0, top_k = 0, layers = 0;
    std::vector<std::int32_t> route;     // tokens x layers x top_k
    std::vector<std::int32_t> sequence;  // tokens: which sequence
    std::int64_t tokens() const { return static_cast<std::int64_t>(sequence.size()); }
};

// Routing made concrete for one model. p[layer][expert], each layer summing to top_k.
struct RoutingProfile {
    std::int64_t experts = 0;
    std::int64_t top_k = 0;
    std::vector<std::vector<double>> p;  // distinct layers; one row stands for all when layers are alike
    std::string source;                  // "uniform", "counts from FILE (16 layers)"
    std::optional<TokenRoutes> trace;    // kept when the file was a token trace
    std::vector<std::string> warnings;   // "file has 16 layers, the model 32: used in turn"
    // Set for a bounded power law: its range depends on the tokens of a step, so the table draws loads anew
    // for every token count and p (five draws for kPowerLawReferenceTokens) only serves reports.
    std::optional<double> power_law_alpha;
};

constexpr std::int64_t kPowerLawReferenceTokens = 4096;

// Reads files where the spec names one; `layers` is the model's number of MoE layers.
// Errors: unreadable file, wrong number of experts, an expert index out of range, empty layers.
Result<RoutingProfile> resolve_routing(const RoutingSpec& spec, std::int64_t experts, std::int64_t top_k,
                                       std::int64_t layers, std::uint64_t seed);

// What one step's tokens do to the experts of one MoE layer, averaged over layers and draws.
struct ExpertLoad {
    double activated = 0;          // distinct experts with at least one token, over all ranks
    double busiest_activated = 0;  // distinct experts with a token on the busiest rank
    double busiest_pairs = 0;      // (token, expert) pairs on the busiest rank
    double hottest_pairs = 0;      // pairs on the hottest single expert
    double imbalance = 1;          // E[max over ranks] / mean
};

// ExpertLoad tabulated over the number of tokens in a step (log-spaced), linear in between:
// built once per model x routing x placement x ranks, then nanoseconds per look-up.
class ExpertLoadTable {
public:
    // No experts: at() is all zeros (imbalance 1).
    ExpertLoadTable() = default;
    // tokens ascending and positive, loads one for each.
    ExpertLoadTable(std::vector<double> tokens, std::vector<ExpertLoad> loads, double held_per_rank);

    // Between points linear; below the first through the origin; beyond the last pairs grow with tokens.
    ExpertLoad at(double tokens) const;
    // Expert slots one rank holds (redundant ones included).
    double held_per_rank() const { return held_per_rank_; }

private:
    std::vector<double> tokens_;
    std::vector<ExpertLoad> loads_;
    double held_per_rank_ = 0;
};

// Which tokens of a recorded trace share a step: decode batches mix sequences, a prefill chunk is one
// sequence's run.
enum class TokenMix : std::uint8_t { across_sequences, within_sequence };

// activated = sum 1-(1-p_e)^n; what ranks see comes from seeded Monte Carlo over layers and draws of top_k
// distinct experts per token (docs/routing.md). With a trace its tokens are resampled; `mix` says which of
// them share a step (without a trace it changes nothing). Same arguments, same bytes.
ExpertLoadTable build_expert_load_table(const RoutingProfile& profile, std::int64_t ranks,
                                        const PlacementSpec& placement, std::uint64_t seed,
                                        TokenMix mix = TokenMix::across_sequences);

}  // namespace moeplan
