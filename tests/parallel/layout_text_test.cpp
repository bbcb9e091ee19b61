#include "core/parallel/layout_text.h"
#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("layouts are written as axes and sizes") {
    REQUIRE(parse_layout("tp=2 ep=4").value() == Layout{2, 1, 1, 4, 1});
    REQUIRE(parse_layout("tp=8,pp=2").value() == Layout{8, 2, 1, 1, 8});
    REQUIRE(parse_layout("dp=8 ep=4").value() == Layout{1, 1, 8, 4, 2});
    for (const char* bad : {"tp", "tp=", "tp=0", "tp=-1", "tp=2x", "qp=2", "tp=99999999999999999999"}) {
        CAPTURE(bad);
        REQUIRE_FALSE(parse_layout(bad).has_value());
    }
}

TEST_CASE("a layout printed is read back the same") {
    for (const Layout& layout : {Layout{}, Layout{8, 2, 1, 1, 8}, Layout{2, 1, 4, 8, 1}, Layout{4, 1, 1, 2, 2}, Layout{4, 1, 1, 1, 2}}) {
        CAPTURE(print_layout(layout));
        REQUIRE(parse_layout(print_layout(layout)).value() == layout);
    }
}
