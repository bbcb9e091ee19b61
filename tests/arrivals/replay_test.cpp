#include "sim/arrivals/recorded_sources.h"
#include "sim/arrivals/source.h"
#include "tests/arrivals/statistics.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"
#include "tests/trace/packed.h"

using namespace moeplan;

namespace {

// Gaps of 2 s after a first request at 100 s.
const std::string kFive = "arrival_s,input_tokens,output_tokens\n100,1,10\n102,2,10\n104,3,10\n106,4,10\n108,5,10\n";

TraceArrivals part(double from, std::optional<Seconds> to = {}) {
    TraceArrivals times;
    times.from = {from};
    times.to = to;
    return times;
}

TraceArrivals faster(double speed) {
    TraceArrivals times;
    times.speed = speed;
    return times;
}

TraceArrivals times_over(std::int64_t repeat, TraceArrivals times = {}) {
    times.repeat = repeat;
    return times;
}

std::vector<std::pair<double, std::int64_t>> replayed(const std::string& file, const TraceArrivals& times) {
    const auto source = make_replay({file, times, {}, kMostBadRows}, Traits({}, 1));
    if (!source) FAIL(to_text(source.error().front()));
    std::vector<std::pair<double, std::int64_t>> requests;
    for (const Arrival& a : all_of(**source)) requests.emplace_back(to_seconds(a.at), a.input);
    CHECK((*source)->problems().empty());
    return requests;
}

using Requests = std::vector<std::pair<double, std::int64_t>>;

}  // namespace

TEST_CASE("a trace is replayed from its first request, faster or slower") {
    Scratch scratch;
    const std::string file = scratch.file("t.csv", kFive);
    CHECK(replayed(file, {}) == Requests{{0, 1}, {2, 2}, {4, 3}, {6, 4}, {8, 5}});
    CHECK(replayed(file, faster(4)) == Requests{{0, 1}, {0.5, 2}, {1, 3}, {1.5, 4}, {2, 5}});
    CHECK(replayed(scratch.file("t.gz", gzipped(kFive)), faster(0.5)).back() == std::pair(16.0, std::int64_t{5}));
}

TEST_CASE("a slice begins at its start and ends before its end") {
    Scratch scratch;
    const std::string file = scratch.file("t.csv", kFive);
    CHECK(replayed(file, part(2, Seconds{6})) == Requests{{0, 2}, {2, 3}});
    CHECK(replayed(file, part(3, Seconds{100})) == Requests{{1, 3}, {3, 4}, {5, 5}});
}

TEST_CASE("a repetition begins where the slice ends, or a mean gap after the last request") {
    Scratch scratch;
    const std::string file = scratch.file("t.csv", kFive);
    CHECK(replayed(file, {.speed = 2, .from = {2}, .to = Seconds{5}, .repeat = 3}) ==
          Requests{{0, 2}, {1, 3}, {1.5, 2}, {2.5, 3}, {3, 2}, {4, 3}});
    // 8 s and a mean gap of 2: the second time starts at 10 s.
    const auto twice = replayed(file, times_over(2));
    REQUIRE(twice.size() == 10);
    CHECK(twice[5] == std::pair(10.0, std::int64_t{1}));
    CHECK(twice[9] == std::pair(18.0, std::int64_t{5}));
}

TEST_CASE("rows out of order are put right, and prefix ids are new in every repetition") {
    Scratch scratch;
    CHECK(replayed(scratch.file("t.csv", "ts,isl,osl\n5,1,1\n3,2,1\n9,3,1\n"), {}) == Requests{{0, 2}, {2, 1}, {6, 3}});
    const std::string file =
        scratch.file("m.jsonl",
                     "{\"timestamp\": 0, \"input_length\": 600, \"output_length\": 6, \"hash_ids\": [1, 2]}\n"
                     "{\"timestamp\": 1000, \"input_length\": 700, \"output_length\": 7, \"hash_ids\": [1, 3]}\n");
    const auto source = make_replay({file, times_over(2), {}, kMostBadRows}, Traits({}, 1));
    REQUIRE(source);
    CHECK((*source)->prefix_block_tokens() == 512);
    const auto all = all_of(**source);
    REQUIRE(all.size() == 4);
    CHECK(all[0].prefix == std::vector<std::uint64_t>{1, 2});
    CHECK(all[2].prefix[0] != 1);
    CHECK(all[2].prefix[0] == all[3].prefix[0]);
    CHECK(all[3].session == 3);
    CHECK((*source)->prefix_block_tokens() == 512);
}

