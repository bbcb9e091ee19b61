#include "gui/models/fields.h"

#include <array>

#include "gui/models/field_tables.h"

namespace moeplan {
namespace {

using fields::FieldTable;

FieldTable workload_fields() {
    FieldTable table;
    fields::add_length_fields(table);
    fields::add_load_fields(table);
    fields::add_objective_fields(table);
    fields::add_sweep_fields(table);
    return table;
}

struct Section {
    std::string name;
    FieldTable table;
};

const std::vector<Section>& sections() {
    static const std::vector<Section> all{{"workload", workload_fields()},
                                          {"simulation", fields::simulation_fields()},
                                          {"routing", fields::routing_fields()},
                                          {"money", fields::money_fields()},
                                          {"quality", fields::quality_fields()},
                                          {"cluster", fields::cluster_fields()},
                                          {"candidate", fields::candidate_fields()},
                                          {"candidate_quality", fields::candidate_quality_fields()}};
    return all;
}

const FieldTable& table_of(std::string_view section) {
    static const FieldTable none;
    for (const auto& one : sections()) {
        if (one.name == section) return one.table;
    }
    return none;
}

template <class Field>
const Field* find(std::vector<Field> FieldTable::*fields_of, std::string_view id) {
    for (const auto& section : sections()) {
        for (const auto& field : section.table.*fields_of) {
            if (field.id == id) return &field;
        }
    }
    return nullptr;
}

}  // namespace

const std::vector<std::string>& field_sections() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const auto& section : sections()) all.push_back(section.name);
        return all;
    }();
    return names;
}

const std::vector<NumberField>& number_fields(std::string_view section) { return table_of(section).numbers; }
const std::vector<ChoiceField>& choice_fields(std::string_view section) { return table_of(section).choices; }
const std::vector<TextField>& text_fields(std::string_view section) { return table_of(section).texts; }

const NumberField* find_number_field(std::string_view id) { return find(&FieldTable::numbers, id); }
const ChoiceField* find_choice_field(std::string_view id) { return find(&FieldTable::choices, id); }
const TextField* find_text_field(std::string_view id) { return find(&FieldTable::texts, id); }

bool applies(const NumberField& field, const Scenario& scenario, const Catalog& catalog, std::size_t index) {
    if (field.get(scenario, index)) return true;
    return field.fallback && field.fallback(scenario, catalog, index);
}

}  // namespace moeplan
