// A worker may do anything; whoever talks to it waits as long as told, and leaves nothing behind.

#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "gpu/calibrator/worker_process.h"
#include "tests/calibrator/support.h"

using namespace moeplan;
using namespace moeplan::test;

namespace {

using Clock = WorkerProcess::Clock;

Clock::time_point in_ms(int ms) { return Clock::now() + std::chrono::milliseconds(ms); }

std::size_t open_files() {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator()));
}

bool has_children() { return !(::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD); }

bool alive(pid_t pid) { return ::kill(pid, 0) == 0; }

}  // namespace

TEST_CASE("a line goes to the worker and its answer comes back") {
    WorkerProcess process;
    REQUIRE(process.start("cat"));
    REQUIRE(process.write_line("hello", in_ms(5000)));
    std::string line;
    REQUIRE(process.read_line(line, in_ms(5000)) == WorkerProcess::Read::line);
    CHECK(line == "hello");
    CHECK(process.running());
}

TEST_CASE("several lines in one piece are handed out one by one") {
    WorkerProcess process;
    REQUIRE(process.start("printf 'a\\r\\n\\nb\\nrest'"));
    std::string line;
    REQUIRE(process.read_line(line, in_ms(5000)) == WorkerProcess::Read::line);
    CHECK(line == "a");
    REQUIRE(process.read_line(line, in_ms(5000)) == WorkerProcess::Read::line);
    CHECK(line.empty());
    REQUIRE(process.read_line(line, in_ms(5000)) == WorkerProcess::Read::line);
    CHECK(line == "b");
    REQUIRE(process.read_line(line, in_ms(5000)) == WorkerProcess::Read::closed);
    CHECK(line == "rest");
}

