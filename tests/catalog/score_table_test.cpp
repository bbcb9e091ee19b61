#include "core/catalog/readers.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

std::pair<std::vector<Score>, std::string> read(const std::string& table,
                                                const std::string& key = "table: |\n") {
    const std::string text = "- evaluator: us\n  source: our run\n  " + key + table;
    auto file = YamlFile::parse(text, "scores.yaml");
    REQUIRE(file.has_value());
    auto scores = read_scores(file->root());
    std::string problems;
    for (const Problem& p : file->problems()) problems += to_text(p) + "\n";
    return {scores, problems};
}

}  // namespace

TEST_CASE("A table of scores gives one score per filled cell") {
    const auto [scores, problems] = read(
        "    model | published | variant | gsm8k | mmlu\n"
        "    org/a | A Instruct | instruct | 58.4 | -\n"
        "    org/b | - | - | 0 | 100\n");
    CHECK(problems.empty());
    REQUIRE(scores.size() == 3);
    CHECK(scores[0].model == "org/a");
    CHECK(scores[0].as_published == "A Instruct");
    CHECK(scores[0].variant == "instruct");
    CHECK(scores[0].benchmark == "gsm8k");
    CHECK(scores[0].accuracy == Approx(0.584));
    CHECK(scores[0].evaluator == "us");
    CHECK(scores[1].as_published.empty());
    CHECK(scores[2].benchmark == "mmlu");
    CHECK(scores[2].accuracy == 1);
}

TEST_CASE("Rows that do not fit the table's head are named and the others still read") {
    const auto [scores, problems] = read(
        "    model | published | variant | gsm8k | mmlu\n"
        "    org/a | - | - | 58.4\n"
        "    org/b | - | - | 101 | many\n"
        "    - | - | - | 1 | 2\n"
        "    org/c | - | - | 50 | 60\n");
    CHECK_THAT(problems, ContainsSubstring("row 1 ('org/a') has 4 cells, 5 and a model's name are expected"));
    CHECK_THAT(problems, ContainsSubstring("'101' under gsm8k is not a score of 0 to 100 percent"));
    CHECK_THAT(problems, ContainsSubstring("'many' under mmlu"));
    CHECK_THAT(problems, ContainsSubstring("row 3"));
    CHECK_THAT(problems, ContainsSubstring("scores.yaml:3"));
    CHECK(scores.size() == 2);
}

TEST_CASE("A table without its head, or beside rows, is refused") {
    CHECK_THAT(read("    org/a | - | - | 58.4\n").second, ContainsSubstring("the table's head must be"));
    CHECK_THAT(read("    model | published | variant\n").second,
               ContainsSubstring("the table's head must be"));
    CHECK_THAT(read("[{model: a, percent: {gsm8k: 1}}]\n  table: x\n", "rows: ").second,
               ContainsSubstring("either 'rows'"));
    CHECK_THAT(read("", "note: x\n").second, ContainsSubstring("either 'rows'"));
    CHECK_THAT(read("[{model: a, percent: {gsm8k: 101}}, {percent: {gsm8k: 1}}]\n", "rows: ").second,
               ContainsSubstring("'model' is missing"));
}
