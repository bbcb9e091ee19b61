// Files that want to hurt: each is answered with one clear message, quickly.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "core/yaml/reader.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

std::string refusal(const std::string& text, const YamlLimits& limits = {}) {
    const auto start = std::chrono::steady_clock::now();
    const auto file = YamlFile::parse(text, "bad.yaml", limits);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    CHECK(took.count() < 5.0);
    REQUIRE_FALSE(file);
    REQUIRE(file.error().size() == 1);
    return to_text(file.error()[0]);
}

std::string repeat(const std::string& text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

}  // namespace

TEST_CASE("an empty file says so", "[yaml]") {
    CHECK(refusal("") == "bad.yaml: the file is empty");
    CHECK(refusal("# only a comment\n") == "bad.yaml: the file is empty");
    CHECK(refusal("---\n") == "bad.yaml: the file is empty");
    CHECK(refusal("~") == "bad.yaml: the file is empty");
}

TEST_CASE("a lone text is no document with keys", "[yaml]") {
    CHECK_THAT(refusal("hello\n"), ContainsSubstring("bad.yaml:1: expected keys with values"));
}

TEST_CASE("syntax errors carry their line", "[yaml]") {
    CHECK_THAT(refusal("a: 1\nb: [1, 2\nc: 3\n"), ContainsSubstring("bad.yaml:"));
    CHECK(refusal("a: 1\nb: \"open\nc: 3\n") ==
          "bad.yaml:2: the quote (\") opened on this line is never closed");
    CHECK(refusal("\xEF\xBB\xBF\"a\": \"open\n") ==
          "bad.yaml:1: the quote (\") opened on this line is never closed");
    CHECK(YamlFile::parse("a: \"closed \\\" \\\\\"\n\n", "good.yaml"));
    CHECK(refusal("a: 'it''s open\n") == "bad.yaml:1: the quote (') opened on this line is never closed");
    CHECK(YamlFile::parse("a: 'it''s \\'\n", "good.yaml"));
    CHECK_THAT(refusal("a: *unknown\n"), ContainsSubstring("bad.yaml:1: not valid YAML"));
    CHECK_THAT(refusal("a: 1\n  b: 2\n"), ContainsSubstring("bad.yaml:2: not valid YAML"));
}

TEST_CASE("a tab in the indentation is called a tab", "[yaml]") {
    CHECK(refusal("a:\n\tb: 1\n") == "bad.yaml:2: a tab indents this line; YAML is indented with spaces");
}

TEST_CASE("a second document is refused at its line", "[yaml]") {
    CHECK_THAT(refusal("a: 1\n---\nb: 2\n"), ContainsSubstring("a second document starts here"));
}

TEST_CASE("text that is not UTF-8 is refused with line and byte", "[yaml]") {
    CHECK_THAT(refusal("a: 1\nb: \xff\n"),
               ContainsSubstring("bad.yaml:2: not UTF-8 text: found the byte 0xFF"));
    CHECK_THAT(refusal(std::string("a: \0b\n", 6)), ContainsSubstring("0x00"));
    CHECK_THAT(refusal("a: \xc0\x80\n"), ContainsSubstring("0xC0"));           // overlong
    CHECK_THAT(refusal("a: \xed\xa0\x80\n"), ContainsSubstring("0xED"));       // surrogate
    CHECK_THAT(refusal("a: \xf4\x90\x80\x80\n"), ContainsSubstring("0xF4"));   // beyond U+10FFFF
    CHECK_THAT(refusal("a: \xe2\x82"), ContainsSubstring("0xE2"));             // cut off
    CHECK(YamlFile::parse("a: \xe2\x82\xac\n", "good.yaml"));
}

