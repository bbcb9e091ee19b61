#pragma once
// The time of one run, and whether something else had the processor meanwhile.

#include <chrono>
#include <functional>

namespace moeplan::cpu {

struct Timed {
    double seconds = 0;
    bool disturbed = false;   // a thread of this program was put aside for another program's, or had to wait for it
};

// How long threads of this program were ready to run and did not, and how often they were put aside for others.
struct Disturbances {
    long switches = 0;
    double waited = 0;   // seconds, all threads together; 0 where the system does not tell
};
Disturbances disturbances();

// Times what is between two laps: restart(), then lap() after each piece.
class LapClock {
public:
    void restart();
    Timed lap();

private:
    std::chrono::steady_clock::time_point begin_;
    Disturbances before_;
};

Timed time_once(const std::function<void()>& run);

// A run that was not disturbed, if one of a few is; otherwise the shortest. A kernel's time is asked for, not the
// scheduler's. Runs of more than 50 ms are taken as they come: on a busy machine none of them is undisturbed.
// prepare() comes before each and is not timed.
Timed time_quietly(const std::function<void()>& prepare, const std::function<void()>& run);

}  // namespace moeplan::cpu
