#include "core/base/result.h"

#include <algorithm>
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

void append_new(Problems& into, const Problems& more) {
    for (const Problem& p : more) {
        const auto same = [&p](const Problem& known) { return known.where == p.where && known.path == p.path && known.what == p.what; };
        if (std::ranges::none_of(into, same)) into.push_back(p);
    }
}

}  // namespace moeplan
