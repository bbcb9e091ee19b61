#include "core/base/json_text.h"

#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("Python's bare numbers become null outside strings only") {
    CHECK(safe_json(R"({"a": NaN, "b": [-Infinity, Infinity, -1], "c": "NaN \" Infinity"})").text ==
          R"({"a": null, "b": [null, null, -1], "c": "NaN \" Infinity"})");
}

TEST_CASE("the deepest nesting is counted and brackets in strings are not") {
    CHECK(safe_json(R"({"a": [[1], "[[[["]})").deepest == 3);
    CHECK(safe_json("]]][").deepest == 1);
    CHECK(safe_json("").deepest == 0);
}
