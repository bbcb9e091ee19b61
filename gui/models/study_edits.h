#pragma once
// Edits of a whole study that touch more than one value, kept such that the study can be saved and read back. Links no
// Widgets.

#include <cstddef>
#include <string>
#include <string_view>

#include "core/catalog/catalog.h"
#include "core/scenario/scenario.h"

namespace moeplan {

// Analyse leaves out what only a simulation knows: bursts become Poisson arrivals of the mean rate; thinking, shared prompts,
// fleets (with expectations of them) and the simulation's own terms go.
void set_method(Scenario& scenario, Method method);

// Lengths of the trace, its requests arriving as recorded, simulated.
void use_trace(Scenario& scenario, const std::string& file);

// A name that can be written in expectations and no other candidate or fleet has: "mixtral", "mixtral-2".
std::string unique_name(const Scenario& scenario, std::string_view wish);
// "mistralai/Mixtral-8x7B-v0.1" -> "mixtral-8x7b-v0-1", "/a/b/config.json" -> "b".
std::string name_for_model(std::string_view model);
// What is wrong with a name for candidate `index`, as a sentence; empty when nothing is.
std::string wrong_name(const Scenario& scenario, std::size_t index, std::string_view name);

// Expectations and fleets that name the candidate name it anew.
void rename_candidate(Scenario& scenario, std::size_t index, const std::string& name);
// With the hardware and terms of the last candidate, if there is one, and an automatic layout. Returns its index.
std::size_t add_candidate(Scenario& scenario, const std::string& model);
// The copy stands behind its original. Returns its index.
std::size_t duplicate_candidate(Scenario& scenario, std::size_t index);
void move_candidate(Scenario& scenario, std::size_t from, std::size_t to);

struct Removed { std::size_t expectations = 0, fleets = 0; };
// What names it goes with it: expectations of it or of a fleet that has it, and those fleets.
Removed remove_candidate(Scenario& scenario, std::size_t index);
// "1 expectation and 1 fleet"; empty when nothing went along.
std::string describe(const Removed& removed);

// Another model: a layout or a quality's own model of the old one that the new one cannot have goes.
void set_model(Scenario& scenario, const Catalog& catalog, std::size_t index, const std::string& model);

}  // namespace moeplan
