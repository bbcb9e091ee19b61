#include "gpu/calibrator/worker_process.h"

#include <poll.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "gpu/calibrator/start_process.h"

namespace moeplan {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kWordsKept = 10, kWordsLength = 500;

// Waits in slices: a process that ends without closing its pipes (because a child holds them) is noticed so.
int slice_until(WorkerProcess::Clock::time_point deadline) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - WorkerProcess::Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000));
}

void close_fd(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
}

// write() without SIGPIPE, whatever the program does with that signal: blocked for this thread, taken back if raised.
ssize_t write_quietly(int fd, const char* data, std::size_t size) {
    sigset_t pipe_only, before, pending;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    const bool was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    const ssize_t written = ::write(fd, data, size);
    const int error = errno;
    if (written < 0 && error == EPIPE && !was_pending) {
        const timespec now{};
        while (sigtimedwait(&pipe_only, nullptr, &now) < 0 && errno == EINTR) {}
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return written;
}

}  // namespace

WorkerProcess::~WorkerProcess() { kill(); }

Result<void> WorkerProcess::start(const std::string& command) {
    kill();
    buffer_.clear();
    scanned_ = 0;
    said_.clear();
    saying_ = false;
    ending_.clear();
    const auto started = start_process(command);
    if (!started) return tl::unexpected(started.error());
    pid_ = started->pid;
    in_ = started->in;
    out_ = started->out;
    err_ = started->err;
    return {};
}

// Waits for stdout (or room on stdin), taking stderr on the way.
WorkerProcess::Ready WorkerProcess::wait_io(bool wants_write, Clock::time_point deadline) {
    std::array<pollfd, 3> open{{{out_, POLLIN, 0}, {err_, POLLIN, 0}, {wants_write ? in_ : -1, POLLOUT, 0}}};
    if (::poll(open.data(), open.size(), slice_until(deadline)) <= 0) return {};
    if (open[1].revents != 0) drain_stderr();
    return {open[2].revents != 0, open[0].revents != 0};
}

void WorkerProcess::drain_stderr() {
    std::array<char, 4096> chunk;
    for (int round = 0; round < 16 && err_ >= 0; ++round) {   // one that never stops talking does not hold us up
        const ssize_t got = ::read(err_, chunk.data(), chunk.size());
        if (got > 0) take_stderr({chunk.data(), static_cast<std::size_t>(got)});
        else if (got == 0 || (errno != EAGAIN && errno != EINTR)) close_fd(err_);
        else return;
    }
}

void WorkerProcess::take_stderr(std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = text.find_first_of("\r\n");
        if (end != 0) {
            if (!saying_) said_.emplace_back();
            saying_ = true;
            std::string& line = said_.back();
            line += text.substr(0, std::min(end, kWordsLength - std::min(kWordsLength, line.size())));
        }
        if (end == std::string_view::npos) break;
        saying_ = false;
        text.remove_prefix(end + 1);
        while (said_.size() > kWordsKept) said_.pop_front();
    }
}

// One read; false when stdout is closed.
bool WorkerProcess::take_stdout() {
    std::array<char, 65536> chunk;
    const ssize_t got = ::read(out_, chunk.data(), chunk.size());
    if (got > 0) buffer_.append(chunk.data(), static_cast<std::size_t>(got));
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

std::optional<WorkerProcess::Read> WorkerProcess::buffered_line(std::string& line) {
    const std::size_t end = buffer_.find('\n', scanned_);
    if (end == std::string::npos) {
        scanned_ = buffer_.size();
        if (scanned_ > kLongestLine) return Read::too_long;
        return std::nullopt;
    }
    line.assign(buffer_, 0, end);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    buffer_.erase(0, end + 1);
    scanned_ = 0;
    return Read::line;
}

WorkerProcess::Read WorkerProcess::read_line(std::string& line, Clock::time_point deadline) {
    line.clear();
    for (;;) {
        if (const auto found = buffered_line(line)) return *found;
        if (out_ < 0) {
            line = std::exchange(buffer_, {});
            scanned_ = 0;
            return Read::closed;
        }
        if (wait_io(false, deadline).out && !take_stdout()) close_fd(out_);
        else if (buffer_.size() == scanned_ && Clock::now() >= deadline) return Read::waiting;
    }
}

bool WorkerProcess::write_line(std::string_view line, Clock::time_point deadline) {
    const std::string text = std::string(line) + "\n";
    std::size_t sent = 0;
    while (in_ >= 0) {
        const ssize_t written = write_quietly(in_, text.data() + sent, text.size() - sent);
        if (written > 0) sent += static_cast<std::size_t>(written);
        if (sent == text.size()) return true;
        if (written < 0 && errno != EAGAIN && errno != EINTR) return false;
        if (Clock::now() >= deadline || buffer_.size() > kLongestLine) return false;
        // It may be unable to read because nobody reads what it writes.
        if (wait_io(true, deadline).out && !take_stdout()) close_fd(out_);
    }
    return false;
}

void WorkerProcess::signal_group(int signal) const {
    if (pid_ > 0) ::kill(-pid_, signal);
}

// Whether it has ended. Its group is killed before its number is given back, so that no other process can have it.
bool WorkerProcess::reap() {
    if (pid_ <= 0) return true;
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
        if (errno != ECHILD) return false;
        ending_ = "an unknown end";   // somebody else in this program waits for every child
        pid_ = -1;
        return true;
    }
    if (info.si_pid == 0) return false;
    if (err_ >= 0) drain_stderr();
    signal_group(SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
    ending_ = WIFSIGNALED(status) ? fmt::format("signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)))
                                  : fmt::format("exit code {}", WEXITSTATUS(status));
    pid_ = -1;
    return true;
}

bool WorkerProcess::wait_for_end(Clock::time_point deadline) {
    auto pause = milliseconds(1);
    while (!reap()) {
        if (Clock::now() >= deadline) return false;
        // Keeps both pipes flowing: it may be stuck on writing its last words.
        if (err_ >= 0) drain_stderr();
        if (out_ >= 0 && buffer_.size() <= kLongestLine && !take_stdout()) close_fd(out_);
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, milliseconds(20));
    }
    return true;
}

void WorkerProcess::close_all() {
    close_fd(in_);
    close_fd(out_);
    close_fd(err_);
}

void WorkerProcess::finish(milliseconds grace) {
    close_fd(in_);
    wait_for_end(Clock::now() + grace);
    kill(milliseconds(1000));
}

void WorkerProcess::kill(milliseconds grace) {
    if (!reap()) {
        signal_group(SIGTERM);
        ::kill(-pid_, SIGCONT);   // one that was stopped cannot end
        if (!wait_for_end(Clock::now() + grace)) {
            signal_group(SIGKILL);
            if (!wait_for_end(Clock::now() + std::chrono::seconds(10))) {  // stuck inside the system, as in a driver
                ending_ = "no end even after SIGKILL";
                pid_ = -1;
            }
        }
    }
    close_all();
}

std::string WorkerProcess::last_words() const {
    std::string text;
    for (const auto& line : said_) text += (text.empty() ? "" : " | ") + line;
    return text;
}

}  // namespace moeplan
