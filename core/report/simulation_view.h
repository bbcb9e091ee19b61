#pragma once
// A SimulationReport arranged the way people read it; the table, Markdown and HTML writers show these. Internal to
// core/report.

#include <string>
#include <string_view>
#include <vector>

#include "core/report/format.h"
#include "core/report/report.h"

namespace moeplan {

// "10,000 requests over 41.7 min; figures are over the 9,700 after a warm-up of 32.0 s (detected)"
std::string simulation_note(const SimulationReport& simulation, Glyphs glyphs);

// The columns of the latency table, in order: heading and figure. Mean and p99 carry their sampling noise.
struct LatencyCell {
    std::string_view heading;   // "mean", "p50", "p90", "p99", "max"
    std::string value;          // "123 ms" ; mean and p99 with their sampling noise "123 ms ±4.0"
    std::string interval;       // of calibration: "101–160"; empty when there is none
};
struct LatencyLine {
    std::string label;          // "time to first token"
    std::vector<LatencyCell> cells;
};
std::vector<LatencyLine> latency_lines(const SimulationReport& simulation, Glyphs glyphs);

// What happened, a line each: requests, rate, objectives, queue, KV cache, replicas, effort.
struct SimulationFact {
    std::string label;
    std::string text;
};
std::vector<SimulationFact> simulation_facts(const SimulationReport& simulation, Glyphs glyphs);

const SimulatedSeries* find_series(const SimulationReport& simulation, std::string_view id);   // null when absent
// Whether its value ever changes: a line that never moves is not worth a picture.
bool moves(const SimulatedSeries& series);

}  // namespace moeplan
