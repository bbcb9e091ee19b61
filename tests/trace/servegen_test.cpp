#include "sim/trace/servegen.h"

#include <sstream>

#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

const std::string kWindows = "0,0,0,,0,0\n600,0.5,2.0,Gamma,0.25,8\n1200,0.25,0.9,Weibull,1.12,4.1\n1800,0.1,,,0,0\n";
const std::string kLengths =
    R"({"0": {"input_tokens": "{10: 0.25, 20: 0.75}", "output_tokens": "{5: 1.0}", "reason_ratio": "{0.5: 1}"},
        "1200": {"input_tokens": "{7: 2, 9: 2}", "output_tokens": "{1: 1e-3, 2: 3e-3}"}})";

std::vector<ServeGenWindow> windows_of(const std::string& text) {
    std::istringstream stream(text);
    const auto windows = parse_servegen_windows(stream, "w.csv");
    if (!windows) FAIL(to_text(windows.error().front()));
    return *windows;
}

Problem window_problem(const std::string& text) {
    std::istringstream stream(text);
    const auto windows = parse_servegen_windows(stream, "w.csv");
    REQUIRE_FALSE(windows);
    return windows.error().front();
}

Problem length_problem(const std::string& text) {
    std::istringstream stream(text);
    const auto lengths = parse_servegen_lengths(stream, "l.json");
    REQUIRE_FALSE(lengths);
    return lengths.error().front();
}

}  // namespace

TEST_CASE("windows last until the next one, the last as long as the one before") {
    const auto windows = windows_of(kWindows);
    REQUIRE(windows.size() == 4);
    CHECK(windows[0].rate == 0);
    CHECK(windows[1].start_s == 600);
    CHECK(windows[1].end_s == 1200);
    CHECK(windows[1].gaps == ServeGenGaps::gamma);
    CHECK(windows[1].shape == 0.25);
    CHECK(windows[2].gaps == ServeGenGaps::weibull);
    CHECK(windows[3].gaps == ServeGenGaps::exponential);
    CHECK(windows[3].end_s == 2400);
    CHECK(windows_of("0,1,1,,0,0\n")[0].end_s == 600);
}

TEST_CASE("lengths become running shares, by window, whatever their sum was") {
    std::istringstream stream(kLengths);
    const auto lengths = parse_servegen_lengths(stream, "l.json");
    REQUIRE(lengths);
    REQUIRE(lengths->size() == 2);
    CHECK((*lengths)[0].start_s == 0);
    REQUIRE((*lengths)[0].input.size() == 2);
    CHECK((*lengths)[0].input[0].tokens == 10);
    CHECK((*lengths)[0].input[0].up_to == Approx(0.25));
    CHECK((*lengths)[0].input[1].up_to == 1);
    CHECK((*lengths)[1].input[0].up_to == Approx(0.5));
    CHECK((*lengths)[1].output[0].up_to == Approx(0.25));
}

TEST_CASE("windows and lengths that hold nothing are passed over") {
    std::istringstream stream(R"({"0": {"input_tokens": "{}", "output_tokens": "{}"},
        "600": {"input_tokens": "{0: 0.5, 3: 0.5}", "output_tokens": "{4: 1}"}})");
    const auto lengths = parse_servegen_lengths(stream, "l.json");
    REQUIRE(lengths);
    REQUIRE(lengths->size() == 1);
    CHECK((*lengths)[0].start_s == 600);
    REQUIRE((*lengths)[0].input.size() == 1);
    CHECK((*lengths)[0].input[0].tokens == 3);
}

TEST_CASE("a malformed window is told with its line") {
    const Problem cells = window_problem("0,0,0,,0,0\n600,1,1,Gamma,1\n");
    CHECK(cells.where == "w.csv:2");
    CHECK_THAT(cells.what, ContainsSubstring("six cells"));
    CHECK_THAT(window_problem("0,fast,1,Gamma,1,1\n").what, ContainsSubstring("rate 'fast'"));
    CHECK_THAT(window_problem("0,-1,1,Gamma,1,1\n").what, ContainsSubstring("rate '-1'"));
    CHECK_THAT(window_problem("0,1,abc,Gamma,1,1\n").what, ContainsSubstring("CV 'abc'"));
    CHECK_THAT(window_problem("0,1,1,Pareto,1,1\n").what, ContainsSubstring("Pareto") && ContainsSubstring("Weibull"));
    CHECK_THAT(window_problem("0,1,1,Gamma,0,1\n").what, ContainsSubstring("shape '0'"));
    CHECK_THAT(window_problem("600,1,1,Gamma,1,1\n600,1,1,Gamma,1,1\n").what, ContainsSubstring("rising"));
    CHECK_THAT(window_problem("").what, ContainsSubstring("empty"));
}

TEST_CASE("malformed lengths are told with their window") {
    const std::string before = R"({"0": {"output_tokens": "{1: 1}", "input_tokens": )";
    CHECK_THAT(length_problem(before + R"("{1: x}"}})").what,
               ContainsSubstring("window '0'") && ContainsSubstring("1: x"));
    CHECK_THAT(length_problem(before + R"("{1}"}})").what, ContainsSubstring("probability"));
    CHECK_THAT(length_problem(before + R"("1: 1"}})").what, ContainsSubstring("input_tokens"));
    CHECK_THAT(length_problem(before + R"(5}})").what, ContainsSubstring("no text 'input_tokens'"));
    CHECK_THAT(length_problem(before + R"("{-1: 1}"}})").what, ContainsSubstring("-1"));
    CHECK_THAT(length_problem(R"({"noon": {}})").what, ContainsSubstring("noon"));
    CHECK_THAT(length_problem("{").what, ContainsSubstring("not valid JSON"));
    CHECK_THAT(length_problem("[]").what, ContainsSubstring("not a JSON object"));
}

TEST_CASE("a folder's clients are read by number, and a missing partner is told") {
    Scratch scratch;
    for (const char* n : {"10", "2"}) {
        scratch.file(std::string("chunk-") + n + "-trace.csv", kWindows);
        scratch.file(std::string("chunk-") + n + "-dataset.json", kLengths);
    }
    scratch.file("README.md", "not of them");
    const auto clients = read_servegen(scratch.path().string());
    REQUIRE(clients);
    REQUIRE(clients->size() == 2);
    CHECK((*clients)[0].number == 2);
    CHECK((*clients)[1].number == 10);

    scratch.file("chunk-3-trace.csv", kWindows);
    const auto lone = read_servegen(scratch.path().string());
    REQUIRE_FALSE(lone);
    CHECK_THAT(lone.error()[0].what, ContainsSubstring("chunk-3-trace.csv without chunk-3-dataset.json"));
    scratch.file("chunk-3-dataset.json", R"({"0": {"input_tokens": "{}", "output_tokens": "{}"}})");
    const auto silent = read_servegen(scratch.path().string());
    REQUIRE_FALSE(silent);
    CHECK_THAT(silent.error()[0].what, ContainsSubstring("no window with lengths"));
}

TEST_CASE("a folder that is not ServeGen's is refused") {
    Scratch scratch;
    CHECK_THAT(read_servegen(scratch.path().string()).error()[0].what, ContainsSubstring("no chunk-N-trace.csv"));
    CHECK_THAT(read_servegen(scratch.path("none")).error()[0].what, ContainsSubstring("cannot be read"));
}
