#pragma once
// Every number and choice of a study that the window edits, as values: panels are made from these tables, and tests drive
// every field without a window. Links no Widgets.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalog/catalog.h"
#include "core/scenario/scenario.h"

namespace moeplan {

// A number with a slider and an exact field.
struct NumberField {
    std::string id;            // "workload.users": object and accessible name of its widgets
    std::string label;         // "users at a time"
    std::string unit;          // shown behind the number and understood when typed: "tokens", "ms", "USD/h", "%"
    std::string help;          // what it means, its formula's name and source
    double least = 0, most = 1;   // of the slider; the exact field takes what a study file takes
    bool logarithmic = false;  // slider
    bool whole = false;
    // Of the study, or of candidate `index` for candidates' fields. Absent: it does not apply as the study is.
    std::function<std::optional<double>(const Scenario&, std::size_t index)> get;
    std::function<void(Scenario&, std::size_t index, double value)> set;
};

struct Choice {
    std::string value;   // as a study writes it
    std::string label;   // as a person reads it
};
struct ChoiceField {
    std::string id, label, help;
    std::function<std::vector<Choice>(const Scenario&, const Catalog&, std::size_t index)> options;
    std::function<std::optional<std::string>(const Scenario&, std::size_t index)> get;
    std::function<void(Scenario&, const Catalog&, std::size_t index, const std::string& value)> set;
};

// Sections of the left side: "workload", "routing", "money", "quality", "simulation", and "candidate" for each candidate.
const std::vector<NumberField>& number_fields(std::string_view section);
const std::vector<ChoiceField>& choice_fields(std::string_view section);

// "12.5", "1,024", "300 ms", "2.50 USD/h", "40 %" in the field's unit, or what was expected.
tl::expected<double, std::string> read_number(const NumberField& field, std::string_view text);
std::string show_number(const NumberField& field, double value);   // read_number() takes it back, without loss

// Slider positions 0..kSliderSteps.
constexpr int kSliderSteps = 1000;
int slider_position(const NumberField& field, double value);
double slider_value(const NumberField& field, int position);

}  // namespace moeplan
