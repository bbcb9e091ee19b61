#include "sim/trace/summary.h"

#include <cmath>
#include <cstdio>
#include <fstream>

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

std::string data(const std::string& name) {
    return std::string(MOEPLAN_SOURCE_DIR) + "/tests/data/trace/" + name;
}

}  // namespace

TEST_CASE("percentiles are the smallest length that enough requests do not exceed") {
    std::vector<TraceRequest> requests;
    for (int i = 1; i <= 100; ++i) requests.push_back({static_cast<double>(i), i, 101 - i, {}});
    const TraceSummary s = summarise(requests);
    CHECK(s.input.mean == Approx(50.5));
    CHECK(s.input.p50 == 50);
    CHECK(s.input.p90 == 90);
    CHECK(s.output.p99 == 99);
    CHECK(s.output.max == 100);
    // sum of i (101 - i) over 1..100 is 171700
    CHECK(s.mean_input_times_output == Approx(1717));
    CHECK(*s.duration_s == Approx(99));
    CHECK(*s.requests_per_s == Approx(1));
    CHECK(*s.interarrival_cv == Approx(0).margin(1e-12));
    CHECK_FALSE(s.prefix_reuse);
}

TEST_CASE("the gaps' spread over their mean tells bursts from a steady stream") {
    // Gaps 1, 3, 1, 3: mean 2, sample standard deviation sqrt(4/3).
    std::vector<TraceRequest> requests;
    for (const double t : {0.0, 1.0, 4.0, 5.0, 8.0}) requests.push_back({t, 1, 1, {}});
    CHECK(*summarise(requests).interarrival_cv == Approx(std::sqrt(4.0 / 3.0) / 2));
    std::swap(requests[1], requests[2]);
    CHECK_FALSE(summarise(requests).interarrival_cv);
    CHECK(*summarise(requests).duration_s == Approx(8));
}

TEST_CASE("without arrivals there is no rate") {
    const TraceSummary s = summarise({{0, 5, 6, {}}, {0, 7, 8, {}}}, false);
    CHECK_FALSE(s.duration_s);
    CHECK_FALSE(s.requests_per_s);
    CHECK(s.output.mean == 7);
    CHECK_FALSE(summarise({{0, 5, 6, {}}, {0, 7, 8, {}}}).requests_per_s);
    CHECK(summarise({}).requests == 0);
}

TEST_CASE("a block is reused only after reused blocks") {
    // Second request: 1 and 2 are known, 9 is new, and 3 after it cannot be reused.
    const TraceSummary s = summarise({{0, 1, 1, {1, 2, 3}}, {1, 1, 1, {1, 2, 9, 3}}});
    CHECK(*s.prefix_reuse == Approx(2.0 / 7.0));
}

TEST_CASE("a file's summary is its requests' summary") {
    const auto s = summarise_trace(data("mooncake_conversation.jsonl"));
    REQUIRE(s);
    const auto trace = load_trace(data("mooncake_conversation.jsonl"));
    REQUIRE(trace);
    CHECK(s->requests == trace->requests.size());
    const TraceSummary again = summarise(trace->requests);
    CHECK(s->input.mean == again.input.mean);
    CHECK(*s->prefix_reuse == *again.prefix_reuse);
    CHECK(*s->duration_s == Approx(trace->requests.back().arrival_s));
    CHECK_FALSE(summarise_trace("no/such"));
}

TEST_CASE("a loaded trace is in order of arrival, starts at zero and can be cut") {
    const std::string file = std::string(MOEPLAN_BINARY_DIR) + "/unordered_trace.csv";
    std::ofstream(file) << "time,isl,osl\n5,1,1\n9,2,1\n2,3,1\n5,4,1\n";
    const auto trace = load_trace(file);
    REQUIRE(trace);
    CHECK(trace->report.out_of_order == 1);
    CHECK(trace->requests ==
          std::vector<TraceRequest>{{0, 3, 1, {}}, {3, 1, 1, {}}, {3, 4, 1, {}}, {7, 2, 1, {}}});
    const auto cut = load_trace(file, 2);
    REQUIRE(cut);
    CHECK(cut->requests.size() == 2);
    CHECK(cut->report.requests == 2);
    CHECK(cut->report.stopped);
    std::remove(file.c_str());
}
