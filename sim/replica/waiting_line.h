#pragma once
// Who waits at an engine: the more urgent first, and of equals first come first served. Places are links in the sequences
// themselves: joining and leaving cost the same however long the line is, and take no memory.

#include <cstdint>
#include <vector>

#include "sim/replica/sequence.h"

namespace moeplan {

class WaitingLine {
public:
    bool empty() const { return lines_.empty(); }
    std::int64_t size() const { return size_; }
    Sequence* first() const { return lines_.empty() ? nullptr : lines_.front().first; }

    // Behind (before) all of its priority. It is in no line.
    void push_back(Sequence& s);
    void push_front(Sequence& s);
    // It is in this line.
    void remove(Sequence& s);

    // In order.
    template <class F>
    void for_each(F&& f) const {
        while_true([&f](Sequence& s) {
            f(s);
            return true;
        });
    }
    // In order, until f says false.
    template <class F>
    void while_true(F&& f) const {
        for (const Line& line : lines_) {
            for (Sequence* s = line.first; s; s = s->behind) {
                if (!f(*s)) return;
            }
        }
    }

private:
    struct Line {
        std::int32_t priority = 0;
        Sequence* first = nullptr;
        Sequence* last = nullptr;
    };
    Line& line_of(const Sequence& s);   // made if there is none

    std::vector<Line> lines_;   // by priority, none of them empty
    std::int64_t size_ = 0;
};

}  // namespace moeplan
