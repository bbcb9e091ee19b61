#pragma once
// What a candidate of `moeplan compare` can be given, as an option for all or as MODEL@key=value for one.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "core/scenario/scenario.h"

namespace moeplan::cli {

struct Setting {
    std::string where;   // what to blame: "--gpu", "mixtral-8x7b@gpu"
    std::string value;
};
using Settings = std::map<std::string, Setting>;   // by name without dashes

const std::vector<std::string>& setting_names();

// The options that were given.
Settings settings_of(const Arguments& arguments);

// "MODEL@gpu=h200_sxm,count=4" in two. tp, pp, dp, ep and moe_tp are parts of the layout.
std::pair<std::string, Settings> split_word(const std::string& word, Problems& problems);

// Lengths, price and routing of all candidates.
void apply_to_study(const Settings& settings, Scenario& scenario, Problems& problems);

// The candidate's own settings over the common ones. True when they say how many GPUs.
bool apply_to_candidate(const Settings& common, const Settings& own, const Scenario& scenario,
                        Candidate& candidate, Problems& problems);

}  // namespace moeplan::cli
