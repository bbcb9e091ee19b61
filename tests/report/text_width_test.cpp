#include "core/report/text_width.h"

#include "core/report/markup.h"
#include "core/report/table_grid.h"
#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("width counts columns, not bytes", "[report]") {
    CHECK(display_width("abc") == 3);
    CHECK(display_width("2 × h100") == 8);
    CHECK(display_width("▓▓▓│") == 4);
    CHECK(display_width("模型") == 4);
    CHECK(display_width("e\u0301") == 1);
    CHECK(display_width("\x1b[32mgreen\x1b[0m") == 5);
    CHECK(display_width("\xff\xfe") == 2);   // not UTF-8: a column a byte
    CHECK(display_width("\xe6\xa8") == 2);   // a character cut off
    CHECK(display_width("") == 0);
}

TEST_CASE("cutting never splits a character and never exceeds the width", "[report]") {
    const std::string text = "模型 mixture × of ünïcode";
    for (int width = 0; width <= 30; ++width) {
        const auto cut = shortened(text, width);
        CHECK(display_width(cut) <= width);
        CHECK((cut.empty() || cut == text || width <= 1 || cut.ends_with("…")));
        CHECK(escape_markup(cut).find('?') == std::string::npos);   // it would mark broken UTF-8
        CHECK(display_width(shortened(text, width, false)) <= width);
    }
}

TEST_CASE("wrapping keeps every word and every line within the width", "[report]") {
    const std::string text = "short averyveryverylongwordthatdoesnotfit and  more\nwords";
    const auto lines = wrapped(text, 10);
    std::string joined;
    for (const auto& line : lines) {
        CHECK(display_width(line) <= 10);
        joined += line;
    }
    std::erase(joined, ' ');
    CHECK(joined == "shortaveryveryverylongwordthatdoesnotfitandmorewords");
    CHECK(wrapped("", 10) == std::vector<std::string>{""});
    // Words that must be cut are cut at their joints.
    CHECK(wrapped("attention_decode", 10) == std::vector<std::string>{"attention_", "decode"});
    CHECK(wrapped("meta-llama/Meta-Llama-3.1-70B", 28) == std::vector<std::string>{"meta-llama/Meta-Llama-3.1-", "70B"});
    CHECK(wrapped("a_verylongwordwithoutjoints", 10) == std::vector<std::string>{"a_verylong", "wordwithou", "tjoints"});
}

TEST_CASE("all lines of a grid are equally wide, colours or not", "[report]") {
    for (const bool colour : {false, true}) {
        const Pen pen(TableStyle{colour, 60, true});
        Grid grid({{8}, {10, Align::right}, {6}});
        grid.add({{{"a label that wraps", Ink::bold}}, {{"12.3 ms", Ink::good}, {" ×", Ink::dim}}, {{"模型"}}});
        grid.add({{{"b"}}});
        const auto lines = grid.lines(pen);
        REQUIRE(lines.size() >= 3);
        for (const auto& line : lines) CHECK(display_width(line) == grid.width());
    }
}

TEST_CASE("bars are as long as their share and as wide as asked", "[report]") {
    const Pen unicode(TableStyle{false, 80, true}), plain(TableStyle{false, 80, false});
    CHECK(unicode.bar(0.5, 10) == "█████     ");
    CHECK(unicode.bar(0.5625, 2) == "█▏");
    CHECK(plain.bar(0.5, 10) == "#####     ");
    for (const double share : {-1.0, 0.0, 0.01, 0.333, 1.0, 7.0}) {
        CHECK(display_width(unicode.bar(share, 12)) == 12);
        CHECK(display_width(plain.bar(share, 12)) == 12);
    }
}

TEST_CASE("escape codes in a name do not reach the terminal", "[report]") {
    CHECK(without_controls("a\x1b[2Jb\n\x7f") == "a?[2Jb??");
    CHECK(without_controls("a\xc2\x9b" "2J") == "a?2J");
    CHECK(without_controls("ünï×") == "ünï×");
}
