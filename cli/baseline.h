#pragma once
// Verdicts of an earlier `check --format json`, and what has changed since.

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace moeplan::cli {

struct RecordedVerdict {
    std::string file, name, verdict;   // as `check --format json` writes them
};

Result<std::vector<RecordedVerdict>> load_verdicts(const std::string& file);
Result<std::vector<RecordedVerdict>> parse_verdicts(std::string_view json, const std::string& name);

// One sentence per difference among `files`, those checked now: another verdict, a check that is gone, a new
// one that fails. A new check that holds is no difference.
std::vector<std::string> differences(const std::vector<RecordedVerdict>& before,
                                     const std::vector<RecordedVerdict>& now,
                                     const std::vector<std::string>& files);

}  // namespace moeplan::cli
