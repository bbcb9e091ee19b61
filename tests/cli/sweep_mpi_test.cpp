// moeplan sweep under mpirun: only where Open MPI is there and may start processes.
#include <signal.h>

#include <cstdlib>
#include <sstream>

#include "tests/cli/background.h"
#include "tests/cli/moeplan.h"

using namespace moeplan::test;

namespace {

std::string found_in_path(const std::string& program) {
    const char* variable = std::getenv("PATH");
    std::istringstream folders(variable ? variable : "");
    for (std::string folder; std::getline(folders, folder, ':');) {
        const std::string path = folder + "/" + program;
        if (access(path.c_str(), X_OK) == 0) return path;
    }
    return {};
}

Started under_mpi(std::vector<std::string> options, const Started& start) {
    options.insert(options.begin(), {found_in_path("mpirun"), "--oversubscribe"});
    options.insert(options.end(), start.words.begin(), start.words.end());
    Started mpi = start;
    mpi.words = options;
    mpi.environment.insert(mpi.environment.end(), {{"OMPI_ALLOW_RUN_AS_ROOT", "1"}, {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"}});
    return mpi;
}

bool usable() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;   // Open MPI is not built for them
#endif
    if (!std::filesystem::exists(MOEPLAN_BINARY_DIR "/bin/libmoeplan_mpi.so") || found_in_path("mpirun").empty()) return false;
    Started nothing;
    nothing.words = {found_in_path("true")};
    if (run_program(under_mpi({"-n", "2"}, nothing)).code == 0) return true;
    WARN("mpirun cannot start processes here");
    return false;
}

int version_of_mpirun() {
    Started start;
    start.words = {found_in_path("mpirun"), "--version"};
    const std::string text = run_program(start).out;
    const auto at = text.find("(Open MPI) ");
    return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + 11);
}

Started sweep_of(const Scratch& at, const std::string& out, std::vector<std::string> more = {}) {
    const std::string study = at.file("study.yaml", small_study("sweep: {batch: [1, 8, 64]}\n"));
    std::vector<std::string> words{"sweep", study, "--over", "seed=1..600", "--out", at.path(out)};
    words.insert(words.end(), more.begin(), more.end());
    return program(words);
}

std::string results(const Scratch& at, const std::string& out) { return text_of(at.path(out + "/results.csv")); }

// The process that is a rank of the job `mpirun` started.
pid_t rank_of(pid_t mpirun, int rank) {
    for (const pid_t child : children_of(mpirun)) {
        const std::string environment = text_of("/proc/" + std::to_string(child) + "/environ");
        if (environment.find(std::string("OMPI_COMM_WORLD_RANK=") + std::to_string(rank) + '\0') != std::string::npos) return child;
    }
    return -1;
}

}  // namespace

TEST_CASE("ranks write the bytes that one process writes", "[cli]") {
    if (!usable()) return;
    const Scratch at;
    REQUIRE(run_program(sweep_of(at, "alone")).code == 0);
    const auto result = run_program(under_mpi({"-n", "3"}, sweep_of(at, "ranks")));
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK_THAT(result.out, ContainsSubstring("1,800 rows of 1,800 points"));
    CHECK(results(at, "ranks") == results(at, "alone"));
}

TEST_CASE("of several ranks one says what is wrong", "[cli]") {
    if (!usable()) return;
    const Scratch at;
    const auto result = run_program(under_mpi({"-n", "3"}, sweep_of(at, "out", {"--over", "sed=1,2"})));
    CHECK(result.code == 2);
    const auto first = result.err.find("did you mean 'seed'?");
    REQUIRE(first != std::string::npos);
    CHECK(result.err.find("did you mean 'seed'?", first + 1) == std::string::npos);
}

TEST_CASE("a killed rank ends the job under plain mpirun, and the same command goes on", "[cli]") {
    if (!usable()) return;
    const Scratch at;
    REQUIRE(run_program(sweep_of(at, "alone")).code == 0);
    Background job(under_mpi({"-n", "3"}, sweep_of(at, "killed")));
    wait_until([&] { return rows_in_part(at, "killed") >= 20; });
    const pid_t rank = rank_of(job.process(), 2);
    REQUIRE(rank > 0);
    REQUIRE(::kill(rank, SIGKILL) == 0);
    CHECK(job.wait() != 0);
    const auto again = run_program(under_mpi({"-n", "3"}, sweep_of(at, "killed")));
    CHECK(again.code == 0);
    CHECK_THAT(again.err, ContainsSubstring("of 1,800 points are done already"));
    CHECK(results(at, "killed") == results(at, "alone"));
}

TEST_CASE("where mpirun lets the job live, a killed rank's work is done by the others", "[cli]") {
    if (!usable() || version_of_mpirun() != 4) return;
    const Scratch at;
    REQUIRE(run_program(sweep_of(at, "alone")).code == 0);
    Background job(under_mpi({"--enable-recovery", "-n", "3"}, sweep_of(at, "hurt", {"--lost-after", "2 s"})));
    wait_until([&] { return rows_in_part(at, "hurt") >= 20; });
    const pid_t rank = rank_of(job.process(), 2);
    REQUIRE(rank > 0);
    REQUIRE(::kill(rank, SIGKILL) == 0);
    CHECK(job.wait() == 0);
    CHECK(results(at, "hurt") == results(at, "alone"));
    CHECK_FALSE(std::filesystem::exists(at.path("hurt/failed.csv")));
}
