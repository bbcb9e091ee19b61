// What is kept: parts that were cut off, the manifest, and all parts made one.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <sstream>

#include "core/report/csv.h"
#include "sim/sweep/folder.h"
#include "sim/sweep/rows.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"
#include "tests/support/study.h"

using namespace moeplan;

namespace {

const Grid kGrid{{{"seed", {"1", "2", "3", "4"}, true}}};
const PartForm kResults = form_of(kGrid, PartKind::results);
const PartForm kFailures = form_of(kGrid, PartKind::failures);

// Two candidates, so a point is two rows.
std::string rows_of(std::uint64_t point, double tpot = 5) {
    CandidateReport a, b;
    a.name = "a, the first";
    b.name = "b";
    a.metrics = {{"tpot_ms", {tpot, tpot - 1, tpot + 1}, ""}};
    return result_rows(kGrid, point, {a, b});
}

std::string failure_of(std::uint64_t point, const std::string& kind, const std::string& why = "too big") {
    return failure_row(kGrid, point, kind, {{{}, {}, why, {}}});
}

void write(const Scratch& at, const std::string& name, const PartForm& form, const std::vector<std::string>& rows) {
    std::string text = csv_row(form.columns);
    for (const std::string& row : rows) text += row;
    at.file(name, text);
}

std::vector<std::uint64_t> points_in(const std::string& path) {
    std::vector<std::uint64_t> points;
    REQUIRE(read_part(path, kResults, [&](const PartPoint& found) { points.push_back(found.point); }));
    return points;
}

Merged merged(const Scratch& at) {
    const auto result = merge_folder(at.path().string(), kGrid);
    INFO(problems_of(result));
    REQUIRE(result);
    return *result;
}

}  // namespace

TEST_CASE("a row is one line whatever a name or a message contains") {
    CandidateReport c;
    c.name = "two\r\nlines, \"quoted\"";
    const std::string rows = result_rows(kGrid, 1, {c});
    CHECK(std::count(rows.begin(), rows.end(), '\n') == 1);
    CHECK_THAT(rows, ContainsSubstring("1,1,2,\"two  lines, \"\"quoted\"\"\""));
    const std::string failure = failure_of(2, "wrong_input", "first\nsecond");
    CHECK(failure == "2,3,wrong_input,first second\r\n");
}

TEST_CASE("a row holds value, low and high of each metric, and every metric of the catalog has its columns") {
    const auto columns = result_columns(kGrid);
    CHECK(columns.size() == 9 + 3 * metric_catalog().size());
    CHECK(columns[2] == "seed");
    CHECK(std::set<std::string>(columns.begin(), columns.end()).size() == columns.size());
    CandidateReport unknown;
    unknown.metrics = {{"no_such_metric", {}, ""}};
    CHECK_THROWS(result_rows(kGrid, 0, {unknown}));
}

TEST_CASE("columns of a sweep's axes are told from metrics of the same name") {
    const Grid grid{{{"batch", {"1"}, false}, {"gpu", {"h100_sxm"}, false}}};
    const auto columns = result_columns(grid);
    CHECK(columns[2] == "sweep.batch");
    CHECK(std::set<std::string>(columns.begin(), columns.end()).size() == columns.size());
}

TEST_CASE("wherever a part is cut off, exactly the points that were whole are found") {
    const Scratch at;
    const std::string header = csv_row(kResults.columns);
    const std::string one = rows_of(2), two = rows_of(0);
    const std::string text = header + one + two;
    for (std::size_t length = 0; length <= text.size(); length += length > header.size() - 3 ? 1u : 7u) {
        const std::string path = at.file("part-1of1.csv", text.substr(0, length));
        std::vector<std::uint64_t> expected;
        if (length >= header.size() + one.size()) expected.push_back(2);
        if (length >= text.size()) expected.push_back(0);
        INFO("cut at " << length);
        REQUIRE(points_in(path) == expected);
    }
}

