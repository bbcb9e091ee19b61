#include "core/base/nearest.h"
#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("a typo is answered with the closest name", "[base]") {
    const std::vector<std::string> names{"h100_sxm", "h200_sxm", "a100_sxm4_80gb", "mistralai/Mixtral-8x7B-v0.1"};
    CHECK(nearest_name("h100_smx", names) == "h100_sxm");
    CHECK(nearest_name("mixtral-8x7b", names) == "mistralai/Mixtral-8x7B-v0.1");
    CHECK_FALSE(nearest_name("toaster", names));
    CHECK_FALSE(nearest_name("", names));
}

TEST_CASE("a name of a megabyte costs nothing", "[base]") {
    CHECK_FALSE(nearest_name(std::string(1 << 20, 'x'), {"h100_sxm"}));
}