TEST_CASE("100,000 nested brackets neither crash nor hang", "[yaml]") {
    CHECK_THAT(refusal("a: " + repeat("[", 100'000)), ContainsSubstring("nested more than 64 levels deep"));
    CHECK_THAT(refusal("a: " + repeat("{b: ", 100'000)),
               ContainsSubstring("nested more than 64 levels deep"));
    CHECK_THAT(refusal(repeat("- ", 100'000)), ContainsSubstring("nested more than 64 levels deep"));
    CHECK_THAT(refusal(repeat("? ", 100'000)), ContainsSubstring("nested more than 64 levels deep"));
    CHECK_THAT(refusal(repeat("[\n", 100'000)), ContainsSubstring("nested more than 64 levels deep"));
    std::string staircase;
    for (int i = 0; i < 200; ++i) staircase += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    CHECK_THAT(refusal(staircase), ContainsSubstring("bad.yaml:65: nested more than 64 levels deep"));
}

TEST_CASE("anchors that explode are stopped at the limit", "[yaml]") {
    std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i <= 20; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before +
                  repeat(", " + before, 9) + "]\n";
    }
    CHECK_THAT(refusal(laughs), ContainsSubstring("anchors are expanded"));
    const std::string long_text =
        "a: &a " + std::string(1 << 17, 'x') + "\nb: [*a" + repeat(", *a", 1000) + "]\n";
    CHECK_THAT(refusal(long_text), ContainsSubstring("too much text"));
    CHECK_THAT(refusal("a: &a [*a]\n"), ContainsSubstring("refers to a value that contains it"));
    std::string deep = "a0: &a0 [x]\n";
    for (int i = 1; i <= 100; ++i) {
        deep += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
    }
    CHECK_THAT(refusal(deep), ContainsSubstring("nested more than 64 levels deep"));
}

TEST_CASE("files of the largest size and the worst content are answered in seconds", "[yaml]") {
    const int most = 4 << 20;
    for (const char* unit : {"[", "{", "[],", "{a, ", "{a: [", "\"", "&a ", "*", "a b ", "- ", "\n", "a: |\n",
                             "[\n", "\"\"\n", "[],\n"}) {
        INFO(unit);
        CHECK_FALSE(refusal(repeat(unit, most / static_cast<int>(std::string(unit).size()))).empty());
    }
    CHECK_THAT(refusal("a: " + std::string(1 << 20, 'x') + "\n"),
               ContainsSubstring("bad.yaml:1: a line of more than 262144 bytes"));
}

TEST_CASE("keys that are lists or maps are refused", "[yaml]") {
    CHECK_THAT(refusal("? [a, b]\n: 1\n"), ContainsSubstring("a key must be a plain word"));
    CHECK_THAT(refusal("{{a: 1}: 2}\n"), ContainsSubstring("a key must be a plain word"));
    CHECK_THAT(refusal(": 1\n"), ContainsSubstring("a key must be a plain word"));
    CHECK_THAT(refusal("<<: 5\n"), ContainsSubstring("'<<' merges"));
}

TEST_CASE("30,000 unknown keys are answered with the first few hundred", "[yaml]") {
    std::string text = "name: x\n";
    for (int i = 0; i < 30'000; ++i) text += std::string(100, 'k') + std::to_string(i) + ": 1\n";
    const auto file = YamlFile::parse(text, "bad.yaml");
    REQUIRE(file);
    (void)file->root()["name"];
    file->root().reject_unknown_keys();
    REQUIRE(file->problems().size() == 201);
    CHECK(file->problems()[0].where == "bad.yaml:2");
    CHECK_THAT(file->problems()[200].what, ContainsSubstring("there may be more"));
}

TEST_CASE("a file beyond the limit is refused without reading it", "[yaml]") {
    const Scratch scratch;
    const std::string path = scratch.file("large.yaml", "a");
    std::filesystem::resize_file(path, 100u << 20);   // sparse: costs no disk
    const auto start = std::chrono::steady_clock::now();
    const auto file = YamlFile::load(path);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    REQUIRE_FALSE(file);
    CHECK_THAT(file.error()[0].what, ContainsSubstring("larger than 4 MiB"));
    CHECK(took.count() < 0.1);
}

TEST_CASE("what is no readable file says why", "[yaml]") {
    const auto missing = YamlFile::load("no/such/study.yaml");
    REQUIRE_FALSE(missing);
    CHECK(to_text(missing.error()[0]) == "no/such/study.yaml: no such file");
    const auto folder = YamlFile::load(std::filesystem::temp_directory_path().string());
    REQUIRE_FALSE(folder);
    CHECK_THAT(folder.error()[0].what, ContainsSubstring("is a folder"));
    if (std::filesystem::exists("/dev/zero")) {
        const auto endless = YamlFile::load("/dev/zero");
        REQUIRE_FALSE(endless);
        CHECK_THAT(endless.error()[0].what, ContainsSubstring("larger than"));
    }
}

TEST_CASE("a typical study is parsed in well under two milliseconds", "[yaml]") {
    std::string text = "name: speed\ncandidates:\n";
    for (int i = 0; i < 20; ++i) {
        text += "  - {name: c" + std::to_string(i) +
                ", model: org/model, precision: fp8, gpu: h100_sxm, layout: {tp: 2, ep: 4}}\n";
    }
    double best = 1;
    for (int i = 0; i < 20; ++i) {
        const auto start = std::chrono::steady_clock::now();
        REQUIRE(YamlFile::parse(text, "speed.yaml"));
        best =
            std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    CHECK(best < 0.02);   // ten times the aim: sanitizers and loaded machines run this too
}
