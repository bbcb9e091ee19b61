#include "core/analyse/axes.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/analyse/kept.h"
#include "core/base/require.h"

namespace moeplan {
namespace {

Result<void> reroute(Prepared& candidate, double alpha, std::uint64_t seed, const PlacementSpec& study_placement) {
    if (!candidate.model->moe()) return {};
    const PlacementSpec& placement = candidate.spec && candidate.spec->placement ? *candidate.spec->placement : study_placement;
    RoutingSpec spec = UniformRouting{};
    if (alpha > 0) spec = ZipfRouting{alpha};
    auto routed = routed_experts(spec, *candidate.model, candidate.layout.ep, placement, seed, candidate.kept);
    if (!routed) return tl::unexpected(routed.error());
    candidate.routing_source = routed->profile->source;
    candidate.expert_load = std::move(routed->load);
    candidate.routing = std::move(routed->profile);
    return {};
}

struct Range {
    double low = 0, high = 0;
    bool above_low = false;
    const char* text = "";
};

Range range_of(const std::string& name) {
    constexpr double kMost = 1e9;
    if (name == "batch" || name == "input" || name == "output" || name == "tokens_per_answer") return {1, kMost, false, "at least 1"};
    if (name == "utilisation") return {0, 1, true, "above 0 and at most 1"};
    if (name == "accuracy") return {0, 1, false, "0 to 1"};
    if (name == "skew") return {0, 10, false, "0 to 10"};
    return {0, kMost, false, "0 or more"};
}

bool in_range(const std::string& name, double value) {
    const Range range = range_of(name);
    return value <= range.high && (range.above_low ? value > range.low : value >= range.low);
}

}  // namespace

const std::vector<std::string>& numeric_axes() {
    static const std::vector<std::string> names{"batch", "input", "output", "utilisation", "gpu_hour", "skew", "accuracy", "tokens_per_answer"};
    return names;
}

const std::vector<std::string>& name_axes() {
    static const std::vector<std::string> names{"model", "gpu", "count", "layout", "precision", "engine"};
    return names;
}

bool is_numeric_axis(const std::string& name) { return std::ranges::find(numeric_axes(), name) != numeric_axes().end(); }

Result<void> set_axis(const std::string& name, double value, Prepared& candidate, OperatingPoint& point, std::uint64_t seed,
                      const PlacementSpec& placement) {
    require(is_numeric_axis(name), "set_axis: not a numeric axis");
    if (!in_range(name, value)) {
        return fail({{}, {}, fmt::format("{:g} is out of range for axis '{}'; expected {}", value, name, range_of(name).text), {}});
    }
    if (name == "batch") {
        // A study of static batches stays one; any other load becomes that many users.
        if (auto* fixed = std::get_if<StaticBatch>(&point.load)) fixed->batch = value;
        else point.load = ClosedLoop{value};
    } else if (name == "input") {
        point.request.input = value;
    } else if (name == "output") {
        point.request.output = value;
    } else if (name == "utilisation") {
        point.utilisation = value;
    } else if (name == "gpu_hour") {
        point.usd_per_gpu_hour = Estimate::exact(value);
    } else if (name == "skew") {
        return reroute(candidate, value, seed, placement);
    } else if (name == "accuracy" && candidate.quality) {
        // As many questions, others of them right: as sure as the study would be that says so.
        candidate.quality->score.accuracy = value;
        auto p = probability_correct(candidate.quality->score);
        if (!p) return tl::unexpected(p.error());
        candidate.quality->p_correct = *p;
    } else if (name == "tokens_per_answer" && candidate.quality) {
        candidate.quality->tokens_per_answer = value;
    }
    return {};
}

}  // namespace moeplan
