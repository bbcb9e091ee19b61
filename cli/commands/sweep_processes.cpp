#include "cli/commands/sweep_processes.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>

namespace moeplan::cli {
namespace {

struct Header {
    std::uint64_t point = 0, length = 0;
};

bool read_all(int file, void* into, std::size_t size) {
    auto* at = static_cast<char*>(into);
    while (size > 0) {
        const ssize_t n = ::read(file, at, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += n;
        size -= static_cast<std::size_t>(n);
    }
    return true;
}

bool write_all(int file, const void* from, std::size_t size) {
    const auto* at = static_cast<const char*>(from);
    while (size > 0) {
        const ssize_t n = ::write(file, at, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += n;
        size -= static_cast<std::size_t>(n);
    }
    return true;
}

// Everything but the standard streams and these two: other workers would not see this process end, and locks would
// outlive it.
void keep_only(unsigned a, unsigned b) {
    const auto [low, high] = std::minmax(a, b);
    if (low > 3) (void)::close_range(3, low - 1, 0);
    if (high > low + 1) (void)::close_range(low + 1, high - 1, 0);
    (void)::close_range(high + 1, ~0u, 0);
}

// The worker: never returns to what its parent was doing.
[[noreturn]] void be_worker(int in, int out, pid_t parent, const ComputePoint& compute) {
    (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    ::signal(SIGINT, SIG_IGN);   // Ctrl-C reaches the whole group; the parent says what happens
    ::signal(SIGTERM, SIG_DFL);
    keep_only(static_cast<unsigned>(in), static_cast<unsigned>(out));
    // There are as many workers as cores already.
    const tbb::global_control one_thread(tbb::global_control::max_allowed_parallelism, 1);
    std::uint64_t point = 0;
    while (read_all(in, &point, sizeof point)) {
        const std::string answer = compute(point);
        const Header header{point, answer.size()};
        if (!write_all(out, &header, sizeof header) || !write_all(out, answer.data(), answer.size())) break;
    }
    ::_exit(0);
}

struct Worker {
    pid_t process = -1;
    int to = -1, from = -1;
    std::string received;
    std::size_t given = 0;   // points since it was started
};

class ProcessTeam final : public Team {
public:
    ProcessTeam(std::size_t count, const ComputePoint& compute) : compute_(compute), workers_(count) {
        for (std::size_t i = 0; i < count; ++i) start(i);
    }
    ~ProcessTeam() override {
        for (Worker& worker : workers_) {
            if (worker.process > 0) (void)::kill(worker.process, SIGKILL);
            (void)end(worker);
        }
    }
    ProcessTeam(const ProcessTeam&) = delete;
    ProcessTeam& operator=(const ProcessTeam&) = delete;

    std::size_t size() const override { return workers_.size(); }
    bool alive() const override {
        return std::ranges::any_of(workers_, [](const Worker& w) { return w.process > 0; });
    }
    void give(std::size_t i, std::uint64_t point) override {
        ++workers_[i].given;
        (void)write_all(workers_[i].to, &point, sizeof point);   // one that is gone is noticed in wait()
    }
    std::vector<TeamEvent> wait(std::chrono::milliseconds at_most) override;

private:
    void start(std::size_t i);
    std::string end(Worker& worker);
    void receive(std::size_t i, std::vector<TeamEvent>& events);
    void take_answers(std::size_t i, std::vector<TeamEvent>& events);

    ComputePoint compute_;
    std::vector<Worker> workers_;
    std::vector<TeamEvent> started_;
};

void ProcessTeam::start(std::size_t i) {
    std::array<int, 2> to{}, from{};
    if (::pipe2(to.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "a pipe to a worker");
    if (::pipe2(from.data(), O_CLOEXEC) != 0) {
        const int error = errno;
        ::close(to[0]);
        ::close(to[1]);
        throw std::system_error(error, std::generic_category(), "a pipe from a worker");
    }
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) be_worker(to[0], from[1], parent, compute_);
    const int error = errno;
    ::close(to[0]);
    ::close(from[1]);
    if (child < 0) {
        ::close(to[1]);
        ::close(from[0]);
        throw std::system_error(error, std::generic_category(), "a worker process");
    }
    workers_[i] = {child, to[1], from[0], {}, 0};
    started_.push_back({TeamEvent::Kind::ready, i, 0, {}});
}

// Closes what belonged to it and says how it ended.
std::string ProcessTeam::end(Worker& worker) {
    if (worker.process <= 0) return {};
    ::close(worker.to);
    ::close(worker.from);
    int status = 0;
    while (::waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {}
    worker = {};
    if (WIFSIGNALED(status)) return fmt::format("by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    return fmt::format("with exit code {}", WEXITSTATUS(status));
}

void ProcessTeam::take_answers(std::size_t i, std::vector<TeamEvent>& events) {
    std::string& text = workers_[i].received;
    Header header;
    while (text.size() >= sizeof header) {
        std::memcpy(&header, text.data(), sizeof header);
        if (text.size() - sizeof header < header.length) return;
        events.push_back({TeamEvent::Kind::answer, i, header.point,
                          text.substr(sizeof header, static_cast<std::size_t>(header.length))});
        text.erase(0, sizeof header + static_cast<std::size_t>(header.length));
    }
}

void ProcessTeam::receive(std::size_t i, std::vector<TeamEvent>& events) {
    std::array<char, 65536> buffer;
    Worker& worker = workers_[i];
    const ssize_t n = ::read(worker.from, buffer.data(), buffer.size());
    if (n > 0) {
        worker.received.append(buffer.data(), static_cast<std::size_t>(n));
        take_answers(i, events);
        return;
    }
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
    const bool had_work = worker.given > 0;
    events.push_back({TeamEvent::Kind::lost, i, 0, end(worker)});
    if (had_work) start(i);
}

std::vector<TeamEvent> ProcessTeam::wait(std::chrono::milliseconds at_most) {
    std::vector<TeamEvent> events = std::exchange(started_, {});
    if (!events.empty()) return events;
    std::vector<pollfd> files;
    for (const Worker& worker : workers_) files.push_back({worker.from, POLLIN, 0});   // -1 is passed over
    if (::poll(files.data(), files.size(), static_cast<int>(at_most.count())) <= 0) return events;
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (files[i].revents != 0) receive(i, events);
    }
    return events;
}

}  // namespace

std::unique_ptr<Team> start_processes(std::size_t count, const ComputePoint& compute) {
    return std::make_unique<ProcessTeam>(count, compute);
}

}  // namespace moeplan::cli