TEST_CASE("wherever a part is cut off, writing goes on behind its last whole point") {
    const Scratch at;
    const std::string header = csv_row(kResults.columns);
    const std::string one = rows_of(2), two = rows_of(0);
    const std::string text = header + one + two;
    for (std::size_t length = 0; length < text.size(); length += 97) {
        const std::string path = at.file("part-1of1.csv", text.substr(0, length));
        auto part = PartFile::open(path, kResults);
        REQUIRE(part);
        if (length < header.size() + one.size()) REQUIRE(part->append(one).empty());
        REQUIRE(part->append(two).empty());
        REQUIRE(text_of(path) == text);
    }
}

TEST_CASE("lines that are damaged are passed over, the others are kept") {
    const Scratch at;
    const std::string nul(200, '\0');
    write(at, "part-1of1.csv", kResults,
          {rows_of(1), "garbage\r\n", nul + "\r\n", rows_of(3).substr(0, 40) + "\r\n", rows_of(0), "99,2,1\r\n"});
    CHECK(points_in(at.path("part-1of1.csv")) == std::vector<std::uint64_t>{1, 0});
}

TEST_CASE("a row of a point that the grid does not have is not taken") {
    const Scratch at;
    std::string row = rows_of(3);
    for (std::size_t i = 0; (i = row.find("3,2,4,", i)) != std::string::npos; ++i) row.replace(i, 1, "4");
    write(at, "part-1of1.csv", kResults, {row});
    CHECK(points_in(at.path("part-1of1.csv")).empty());
}

TEST_CASE("a part with other columns is refused, not written over") {
    const Scratch at;
    const std::string path = at.file("part-1of1.csv", "point,other\r\n0,1\r\n");
    const auto part = PartFile::open(path, kResults);
    CHECK_THAT(problems_of(part), ContainsSubstring("has other columns"));
    CHECK(text_of(path) == "point,other\r\n0,1\r\n");
}

TEST_CASE("two processes cannot write one part, and a dead one's lock is gone") {
    const Scratch at;
    const std::string path = at.path("part-1of1.csv");
    REQUIRE(claim_folder(at.path().string(), {"1.0", "s.yaml", "s", "0123456789abcdef", 4, {}, kGrid}).empty());
    {
        const auto mine = PartFile::open(path, kResults);
        REQUIRE(mine);
        CHECK_THAT(problems_of(PartFile::open(path, kResults)), ContainsSubstring("is being written by another moeplan"));
        CHECK_THAT(to_text(empty_folder(at.path().string()).at(0)), ContainsSubstring("is being written"));
    }
    CHECK(PartFile::open(path, kResults));
}

TEST_CASE("a part that cannot be written is told") {
    CHECK_THAT(problems_of(PartFile::open("/no/such/folder/part-1of1.csv", kResults)), ContainsSubstring("cannot be written"));
    CHECK_THAT(problems_of(PartFile::open("/dev/full", kResults)), ContainsSubstring("/dev/full"));
}

TEST_CASE("merging puts the parts into the order of the grid and drops what no row has") {
    const Scratch at;
    write(at, "part-1of2.csv", kResults, {rows_of(2), rows_of(0)});
    write(at, "part-2of2.csv", kResults, {rows_of(3), rows_of(1)});
    const Merged all = merged(at);
    CHECK(all.answered == 4);
    CHECK(all.rows == 8);
    CHECK(all.missing() == 0);
    std::istringstream lines(text_of(at.path("results.csv")));
    std::string line;
    std::getline(lines, line);
    CHECK(line == "point,seed,candidate,model,gpu,engine,precision,layout,tpot_ms,tpot_ms_low,tpot_ms_high\r");
    std::getline(lines, line);
    CHECK(line == "0,1,\"a, the first\",,,,,,5,4,6\r");
    std::getline(lines, line);
    CHECK(line == "0,1,b,,,,,,,,\r");
    std::getline(lines, line);
    CHECK(line == "1,2,\"a, the first\",,,,,,5,4,6\r");
    CHECK_FALSE(std::filesystem::exists(at.path("failed.csv")));
}

