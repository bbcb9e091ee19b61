#pragma once
// One function a picture, and what they share. picture_catalog() names them all; nothing outside gui/models includes this.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/report.h"
#include "gui/models/picture.h"
#include "gui/models/pictures.h"

namespace moeplan {

Picture cost_against_batch(const Report& report);
Picture tpot_against_batch(const Report& report);
Picture throughput_against_interactivity(const Report& report);
Picture memory_stacks(const Report& report);
Picture step_breakdown(const Report& report);
Picture prefill_breakdown(const Report& report);
Picture roofline(const Report& report);
Picture expert_load(const Report& report);
Picture expert_popularity(const Report& report);
Picture latency_distribution(const Report& report);
Picture simulation_requests(const Report& report);
Picture simulation_cache(const Report& report);
Picture simulation_tokens(const Report& report);
Picture simulation_replicas(const Report& report);
Picture request_timeline(const Report& report);
Picture cost_per_correct_answer(const Report& report);
Picture break_even(const Report& report);

// With the catalog's title.
Picture picture_named(std::string_view id);
Picture nothing_to_draw(std::string_view id, std::string why);

// One colour a candidate in all pictures.
int colour_of_candidate(std::size_t index);

// "Mixtral-8x7B-v0.1 · H100 SXM5 80GB × 2 · tp 2 · fp8"
std::string setup_of(const CandidateReport& candidate);

// An estimate's interval; nothing when it is exact.
std::optional<std::pair<double, double>> interval_of(const Estimate& estimate);

// A node of the report's scenario by "workload.load.concurrency"; null when it is not there.
const Document* scenario_node(const Report& report, std::string_view path);
// Its number: a scalar, or the number a text begins with ("2.50 USD").
std::optional<double> scenario_number(const Report& report, std::string_view path);

}  // namespace moeplan
