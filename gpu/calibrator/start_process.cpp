#include "gpu/calibrator/start_process.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

namespace moeplan {
namespace {

// Both ends of the three pipes; closes what is left of them.
class Pipes {
public:
    Pipes() { ends_.fill(-1); }
    ~Pipes() {
        for (const int fd : ends_) {
            if (fd >= 0) ::close(fd);
        }
    }
    Pipes(const Pipes&) = delete;
    Pipes& operator=(const Pipes&) = delete;

    bool open() {
        for (std::size_t i = 0; i < ends_.size(); i += 2) {
            std::array<int, 2> pair{};
            if (::pipe2(pair.data(), O_CLOEXEC) != 0) return false;
            ends_[i] = pair[0];
            ends_[i + 1] = pair[1];
        }
        return raise_all();
    }
    int end(std::size_t i) const { return ends_[i]; }
    int take(std::size_t i) {
        const int fd = ends_[i];
        ends_[i] = -1;
        return fd;
    }

private:
    // A program started without stdin or stdout gets their numbers for its pipes, and dup2 would close them.
    bool raise_all() {
        for (int& fd : ends_) {
            if (fd > STDERR_FILENO) continue;
            const int higher = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
            if (higher < 0) return false;
            ::close(fd);
            fd = higher;
        }
        return true;
    }
    std::array<int, 6> ends_{};   // read and write end of its stdin, stdout, stderr
};

// Between fork and exec only what is safe in a program with threads.
[[noreturn]] void become(const char* const* words, const Pipes& pipes, pid_t parent) {
    ::setpgid(0, 0);
#ifdef __linux__
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);   // it died before it could be watched
#else
    static_cast<void>(parent);
#endif
    struct sigaction usual{};
    usual.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &usual, nullptr);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::dup2(pipes.end(0), STDIN_FILENO);
    ::dup2(pipes.end(3), STDOUT_FILENO);
    ::dup2(pipes.end(5), STDERR_FILENO);
#ifdef SYS_close_range
    ::syscall(SYS_close_range, 3U, ~0U, 0U);
#endif
    ::execv("/bin/sh", const_cast<char* const*>(words));
    ::_exit(127);
}

// Whether a shell would do more with it than start one program: "cd /opt && ./probe", "(ulimit -v 9; probe)".
bool is_list(const std::string& command) {
    char quote = 0;
    for (std::size_t i = 0; i < command.size(); ++i) {
        const char c = command[i];
        if (c == '\\' && quote != '\'') ++i;   // the next one is only itself
        else if (quote) quote = c == quote ? 0 : quote;
        else if (c == '\'' || c == '"') quote = c;
        else if (std::strchr(";|()\n", c)) return true;
        else if (c == '&' && (i == 0 || command[i - 1] != '>')) return true;   // 2>&1 is of one program
    }
    return false;
}

// exec, so that the process started is the worker and not a shell around it. `exec NAME=value program` is no shell
// syntax, so leading assignments go through env.
std::string exec_line(const std::string& command) {
    if (is_list(command)) return command;
    const std::size_t first = command.find_first_not_of(" \t");
    const std::string word =
        first == std::string::npos ? "" : command.substr(first, command.find_first_of(" \t", first) - first);
    const bool assigns = word.find('=') != std::string::npos && word.find_first_of("/'\"$") > word.find('=');
    return (assigns ? "exec env " : "exec ") + command;
}

tl::unexpected<Problems> no_process(const std::string& command) {
    return fail(Problem{command, {}, std::string("the worker cannot be started: ") + std::strerror(errno), {}});
}

}  // namespace

Result<StartedProcess> start_process(const std::string& command) {
    Pipes pipes;
    if (!pipes.open()) return no_process(command);
    const std::string line = exec_line(command);
    const std::array<const char*, 4> words{"/bin/sh", "-c", line.c_str(), nullptr};
    const pid_t parent = ::getpid();
    // Until the child has its own, a signal meant for the worker would run this program's handler in it.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = ::fork();
    if (pid == 0) become(words.data(), pipes, parent);
    const int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    if (pid < 0) return no_process(command);
    ::setpgid(pid, pid);   // both do, so that neither has to wait for the other
    StartedProcess started{pid, pipes.take(1), pipes.take(2), pipes.take(4)};
    for (const int fd : {started.in, started.out, started.err}) ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    return started;
}

}  // namespace moeplan
