#include <sstream>
#include <stdexcept>
#include <streambuf>

#include "sim/trace/trace.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

struct Pulled {
    std::vector<double> arrivals;
    std::vector<std::int64_t> inputs;
    TraceReport report;
    Problems problems;
};

Pulled pull(const std::string& text, const TraceOptions& options) {
    std::istringstream stream(text);
    auto trace = TraceStream::over(stream, "t", options);
    REQUIRE(trace);
    Pulled pulled;
    while (const auto request = trace->next()) {
        pulled.arrivals.push_back(request->arrival_s);
        pulled.inputs.push_back(request->input_tokens);
    }
    CHECK_FALSE(trace->next());
    pulled.report = trace->report();
    pulled.problems = trace->problems();
    return pulled;
}

// One character for ever after some text, as /dev/zero is.
class Endless final : public std::streambuf {
public:
    explicit Endless(std::string text) : text_(std::move(text)), same_(1 << 16, 'x') { setg(text_.data(), text_.data(), text_.data() + text_.size()); }
    std::size_t given = 0;

protected:
    int_type underflow() override {
        given += same_.size();
        if (given > std::size_t{1} << 30) throw std::runtime_error("read for ever");
        setg(same_.data(), same_.data(), same_.data() + same_.size());
        return traits_type::to_int_type(same_.front());
    }

private:
    std::string text_, same_;
};

std::string head() { return "arrival_s,input_tokens,output_tokens\n"; }

}  // namespace

TEST_CASE("requests are pulled as they stand, or in order within the window") {
    const std::string text = head() + "0,1,1\n4,2,1\n2,3,1\n2,4,1\n9,5,1\n8,6,1\n";
    const Pulled as_is = pull(text, {});
    CHECK(as_is.arrivals == std::vector<double>{0, 4, 2, 2, 9, 8});
    CHECK(as_is.report.out_of_order == 2);
    for (const std::size_t window : {2u, 3u, 100u}) {
        const Pulled sorted = pull(text, {.reorder = window});
        CHECK(sorted.arrivals == std::vector<double>{0, 2, 2, 4, 8, 9});
        CHECK(sorted.inputs == std::vector<std::int64_t>{1, 3, 4, 2, 6, 5});   // equal times as in the file
        CHECK(sorted.report.late == 0);
        CHECK(sorted.report.out_of_order == 2);
    }
}

TEST_CASE("a row too late for the window is kept, moved to the time reached, and told with its line") {
    // A window of 1 has given out 0 and 4 when the row of 1 s is read.
    const Pulled pulled = pull(head() + "0,1,1\n4,2,1\n6,3,1\n1,4,1\n7,5,1\n", {.reorder = 1});
    CHECK(pulled.inputs == std::vector<std::int64_t>{1, 2, 4, 3, 5});
    CHECK(pulled.arrivals == std::vector<double>{0, 4, 4, 6, 7});
    CHECK(pulled.report.late == 1);
    REQUIRE(pulled.report.first_late.size() == 1);
    CHECK(pulled.report.first_late[0].where == "t:5");
    CHECK_THAT(pulled.report.first_late[0].what, ContainsSubstring("arrives 3 s before"));
}

TEST_CASE("what is refused at the end is told after the last request") {
    std::string text = head();
    for (int i = 0; i < 97; ++i) text += std::to_string(i) + ",1,1\n";
    text += "x,1,1\ny,1,1\nz,1,1\n";
    const Pulled refused = pull(text, {});
    CHECK(refused.arrivals.size() == 97);
    REQUIRE(refused.problems.size() == 4);
    CHECK(refused.problems[0].where == "t:99");
    CHECK_THAT(refused.problems.back().what, ContainsSubstring("3 of 100 rows") && ContainsSubstring("at most 1 %"));
    CHECK(pull(text, {.most_bad = 0.03}).problems.empty());
    const Pulled strict = pull(text, {.most_bad = 0});
    CHECK_THAT(strict.problems.back().what, ContainsSubstring("at most 0 %"));
    const Pulled none = pull(head() + "1,1,0\n", {});
    REQUIRE(none.problems.size() == 1);
    CHECK_THAT(none.problems[0].what, ContainsSubstring("none of the 1 rows"));
}

TEST_CASE("a stream moved elsewhere goes on where it was") {
    std::istringstream stream(head() + "0,1,1\n1,2,1\n");
    auto first = TraceStream::over(stream, "t");
    REQUIRE(first);
    REQUIRE(first->next()->input_tokens == 1);
    TraceStream second = std::move(*first);
    CHECK(second.next()->input_tokens == 2);
    CHECK_FALSE(second.next());
    CHECK(second.report().requests == 2);
}

TEST_CASE("a text without an end of line is refused after a bound, wherever the line begins") {
    const auto refusal = [](const std::string& begin) {
        Endless endless(begin);
        std::istream stream(&endless);
        const auto report = parse_trace(stream, "t", [](const TraceRequest&) { return true; });
        REQUIRE_FALSE(report);
        return to_text(report.error().front());
    };
    CHECK_THAT(refusal(""), ContainsSubstring("t:1: a line longer than 256 MiB; a request trace is expected"));
    std::string rows = head();
    for (int i = 0; i < 1000; ++i) rows += "1,1,1\n";   // beside so many one bad row would be tolerated
    CHECK_THAT(refusal(rows), ContainsSubstring("t:1002: a line longer than 256 MiB: what follows it is not read"));
    CHECK_THAT(refusal("{\"timestamp\": 1, \"input_length\": 1, \"output_length\": 1}\n"), ContainsSubstring("t:2: a line longer than 256 MiB"));
}
