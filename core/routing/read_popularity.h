#pragma once
// Internal to routing: fiddler's {"expert_popularity": [[...], ...]}. Totals and shapes are checked by the
// caller.

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/routing/read_counts.h"

namespace moeplan {

Result<ExpertCounts> read_popularity(std::string_view text, const std::string& name);

}  // namespace moeplan
