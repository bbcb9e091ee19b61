// The grid: what --over stands for, and which values a numbered point has.
#include "sim/sweep/grid.h"
#include "sim/sweep/folder.h"
#include "tests/support/catch.h"
#include "tests/support/study.h"

using namespace moeplan;

namespace {

std::vector<std::string> values_of(const std::string& over) {
    const auto axis = parse_over(over);
    INFO(problems_of(axis));
    REQUIRE(axis);
    return axis->values;
}

}  // namespace

TEST_CASE("points count up with the last axis fastest") {
    const Grid grid{{{"a", {"1", "2"}, true}, {"b", {"x", "y", "z"}, true}}};
    REQUIRE(grid.points() == 6);
    CHECK(grid.values_at(0) == std::vector<std::string>{"1", "x"});
    CHECK(grid.values_at(1) == std::vector<std::string>{"1", "y"});
    CHECK(grid.values_at(2) == std::vector<std::string>{"1", "z"});
    CHECK(grid.values_at(3) == std::vector<std::string>{"2", "x"});
    CHECK(grid.values_at(5) == std::vector<std::string>{"2", "z"});
    CHECK_THROWS(grid.at(6));
}

TEST_CASE("an over is a path and its values") {
    const auto axis = parse_over(" workload.load.poisson.rate = 5/s, 10/s");
    REQUIRE(axis);
    CHECK(axis->name == "workload.load.poisson.rate");
    CHECK(axis->values == std::vector<std::string>{"5/s", "10/s"});
    CHECK(axis->is_path);
}

TEST_CASE("a range stands for its whole numbers, both ends included") {
    CHECK(values_of("seed=1..4") == std::vector<std::string>{"1", "2", "3", "4"});
    CHECK(values_of("seed=-1..1,7,9..9") == std::vector<std::string>{"-1", "0", "1", "7", "9"});
    CHECK(values_of("seed=1..1000000").size() == 1'000'000);
}

TEST_CASE("commas inside brackets, braces and quotes belong to a value") {
    CHECK(values_of("workload.load={poisson: {rate: 4/s}, x: 1},{concurrency: 8}") ==
          std::vector<std::string>{"{poisson: {rate: 4/s}, x: 1}", "{concurrency: 8}"});
    CHECK(values_of("name=\"a,b\",'c,d'") == std::vector<std::string>{"\"a,b\"", "'c,d'"});
    CHECK(values_of("x=[1,2],[3,4]") == std::vector<std::string>{"[1,2]", "[3,4]"});
}

TEST_CASE("what is no axis is told with what was wrong") {
    const auto told = [](const std::string& over) { return problems_of(parse_over(over)); };
    CHECK_THAT(told("seed"), ContainsSubstring("--over: seed: is no axis; write PATH=v1,v2"));
    CHECK_THAT(told("=1,2"), ContainsSubstring("is no axis"));
    CHECK_THAT(told("seed="), ContainsSubstring("has no values"));
    CHECK_THAT(told("seed=1,,2"), ContainsSubstring("an empty value"));
    CHECK_THAT(told("seed=9..3"), ContainsSubstring("goes down; write 3..9"));
    CHECK_THAT(told("seed=1..1000001"), ContainsSubstring("more than 1000000 values"));
    CHECK_THAT(told("seed=-9223372036854775808..9223372036854775807"), ContainsSubstring("more than 1000000 values"));
}

TEST_CASE("a grid without axes, with an axis twice or with a value twice is refused") {
    const auto told = [](const Grid& grid) {
        std::string text;
        for (const Problem& p : check_grid(grid)) text += to_text(p) + "\n";
        return text;
    };
    CHECK(told({{{"a", {"1"}, true}}}).empty());
    CHECK_THAT(told({}), ContainsSubstring("there is nothing to vary"));
    CHECK_THAT(told({{{"a", {"1"}, true}, {"a", {"2"}, true}}}), ContainsSubstring("a: is an axis already"));
    CHECK_THAT(told({{{"a", {"1", "2", "1"}, true}}}), ContainsSubstring("has the value '1' twice"));
}

TEST_CASE("ten million points are taken and one more is not, however large the product") {
    const auto axis = [](const std::string& name, int n) {
        GridAxis a{name, {}, true};
        for (int i = 0; i < n; ++i) a.values.push_back(std::to_string(i));
        return a;
    };
    CHECK(check_grid({{axis("a", 10'000), axis("b", 1'000)}}).empty());
    CHECK(check_grid({{axis("a", 10'001), axis("b", 1'000)}}).size() == 1);
    CHECK(check_grid({{axis("a", 1000), axis("b", 1000), axis("c", 1000), axis("d", 1000), axis("e", 1000), axis("f", 1000),
                       axis("g", 1000)}})
              .size() == 1);
}

TEST_CASE("shards hold every point exactly once") {
    for (std::uint64_t n = 1; n <= 5; ++n) {
        for (std::uint64_t point = 0; point < 23; ++point) {
            int holders = 0;
            for (std::uint64_t i = 1; i <= n; ++i) holders += Shard{i, n}.holds(point);
            CHECK(holders == 1);
        }
    }
    CHECK(Shard{1, 3}.holds(0));
    CHECK(Shard{3, 3}.holds(5));
}

TEST_CASE("a shard is i of n and nothing else") {
    REQUIRE(parse_shard("2/4"));
    CHECK(*parse_shard("2/4") == Shard{2, 4});
    for (const char* text : {"", "2", "/4", "2/", "a/4", "2/4x", "-1/4", "1 /4"})
        CHECK_THAT(problems_of(parse_shard(text)), ContainsSubstring("is no shard; write i/n"));
    for (const char* text : {"0/4", "5/4", "1/0", "1/1000001"})
        CHECK_THAT(problems_of(parse_shard(text)), ContainsSubstring("there is no shard"));
}
