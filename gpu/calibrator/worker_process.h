#pragma once
// A program that is talked to in lines, whatever it does: its stdin and stdout as pipes, its stderr kept for messages.
// It runs in a process group of its own, so that Ctrl-C in a terminal does not reach it and all it started ends with
// it. Nothing here waits longer than told, holds more than bounded memory, raises SIGPIPE, or leaves a zombie or an
// open file. A process belongs to the thread that started it: where the system can (Linux), it is killed when that
// thread ends.

#include <sys/types.h>

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace moeplan {

class WorkerProcess {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t kLongestLine = std::size_t{4} << 20;  // an answer is a few kilobytes

    WorkerProcess() = default;
    ~WorkerProcess();  // kill()
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    // Runs `command` through /bin/sh. A command that does not exist starts all the same and ends at once.
    // Errors: no pipe or process to be had. Ends the process that ran before.
    Result<void> start(const std::string& command);
    bool running() const { return pid_ > 0; }
    pid_t pid() const { return pid_; }

    enum class Read {
        line,  // `line` holds it, without its newline
        waiting,  // none until the deadline; ask again
        closed,  // stdout is closed; `line` holds what came without a newline
        too_long,  // more than kLongestLine without a newline
    };
    Read read_line(std::string& line, Clock::time_point deadline);

    // Adds the newline. False when the process no longer reads or does not take it until the deadline.
    bool write_line(std::string_view line, Clock::time_point deadline);

    // Closes its stdin and gives it `grace` to end by itself; then SIGTERM to the group, a second later SIGKILL.
    void finish(std::chrono::milliseconds grace);
    // SIGTERM to the group, `grace` later SIGKILL.
    void kill(std::chrono::milliseconds grace = std::chrono::milliseconds(500));

    // How it ended: "exit code 3", "signal 11 (Segmentation fault)"; empty while it runs or before start().
    const std::string& ending() const { return ending_; }
    // Waits until the deadline for it to end by itself, and tells whether it did; what it left behind is killed then.
    bool wait_for_end(Clock::time_point deadline);

    // The last lines it wrote to stderr, oldest first, joined by " | "; at most ten lines of 500 bytes.
    std::string last_words() const;

private:
    struct Ready {
        bool in = false, out = false;
    };
    Ready wait_io(bool wants_write, Clock::time_point deadline);
    void drain_stderr();
    void take_stderr(std::string_view text);
    bool take_stdout();
    std::optional<Read> buffered_line(std::string& line);
    bool reap();
    void signal_group(int signal) const;
    void close_all();

    pid_t pid_ = -1;
    int in_ = -1, out_ = -1, err_ = -1;  // our ends
    std::string buffer_;  // of stdout, not handed out yet
    std::size_t scanned_ = 0;  // of it, known to hold no newline
    std::deque<std::string> said_;  // of stderr; the last one may be unfinished
    bool saying_ = false;  // the last one is unfinished
    std::string ending_;
};

}  // namespace moeplan
