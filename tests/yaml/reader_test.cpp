#include "core/yaml/reader.h"

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

YamlFile parsed(const std::string& text) {
    auto file = YamlFile::parse(text, "study.yaml");
    for (const auto& problem : file ? Problems{} : file.error()) UNSCOPED_INFO(to_text(problem));
    REQUIRE(file);
    return *file;
}

std::string problems_of(const YamlFile& file) {
    std::string text;
    for (const auto& problem : file.problems()) text += to_text(problem) + "\n";
    return text;
}

}  // namespace

TEST_CASE("values are read with their types and units", "[yaml]") {
    const auto file = parsed("name: a study\n"
                             "count: 4\n"
                             "big: 1e6\n"
                             "ratio: 0.5\n"
                             "share: 35 %\n"
                             "on: true\n"
                             "memory: 80 GiB\n"
                             "rate: 3.35 TB/s\n"
                             "list: [1, 2, 3]\n"
                             "map: {inner: {x: 5}}\n"
                             "around: {value: 2, low: 1, high: 3}\n");
    const auto root = file.root();
    CHECK(root["name"].text() == "a study");
    CHECK(root["count"].integer(1) == 4);
    CHECK(root["big"].integer(1) == 1'000'000);
    CHECK(root["ratio"].number() == 0.5);
    CHECK(root["share"].fraction() == 0.35);
    CHECK(root["on"].boolean() == true);
    CHECK(root["memory"].bytes()->value == 80 * kGiB);
    CHECK(root["rate"].bytes_per_second()->value == 3.35e12);
    CHECK(root["list"].size() == 3);
    CHECK(root["list"].at(2).integer(0) == 3);
    CHECK(root["map"]["inner"]["x"].integer(0) == 5);
    CHECK(root["map"]["inner"]["x"].path() == "map.inner.x");
    CHECK(root["list"].at(2).path() == "list[2]");
    CHECK(root["around"].estimate() == Estimate{2, 1, 3});
    CHECK(root["ratio"].estimate() == Estimate::exact(0.5));
    root.reject_unknown_keys();
    CHECK(problems_of(file).empty());
}

TEST_CASE("a value of the wrong type is a problem with line, path, what was found and expected", "[yaml]") {
    const auto file = parsed("count: many\n"
                             "name: 5\n"
                             "memory: 80\n"
                             "on: 1\n"
                             "nothing:\n"
                             "quoted: \"5\"\n"
                             "nan: .nan\n"
                             "half: 1.5\n"
                             "negative: -3 s\n"
                             "tier: spott\n"
                             "order: {value: 1, low: 2, high: 3}\n");
    const auto root = file.root();
    CHECK_FALSE(root["count"].integer(1));
    CHECK_FALSE(root["name"].text());
    CHECK_FALSE(root["memory"].bytes());
    CHECK_FALSE(root["on"].boolean());
    CHECK_FALSE(root["nothing"].number());
    CHECK_FALSE(root["quoted"].number());
    CHECK_FALSE(root["nan"].number());
    CHECK_FALSE(root["half"].integer(1));
    CHECK_FALSE(root["negative"].seconds());
    CHECK_FALSE(root["tier"].choice({"on_demand", "spot", "reserved"}));
    CHECK_FALSE(root["order"].estimate());
    const auto& problems = file.problems();
    REQUIRE(problems.size() == 11);
    CHECK(to_text(problems[0]) ==
          "study.yaml:1: count: expected a whole number of at least 1, found the text 'many'");
    CHECK(to_text(problems[1]) ==
          "study.yaml:2: name: expected text, found the number 5; if it is a name, quote it: \"5\"");
    CHECK_THAT(to_text(problems[2]), ContainsSubstring("study.yaml:3: memory: '80' has no unit"));
    CHECK(problems[3].what == "expected true or false, found the number 1");
    CHECK(problems[4].what == "expected a number, found nothing");
    CHECK(problems[5].what == "expected a number, found the text '5'");
    CHECK(problems[6].what == "expected a number, found the text '.nan'");
    CHECK(problems[7].what == "expected a whole number of at least 1, found the number 1.5");
    CHECK_THAT(problems[8].what, ContainsSubstring("'-3 s' is negative"));
    CHECK(problems[9].hint == "did you mean 'spot'?");
    CHECK_THAT(problems[10].what, ContainsSubstring("low <= value <= high"));
}