TEST_CASE("rows that were skipped or moved are counted, with the first of each") {
    Scratch scratch;
    std::string rows = "ts,isl,osl\n";
    for (int i = 0; i < 400; ++i) rows += std::to_string(i) + ",1,1\n";
    rows += "x,1,1\n400,1,0\n";
    const auto source = make_replay({scratch.file("t.csv", rows), times_over(2), {}, kMostBadRows}, Traits({}, 1));
    REQUIRE(source);
    CHECK(all_of(**source).size() == 800);
    const auto remarks = remarks_of(**source);
    REQUIRE(remarks.size() == 2);
    CHECK_THAT(remarks[0], ContainsSubstring("1 of 402 rows are malformed") && ContainsSubstring("t.csv:402"));
    CHECK_THAT(remarks[1], ContainsSubstring("1 of 402 rows have no input or no output"));
    const auto through =
        limited(std::move(*make_replay({scratch.file("u.csv", rows), {}, {}, kMostBadRows}, Traits({}, 1))), {});
    CHECK(all_of(*through).size() == 400);
    CHECK(remarks_of(*through).size() == 2);
}

TEST_CASE("a candidate's own lengths keep the trace's times") {
    Scratch scratch;
    const auto source =
        make_replay({scratch.file("t.csv", kFive), {}, FixedLengths{64, 7}, kMostBadRows}, Traits({}, 1));
    REQUIRE(source);
    const auto all = all_of(**source);
    CHECK(all[4].at == 8 * kTicksPerSecond);
    CHECK(all[4].input == 64);
    CHECK(all[4].output == 7);
}

TEST_CASE("a trace that cannot be replayed is refused, at once or when it shows") {
    Scratch scratch;
    const auto untimed = make_replay({scratch.file("u.csv", "isl,osl\n1,2\n"), {}, {}, kMostBadRows}, Traits({}, 1));
    REQUIRE_FALSE(untimed);
    CHECK_THAT(untimed.error()[0].what, ContainsSubstring("no arrival times"));
    const auto empty = make_replay({scratch.file("t.csv", kFive), part(50), {}, kMostBadRows}, Traits({}, 1));
    REQUIRE(empty);
    CHECK(all_of(**empty).empty());
    CHECK_THAT((*empty)->problems()[0].what, ContainsSubstring("from 50 s") && ContainsSubstring("lasts 8 s"));

    const std::string packed = gzipped(kFive);
    const auto cut = make_replay(
        {scratch.file("t.gz", packed.substr(0, packed.size() - 3)), times_over(2), {}, kMostBadRows}, Traits({}, 1));
    REQUIRE(cut);
    CHECK(all_of(**cut).size() == 5);
    CHECK_THAT((*cut)->problems()[0].what, ContainsSubstring("cut short"));

    const auto too_long =
        make_replay({scratch.file("l.csv", "ts,isl,osl\n0,1,1\n9000001,1,1\n"), {}, {}, kMostBadRows}, Traits({}, 1));
    REQUIRE(too_long);
    CHECK(all_of(**too_long).size() == 1);
    CHECK_THAT((*too_long)->problems()[0].what, ContainsSubstring("104 days"));
}

TEST_CASE("a slice that goes on after the recording says so, with both times") {
    Scratch scratch;
    const std::string file = scratch.file("t.csv", kFive);
    const auto remarks = [&](const TraceArrivals& times) {
        const auto source = make_replay({file, times, {}, kMostBadRows}, Traits({}, 1));
        REQUIRE(source);
        all_of(**source);
        std::string all;
        for (const std::string& r : remarks_of(**source)) all += r + "\n";
        return all;
    };
    CHECK_THAT(remarks(part(2, Seconds{3600})), ContainsSubstring("ends at 3600 s, the recording with a request at 8 s: nothing comes in between\n"));
    CHECK_THAT(remarks(times_over(2, part(2, Seconds{3600}))), ContainsSubstring("in any repetition"));
    CHECK(remarks(part(2, Seconds{10})).empty());   // a mean gap after the last
    CHECK(remarks(part(2, Seconds{6})).empty());
    CHECK(remarks(part(2)).empty());
}
