#include "core/base/result.h"

#include <iterator>

namespace moeplan {

std::string to_text(const Problem& problem) {
    std::string text;
    if (!problem.where.empty()) text += problem.where + ": ";
    if (!problem.path.empty()) text += problem.path + ": ";
    text += problem.what;
    if (!problem.hint.empty()) text += "; " + problem.hint;
    return text;
}

void append(Problems& into, Problems more) {
    into.insert(into.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace moeplan
