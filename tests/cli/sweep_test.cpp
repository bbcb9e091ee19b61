// moeplan sweep as a user, a scheduler and a power cut treat it.
#include <signal.h>

#include <algorithm>

#include "tests/cli/background.h"
#include "tests/cli/moeplan.h"

using namespace moeplan::test;
using Catch::Matchers::StartsWith;

namespace {

std::string study(const Scratch& at) { return at.file("study.yaml", small_study("sweep: {batch: [1, 8, 64]}\n")); }

// 1,800 points: seconds of work, so that there is time to end it early.
std::vector<std::string> long_sweep(const Scratch& at, const std::string& out, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"sweep", study(at), "--over", "seed=1..600", "--out", at.path(out)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

std::string results(const Scratch& at, const std::string& out) { return text_of(at.path(out + "/results.csv")); }

}  // namespace

TEST_CASE("a sweep's table has a row for each point and candidate, in the order of the grid", "[cli]") {
    const Scratch at;
    const auto result = run({"sweep", study(at), "--over", "seed=7,9", "--out", at.path("out")});
    INFO(result.err);
    REQUIRE(result.code == 0);
    CHECK(result.out == at.path("out") + "/results.csv: 6 rows of 6 points\n");
    std::istringstream lines(results(at, "out"));
    std::vector<std::string> starts;
    for (std::string line; std::getline(lines, line);) starts.push_back(line.substr(0, line.find(",meta")));
    CHECK_THAT(starts.at(0), StartsWith("point,sweep.batch,seed,candidate,model,gpu,engine,precision,layout,params_total,params_total_low"));
    starts.erase(starts.begin());
    CHECK(starts == std::vector<std::string>{"0,1,7,a", "1,1,9,a", "2,8,7,a", "3,8,9,a", "4,64,7,a", "5,64,9,a"});
    CHECK_FALSE(std::filesystem::exists(at.path("out/failed.csv")));
}

TEST_CASE("a sweep in which nothing fits ends as a run does", "[cli]") {
    const Scratch at;
    const std::string file = at.file("study.yaml", small_study());
    CHECK(run({"sweep", file, "--over", "a.kv_blocks=1,2", "--out", at.path("none")}).code == 3);
    CHECK(run({"sweep", file, "--over", "a.kv_blocks=1,20000", "--out", at.path("some")}).code == 0);
}

TEST_CASE("a point of a sweep says what a run with its values says", "[cli]") {
    const Scratch at;
    const std::string file = at.file("study.yaml", small_study());
    REQUIRE(run({"sweep", file, "--over", "workload.load.concurrency=3,5", "--out", at.path("out")}).code == 0);
    const auto csv = run({"run", file, "--set", "workload.load.concurrency=5", "--format", "csv"}).out;
    const auto value_of = [&](const std::string& metric) {
        const auto start = csv.find("a," + metric + ",") + metric.size() + 3;
        return csv.substr(start, csv.find(',', start) - start);
    };
    std::istringstream lines(results(at, "out"));
    std::string header, line;
    std::getline(lines, header);
    std::getline(lines, line);
    std::getline(lines, line);
    // Names of hardware hold no commas here, so columns can be counted.
    const auto field = [](const std::string& text, std::size_t index) {
        std::size_t from = 0;
        for (; index > 0; --index) from = text.find(',', from) + 1;
        return text.substr(from, text.find(',', from) - from);
    };
    const auto column = [&](const std::string& name) {
        return static_cast<std::size_t>(std::count(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(header.find("," + name + ",")) + 1, ','));
    };
    for (const char* metric : {"tpot_ms", "ttft_ms", "output_tok_s", "usd_per_mtok_output"}) {
        INFO(metric);
        REQUIRE_FALSE(value_of(metric).empty());
        CHECK(field(line, column(metric)) == value_of(metric));
    }
}

TEST_CASE("one worker, two workers and two shards side by side write the same bytes", "[cli]") {
    const Scratch at;
    const std::string file = study(at);   // once: a shard may be reading it
    const auto sweep = [&](const std::string& out, std::vector<std::string> more) {
        std::vector<std::string> words{"sweep", file, "--over", "seed=1..20", "--out", at.path(out)};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    };
    REQUIRE(run(sweep("one", {"--jobs", "1"})).code == 0);
    REQUIRE(run(sweep("two", {"--jobs", "2"})).code == 0);
    Background first(program(sweep("shards", {"--shard", "1/2", "--jobs", "1"})));
    const auto second = run(sweep("shards", {"--shard", "2/2", "--jobs", "1"}));
    CHECK(first.wait() == 0);
    CHECK(second.code == 0);
    REQUIRE(lines_in(results(at, "one")) == 61);
    CHECK(results(at, "two") == results(at, "one"));
    CHECK(results(at, "shards") == results(at, "one"));
}

TEST_CASE("a shard that is not the last says what is missing, and --merge takes what is there", "[cli]") {
    const Scratch at;
    const auto shard = run({"sweep", study(at), "--out", at.path("out"), "--shard", "2/3"});
    CHECK(shard.code == 0);
    CHECK(shard.out == "shard 2/3 is done; 2 points of the other shards are not\n");
    CHECK_FALSE(std::filesystem::exists(at.path("out/results.csv")));
    const auto merged = run({"sweep", "--merge", at.path("out")});
    CHECK(merged.code == 1);
    CHECK_THAT(merged.err, ContainsSubstring("2 of 3 points are not computed yet"));
    CHECK(lines_in(results(at, "out")) == 2);
    // Another division, or none, takes over.
    CHECK_THAT(run({"sweep", study(at), "--out", at.path("out")}).err, ContainsSubstring("1 of 3 points are done already"));
    CHECK(lines_in(results(at, "out")) == 4);
    CHECK(run({"sweep", "--merge", at.path("out")}).code == 0);
}

TEST_CASE("after kill -9 of the whole sweep the same command goes on and ends with the same bytes", "[cli]") {
    const Scratch at;
    REQUIRE(run(long_sweep(at, "whole")).code == 0);
    Background sweep(program(long_sweep(at, "killed")));
    wait_until([&] { return rows_in_part(at, "killed") >= 20; });
    REQUIRE(sweep.kill_with(SIGKILL) == 128 + SIGKILL);
    const std::size_t had = rows_in_part(at, "killed");
    REQUIRE(had < 1800);
    // As if the machine had gone down in the middle of a row.
    std::ofstream(at.path("killed/part-1of1.csv"), std::ios::binary | std::ios::app) << "1799,1,64,600,a,meta-ll";
    const auto again = run(long_sweep(at, "killed"));
    INFO(again.err);
    CHECK(again.code == 0);
    CHECK_THAT(again.err, ContainsSubstring(" of 1,800 points are done already"));
    CHECK(results(at, "killed") == results(at, "whole"));
}

TEST_CASE("a worker that is killed costs nothing but time", "[cli]") {
    const Scratch at;
    REQUIRE(run(long_sweep(at, "whole")).code == 0);
    Background sweep(program(long_sweep(at, "hurt", {"--jobs", "2"})));
    wait_until([&] { return rows_in_part(at, "hurt") >= 20; });
    const auto workers = children_of(sweep.process());
    REQUIRE(workers.size() == 2);
    REQUIRE(::kill(workers.front(), SIGKILL) == 0);
    CHECK(sweep.wait() == 0);
    CHECK(results(at, "hurt") == results(at, "whole"));
    CHECK_FALSE(std::filesystem::exists(at.path("hurt/failed.csv")));
}

TEST_CASE("a sweep's workers end with it, however it ends", "[cli]") {
    const Scratch at;
    Background sweep(program(long_sweep(at, "out", {"--jobs", "2"})));
    wait_until([&] { return rows_in_part(at, "out") >= 1; });
    const auto workers = children_of(sweep.process());
    REQUIRE(workers.size() == 2);
    sweep.kill_with(SIGKILL);
    for (const pid_t worker : workers) {
        wait_until([&] {
            const std::string status = text_of("/proc/" + std::to_string(worker) + "/stat");
            return status.empty() || status.find(") Z ") != std::string::npos;
        });
    }
}

TEST_CASE("an interrupted sweep says how to go on, and does", "[cli]") {
    const Scratch at;
    Background sweep(program(long_sweep(at, "out")));
    wait_until([&] { return rows_in_part(at, "out") >= 5; });
    CHECK(sweep.kill_with(SIGINT) == 130);
    CHECK_FALSE(std::filesystem::exists(at.path("out/results.csv")));
    const auto again = run(long_sweep(at, "out"));
    CHECK(again.code == 0);
    CHECK(lines_in(results(at, "out")) == 1801);
}

TEST_CASE("points that make no sense are told apart, and the others are answered", "[cli]") {
    const Scratch at;
    const auto sweep = [&](std::vector<std::string> more) {
        std::vector<std::string> words{"sweep", at.file("study.yaml", small_study()), "--over", "a.layout.tp=1,2", "--over",
                                       "a.count=1,2", "--out", at.path("out")};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    };
    const auto result = sweep({});
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK_THAT(result.err, ContainsSubstring("note: 1 point failed: " + at.path("out") + "/failed.csv says why"));
    CHECK_THAT(text_of(at.path("out/failed.csv")), StartsWith("point,a.layout.tp,a.count,kind,problem\r\n2,2,1,wrong_input,"));
    CHECK(lines_in(text_of(at.path("out/failed.csv"))) == 2);
    CHECK(lines_in(results(at, "out")) == 4);
    // A failure is an answer: only --retry-failed asks again.
    CHECK_THAT(sweep({}).err, ContainsSubstring("4 of 4 points are done already"));
    const auto part = [&] { return lines_in(text_of(at.path("out/part-1of1.failed.csv"))); };
    CHECK(part() == 2);
    CHECK(sweep({"--retry-failed"}).code == 0);
    CHECK(part() == 3);
    CHECK(lines_in(text_of(at.path("out/failed.csv"))) == 2);
}

TEST_CASE("a sweep of which every point fails ends as a run would", "[cli]") {
    const Scratch at;
    const auto result = run({"sweep", at.file("study.yaml", small_study()), "--over", "a.layout.tp=2,4", "--out", at.path("out")});
    CHECK(result.code == 2);
    CHECK(result.out == at.path("out") + "/results.csv: 0 rows of 0 points\n");
}

TEST_CASE("a folder of another sweep is refused until it is to be thrown away", "[cli]") {
    const Scratch at;
    const auto sweep = [&](const std::string& seeds, std::vector<std::string> more) {
        std::vector<std::string> words{"sweep", study(at), "--over", "seed=" + seeds, "--out", at.path("out")};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    };
    REQUIRE(sweep("1,2", {}).code == 0);
    const std::string before = results(at, "out");
    const auto other = sweep("1..3", {});
    CHECK(other.code == 2);
    CHECK_THAT(other.err, ContainsSubstring("holds another sweep: 6 points"));
    CHECK_THAT(other.err, ContainsSubstring("not 9 points"));
    CHECK_THAT(other.err, ContainsSubstring("--fresh"));
    CHECK(results(at, "out") == before);
    CHECK(sweep("1..3", {"--fresh"}).code == 0);
    CHECK(lines_in(results(at, "out")) == 10);
}

TEST_CASE("what a sweep was asked wrongly is told in full and costs no point", "[cli]") {
    const Scratch at;
    const auto told = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"sweep", study(at)});
        const auto result = run(words);
        CHECK(result.code == 2);
        CHECK(result.out.empty());
        return result.err;
    };
    const std::string out = at.path("out");
    CHECK_THAT(told({}), ContainsSubstring("name one with --out DIR"));
    CHECK_THAT(told({"--out", out, "--over", "sed=1..3"}), ContainsSubstring("did you mean 'seed'?"));
    CHECK_THAT(told({"--out", out, "--over", "a.gpu=h100_sxm,h100_smx"}), ContainsSubstring("did you mean"));
    CHECK_THAT(told({"--out", out, "--over", "seed=1..1000000", "--over", "a.count=1,2,4,8"}), ContainsSubstring("more than 10000000 points"));
    CHECK_THAT(told({"--out", out, "--shard", "3/2"}), ContainsSubstring("there is no shard 3/2"));
    CHECK_THAT(told({"--out", out, "--shard", "1/2", "--fresh"}), ContainsSubstring("what the other shards have computed"));
    CHECK_THAT(told({"--out", out, "--jobs", "0"}), ContainsSubstring("--jobs"));
    CHECK_THAT(told({"--out", out, "--lost-after", "5"}), ContainsSubstring("--lost-after"));
    CHECK_THAT(told({"--merge", out}), ContainsSubstring("without a study"));
    CHECK_THAT(told({"--out", out, "--set", "seed=7", "--over", "seed=1..2"}), ContainsSubstring("'seed' is set to one value by --set seed=7"));
    CHECK_THAT(run({"sweep", "--merge", out, "--over", "seed=1..2"}).err, ContainsSubstring("without --over"));
    CHECK_THAT(told({"--out", "/dev/null/x"}), ContainsSubstring("this folder cannot be made"));
    CHECK_FALSE(std::filesystem::exists(out));
    CHECK(run({"sweep", at.file("plain.yaml", small_study()), "--out", out}).err.find("there is nothing to vary") != std::string::npos);
    CHECK(run({"sweep", "--merge", at.path("nowhere")}).code == 2);
}

TEST_CASE("a task that a launcher started without MPI being there says so and names --shard", "[cli]") {
    const Scratch at;
    auto start = program({"sweep", study(at), "--out", at.path("out")});
    start.environment.insert(start.environment.end(), {{"PMI_SIZE", "3"}, {"PMI_RANK", "0"}});
    if (!std::filesystem::exists(MOEPLAN_BINARY_DIR "/bin/libmoeplan_mpi.so")) {
        const auto result = run_program(start);
        CHECK(result.code == 2);
        CHECK_THAT(result.err, ContainsSubstring("built without MPI"));
        CHECK_THAT(result.err, ContainsSubstring("--shard 1/N"));
    }
    // Shards need no MPI, however they were started; of several tasks only the first speaks about what is wrong.
    start.words.insert(start.words.end(), {"--shard", "1/1"});
    CHECK(run_program(start).code == 0);
    auto silent = program({"sweep", study(at), "--out", at.path("out"), "--jobs", "2"});
    silent.environment.insert(silent.environment.end(), {{"PMI_SIZE", "3"}, {"PMI_RANK", "1"}});
    const auto second = run_program(silent);
    CHECK(second.code == 2);
    CHECK(second.err.empty());
}
