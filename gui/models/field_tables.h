#pragma once
// The tables behind gui/models/fields.h, one function a section. Internal to gui/models.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/scenario/limits.h"
#include "gui/models/fields.h"

namespace moeplan::fields {

struct FieldTable {
    std::vector<NumberField> numbers;
    std::vector<ChoiceField> choices;
    std::vector<TextField> texts;
};

void add_length_fields(FieldTable& table);      // of the section "workload"
void add_load_fields(FieldTable& table);
void add_objective_fields(FieldTable& table);
void add_sweep_fields(FieldTable& table);
FieldTable simulation_fields();
FieldTable routing_fields();
FieldTable money_fields();
FieldTable quality_fields();
FieldTable candidate_quality_fields();
void add_candidate_terms(FieldTable& table);   // of the section "candidate"
FieldTable candidate_fields();
FieldTable cluster_fields();

using scenario::kMostGpus, scenario::kMostOfAnything, scenario::kMostRate, scenario::kMostRecorded, scenario::kMostSeconds, scenario::kMostSequences,
    scenario::kMostTokens;

inline std::int64_t whole(double value) { return static_cast<std::int64_t>(value); }

template <class T>
std::optional<double> as_number(const std::optional<T>& value) {
    return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

// Options that are the same whatever the study.
inline auto always(std::vector<Choice> choices) {
    return [choices = std::move(choices)](const Scenario&, const Catalog&, std::size_t) { return choices; };
}

}  // namespace moeplan::fields
