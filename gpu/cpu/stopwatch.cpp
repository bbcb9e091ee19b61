#include "gpu/cpu/stopwatch.h"

#include <algorithm>

#include <sys/resource.h>

namespace moeplan::cpu {
namespace {

constexpr int kTries = 4;
constexpr double kLong = 0.05;

// Switches to another program's thread that no thread of this one asked for.
long disturbances() {
    rusage usage{};
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_nivcsw : 0;
}

}  // namespace

void LapClock::restart() {
    disturbances_ = disturbances();
    begin_ = std::chrono::steady_clock::now();
}

Timed LapClock::lap() {
    const auto end = std::chrono::steady_clock::now();
    const long now = disturbances();
    const Timed timed{std::chrono::duration<double>(end - begin_).count(), now != disturbances_};
    disturbances_ = now;
    begin_ = std::chrono::steady_clock::now();
    return timed;
}

Timed time_once(const std::function<void()>& run) {
    LapClock clock;
    clock.restart();
    run();
    return clock.lap();
}

double time_quietly(const std::function<void()>& prepare, const std::function<void()>& run) {
    double shortest = 0;
    for (int i = 0; i < kTries; ++i) {
        prepare();
        const Timed timed = time_once(run);
        shortest = i == 0 ? timed.seconds : std::min(shortest, timed.seconds);
        if (!timed.disturbed) return timed.seconds;
        if (timed.seconds > kLong) break;
    }
    return shortest;
}

}  // namespace moeplan::cpu
