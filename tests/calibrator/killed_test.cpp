// kill -9 of the calibrator and of its worker, at random moments, again and again: nothing measured is lost.

#include <sys/wait.h>

#include <csignal>
#include <random>
#include <set>
#include <thread>

#include "gpu/calibrator/calibrate.h"
#include "tests/calibrator/support.h"

using namespace moeplan;
using namespace moeplan::test;

namespace {

CalibrationPlan plan(const WorkerHello&) { return {{gemms(60, 0.6), copies(40, 0.4)}, {}}; }

struct Killing {
    explicit Killing(std::uint64_t seed) : random(seed) {}
    std::mt19937_64 random;
    int calibrators = 0, workers = 0;
    int total() const { return calibrators + workers; }
    double uniform(double from, double to) { return std::uniform_real_distribution<double>(from, to)(random); }
};

// A calibrator in a process of its own. Ends with 0 when it measured everything.
pid_t start_calibrator(const CalibrateSettings& settings) {
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid > 0) return pid;
    RunControl control;
    const auto result = calibrate(settings, exact_tools(plan), control);
    ::_exit(result && result->stop == StopReason::everything_measured ? 0 : 1);
}

void sleep_ms(double ms) { std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(ms)); }

// Kills the worker whose number is in the file, if that still is the worker: numbers are given again.
bool kill_worker(const std::string& pid_file) {
    const pid_t worker = std::atoi(text_of(pid_file).c_str());
    const bool ours =
        worker > 1 && text_of("/proc/" + std::to_string(worker) + "/cmdline").find(pid_file) != std::string::npos;
    return ours && ::kill(worker, SIGKILL) == 0;
}

// Kills it, or a few of its workers and then it, at random moments. True when it ended by itself, successfully.
bool torment(const CalibrateSettings& settings, const std::string& pid_file, Killing& killing) {
    const pid_t pid = start_calibrator(settings);
    const bool spare = killing.total() >= 80;
    for (int turn = 0; turn < 3 && !spare; ++turn) {
        sleep_ms(killing.uniform(0, 25));
        if (killing.uniform(0, 1) < 0.5 && kill_worker(pid_file)) ++killing.workers;
    }
    int status = 1;
    if (!spare && ::waitpid(pid, &status, WNOHANG) == 0) {
        ::kill(pid, SIGKILL);
        ++killing.calibrators;
        ::waitpid(pid, &status, 0);
    } else if (spare) {
        ::waitpid(pid, &status, 0);
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void check_same(const MeasurementSet& a, const MeasurementSet& b) {
    REQUIRE(a.rows.size() == b.rows.size());
    for (std::size_t i = 0; i < a.rows.size(); ++i) {
        CAPTURE(i);
        CHECK(a.rows[i].family == b.rows[i].family);
        CHECK(a.rows[i].shape == b.rows[i].shape);
        CHECK(a.rows[i].seconds == b.rows[i].seconds);
        CHECK(a.rows[i].spread == b.rows[i].spread);
        CHECK(a.rows[i].source == b.rows[i].source);
    }
}

}  // namespace

TEST_CASE("killed many times, calibrator and worker, a run ends as if it had never been interrupted") {
    Scratch folder;
    const std::string pid_file = folder.path("pid");
    auto settings = settings_for(fake_worker("--slow 1 --pid-file " + pid_file), folder.path("j"));
    settings.resume = true;
    // The worker is innocent here: its deaths are no reason to give a probe or the run up.
    settings.attempts = 100;
    settings.failures_in_a_row = 100;
    Killing killing(20240229);
    std::vector<JournalEntry> before;
    int runs = 0;
    for (bool done = false; !done && runs < 1000; ++runs) {
        done = torment(settings, pid_file, killing);
        if (!Journal::exists(settings.journal)) continue;
        // What was in the journal is in it still, the same, in the same order.
        const auto content = read_journal(settings.journal);
        REQUIRE(content);
        REQUIRE(content->entries.size() >= before.size());
        REQUIRE(std::equal(before.begin(), before.end(), content->entries.begin()));
        before = content->entries;
        if (done && killing.total() < 80) {   // too quick for us: begin again, the counts stay
            std::filesystem::remove(settings.journal);
            before.clear();
            done = false;
        }
    }
    CAPTURE(killing.calibrators, killing.workers, runs);
    REQUIRE(killing.total() >= 80);
    CHECK(killing.calibrators >= 20);
    CHECK(killing.workers >= 10);

    std::map<std::string, int> answers;
    for (const JournalEntry& entry : before) {
        if (entry.kind == AnswerKind::ok) ++answers[to_text(entry.request.kernel)];
        else CHECK((entry.kind == AnswerKind::crashed || entry.kind == AnswerKind::garbage));
    }
    CHECK(answers.size() == 100);
    for (const auto& [probe, count] : answers) CHECK(count == 1);   // measured once, however often it was tried

    RunControl control;
    const auto resumed = calibrate(settings, exact_tools(plan), control);
    auto calm = settings_for(fake_worker("--slow 1"), folder.path("calm"));
    const auto uninterrupted = calibrate(calm, exact_tools(plan), control);
    REQUIRE((resumed && uninterrupted));
    CHECK(resumed->entries.size() == before.size());   // nothing was asked again
    check_same(resumed->set, uninterrupted->set);
}

TEST_CASE("a worker whose calibrator is killed does not live on") {
    Scratch folder;
    const std::string pid_file = folder.path("pid");
    const auto settings = settings_for(fake_worker("--hang-at 3 --stubborn --pid-file " + pid_file), folder.path("j"));
    const pid_t calibrator = start_calibrator(settings);
    while (!Journal::exists(settings.journal) || read_journal(settings.journal)->entries.size() < 2) sleep_ms(1);
    const pid_t worker = std::atoi(text_of(pid_file).c_str());
    REQUIRE(worker > 1);
    ::kill(calibrator, SIGKILL);
    ::waitpid(calibrator, nullptr, 0);
    const std::string state = "/proc/" + std::to_string(worker) + "/stat";
    const auto dead = [&] { return text_of(state).empty() || text_of(state).find(") Z") != std::string::npos; };
    for (int i = 0; i < 2000 && !dead(); ++i) sleep_ms(1);
    CHECK(dead());
}

TEST_CASE("workers killed at random are started again by the same run") {
    Scratch folder;
    const std::string pid_file = folder.path("pid");
    auto settings = settings_for(fake_worker("--slow 3 --pid-file " + pid_file), folder.path("j"));
    settings.failures_in_a_row = 100;
    std::atomic<bool> over = false;
    std::atomic<int> kills = 0;
    std::jthread killer([&] {
        std::mt19937_64 random(7);
        while (!over) {
            sleep_ms(std::uniform_real_distribution<double>(5, 60)(random));
            if (!over && kill_worker(pid_file)) ++kills;
        }
    });
    RunControl control;
    const auto result = calibrate(settings, exact_tools(plan), control);
    over = true;
    killer.join();
    REQUIRE(result);
    CHECK(kills > 0);
    CHECK(result->stop == StopReason::everything_measured);
    CHECK(result->set.rows.size() + result->statistics.failed.size() == 100);
    std::map<std::string, std::vector<AnswerKind>> tries;
    for (const JournalEntry& entry : result->entries) tries[to_text(entry.request.kernel)].push_back(entry.kind);
    for (const auto& [probe, kinds] : tries) {
        CHECK(kinds.size() <= 2);
        CHECK(std::ranges::count(kinds, AnswerKind::ok) == (kinds.back() == AnswerKind::ok ? 1 : 0));
    }
}
