#pragma once
// The middle of many numbers, where which of the two middle ones it is does not matter.

#include <algorithm>
#include <vector>

namespace moeplan {

// Of an even number the upper of the two in the middle. Requires: not empty.
inline double upper_median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace moeplan
