#pragma once
// One point computed: its answer as text that can travel between processes and be appended to a part as it is.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/catalog/catalog.h"
#include "sim/sweep/folder.h"
#include "sim/sweep/study.h"

namespace moeplan {

// "r", "f" or "c" (answered, failed, crashed), then the lines for the part of results or failures. Empty: cancelled,
// there is no answer.
struct Answer {
    PointState state = PointState::answered;
    std::string_view lines;
};
// Nothing when the text is no answer.
std::optional<Answer> parse_answer(std::string_view text);

// The answer that stands for a worker's end.
std::string crash_answer(const Grid& grid, std::uint64_t point, const std::string& why);

// Reads the point's study, runs it, and tells what came out. Never throws: a mistake of the program is a failure of
// kind "crashed". `cancel` may be null.
std::string compute_point(const SweepStudy& study, const Catalog& catalog, std::uint64_t point,
                          const std::atomic<bool>* cancel);

}  // namespace moeplan
