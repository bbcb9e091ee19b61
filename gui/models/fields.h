#pragma once
// Every number, choice and text of a study that the window edits, as values: panels are made from these tables, and tests
// drive every field without a window. Every set() leaves a study that can be saved and read back as the same study. Links
// no Widgets.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "core/base/units_text.h"
#include "core/catalog/catalog.h"
#include "core/scenario/scenario.h"

namespace moeplan {

// What an absent value stands for.
struct Fallback {
    double value = 0;          // where the slider stands
    std::string text;          // "256", "no limit": shown in the empty field
};

// A number with a slider and an exact field. Values are in SI, fractions of 1, USD, tokens.
struct NumberField {
    std::string id{};          // "workload.users": object name of its widgets
    std::string label{};       // "users at a time": its accessible name
    std::string unit{};        // what a number typed without one is in: "tokens", "ms", "USD/h", "%"
    std::string help{};        // what it means, its formula's name and unit
    double least = 0, most = 1;   // of the slider; the exact field takes what a study file takes
    bool logarithmic = false;  // slider
    bool whole = false;        // the slider stops at whole numbers only
    const UnitSet* units = nullptr;   // understood when typed; null = the bare number or one followed by `unit`
    double lowest = 0, highest = 1e12;   // what a study file takes
    bool above_lowest = false; // `lowest` itself is not taken
    bool integer = false;      // fractions are not taken
    // Of the study, or of candidate `index` for candidates' fields. Absent: it does not apply as the study is, or, where
    // there is a fallback, is left to it.
    std::function<std::optional<double>(const Scenario&, std::size_t index)> get{};
    std::function<void(Scenario&, std::size_t index, double value)> set{};
    // Where the study may leave it out: nothing when it does not apply as the study is.
    std::function<std::optional<Fallback>(const Scenario&, const Catalog&, std::size_t index)> fallback{};
    std::function<void(Scenario&, std::size_t index)> clear{};
};

struct Choice {
    std::string value;   // as a study writes it
    std::string label;   // as a person reads it
};
struct ChoiceField {
    std::string id{}, label{}, help{};
    // In the order shown; holds what get() says. Empty: nothing to choose from.
    std::function<std::vector<Choice>(const Scenario&, const Catalog&, std::size_t index)> options{};
    std::function<std::optional<std::string>(const Scenario&, std::size_t index)> get{};
    std::function<void(Scenario&, const Catalog&, std::size_t index, const std::string& value)> set{};
};

struct TextField {
    std::string id{}, label{}, help{};
    std::string example{};               // shown in the empty field
    std::vector<std::string> endings{};  // of files to choose: ".jsonl", ".jsonl.gz"; empty = no file
    std::function<std::optional<std::string>(const Scenario&, std::size_t index)> get{};
    std::function<void(Scenario&, std::size_t index, const std::string& value)> set{};
    // What is wrong with a value, as a sentence; nothing when it can be set.
    std::function<std::optional<std::string>(const Scenario&, std::size_t index, const std::string& value)> wrong{};
};

// Sections of the left side: "workload", "simulation", "routing", "money", "quality", "cluster", and "candidate" and
// "candidate_quality" for each candidate. Ids begin with the section's name ("candidate." for both of candidates).
const std::vector<std::string>& field_sections();
const std::vector<NumberField>& number_fields(std::string_view section);
const std::vector<ChoiceField>& choice_fields(std::string_view section);
const std::vector<TextField>& text_fields(std::string_view section);
// Null when unknown.
const NumberField* find_number_field(std::string_view id);
const ChoiceField* find_choice_field(std::string_view id);
const TextField* find_text_field(std::string_view id);

// Whether the study as it is has a place for it.
bool applies(const NumberField& field, const Scenario& scenario, const Catalog& catalog, std::size_t index);

// "12.5", "1,024", "2k", "300 ms", "2.50 USD/h", "40 %", or one sentence: what was expected, and what was found.
tl::expected<double, std::string> read_number(const NumberField& field, std::string_view text);
std::string show_number(const NumberField& field, double value);   // read_number() takes it back, without loss

// Slider positions 0..kSliderSteps. Values are rounded as people would.
constexpr int kSliderSteps = 1000;
int slider_position(const NumberField& field, double value);
double slider_value(const NumberField& field, int position);
// The nearest value of the slider above (+1) or below (-1) `value`, `value` itself at the end; `times` steps of it.
double stepped(const NumberField& field, double value, int direction, int times = 1);

}  // namespace moeplan
