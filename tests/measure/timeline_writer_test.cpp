#include "sim/measure/timeline_writer.h"

#include <map>
#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/measure/small_engine.h"
#include "tests/support/catch.h"

using namespace moeplan;
using nlohmann::json;

namespace {

json timeline(std::uint64_t seed, int n, TimelineSpec spec) {
    auto engine = SmallEngine::random(seed, n);
    std::ostringstream out;
    TimelineWriter writer(out, spec);
    engine.run({&writer});
    writer.finish();
    return json::parse(out.str());
}

std::map<std::string, int> phases(const json& all) {
    std::map<std::string, int> n;
    for (const json& event : all.at("traceEvents")) ++n[event.at("ph").get<std::string>()];
    return n;
}

}  // namespace

TEST_CASE("steps are slices on their replica's track that do not overlap", "[measure]") {
    const json all = timeline(1, 200, {});
    double end = -1;
    int slices = 0, decode_steps = 0;
    for (const json& event : all.at("traceEvents")) {
        if (event.at("ph") != "X") continue;
        CHECK(event.at("tid") == 0);
        CHECK(event.at("ts").get<double>() >= end - 1e-6);
        end = event.at("ts").get<double>() + event.at("dur").get<double>();
        ++slices;
        if (event.at("args").contains("steps")) decode_steps += event.at("args").at("steps").get<int>();
    }
    CHECK(slices > 200);
    CHECK(decode_steps > slices);   // runs of steps are one slice
    CHECK(phases(all)["C"] > 100);
    CHECK(phases(all)["M"] == 2);
    CHECK(all.at("otherData").at("left out") == 0);
}

TEST_CASE("spans of requests open and close as often", "[measure]") {
    const json all = timeline(1, 100, {1'000'000, true});
    std::map<std::string, int> open;
    int spans = 0;
    for (const json& event : all.at("traceEvents")) {
        const auto phase = event.at("ph").get<std::string>();
        if (phase != "b" && phase != "e") continue;
        auto& depth = open[event.at("name").get<std::string>() + event.at("id").dump()];
        depth += phase == "b" ? 1 : -1;
        CHECK(depth >= 0);
        spans += phase == "b";
    }
    for (const auto& [name, depth] : open) CHECK(depth == 0);
    CHECK(spans > 100);
}

TEST_CASE("a timeline that grows too long is cut off, says so and is still JSON", "[measure]") {
    for (const std::uint64_t most : {0U, 1U, 50U, 333U}) {
        const json all = timeline(2, 300, {most, true});
        const auto n = phases(all);
        std::uint64_t events = 0, notes = 0;
        for (const json& event : all.at("traceEvents")) {
            if (event.at("ph") == "M") continue;
            const auto name = event.at("name").get<std::string>();
            if (name.find("cut off") != std::string::npos) ++notes;
            else ++events;
        }
        CHECK(events <= most);
        CHECK(events + 6 > most);
        CHECK(notes == 1);
        CHECK(all.at("otherData").at("left out").get<int>() > 0);
    }
}

TEST_CASE("what happens to a replica is an instant, or a span where it lasts", "[measure]") {
    std::ostringstream out;
    {
        TimelineWriter writer(out);
        writer.happened(Happening::preempted, 1, 17, 1'000'000, 1'000'000);
        writer.happened(Happening::rebalanced, 0, std::nullopt, 5'000'000, 9'500'001);
        writer.happened(Happening::lost, 0, std::nullopt, 12'000'000, kNever);
    }   // closed by its end, without finish()
    const json all = json::parse(out.str());
    std::map<std::string, std::vector<json>> by_name;
    for (const json& event : all.at("traceEvents")) by_name[event.at("name").get<std::string>()].push_back(event);
    REQUIRE(by_name["preempted"].size() == 1);
    CHECK(by_name["preempted"][0].at("ph") == "i");
    CHECK(by_name["preempted"][0].at("ts") == 1.0);
    CHECK(by_name["preempted"][0].at("tid") == 1);
    CHECK(by_name["preempted"][0].at("args").at("request") == 17);
    REQUIRE(by_name["rebalanced"].size() == 2);
    CHECK(by_name["rebalanced"][1].at("ts") == 9.500001);
    CHECK(by_name["lost"].size() == 1);
}

TEST_CASE("nothing is written after the end", "[measure]") {
    std::ostringstream out;
    TimelineWriter writer(out);
    writer.finish();
    const std::string closed = out.str();
    writer.stepped({0, 0, 10, 1, 1, 1, 0});
    writer.finish();
    CHECK(out.str() == closed);
    CHECK(json::accept(closed));
    CHECK_FALSE(writer.truncated());
}
