#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "tests/arrivals/statistics.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

std::vector<double> inputs_of(LengthModel& model, int n, std::vector<double>* outputs = nullptr) {
    std::vector<double> inputs;
    RequestLengths drawn;
    for (int i = 0; i < n; ++i) {
        model.draw(drawn);
        inputs.push_back(static_cast<double>(drawn.input));
        if (outputs) outputs->push_back(static_cast<double>(drawn.output));
    }
    return inputs;
}

Arrival dressed(Traits& traits, std::int64_t input) {
    Arrival arrival;
    arrival.input = input;
    traits.apply(arrival);
    return arrival;
}

}  // namespace

TEST_CASE("fixed lengths are rounded to whole tokens, at least one") {
    RequestLengths drawn;
    make_lengths(FixedLengths{921.6, 0.2})->draw(drawn);
    CHECK(drawn.input == 922);
    CHECK(drawn.output == 1);
}

TEST_CASE("uniform lengths reach both ends and every length alike") {
    const auto model = make_lengths(UniformLengths{3, 6, 10, 10}, 1);
    std::vector<double> outputs;
    std::map<double, double> counts;
    for (const double v : inputs_of(*model, 40'000, &outputs)) counts[v] += 1;
    REQUIRE(counts.size() == 4);
    CHECK(counts.begin()->first == 3);
    CHECK(counts.rbegin()->first == 6);
    for (const auto& [length, count] : counts) CHECK(std::abs(count - 10'000) < 4 * std::sqrt(40'000 * 0.25 * 0.75));
    CHECK(*std::min_element(outputs.begin(), outputs.end()) == 10);
}

TEST_CASE("lognormal lengths have the mean and spread that were asked for") {
    const auto model = make_lengths(LogNormalLengths{1024, 0.8, 256, 1.5}, 3);
    std::vector<double> outputs;
    const Moments input = moments_of(inputs_of(*model, 300'000, &outputs));
    const Moments output = moments_of(outputs);
    CHECK(std::abs(input.mean - 1024) < 4 * input.standard_error());
    CHECK(input.cv == Approx(0.8).epsilon(0.02));
    CHECK(std::abs(output.mean - 256) < 4 * output.standard_error());
    CHECK(output.cv == Approx(1.5).epsilon(0.04));
    const auto narrow = make_lengths(LogNormalLengths{1.2, 0, 1, 0}, 3);
    RequestLengths drawn;
    narrow->draw(drawn);
    CHECK(drawn.input == 1);
}

TEST_CASE("a trace's lengths come in order, over and over, its prefix ids new in every round") {
    Scratch scratch;
    const auto model = make_trace_lengths(
        scratch.file("t.jsonl",
                     "{\"timestamp\": 0, \"input_length\": 600, \"output_length\": 6, \"hash_ids\": [1, 2]}\n"
                     "{\"timestamp\": 9, \"input_length\": 700, \"output_length\": 7, \"hash_ids\": [1, 3]}\n"),
        0);
    REQUIRE(model);
    CHECK((*model)->block_tokens() == 512);
    RequestLengths drawn;
    std::vector<std::int64_t> inputs;
    std::vector<std::vector<std::uint64_t>> ids;
    for (int i = 0; i < 5; ++i) {
        (*model)->draw(drawn);
        inputs.push_back(drawn.input);
        ids.push_back(drawn.prefix);
    }
    CHECK(inputs == std::vector<std::int64_t>{600, 700, 600, 700, 600});
    CHECK(ids[0] == std::vector<std::uint64_t>{1, 2});
    CHECK(ids[1] == std::vector<std::uint64_t>{1, 3});
    CHECK(ids[2][0] == ids[3][0]);   // shared within a round
    CHECK(ids[2][0] != ids[0][0]);
    CHECK(ids[4][0] != ids[2][0]);
    CHECK((*model)->problems().empty());
    CHECK_FALSE(make_trace_lengths(scratch.path("none"), 0));
}

TEST_CASE("a trace that turns out unreadable stops giving new lengths and says why") {
    Scratch scratch;
    const std::string file = scratch.file("t.csv", "isl,osl\n5,6\n");
    const auto model = make_trace_lengths(file, 0);
    REQUIRE(model);
    RequestLengths drawn;
    (*model)->draw(drawn);
    std::filesystem::remove(file);
    (*model)->draw(drawn);
    CHECK(drawn.input == 5);
    REQUIRE((*model)->problems().size() == 1);
    CHECK_THAT((*model)->problems()[0].what, ContainsSubstring("cannot be opened"));
}

TEST_CASE("shared prefixes give each group its ids, one for every whole block") {
    TraitSpec spec;
    spec.prefixes = SharedPrefixes{3, 70};   // 4 blocks of 16 and 6 tokens
    Traits traits(spec, 5);
    CHECK(traits.declares_prefix());
    std::map<std::vector<std::uint64_t>, int> groups;
    std::set<std::uint64_t> ids;
    for (int i = 0; i < 3000; ++i) {
        const Arrival a = dressed(traits, 200);
        REQUIRE(a.prefix.size() == 4);
        ++groups[a.prefix];
        ids.insert(a.prefix.begin(), a.prefix.end());
    }
    REQUIRE(groups.size() == 3);
    CHECK(ids.size() == 12);
    for (const auto& [prefix, count] : groups) CHECK(std::abs(count - 1000) < 4 * std::sqrt(3000 * 2.0 / 9.0));
    CHECK(dressed(traits, 40).prefix.size() == 2);   // a shorter prompt is all prefix
}

TEST_CASE("a shared part of every prompt is one text that longer prompts go on reading") {
    TraitSpec spec;
    spec.prefix_shared = 0.5;
    Traits traits(spec, 5);
    const Arrival brief = dressed(traits, 100), lengthy = dressed(traits, 1000);
    REQUIRE(brief.prefix.size() == 3);     // 50 tokens
    REQUIRE(lengthy.prefix.size() == 31);  // 500
    CHECK(std::equal(brief.prefix.begin(), brief.prefix.end(), lengthy.prefix.begin()));
    Traits none({}, 5);
    CHECK_FALSE(none.declares_prefix());
    CHECK(dressed(none, 1000).prefix.empty());
}

TEST_CASE("priorities are dealt in their shares, the rest has zero") {
    TraitSpec spec;
    spec.priorities = {{0.2, -1}, {0.3, 5}};
    Traits traits(spec, 8);
    std::map<std::int32_t, double> counts;
    constexpr double n = 50'000;
    for (int i = 0; i < n; ++i) counts[dressed(traits, 1).priority] += 1;
    REQUIRE(counts.size() == 3);
    for (const auto& [priority, share] : std::map<std::int32_t, double>{{-1, 0.2}, {5, 0.3}, {0, 0.5}}) {
        CHECK(std::abs(counts[priority] - n * share) < 4 * std::sqrt(n * share * (1 - share)));
    }
}
