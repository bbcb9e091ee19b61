#include "sim/measure/recorder.h"
#include "tests/support/catch.h"
using namespace moeplan;
TEST_CASE("a run without requests says so", "[measure]") {
    CHECK(Recorder({}).finish().findings == std::vector<std::string>{"no request arrived"});
}
