#pragma once
// A bar with rate and time left on stderr, for runs long enough that somebody waits for them.

#include <chrono>
#include <string>
#include <utility>

#include "cli/console.h"
#include "core/base/run_control.h"

namespace moeplan::cli {

class Progress {
public:
    // Shows nothing unless stderr is a terminal, and nothing during the first half second.
    explicit Progress(const Console& console);
    ~Progress();   // wipes the bar
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    RunControl& control() { return control_; }
    // What stands behind the bar from the next time it is drawn; cut where the terminal ends. Call it where the
    // control's progress is called.
    void say(std::string text) { beside_ = std::move(text); }

private:
    using Clock = std::chrono::steady_clock;
    void show(double share);

    RunControl control_;
    Clock::time_point start_ = Clock::now();
    Clock::time_point shown_ = start_;
    bool visible_ = false;
    bool unicode_ = true;
    int width_ = 100;
    std::string beside_;
};

// "██████░░░░  60 %  12 %/s  3.3 s left": what show() writes, for a share of 0..1 after `seconds`.
std::string progress_line(double share, double seconds, bool unicode);

}  // namespace moeplan::cli
