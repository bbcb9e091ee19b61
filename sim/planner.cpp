#include "sim/planner.h"

#include <fmt/format.h>

#include "core/analyse/analyse.h"
#include "core/analyse/kept.h"
#include "core/calibrate/profile.h"
#include "core/cost/cost_source.h"
#include "core/scenario/files_named.h"
#include "sim/serving/simulate_study.h"
#include "sim/trace/summary.h"
#include "sim/trace/trace.h"

namespace moeplan {

struct Planner::Memory {
    const Catalog* catalog = nullptr;
    // Its memory of predictions knows fits by their number, so profiles may come and go.
    std::unique_ptr<CostSource> source = make_calibrated(make_roofline());
    Kept kept;
    KeptValues<TraceMeans> means{16};

    Result<std::optional<TraceMeans>> means_of(const Scenario& scenario, const RunControl& control) {
        const auto* lengths = std::get_if<TraceLengths>(&scenario.workload.lengths);
        if (!lengths) return std::optional<TraceMeans>{};
        const std::string file = relative_to(scenario.file, lengths->file);
        auto found = means.get(lengths->file + "|" + file + "|" + stamp_of(file), [&]() -> Result<TraceMeans> {
            TraceSummariser summariser;
            const auto read = read_trace(file, [&](const TraceRequest& request) {
                summariser.add(request);
                return !control.cancelled();
            });
            if (!read) return tl::unexpected(read.error());
            if (control.cancelled()) return fail({{}, {}, "cancelled", {}});
            const TraceSummary summary = summariser.finish(read->has_arrivals);
            return TraceMeans{summary.input.mean, summary.output.mean, fmt::format("{}: {} requests", lengths->file, summary.requests)};
        });
        if (!found) return tl::unexpected(found.error());
        return std::optional(std::move(*found));
    }
};

Planner::Planner(const Catalog& catalog) : memory_(std::make_unique<Memory>()) { memory_->catalog = &catalog; }
Planner::~Planner() = default;
Planner::Planner(Planner&&) noexcept = default;
Planner& Planner::operator=(Planner&&) noexcept = default;

Result<Report> Planner::answer(const Scenario& scenario, RunControl& control, const SimulationOptions& options) {
    if (scenario.method == Method::simulate) return simulate_study(scenario, *memory_->catalog, *memory_->source, options, control);
    auto means = memory_->means_of(scenario, control);
    if (!means) return tl::unexpected(means.error());
    return analyse(scenario, *memory_->catalog, *memory_->source, *means ? &**means : nullptr, control, &memory_->kept);
}

}  // namespace moeplan
