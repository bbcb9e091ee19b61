#include "core/base/line_reader.h"

#include <sstream>
#include <vector>

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

std::vector<std::string> lines_of(const std::string& text, std::size_t longest = 1 << 20) {
    std::istringstream stream(text);
    LineReader reader(stream, longest);
    std::vector<std::string> lines;
    std::string_view line;
    while (reader.next(line)) lines.push_back(reader.too_long() ? "<long>" : std::string(line));
    return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("lines end with either newline and the last needs none") {
    CHECK(lines_of("a\r\nb\n\nc") == Lines{"a", "b", "", "c"});
    CHECK(lines_of("a\n") == Lines{"a"});
    CHECK(lines_of("").empty());
}

TEST_CASE("a byte order mark is not part of the first line") {
    CHECK(lines_of("\xEF\xBB\xBFx,y\n1") == Lines{"x,y", "1"});
}

TEST_CASE("a line over the bound is flagged and the next one is read") {
    CHECK(lines_of("ok\n" + std::string(50, 'x') + "\nnext", 10) == Lines{"ok", "<long>", "next"});
    CHECK(lines_of(std::string(50, 'x'), 10) == Lines{"<long>"});
}

TEST_CASE("lines that span the read buffer are whole") {
    const std::string big(700000, 'q');
    const Lines lines = lines_of("a\n" + big + "\nb\n");
    REQUIRE(lines.size() == 3);
    CHECK(lines[1] == big);
    CHECK(lines[2] == "b");
    CHECK(lines_of("a\n" + big + "\nb\n", 300000) == Lines{"a", "<long>", "b"});
}

TEST_CASE("line numbers count from one") {
    std::istringstream stream("a\nb\n");
    LineReader reader(stream);
    std::string_view line;
    reader.next(line);
    reader.next(line);
    CHECK(line == "b");
    CHECK(reader.number() == 2);
}
