#pragma once
// The smallest value of a smooth function inside a box, by the limited-memory BFGS of NLopt (Nocedal,
// Mathematics of Computation 35, 1980; Liu and Nocedal, Mathematical Programming 45, 1989).

#include <functional>
#include <vector>

namespace moeplan {

// f(x, gradient): the value at x; fills gradient (size of x) unless it is empty. Must not throw.
using Objective = std::function<double(const std::vector<double>& x, std::vector<double>& gradient)>;

struct Box {
    std::vector<double> low, high;
};

// From `start` (moved into the box), at most `evaluations` calls. Returns the best point seen; never worse than the start.
std::vector<double> minimise(const Objective& objective, std::vector<double> start, const Box& box, int evaluations);

}  // namespace moeplan
