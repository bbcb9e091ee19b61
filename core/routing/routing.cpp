#include "core/routing/routing.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/match.h"
#include "core/routing/distributions.h"
#include "core/routing/read_counts.h"
#include "core/routing/read_trace.h"

namespace moeplan {
namespace {

constexpr std::int64_t kMostExperts = 65536;
constexpr std::int64_t kMostDistinctLayers = 32;  // synthetic layers beyond this add nothing but time

struct Wanted {
    std::int64_t experts, top_k, layers;
    std::uint64_t seed;
    std::int64_t distinct() const { return std::clamp<std::int64_t>(layers, 1, kMostDistinctLayers); }
};

Problem problem(std::string path, std::string what) { return {"", std::move(path), std::move(what), "", {}}; }

Problems check(const Wanted& w) {
    Problems problems;
    if (w.experts < 1 || w.experts > kMostExperts) {
        problems.push_back(
            problem("experts", fmt::format("{} experts; expected 1 to {}", w.experts, kMostExperts)));
    } else if (w.top_k < 1 || w.top_k > w.experts) {
        problems.push_back(problem(
            "top_k", fmt::format("top_k {} of {} experts; expected 1 to {}", w.top_k, w.experts, w.experts)));
    }
    if (w.layers < 1)
        problems.push_back(problem("layers", fmt::format("{} MoE layers; expected at least 1", w.layers)));
    return problems;
}

RoutingProfile empty_profile(const Wanted& w, std::string source) {
    RoutingProfile profile;
    profile.experts = w.experts;
    profile.top_k = w.top_k;
    profile.source = std::move(source);
    return profile;
}

template <class Weights>
RoutingProfile from_weights(const Wanted& w, std::int64_t rows, std::string source, const Weights& weights) {
    RoutingProfile profile = empty_profile(w, std::move(source));
    for (std::int64_t row = 0; row < rows; ++row) {
        profile.p.push_back(inclusion_probabilities(weights(Rng(w.seed, static_cast<std::uint64_t>(row), 1)),
                                                    static_cast<double>(w.top_k)));
    }
    return profile;
}

Result<RoutingProfile> uniform(const Wanted& w) {
    return from_weights(w, 1, "uniform",
                        [&](Rng) { return std::vector<double>(static_cast<std::size_t>(w.experts), 1.0); });
}

Result<RoutingProfile> zipf(const ZipfRouting& spec, const Wanted& w) {
    if (!std::isfinite(spec.alpha) || spec.alpha < 0 || spec.alpha > 50) {
        return fail(problem("routing.zipf.alpha",
                            fmt::format("{}; expected a number from 0 (uniform) to 50", spec.alpha)));
    }
    return from_weights(w, w.distinct(), fmt::format("Zipf, alpha {}", spec.alpha),
                        [&](Rng rng) { return zipf_weights(w.experts, spec.alpha, rng); });
}

Result<RoutingProfile> dirichlet(const DirichletRouting& spec, const Wanted& w) {
    if (!std::isfinite(spec.kappa) || spec.kappa <= 0 || spec.kappa > 1e9) {
        return fail(problem("routing.dirichlet.kappa",
                            fmt::format("{}; expected a number above 0, at most 1e9", spec.kappa)));
    }
    return from_weights(w, w.distinct(), fmt::format("Dirichlet, kappa {}", spec.kappa),
                        [&](Rng rng) { return dirichlet_weights(w.experts, spec.kappa, rng); });
}

Result<RoutingProfile> power_law(const PowerLawRouting& spec, const Wanted& w) {
    if (!std::isfinite(spec.alpha) || spec.alpha < 0 || spec.alpha > 50) {
        return fail(problem("routing.power_law.alpha",
                            fmt::format("{}; expected a number from 0 to 50", spec.alpha)));
    }
    constexpr std::int64_t kBenchmarkDraws = 5;
    auto profile =
        from_weights(w, kBenchmarkDraws, fmt::format("bounded power law, x^-{}", spec.alpha), [&](Rng rng) {
            return power_law_loads(static_cast<double>(kPowerLawReferenceTokens), w.experts,
                                   static_cast<double>(w.top_k), spec.alpha, rng);
        });
    profile.power_law_alpha = spec.alpha;
    return profile;
}

// A file's layers against the model's: fewer are used in turn, of more the first ones.
void fit_layers(RoutingProfile& profile, const std::string& file, std::int64_t layers) {
    const auto found = static_cast<std::int64_t>(profile.p.size());
    if (found < layers) {
        profile.warnings.push_back(
            fmt::format("{} has {} layers, the model {}: used in turn", file, found, layers));
    } else if (found > layers) {
        profile.warnings.push_back(fmt::format("{} has {} layers, the model {}: the first {} are used", file,
                                               found, layers, layers));
        profile.p.resize(static_cast<std::size_t>(layers));
    }
}

Result<RoutingProfile> counts(const CountsRouting& spec, const Wanted& w) {
    auto read = read_counts_file(spec.file, {spec.model, spec.dataset, w.experts, w.top_k});
    if (!read) return fail(std::move(read.error()));
    auto profile =
        empty_profile(w, fmt::format("counts from {} ({} layers{})", spec.file, read->layers.size(),
                                     read->label.empty() ? "" : "; " + read->label));
    profile.warnings = std::move(read->warnings);
    for (const auto& layer : read->layers) {
        profile.p.push_back(inclusion_probabilities(layer, static_cast<double>(w.top_k)));
    }
    fit_layers(profile, spec.file, w.layers);
    return profile;
}

Result<RoutingProfile> trace(const TraceRouting& spec, const Wanted& w) {
    auto read = read_trace_file(spec.file, {w.experts, w.top_k});
    if (!read) return fail(std::move(read.error()));
    auto profile = empty_profile(w, fmt::format("trace {} ({} tokens, {} layers)", spec.file,
                                                read->routes.tokens(), read->routes.layers));
    profile.warnings = std::move(read->warnings);
    profile.p = marginals(read->routes);
    fit_layers(profile, spec.file, w.layers);
    profile.trace = std::move(read->routes);
    return profile;
}

}  // namespace

Result<RoutingProfile> resolve_routing(const RoutingSpec& spec, std::int64_t experts, std::int64_t top_k,
                                       std::int64_t layers, std::uint64_t seed) {
    const Wanted w{experts, top_k, layers, seed};
    if (auto problems = check(w); !problems.empty()) return fail(std::move(problems));
    return match(
        spec, [&](const UniformRouting&) { return uniform(w); },
        [&](const ZipfRouting& s) { return zipf(s, w); },
        [&](const PowerLawRouting& s) { return power_law(s, w); },
        [&](const DirichletRouting& s) { return dirichlet(s, w); },
        [&](const CountsRouting& s) { return counts(s, w); },
        [&](const TraceRouting& s) { return trace(s, w); });
}

}  // namespace moeplan
