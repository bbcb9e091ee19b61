#include <string>
#include <vector>

#include "core/yaml/reader.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

// The tree as it reads back: numbers stay numbers, text stays text.
Document read_back(const YamlNode& node) {
    if (node.is_map()) {
        Document::Map map;
        for (const auto& [key, value] : node.entries()) map.emplace_back(key, read_back(value));
        return map;
    }
    if (node.is_list()) {
        Document::List list;
        for (const auto& item : node.items()) list.push_back(read_back(item));
        return list;
    }
    if (node.is_null()) return {};
    const std::string found = node.found();
    if (found.starts_with("the number")) return *node.number();
    if (found == "true" || found == "false") return *node.boolean();
    return *node.raw();
}

// Texts that mean something else when they are not quoted.
const std::vector<const char*> kAwkward = {
    "plain", "5", "1e3", "true", "null", "~", "", " lead", "trail ", "a: b", "a #b", "#c", "- d", "[e",
    "{f", "'g'", "\"h\"", "i\\j", "k\nl", "m\tn", "@o", "%p", "*q", "&r", "!s", "50 ms", "4/s", "10 %",
    "a.tpot@batch=1", "https://example.org/a?b=c", "x:", "?", "-", "yes", "€ λ", "a, b", "\x01"};

}  // namespace

TEST_CASE("a document written as YAML reads back the same", "[yaml][emitter]") {
    Document::Map awkward;
    int n = 0;
    for (const char* text : kAwkward) {
        awkward.emplace_back("key" + std::to_string(n++), text);
    }
    awkward.emplace_back("odd: key", Document::List{1.5, 2.5, "three"});
    const Document document = Document::Map{
        {"name", "x"},
        {"numbers", Document::List{1.0, 0.1, 1e-300, 123456789.0}},
        {"awkward", awkward},
        {"none", Document{}},
        {"empty list", Document::List{}},
        {"list of maps", Document::List{awkward, Document::Map{{"a", true}}, Document::List{1.0}}}};
    const std::string text = to_yaml(document);
    INFO(text);
    const auto file = YamlFile::parse(text, "written.yaml");
    REQUIRE(file);
    CHECK(read_back(file->root()) == document);
    CHECK(file->problems().empty());
}

TEST_CASE("short maps and lists stay on one line", "[yaml][emitter]") {
    const Document document =
        Document::Map{{"layout", Document::Map{{"tp", 2}, {"ep", 4}}}, {"batch", Document::List{1, 2, 4}}};
    CHECK(to_yaml(document) == "layout: {tp: 2, ep: 4}\nbatch: [1, 2, 4]\n");
}

TEST_CASE("awkward texts survive on one line too, as keys and as values", "[yaml][emitter]") {
    for (const std::string text : kAwkward) {
        const Document document = Document::Map{{"map", Document::Map{{text, "x"}, {"k", text}, {"a" + text, 1}}},
                                                {"list", Document::List{text, "b" + text}}};
        const std::string written = to_yaml(document);
        INFO(written);
        const auto file = YamlFile::parse(written, "written.yaml");
        REQUIRE(file);
        CHECK(file->root()["map"].keys() == std::vector<std::string>{text, "k", "a" + text});
        CHECK(file->root()["map"]["k"].raw().value_or("") == text);
        CHECK(file->root()["list"].at(0).raw().value_or("") == text);
        CHECK(file->root()["list"].at(1).raw().value_or("") == "b" + text);
    }
}
