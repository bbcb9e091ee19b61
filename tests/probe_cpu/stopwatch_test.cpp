#include "gpu/cpu/stopwatch.h"

#include <chrono>
#include <thread>

#include "tests/support/catch.h"

using namespace moeplan::cpu;

TEST_CASE("a run is timed without its preparation") {
    int prepared = 0, ran = 0;
    const auto timed = time_quietly(
        [&] {
            ++prepared;
            std::this_thread::sleep_for(std::chrono::milliseconds(30));
        },
        [&] { ++ran; });
    REQUIRE(prepared == ran);
    REQUIRE(ran >= 1);
    REQUIRE(ran <= 4);
    REQUIRE(timed.seconds >= 0);
    REQUIRE(timed.seconds < 0.03);
}

TEST_CASE("a long run is taken as it comes") {
    int ran = 0;
    const auto timed = time_quietly([] {},
                                        [&] {
                                            ++ran;
                                            std::this_thread::sleep_for(std::chrono::milliseconds(80));
                                        });
    REQUIRE(ran == 1);
    REQUIRE(timed.seconds >= 0.08);
}

TEST_CASE("giving up the processor of one's own accord is no disturbance") {
    // Another program may well want it in one of the tries, hardly in every one.
    bool quiet = false;
    for (int i = 0; i < 50 && !quiet; ++i) {
        quiet = !time_once([] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }).disturbed;
    }
    REQUIRE(quiet);
}
