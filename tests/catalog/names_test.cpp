#include "core/catalog/names.h"

#include "core/base/lower_case.h"
#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("Names are equal but for case") {
    CHECK(same_name("H100_SXM", "h100_sxm"));
    CHECK_FALSE(same_name("h100", "h100_sxm"));
    CHECK(lower_case("Mixtral-8x7B") == "mixtral-8x7b");
}

TEST_CASE("A star stands for any run of characters, also none") {
    CHECK(matches_pattern("gpt-4*", "GPT-4"));
    CHECK(matches_pattern("gpt-4*", "gpt-4o-mini"));
    CHECK_FALSE(matches_pattern("gpt-4*", "gpt-oss-120b"));
    CHECK(matches_pattern("*-turbo*", "qwen-turbo-latest"));
    CHECK(matches_pattern("o1", "o1"));
    CHECK_FALSE(matches_pattern("o1", "o10"));
    CHECK(matches_pattern("*", ""));
    CHECK_FALSE(matches_pattern("", "x"));
}

TEST_CASE("A pattern full of stars does not take exponential time") {
    const std::string name(4000, 'a');
    CHECK_FALSE(matches_pattern("*a*a*a*a*a*a*a*a*a*b", name));
}