TEST_CASE("waiting for a silent worker ends at the deadline") {
    WorkerProcess process;
    REQUIRE(process.start("sleep 60"));
    std::string line;
    const auto start = Clock::now();
    CHECK(process.read_line(line, in_ms(150)) == WorkerProcess::Read::waiting);
    CHECK(Clock::now() - start >= std::chrono::milliseconds(150));
    CHECK(Clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("an endless line is bounded") {
    WorkerProcess process;
    REQUIRE(process.start("yes | tr -d '\\n'"));
    std::string line;
    CHECK(process.read_line(line, in_ms(60'000)) == WorkerProcess::Read::too_long);
}

TEST_CASE("a worker that writes without end and never reads cannot hold a writer up") {
    WorkerProcess process;
    REQUIRE(process.start("sh -c 'exec yes'"));
    const std::string large(1 << 20, 'x');
    const auto start = Clock::now();
    CHECK_FALSE(process.write_line(large, in_ms(500)));
    CHECK(Clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("writing to a worker that has gone is no signal and no success") {
    const auto before = std::signal(SIGPIPE, SIG_DFL);
    WorkerProcess process;
    REQUIRE(process.start("true"));
    std::string line;
    REQUIRE(process.read_line(line, in_ms(5000)) == WorkerProcess::Read::closed);
    REQUIRE(process.wait_for_end(in_ms(5000)));   // its stdin may close a moment after its stdout
    CHECK_FALSE(process.write_line("anyone there?", in_ms(1000)));
    CHECK_FALSE(process.write_line("anyone?", in_ms(1000)));
    std::signal(SIGPIPE, before);
}

TEST_CASE("how a worker ended is told with its last words") {
    WorkerProcess process;
    REQUIRE(process.start("sh -c 'echo no device found >&2; exit 3'"));
    REQUIRE(process.wait_for_end(in_ms(5000)));
    CHECK(process.ending() == "exit code 3");
    CHECK(process.last_words() == "no device found");
    REQUIRE(process.start("sh -c 'kill -9 $$'"));
    REQUIRE(process.wait_for_end(in_ms(5000)));
    CHECK(process.ending().find("signal 9") == 0);
    CHECK(process.last_words().empty());   // of this one, not of the one before
}

TEST_CASE("a command that does not exist ends at once and says so") {
    WorkerProcess process;
    REQUIRE(process.start("moeplan-probe-of-nobody --x"));
    REQUIRE(process.wait_for_end(in_ms(5000)));
    CHECK(process.ending() == "exit code 127");
    CHECK(process.last_words().find("not found") != std::string::npos);
}

TEST_CASE("of endless words on stderr only the last are kept") {
    WorkerProcess process;
    REQUIRE(process.start("sh -c 'i=0; while [ $i -lt 3000 ]; do echo line $i >&2; i=$((i+1)); done; echo done'"));
    std::string line;
    REQUIRE(process.read_line(line, in_ms(20'000)) == WorkerProcess::Read::line);
    CHECK(line == "done");
    REQUIRE(process.wait_for_end(in_ms(5000)));
    CHECK(process.last_words().find("line 2999") != std::string::npos);
    CHECK(process.last_words().find("line 2980") == std::string::npos);
    CHECK(process.last_words().size() < 6000);
}

TEST_CASE("assignments before the command reach it") {
    WorkerProcess process;
    REQUIRE(process.start("MOEPLAN_TEST_WORD=seven sh -c 'echo $MOEPLAN_TEST_WORD'"));
    std::string line;
    REQUIRE(process.read_line(line, in_ms(5000)) == WorkerProcess::Read::line);
    CHECK(line == "seven");
}

TEST_CASE("killing a worker kills what it started, even if it ignores being asked to end") {
    Scratch folder;
    const std::string pid_file = folder.path("pid");
    WorkerProcess process;
    REQUIRE(process.start("sh -c 'trap \"\" TERM; sleep 1000 & echo $! > " + pid_file + "; echo ready; wait'"));
    std::string line;
    REQUIRE(process.read_line(line, in_ms(5000)) == WorkerProcess::Read::line);
    const pid_t grandchild = std::atoi(text_of(pid_file).c_str());
    REQUIRE(grandchild > 1);
    REQUIRE(alive(grandchild));
    process.kill(std::chrono::milliseconds(100));
    CHECK_FALSE(process.running());
    const auto deadline = in_ms(5000);   // whoever inherits it has to bury it
    while (alive(grandchild) &&
           text_of("/proc/" + std::to_string(grandchild) + "/stat").find(") Z") == std::string::npos &&
           Clock::now() < deadline) {}
    const bool gone =
        !alive(grandchild) || text_of("/proc/" + std::to_string(grandchild) + "/stat").find(") Z") != std::string::npos;
    CHECK(gone);
}

TEST_CASE("a stopped worker can be killed") {
    WorkerProcess process;
    REQUIRE(process.start("sleep 1000"));
    ::kill(process.pid(), SIGSTOP);
    const auto start = Clock::now();
    process.kill(std::chrono::milliseconds(2000));
    CHECK_FALSE(process.running());
    CHECK(Clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("fifty workers leave no open file and no zombie") {
    const std::size_t before = open_files();
    {
        WorkerProcess process;
        for (int i = 0; i < 50; ++i) {
            REQUIRE(process.start(i % 3 == 0 ? "cat" : i % 3 == 1 ? "true" : "sh -c 'kill -9 $$'"));
            if (i % 2 == 0) process.kill();
            if (i % 5 == 0) process.finish(std::chrono::milliseconds(100));
        }
    }
    CHECK(open_files() == before);
    CHECK_FALSE(has_children());
}

TEST_CASE("a worker inherits no open file but its three") {
    const int own = ::dup(STDOUT_FILENO);   // without close-on-exec, as a library may open one
    REQUIRE(own > 2);
    WorkerProcess process;
    REQUIRE(process.start("ls /proc/self/fd"));
    std::string line, all;
    while (process.read_line(line, in_ms(5000)) == WorkerProcess::Read::line) all += line + " ";
    ::close(own);
    CHECK(all == "0 1 2 3 ");   // 3 is the folder ls reads
}

TEST_CASE("a worker gets the usual signals back") {
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    WorkerProcess process;
    REQUIRE(process.start("grep SigIgn /proc/self/status"));
    std::string line;
    REQUIRE(process.read_line(line, in_ms(5000)) == WorkerProcess::Read::line);
    std::signal(SIGPIPE, before);
    const auto ignored = std::strtoull(line.substr(line.find(':') + 1).c_str(), nullptr, 16);
    CHECK((ignored >> (SIGPIPE - 1) & 1) == 0);
}

TEST_CASE("a worker may be more than one simple command of a shell") {
    for (const auto& [command, said] : {std::pair("cd / && pwd", "/"), std::pair("cd /; pwd", "/"), std::pair("false || echo a", "a"), std::pair("echo b | cat", "b"),
                                        std::pair("(cd /; pwd)", "/"), std::pair("A=1 sh -c 'echo $A'", "1"), std::pair("echo 'a && b'", "a && b"),
                                        std::pair("echo \"a; b\" 2>&1", "a; b"), std::pair("echo a\\;b", "a;b")}) {
        INFO(command);
        WorkerProcess process;
        REQUIRE(process.start(command));
        std::string line;
        REQUIRE(process.read_line(line, in_ms(5000)) == WorkerProcess::Read::line);
        CHECK(line == said);
    }
}

TEST_CASE("the programs of a list end with it") {
    WorkerProcess process;
    REQUIRE(process.start("cd / && sleep 60 & echo $!; wait"));
    std::string line;
    REQUIRE(process.read_line(line, in_ms(5000)) == WorkerProcess::Read::line);
    const pid_t sleeper = std::atoi(line.c_str());
    REQUIRE(sleeper > 0);
    process.kill();
    for (int tries = 0; tries < 100 && alive(sleeper); ++tries) ::usleep(20'000);
    CHECK_FALSE(alive(sleeper));
}
