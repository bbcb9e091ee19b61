#include "gpu/cpu/stopwatch.h"

#include <atomic>
#include <chrono>
#include <thread>

#include <sched.h>
#include <unistd.h>

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

TEST_CASE("waiting for a processor that another thread has is a disturbance") {
    if (::access("/proc/self/schedstat", R_OK) != 0) return;   // the system does not tell
    cpu_set_t all, one;
    REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
    std::size_t first = 0;
    while (first < CPU_SETSIZE - 1 && !CPU_ISSET(first, &all)) ++first;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);   // the thread below inherits it
    std::atomic<bool> stop{false};
    std::thread other([&] {
        while (!stop) {}
    });
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
    const Timed timed = time_once([&] {
        while (std::chrono::steady_clock::now() < until) {}
    });
    stop = true;
    other.join();
    REQUIRE(sched_setaffinity(0, sizeof all, &all) == 0);
    REQUIRE(timed.disturbed);
}
