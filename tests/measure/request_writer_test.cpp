#include "sim/measure/request_writer.h"

#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/measure/small_engine.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

constexpr Ticks kMs = 1'000'000'000;

RequestRecord completed() {
    RequestRecord r;
    r.id = 7, r.arrival = 1500 * kMs, r.started = 1510 * kMs, r.first_token = 1625 * kMs + 250'000'000, r.finished = 1725 * kMs, r.input = 512,
    r.output = 5;
    r.cached_tokens = 64, r.priority = 1, r.session = 9, r.replica = 3, r.preemptions = 2, r.restarts = 1;
    return r;
}
RequestRecord rejected() {
    RequestRecord r;
    r.id = 8, r.arrival = r.finished = 2000 * kMs, r.input = 10, r.output = 4, r.ending = Ending::rejected;
    return r;
}
RequestRecord unfinished() {
    RequestRecord r;
    r.id = 9, r.arrival = r.started = 3 * kMs, r.first_token = 5 * kMs, r.input = 10, r.output = 4, r.replica = 0,
    r.ending = Ending::unfinished;
    return r;
}

std::string written(RequestFormat format) {
    std::ostringstream out;
    RequestWriter writer(out, format);
    for (const auto& r : {completed(), rejected(), unfinished()}) writer.ended(r);
    CHECK(writer.problems().empty());
    return out.str();
}

}  // namespace

TEST_CASE("requests are rows of CSV as they end", "[measure]") {
    CHECK(written(RequestFormat::csv) ==
          "id,arrival_s,wait_ms,ttft_ms,tpot_ms,e2e_ms,input,output,cached_tokens,priority,session,replica,preemptions,"
          "restarts,outcome\n"
          "7,1.500000000,10.000000,125.250000,24.937500,225.000000,512,5,64,1,9,3,2,1,completed\n"
          "8,2.000000000,,,,0.000000,10,4,0,0,0,-1,0,0,rejected\n"
          "9,0.003000000,0.000000,2.000000,,,10,4,0,0,0,0,0,0,unfinished\n");
}

TEST_CASE("requests are lines of JSON with the same figures", "[measure]") {
    std::istringstream lines(written(RequestFormat::jsonl));
    std::vector<nlohmann::json> all;
    for (std::string line; std::getline(lines, line);) all.push_back(nlohmann::json::parse(line));
    REQUIRE(all.size() == 3);
    CHECK(all[0].size() == 15);
    CHECK(all[0]["id"] == 7);
    CHECK(all[0]["arrival_s"] == 1.5);
    CHECK(all[0]["wait_ms"] == 10.0);
    CHECK(all[0]["ttft_ms"] == 125.25);
    CHECK(all[0]["tpot_ms"] == 24.9375);
    CHECK(all[0]["outcome"] == "completed");
    CHECK(all[1]["wait_ms"].is_null());
    CHECK(all[1]["ttft_ms"].is_null());
    CHECK(all[1]["replica"] == -1);
    CHECK(all[2]["e2e_ms"].is_null());
    CHECK(all[2]["ttft_ms"] == 2.0);
}

TEST_CASE("every request has its row, in the order of their ends", "[measure]") {
    auto engine = SmallEngine::random(3, 300);
    std::ostringstream out;
    RequestWriter writer(out, RequestFormat::csv);
    engine.run({&writer});
    std::istringstream lines(out.str());
    std::string line;
    std::size_t rows = 0;
    std::getline(lines, line);
    for (; std::getline(lines, line); ++rows) CHECK(std::ranges::count(line, ',') == 14);
    CHECK(rows == 300);
}

TEST_CASE("a stream that fails is a problem", "[measure]") {
    std::ostringstream out;
    RequestWriter writer(out, RequestFormat::csv);
    out.setstate(std::ios::badbit);
    writer.ended(completed());
    REQUIRE(writer.problems().size() == 1);
    CHECK_THAT(to_text(writer.problems()[0]), ContainsSubstring("could not all be written"));
}
