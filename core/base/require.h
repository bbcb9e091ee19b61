#pragma once
// The programmer's mistakes, checked in release too. Input never reaches a require().

#include <source_location>
#include <stdexcept>
#include <string>

namespace moeplan {

inline void require(bool condition, const char* why,
                    std::source_location at = std::source_location::current()) {
    if (!condition) {
        throw std::logic_error(std::string(at.file_name()) + ":" + std::to_string(at.line()) + ": " + why);
    }
}

}  // namespace moeplan
