#include "sim/replica/waiting_line.h"

#include <algorithm>

namespace moeplan {

WaitingLine::Line& WaitingLine::line_of(const Sequence& s) {
    const std::int32_t priority = s.arrival.priority;
    const auto at = std::ranges::lower_bound(lines_, priority, {}, &Line::priority);
    if (at != lines_.end() && at->priority == priority) return *at;
    return *lines_.insert(at, {priority, nullptr, nullptr});
}

void WaitingLine::push_back(Sequence& s) {
    Line& line = line_of(s);
    s.ahead = line.last;
    s.behind = nullptr;
    (line.last ? line.last->behind : line.first) = &s;
    line.last = &s;
    ++size_;
}

void WaitingLine::push_front(Sequence& s) {
    Line& line = line_of(s);
    s.ahead = nullptr;
    s.behind = line.first;
    (line.first ? line.first->ahead : line.last) = &s;
    line.first = &s;
    ++size_;
}

void WaitingLine::remove(Sequence& s) {
    Line& line = line_of(s);
    (s.ahead ? s.ahead->behind : line.first) = s.behind;
    (s.behind ? s.behind->ahead : line.last) = s.ahead;
    s.ahead = s.behind = nullptr;
    if (!line.first) lines_.erase(lines_.begin() + (&line - lines_.data()));
    --size_;
}

}  // namespace moeplan
