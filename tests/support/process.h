#pragma once
// Runs a program and keeps what it says: stdout, stderr, exit code, processor time.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace moeplan::test {

struct Finished {
    int code = -1;   // exit code; 128 + signal when one ended it
    std::string out, err;
    double cpu_seconds = 0;   // user and system
};

struct Started {
    std::vector<std::string> words;   // the program first
    std::string input;                // its stdin; an empty one is at its end at once
    std::vector<std::pair<std::string, std::string>> environment;   // added; an empty value removes
    std::string folder;                                             // where it runs; empty = here
    bool reader_leaves = false;                                     // nobody reads its stdout: writing fails
    bool closed_output = false;                                     // it has no stdout at all
    bool full_output = false;                                       // its stdout is a full disk
};

namespace detail {

[[noreturn]] inline void become(const Started& start, int in, int out, int err) {
    dup2(in, STDIN_FILENO);
    if (start.closed_output) close(STDOUT_FILENO);
    else dup2(start.full_output ? open("/dev/full", O_WRONLY) : out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    for (int fd = 3; fd < 64; ++fd) close(fd);
    if (!start.folder.empty() && chdir(start.folder.c_str()) != 0) _exit(126);
    for (const auto& [name, value] : start.environment) {
        if (value.empty()) unsetenv(name.c_str());
        else setenv(name.c_str(), value.c_str(), 1);
    }
    std::vector<char*> words;
    for (const auto& word : start.words) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    execv(words[0], words.data());
    _exit(127);
}

// Feeds and drains all three at once, so that neither side waits for the other.
inline void exchange(const Started& start, int in, int out, int err, Finished& finished) {
    std::size_t sent = 0;
    std::array<pollfd, 3> open{{{in, POLLOUT, 0}, {out, POLLIN, 0}, {err, POLLIN, 0}}};
    const auto finish = [](pollfd& p) {
        close(p.fd);
        p.fd = -1;
    };
    if (start.input.empty()) finish(open[0]);
    while (open[0].fd >= 0 || open[1].fd >= 0 || open[2].fd >= 0) {
        if (poll(open.data(), open.size(), 120'000) <= 0)
            throw std::runtime_error("the program says nothing for two minutes");
        if (open[0].revents) {
            const ssize_t n = write(open[0].fd, start.input.data() + sent, start.input.size() - sent);
            if (n > 0) sent += static_cast<std::size_t>(n);
            if (n < 0 || sent == start.input.size()) finish(open[0]);
        }
        for (const std::size_t i : {1u, 2u}) {
            if (!open[i].revents) continue;
            std::array<char, 65536> buffer;
            const ssize_t n = read(open[i].fd, buffer.data(), buffer.size());
            if (n > 0)
                (i == 1 ? finished.out : finished.err).append(buffer.data(), static_cast<std::size_t>(n));
            else finish(open[i]);
        }
    }
}

}  // namespace detail

inline Finished run_program(const Started& start) {
    signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> in{}, out{}, err{};
    if (pipe2(in.data(), O_CLOEXEC) || pipe2(out.data(), O_CLOEXEC) || pipe2(err.data(), O_CLOEXEC))
        throw std::runtime_error("no pipe");
    if (start.reader_leaves) close(out[0]);
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("no process");
    if (child == 0) {
        signal(SIGPIPE, SIG_DFL);
        detail::become(start, in[0], out[1], err[1]);
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    Finished finished;
    detail::exchange(start, in[1], start.reader_leaves ? -1 : out[0], err[0], finished);
    int status = 0;
    rusage used{};
    wait4(child, &status, 0, &used);
    finished.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    finished.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
    return finished;
}

}  // namespace moeplan::test