TEST_CASE("a missing key is a problem when read, and none when only looked for", "[yaml]") {
    const auto file = parsed("a: 1\nmap:\n  b: 2\n");
    CHECK_FALSE(file.root()["c"].exists());
    CHECK_FALSE(file.root().find("d"));
    CHECK(problems_of(file).empty());
    CHECK_FALSE(file.root()["map"]["gone"].integer(1));
    CHECK(problems_of(file) ==
          "study.yaml:2: map.gone: expected a whole number of at least 1, found nothing\n");
}

TEST_CASE("numbers out of range say the range", "[yaml]") {
    const auto file = parsed("a: 11\nb: -1\n");
    CHECK_FALSE(file.root()["a"].number(0, 10));
    CHECK_FALSE(file.root()["b"].integer(0, 10));
    CHECK_FALSE(file.root()["a"].number(12));
    CHECK_THAT(problems_of(file), ContainsSubstring("a number from 0 to 10, found 11"));
    CHECK_THAT(problems_of(file), ContainsSubstring("a whole number from 0 to 10, found the number -1"));
    CHECK_THAT(problems_of(file), ContainsSubstring("a number of at least 12, found 11"));
}

TEST_CASE("unknown keys are named with the nearest known one, asked for or absent", "[yaml]") {
    const auto file = parsed("utilization: 1\nname: x\nzzz: 3\n");
    (void)file.root()["name"];
    (void)file.root()["utilisation"];
    file.root().reject_unknown_keys();
    REQUIRE(file.problems().size() == 2);
    CHECK(to_text(file.problems()[0]) ==
          "study.yaml:1: utilization: unknown key 'utilization'; did you mean 'utilisation'?");
    CHECK(to_text(file.problems()[1]) ==
          "study.yaml:3: zzz: unknown key 'zzz'; known keys: name, utilisation");
}

TEST_CASE("problems come in order of line whatever the order of reading", "[yaml]") {
    const auto file = parsed("a: x\nb: x\nc: x\n");
    for (const char* key : {"c", "a", "b"}) (void)file.root()[key].number();
    REQUIRE(file.problems().size() == 3);
    CHECK(file.problems()[0].path == "a");
    CHECK(file.problems()[2].path == "c");
}

TEST_CASE("a duplicate key names both lines and keeps the first", "[yaml]") {
    const auto file = parsed("a: 1\nb: 2\na: 3\nc: {x: 1, x: 2}\n");
    CHECK(file.root()["a"].number() == 1);
    REQUIRE(file.problems().size() == 2);
    CHECK_THAT(to_text(file.problems()[0]),
               ContainsSubstring("study.yaml:3: a: the key 'a' is given twice, on lines 1 and 3"));
    CHECK_THAT(to_text(file.problems()[1]), ContainsSubstring("study.yaml:4"));
}

TEST_CASE("anchors, aliases and merges are expanded", "[yaml]") {
    const auto file = parsed("base: &b {gpu: h100_sxm, count: 2}\n"
                             "list:\n"
                             "  - {<<: *b, name: one}\n"
                             "  - {<<: *b, name: two, count: 4}\n"
                             "same: *b\n");
    CHECK(file.root()["list"].at(0)["gpu"].text() == "h100_sxm");
    CHECK(file.root()["list"].at(0)["count"].integer(1) == 2);
    CHECK(file.root()["list"].at(1)["count"].integer(1) == 4);
    CHECK(file.root()["same"]["count"].integer(1) == 2);
    CHECK(problems_of(file).empty());
}

TEST_CASE("large maps are looked up by hash and keep their order", "[yaml]") {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += "key" + std::to_string(i) + ": " + std::to_string(i) + "\n";
    const auto file = parsed(text);
    const auto entries = file.root().entries();
    REQUIRE(entries.size() == 5000);
    CHECK(entries[4321].first == "key4321");
    CHECK(entries[4321].second.integer(0) == 4321);
    CHECK(file.root()["key77"].integer(0) == 77);
    CHECK_FALSE(file.root()["key5000"].exists());
}
