#pragma once
// What `moeplan describe` knows: kinds of names, and the names of each.

#include <string>
#include <string_view>
#include <vector>

#include "core/catalog/catalog.h"

namespace moeplan::cli {

struct Item {
    std::string name;
    std::string doc;                         // one line
    std::vector<std::string> details = {};   // what it takes, sources, numbers: a line each
    std::string example = {};                // YAML as it stands in a study; empty when there is none
};

struct Kind {
    std::string name;       // "routings"
    std::string singular;   // "routing"
    std::string doc;
    std::vector<Item> (*items)(const Catalog& catalog);
};

const std::vector<Kind>& all_kinds();
const Kind* find_kind(std::string_view name);   // by either name; null when unknown

// The forms a study is written in: kinds_of_study.cpp.
std::vector<Item> routing_items(const Catalog&);
std::vector<Item> placement_items(const Catalog&);
std::vector<Item> load_items(const Catalog&);
std::vector<Item> length_items(const Catalog&);
std::vector<Item> layout_items(const Catalog&);
std::vector<Item> sweep_items(const Catalog&);
// kinds_of_simulation.cpp.
std::vector<Item> simulation_items(const Catalog&);
std::vector<Item> arrival_items();   // the loads that only a simulation knows

}  // namespace moeplan::cli
