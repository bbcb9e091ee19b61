#pragma once
// What every source of this folder can tell beside requests.

#include <string>
#include <vector>

#include "sim/request/request.h"

namespace moeplan {

class Source : public RequestSource {
public:
    // What was skipped or mended on the way, counted, with the first place: nothing the user must act on.
    virtual std::vector<std::string> remarks() const { return {}; }
};

// The remarks of a source made by make_source(); none of other ones.
std::vector<std::string> remarks_of(const RequestSource& source);

}  // namespace moeplan