TEST_CASE("the merged bytes do not depend on who computed what, in which order, or twice") {
    const Scratch one, other;
    write(one, "part-1of1.csv", kResults, {rows_of(0), rows_of(1), rows_of(3)});
    write(one, "part-1of1.failed.csv", kFailures, {failure_of(2, "infeasible")});
    write(other, "part-1of3.csv", kResults, {rows_of(3), rows_of(0)});
    write(other, "part-2of3.csv", kResults, {rows_of(1), rows_of(0)});
    write(other, "part-3of3.failed.csv", kFailures, {failure_of(2, "crashed", "killed"), failure_of(2, "infeasible")});
    merged(one);
    merged(other);
    CHECK(text_of(one.path("results.csv")) == text_of(other.path("results.csv")));
    CHECK(text_of(one.path("failed.csv")) == text_of(other.path("failed.csv")));
}

TEST_CASE("failures are told apart, and an answer found later wins") {
    const Scratch at;
    write(at, "part-1of1.csv", kResults, {rows_of(0)});
    write(at, "part-1of1.failed.csv", kFailures,
          {failure_of(0, "crashed"), failure_of(1, "wrong_input"), failure_of(2, "crashed"), failure_of(3, "infeasible")});
    const Merged all = merged(at);
    CHECK(all.answered == 1);
    CHECK(all.failed == 2);
    CHECK(all.infeasible == 1);
    CHECK(all.crashed == 1);
    CHECK(text_of(at.path("failed.csv")) ==
          "point,seed,kind,problem\r\n1,2,wrong_input,too big\r\n2,3,crashed,too big\r\n3,4,infeasible,too big\r\n");
    const auto state = read_folder(at.path().string(), kGrid);
    REQUIRE(state);
    CHECK(state->points == std::vector<PointState>{PointState::answered, PointState::failed, PointState::crashed, PointState::failed});
}

TEST_CASE("a failed.csv of before is gone when nothing fails any more") {
    const Scratch at;
    write(at, "part-1of1.failed.csv", kFailures, {failure_of(1, "wrong_input")});
    merged(at);
    REQUIRE(std::filesystem::exists(at.path("failed.csv")));
    write(at, "part-1of1.csv", kResults, {rows_of(1)});
    merged(at);
    CHECK_FALSE(std::filesystem::exists(at.path("failed.csv")));
}

TEST_CASE("more parts than files may be open are merged") {
    const Scratch at;
    Grid grid{{{"seed", {}, true}}};
    for (int i = 0; i < 500; ++i) grid.axes[0].values.push_back(std::to_string(i));
    const auto form = form_of(grid, PartKind::results);
    for (std::uint64_t i = 0; i < 500; ++i)
        write(at, "part-" + std::to_string(i + 1) + "of500.csv", form, {result_rows(grid, i, {CandidateReport{}})});
    const auto all = merge_folder(at.path().string(), grid);
    REQUIRE(all);
    CHECK(all->answered == 500);
}

TEST_CASE("emptying a folder removes a sweep's files and nothing else") {
    const Scratch at;
    REQUIRE(claim_folder(at.path().string(), {"1.0", "s.yaml", "s", "0123456789abcdef", 4, {}, kGrid}).empty());
    for (const char* name : {"results.csv", "failed.csv", "part-1of1.csv", "part-2of3.failed.csv"}) at.file(name, "x");
    for (const char* name : {"notes.txt", "part-numbers.csv", "part-1of.csv"}) at.file(name, "mine");
    CHECK(empty_folder(at.path().string()).empty());
    std::set<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(at.path())) left.insert(entry.path().filename().string());
    CHECK(left == std::set<std::string>{"notes.txt", "part-1of.csv", "part-numbers.csv"});
}

