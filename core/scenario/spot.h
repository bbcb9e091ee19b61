#pragma once
// Where a value stood in a file.

#include <string>

namespace moeplan {

// For messages about it later.
struct Spot {
    std::string file;
    int line = 0;         // 1-based; 0 = not from a file
    std::string path;     // "candidates[0].layout"
    std::string where() const;   // "file:line"
    bool operator==(const Spot&) const { return true; }   // places do not make scenarios differ
};

}  // namespace moeplan
