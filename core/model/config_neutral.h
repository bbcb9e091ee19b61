#pragma once
// Which keys of a config may be left unread without changing a size.

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/model/read_config.h"

namespace moeplan {

// True for keys known not to change sizes: rotary settings, dropout, token ids, training switches.
bool is_neutral_key(std::string_view key);

// True when an unread key with this value may describe an architecture: a number, list or switch whose name
// speaks of sizes. In a family nobody has heard of, every unread count does.
bool may_change_sizes(std::string_view key, const nlohmann::json& value, bool family_is_known);

// The unread keys of this reader that may change sizes, sorted.
std::vector<std::string> unplaced_keys(const ConfigReader& keys, bool family_is_known);

// A problem for each of them, for objects inside a config (DBRX's attn_config).
void refuse_unplaced_inside(ConfigReader& keys, bool family_is_known);

}  // namespace moeplan
