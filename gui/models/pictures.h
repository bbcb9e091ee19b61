#pragma once
// Every picture of a report. A picture the report has nothing for is there too, and says what would fill it.

#include <string>
#include <string_view>
#include <vector>

#include "core/report/report.h"
#include "gui/models/picture.h"

namespace moeplan {

struct PictureEntry {
    std::string_view id;
    std::string_view title;
    std::string_view page;      // the tab it stands on: "Compare", "Memory", "Step", "Experts", "Simulation", "Money"
    Picture (*make)(const Report& report);
};

// In the order of tabs and pages:
// Compare: cost_against_batch, tpot_against_batch, throughput_against_interactivity;
// Memory: memory_stacks; Step: step_breakdown, prefill_breakdown, roofline;
// Experts: expert_load (by layer and rank), expert_popularity;
// Simulation: latency_distribution, simulation_requests, simulation_cache, simulation_tokens, simulation_replicas,
// request_timeline; Money: cost_per_correct_answer, break_even.
const std::vector<PictureEntry>& picture_catalog();
const PictureEntry* find_picture(std::string_view id);   // null when unknown

// The candidates of a study; what an exploration found best when it has none.
const std::vector<CandidateReport>& candidates_of(const Report& report);

}  // namespace moeplan
