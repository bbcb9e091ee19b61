#pragma once
// Programs that are ended before they are done, and what can be seen of them meanwhile.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/cli/moeplan.h"

namespace moeplan::test {

// A program that runs while the test goes on. It is ended with the test.
class Background {
public:
    explicit Background(const Started& start) {
        process_ = fork();
        if (process_ != 0) return;
        const int nothing = open("/dev/null", O_RDWR);
        detail::become(start, nothing, nothing, nothing);
    }
    ~Background() {
        if (process_ > 0) kill_with(SIGKILL);
    }
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    pid_t process() const { return process_; }
    int kill_with(int signal) {
        ::kill(process_, signal);
        return wait();
    }
    // Exit code; 128 + signal when one ended it.
    int wait() {
        int status = 0;
        waitpid(std::exchange(process_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    pid_t process_ = -1;
};

// Within a minute, or the test fails.
inline void wait_until(const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!holds()) {
        REQUIRE(std::chrono::steady_clock::now() < until);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

// Rows that a sweep has written into DIR/out so far.
inline std::size_t rows_in_part(const Scratch& at, const std::string& out) {
    const std::string text = text_of(at.path(out + "/part-1of1.csv"));
    return text.empty() ? 0 : lines_in(text) - 1;
}

// Through /proc: the children of a process.
inline std::vector<pid_t> children_of(pid_t process) {
    std::istringstream words(text_of("/proc/" + std::to_string(process) + "/task/" + std::to_string(process) + "/children"));
    std::vector<pid_t> children;
    for (pid_t child = 0; words >> child;) children.push_back(child);
    return children;
}

}  // namespace moeplan::test