TEST_CASE("files of somebody else are neither written over nor thrown away") {
    const Manifest manifest{"1.0", "s.yaml", "s", "0123456789abcdef", 4, {}, kGrid};
    for (const char* name : {"results.csv", "failed.csv", "part-1of1.csv", "manifest.json"}) {
        INFO(name);
        const Scratch at;
        at.file(name, "{\"mine\": 1}");
        CHECK_FALSE(claim_folder(at.path().string(), manifest).empty());
        CHECK_FALSE(empty_folder(at.path().string()).empty());
        CHECK(text_of(at.path(name)) == "{\"mine\": 1}");
        CHECK(std::distance(std::filesystem::directory_iterator(at.path()), {}) == 1);
    }
}

TEST_CASE("a manifest reads back as it was written") {
    const Scratch at;
    const Manifest manifest{"1.0", "a study.yaml", "A \"study\"", "0123456789abcdef", 4, {"x=1"}, kGrid};
    REQUIRE(claim_folder(at.path("new/folder"), manifest).empty());
    const auto read = read_manifest(at.path("new/folder"));
    REQUIRE(read);
    CHECK(read->version == manifest.version);
    CHECK(read->study == manifest.study);
    CHECK(read->name == manifest.name);
    CHECK(read->fingerprint == manifest.fingerprint);
    CHECK(read->points == 4);
    CHECK(read->sets == manifest.sets);
    CHECK(read->grid.axes == kGrid.axes);
    CHECK(claim_folder(at.path("new/folder"), manifest).empty());
}

TEST_CASE("a folder of another sweep is refused with both fingerprints and the way out") {
    const Scratch at;
    Manifest manifest{"1.0", "s.yaml", "s", "0123456789abcdef", 4, {}, kGrid};
    REQUIRE(claim_folder(at.path().string(), manifest).empty());
    const std::string before = text_of(at.path("manifest.json"));
    manifest.fingerprint = "fedcba9876543210";
    const auto problems = claim_folder(at.path().string(), manifest);
    REQUIRE(problems.size() == 1);
    for (const char* part : {"0123456789abcdef", "fedcba9876543210", "--fresh"}) CHECK_THAT(to_text(problems[0]), ContainsSubstring(part));
    CHECK(text_of(at.path("manifest.json")) == before);
}

TEST_CASE("of many that claim a folder at once all find the same manifest") {
    const Scratch at;
    const Manifest manifest{"1.0", "s.yaml", "s", "0123456789abcdef", 4, {}, kGrid};
    std::vector<pid_t> children;
    for (int i = 0; i < 16; ++i) {
        const pid_t child = fork();
        if (child == 0) _exit(claim_folder(at.path("together"), manifest).empty() ? 0 : 1);
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 1;
        waitpid(child, &status, 0);
        CHECK(status == 0);
    }
    CHECK(read_manifest(at.path("together")));
    CHECK(std::distance(std::filesystem::directory_iterator(at.path("together")), {}) == 1);
}

TEST_CASE("what is no manifest is refused") {
    const Scratch at;
    const auto told = [&](const std::string& text) {
        at.file("manifest.json", text);
        return problems_of(read_manifest(at.path().string()));
    };
    for (const char* text : {"", "{", "[]", "{\"moeplan\": 1}", "null", "\xff\xfe"}) {
        INFO(text);
        CHECK_THAT(told(text), ContainsSubstring("is no manifest of a sweep"));
    }
    CHECK_THAT(told(std::string(100'000, '[')), ContainsSubstring("too deep"));
    CHECK_THAT(told(R"({"moeplan":"1","study":"s","name":"n","fingerprint":"f","points":9,"set":[],"axes":[{"name":"a","of":"over","values":["1"]}]})"),
               ContainsSubstring("do not make its points"));
    CHECK_THAT(problems_of(read_manifest(at.path("nowhere"))), ContainsSubstring("cannot be read"));
}
