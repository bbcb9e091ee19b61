#include "sim/run.h"

#include <fmt/format.h>

#include "core/analyse/analyse.h"
#include "core/analyse/prepare_quality.h"
#include "core/calibrate/profile.h"
#include "core/cost/cost_source.h"
#include "sim/serving/simulate_study.h"
#include "sim/trace/summary.h"

namespace moeplan {
namespace {

Result<std::optional<TraceMeans>> means_of(const Scenario& scenario) {
    const auto* lengths = std::get_if<TraceLengths>(&scenario.workload.lengths);
    if (!lengths) return std::optional<TraceMeans>{};
    auto summary = summarise_trace(relative_to(scenario.file, lengths->file));
    if (!summary) return tl::unexpected(summary.error());
    return std::optional(TraceMeans{summary->input.mean, summary->output.mean, fmt::format("{}: {} requests", lengths->file, summary->requests)});
}

}  // namespace

Result<Report> run(const Scenario& scenario, const Catalog& catalog, RunControl& control, const SimulationOptions& options) {
    if (scenario.method == Method::simulate) {
        const auto source = make_calibrated(make_roofline());
        return simulate_study(scenario, catalog, *source, options, control);
    }
    auto means = means_of(scenario);
    if (!means) return tl::unexpected(means.error());
    const auto source = make_calibrated(make_roofline());
    return analyse(scenario, catalog, *source, *means ? &**means : nullptr, control);
}

}  // namespace moeplan
