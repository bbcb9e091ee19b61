#pragma once
// What the user got wrong, as values. A Result holds either the thing or *all* problems found;
// nothing in core or sim prints, exits or lets a third-party exception through.

#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace moeplan {

enum class ProblemKind {
    wrong_input,  // exit code 2: a file, key, value or name is wrong
    infeasible,   // exit code 3: the input is right but nothing fits or meets the objective
};

struct Problem {
    std::string where;  // "file.yaml:14" or "file.json" or "--set"; empty when there is no place
    std::string path;   // "candidates[1].layout.tp"; empty when there is none
    std::string what;   // one sentence: what was found and what was expected
    std::string hint;   // "did you mean 'h100_sxm'?"; empty when there is none
    ProblemKind kind = ProblemKind::wrong_input;
};

using Problems = std::vector<Problem>;

template <class T>
using Result = tl::expected<T, Problems>;

inline tl::unexpected<Problems> fail(Problem problem) {
    return tl::unexpected<Problems>(Problems{std::move(problem)});
}
inline tl::unexpected<Problems> fail(Problems problems) {
    return tl::unexpected<Problems>(std::move(problems));
}

// "where path: what; hint" on one line, as the CLI prints it.
std::string to_text(const Problem& problem);

void append(Problems& into, Problems more);
// Those that are not there yet (hints aside): what several parts of a study share is told once.
void append_new(Problems& into, const Problems& more);

}  // namespace moeplan
