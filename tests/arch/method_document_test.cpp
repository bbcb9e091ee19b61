// docs/method.md explains what metrics and headers refer to, and formulas name where they come from.

#include <set>

#include "tests/arch/source_tree.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

std::set<std::string> headings() {
    std::set<std::string> all;
    static const std::regex heading(R"((^|\n)#+ ([^\n]+))");
    const std::string text = read_text(source_root() / "docs/method.md");
    for (std::sregex_iterator it(text.begin(), text.end(), heading), end; it != end; ++it) all.insert(lower((*it)[2]));
    return all;
}

}  // namespace

TEST_CASE("every method a metric names is a heading of docs/method.md") {
    const auto all = headings();
    REQUIRE(all.size() > 20);
    const std::string catalog = read_text(source_root() / "core/report/metric_catalog.cpp");
    static const std::regex named(R"(\(method: ([a-z0-9 -]+)\))");
    std::size_t checked = 0;
    for (std::sregex_iterator it(catalog.begin(), catalog.end(), named), end; it != end; ++it) {
        ++checked;
        CAPTURE((*it)[1].str());
        CHECK(all.count((*it)[1]) == 1);
    }
    REQUIRE(checked > 20);
}

TEST_CASE("every section of docs/method.md the code names exists") {
    const auto all = headings();
    static const std::regex named(R"re(docs/method\.md,\s*(?://\s*)?"([^"\n]+)")re");
    std::size_t checked = 0;
    for (const SourceFile& file : source_files({"core", "sim"})) {
        for (std::sregex_iterator it(file.text.begin(), file.text.end(), named), end; it != end; ++it) {
            ++checked;
            CAPTURE(file.path, (*it)[1].str());
            CHECK(all.count(lower((*it)[1])) == 1);
        }
    }
    REQUIRE(checked >= 4);
}

TEST_CASE("headers with formulas say where they come from") {
    // What these hold are values and interfaces, not formulas.
    const std::set<std::string> plain{"core/ops/lower_parts.h", "core/cost/cost.h", "core/cost/arithmetic.h"};
    std::size_t headers = 0, sourced = 0;
    for (const SourceFile& file : source_files({"core/ops", "core/cost", "core/memory", "core/money"})) {
        if (!file.path.ends_with(".h")) continue;
        ++headers;
        const bool has = file.text.find("Source:") != std::string::npos || file.text.find("docs/method.md") != std::string::npos;
        sourced += has ? 1 : 0;
        CAPTURE(file.path);
        CHECK((has || plain.count(file.path) == 1));
    }
    REQUIRE(headers >= 8);
    REQUIRE(sourced + plain.size() >= headers);
}
