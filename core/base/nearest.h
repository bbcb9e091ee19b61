#pragma once
// "did you mean": the candidate with the smallest edit distance to what was typed.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moeplan {

// The closest of `names` (case-insensitive Damerau-Levenshtein, or sharing a long substring),
// or nothing when none is close enough to be a plausible typo.
std::optional<std::string> nearest_name(std::string_view typed, const std::vector<std::string>& names);

// "did you mean 'x'?" or an empty string.
std::string did_you_mean(std::string_view typed, const std::vector<std::string>& names);

// The valid names, comma separated, cut with "…" after `most`.
std::string one_of(const std::vector<std::string>& names, std::size_t most = 12);

}  // namespace moeplan
