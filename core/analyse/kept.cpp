#include "core/analyse/kept.h"

#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "core/base/match.h"
#include "core/routing/placement.h"

namespace moeplan {
namespace {

namespace fs = std::filesystem;

std::string file_key(const std::string& file) { return file + "|" + stamp_of(file); }

// Everything that a routing depends on.
std::string key_of(const RoutingSpec& spec) {
    return match(
        spec, [](const UniformRouting&) { return std::string("uniform"); },
        [](const ZipfRouting& r) { return fmt::format("zipf|{}", r.alpha); },
        [](const PowerLawRouting& r) { return fmt::format("power|{}", r.alpha); },
        [](const DirichletRouting& r) { return fmt::format("dirichlet|{}", r.kappa); },
        [](const CountsRouting& r) { return fmt::format("counts|{}|{}|{}", file_key(r.file), r.model, r.dataset); },
        [](const TraceRouting& r) { return "trace|" + file_key(r.file); });
}

Result<RoutedExperts> route(const RoutingSpec& spec, const ModelSpec& model, std::int64_t ranks, const PlacementSpec& placement, std::uint64_t seed) {
    const MoeFfn& moe = *model.moe();
    auto profile = resolve_routing(spec, moe.experts, moe.top_k, model.moe_layer_count(), seed);
    if (!profile) return tl::unexpected(profile.error());
    RoutedExperts routed;
    routed.load = std::make_shared<ExpertLoadTable>(build_expert_load_table(*profile, ranks, placement, seed));
    if (ranks > 1) routed.rank_load = rank_shares(*profile, ranks, placement);
    profile->trace.reset();   // in the table; large
    routed.profile = std::make_shared<const RoutingProfile>(std::move(*profile));
    return routed;
}

}  // namespace

std::string stamp_of(const std::string& path) {
    std::error_code error;
    const fs::path file = fs::is_directory(path, error) ? fs::path(path) / "config.json" : fs::path(path);
    const auto size = fs::file_size(file, error);
    if (error) return "-";
    const auto changed = fs::last_write_time(file, error);
    if (error) return "-";
    return fmt::format("{}@{}", size, changed.time_since_epoch().count());
}

Result<RoutedExperts> routed_experts(const RoutingSpec& spec, const ModelSpec& model, std::int64_t ranks, const PlacementSpec& placement, std::uint64_t seed,
                                     Kept* kept) {
    const auto make = [&] { return route(spec, model, ranks, placement, seed); };
    if (!kept) return make();
    const MoeFfn& moe = *model.moe();
    return kept->routing.get(fmt::format("{}|{}|{}|{}|{}|{}|{}|{}", key_of(spec), moe.experts, moe.top_k, model.moe_layer_count(), ranks, static_cast<int>(placement.kind),
                                         placement.redundant, seed),
                             make);
}

}  // namespace moeplan
