#include <fmt/format.h>

#include "core/report/csv.h"
#include "core/report/markup.h"
#include "core/report/report_view.h"
#include "core/report/simulation_metrics.h"
#include "core/report/simulation_text.h"
#include "core/report/simulation_view.h"

namespace moeplan {
namespace {

std::string with_interval(const LatencyCell& cell) {
    return escape_markdown(cell.interval.empty() ? cell.value : fmt::format("{} ({})", cell.value, cell.interval));
}

}  // namespace

std::string simulation_markdown(const CandidateReport& candidate) {
    if (!candidate.simulation) return {};
    const SimulationReport& simulation = *candidate.simulation;
    std::string out = fmt::format("\n### Simulated: {}\n\n{}.\n", escape_markdown(candidate.name),
                                  escape_markdown(simulation_note(simulation, Glyphs::unicode)));
    const auto lines = latency_lines(simulation, Glyphs::unicode);
    if (!lines.empty()) {
        out += "\n| |";
        std::string rule = "|---|";
        for (const auto& cell : lines.front().cells) {
            out += fmt::format(" {} |", cell.heading);
            rule += "---:|";
        }
        out += '\n' + rule + '\n';
        for (const auto& line : lines) {
            out += fmt::format("| {} |", escape_markdown(line.label));
            for (const auto& cell : line.cells) out += fmt::format(" {} |", with_interval(cell));
            out += '\n';
        }
        out += "\n± is the noise of a finite run (95 %); in brackets: with optimistic and pessimistic step times.\n";
    }
    out += '\n';
    for (const auto& fact : simulation_facts(simulation, Glyphs::unicode)) {
        out += fmt::format("- {}: {}\n", escape_markdown(fact.label), escape_markdown(fact.text));
    }
    for (const auto& finding : simulation.findings) out += fmt::format("- ⚠ {}\n", escape_markdown(finding));
    return out;
}

std::string simulation_csv(const CandidateReport& candidate) {
    if (!candidate.simulation) return {};
    const SimulationReport& simulation = *candidate.simulation;
    std::string out;
    const auto add = [&](const std::string& id, const Estimate& e, std::string_view unit) {
        if (candidate.find(id)) return;
        out += csv_row({candidate.name, id, exact_number(e.value), exact_number(e.low), exact_number(e.high),
                        std::string(unit), "simulation", "", ""});
    };
    for (const Metric& metric : simulated_metrics(simulation)) add(metric.id, metric.value, unit_of(metric.id));
    for (const SimulatedLatency& latency : simulation.latencies) {
        add(latency.metric + "_p95", latency.p95, "ms");
        add(latency.metric + "_max", Estimate::exact(latency.max), "ms");
        if (latency.sampling_mean) add(latency.metric + "_sampling", Estimate::exact(*latency.sampling_mean), "ms");
        if (latency.sampling_p99) add(latency.metric + "_p99_sampling", Estimate::exact(*latency.sampling_p99), "ms");
    }
    for (const SimulatedSeries& series : simulation.series) {
        for (const auto& [at, value] : series.points) {
            const std::string number = exact_number(value);
            out += csv_row({candidate.name, series.id, number, number, number, series.unit, "simulation", "time_s",
                            exact_number(at)});
        }
    }
    return out;
}

}  // namespace moeplan
