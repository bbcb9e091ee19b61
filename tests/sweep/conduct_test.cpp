// Handing out, with a team that does what a test tells it.
#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <utility>

#include "sim/sweep/compute.h"
#include "sim/sweep/conduct.h"
#include "sim/sweep/rows.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"
#include "tests/support/study.h"

using namespace moeplan;

namespace {

Grid grid_of(int points) {
    Grid grid{{{"seed", {}, true}}};
    for (int i = 0; i < points; ++i) grid.axes[0].values.push_back(std::to_string(i));
    return grid;
}

// Workers answer one point per wait(), in order; `fate` may turn the answer into something else.
class FakeTeam final : public Team {
public:
    FakeTeam(const Grid& grid, std::size_t workers) : grid_(grid), given(workers) {
        for (std::size_t i = 0; i < workers; ++i) pending_.push_back({TeamEvent::Kind::ready, i, 0, {}});
    }
    std::size_t size() const override { return given.size(); }
    bool alive() const override { return alive_; }
    void give(std::size_t worker, std::uint64_t point) override {
        given[worker].push_back(point);
        most_ahead = std::max(most_ahead, given[worker].size());
    }
    std::vector<TeamEvent> wait(std::chrono::milliseconds) override {
        std::vector<TeamEvent> events = std::exchange(pending_, {});
        if (!events.empty()) return events;
        for (std::size_t i = 0; i < given.size(); ++i) {
            if (given[i].empty()) continue;
            const std::uint64_t point = given[i].front();
            if (fate && fate(i, point, events)) continue;
            given[i].pop_front();
            events.push_back(answer(i, point));
        }
        return events;
    }
    TeamEvent answer(std::size_t worker, std::uint64_t point) const {
        return {TeamEvent::Kind::answer, worker, point, "r" + result_rows(grid_, point, {CandidateReport{}})};
    }
    void lose(std::size_t worker, std::vector<TeamEvent>& events, bool comes_back) {
        given[worker].clear();
        events.push_back({TeamEvent::Kind::lost, worker, 0, "by signal 9"});
        if (comes_back) events.push_back({TeamEvent::Kind::ready, worker, 0, {}});
    }
    void end() { alive_ = false; }

    // True: it has done something else than answering.
    std::function<bool(std::size_t, std::uint64_t, std::vector<TeamEvent>&)> fate;
    std::size_t most_ahead = 0;

private:
    const Grid& grid_;
    std::vector<TeamEvent> pending_;
    bool alive_ = true;

public:
    std::vector<std::deque<std::uint64_t>> given;
};

struct Conducted {
    Scratch at;
    Grid grid;
    FakeTeam team;
    RunControl control;

    Conducted(int points, std::size_t workers) : grid(grid_of(points)), team(grid, workers) {}

    Result<SweepTally> run() {
        std::vector<std::uint64_t> todo;
        for (std::uint64_t i = 0; i < grid.points(); ++i) todo.push_back(i);
        auto results = PartFile::open(at.path("part-1of1.csv"), form_of(grid, PartKind::results));
        auto failures = PartFile::open(at.path("part-1of1.failed.csv"), form_of(grid, PartKind::failures));
        Parts parts{std::move(*results), std::move(*failures)};
        return conduct(team, grid, std::move(todo), parts, control);
    }
    // How often each point is in the part of results.
    std::map<std::uint64_t, int> written() const {
        std::map<std::uint64_t, int> found;
        REQUIRE(read_part(at.path("part-1of1.csv"), form_of(grid, PartKind::results), [&](const PartPoint& p) { ++found[p.point]; }));
        return found;
    }
    bool each_once() const {
        const auto found = written();
        return found.size() == grid.points() && std::ranges::all_of(found, [](const auto& p) { return p.second == 1; });
    }
};

}  // namespace

TEST_CASE("every point is computed once, whatever the number of workers") {
    for (const std::size_t workers : {1u, 2u, 7u, 50u}) {
        Conducted c(23, workers);
        const auto tally = c.run();
        REQUIRE(tally);
        CHECK(tally->answered == 23);
        CHECK(tally->lost == 0);
        CHECK(c.each_once());
        CHECK(c.team.most_ahead <= 2);
    }
}

TEST_CASE("what a lost worker had is given to others, and nothing is written twice") {
    Conducted c(30, 3);
    int answers = 0;
    c.team.fate = [&](std::size_t worker, std::uint64_t, std::vector<TeamEvent>& events) {
        if (worker != 1 || ++answers != 4) return false;
        c.team.lose(1, events, false);
        return true;
    };
    const auto tally = c.run();
    REQUIRE(tally);
    CHECK(tally->lost == 1);
    CHECK(tally->answered == 30);
    CHECK(c.each_once());
}

TEST_CASE("a point that takes a second worker with it has crashed, those behind it have not") {
    Conducted c(10, 2);
    c.team.fate = [&](std::size_t worker, std::uint64_t point, std::vector<TeamEvent>& events) {
        if (point != 4) return false;
        c.team.lose(worker, events, true);
        return true;
    };
    const auto tally = c.run();
    REQUIRE(tally);
    CHECK(tally->lost == 2);
    CHECK(tally->crashed == 1);
    CHECK(tally->answered == 9);
    CHECK(c.written().count(4) == 0);
    CHECK_THAT(text_of(c.at.path("part-1of1.failed.csv")), ContainsSubstring("4,4,crashed,twice the process computing it ended: by signal 9"));
}

TEST_CASE("an answer that comes after its worker was given up is taken once") {
    Conducted c(6, 2);
    bool told = false;
    c.team.fate = [&](std::size_t worker, std::uint64_t point, std::vector<TeamEvent>& events) {
        if (told || worker != 0) return false;
        told = true;
        c.team.lose(0, events, true);
        events.push_back(c.team.answer(0, point));
        events.push_back(c.team.answer(0, point));
        events.push_back({TeamEvent::Kind::answer, 0, 99, "r99,1\r\n"});   // nobody asked
        return true;
    };
    const auto tally = c.run();
    REQUIRE(tally);
    CHECK(tally->answered == 6);
    CHECK(c.each_once());
}

TEST_CASE("an answer that is none is asked for again") {
    Conducted c(4, 1);
    int nonsense = 0;
    c.team.fate = [&](std::size_t worker, std::uint64_t point, std::vector<TeamEvent>& events) {
        if (point != 2 || ++nonsense > 2) return false;
        c.team.given[worker].pop_front();
        events.push_back({TeamEvent::Kind::answer, worker, point, nonsense == 1 ? "" : "r1,2"});
        return true;
    };
    REQUIRE(c.run());
    CHECK(c.each_once());
}

TEST_CASE("when every worker is gone the sweep ends and says why") {
    Conducted c(5, 1);
    c.team.fate = [&](std::size_t worker, std::uint64_t, std::vector<TeamEvent>& events) {
        c.team.lose(worker, events, false);
        c.team.end();
        return true;
    };
    CHECK_THAT(problems_of(c.run()), ContainsSubstring("every worker ended: by signal 9; the same command goes on"));
}

TEST_CASE("a cancelled sweep keeps what it has and says so") {
    Conducted c(50, 2);
    std::atomic<bool> cancel = false;
    c.control.cancel = &cancel;
    c.control.progress = [&](double share) { cancel = share >= 0.4; };
    const auto tally = c.run();
    REQUIRE(tally);
    CHECK(tally->stopped);
    CHECK(tally->answered >= 20);
    CHECK(tally->answered < 50);
    CHECK(c.written().size() == tally->answered);
}

TEST_CASE("progress goes up to one") {
    Conducted c(9, 2);
    double last = 0;
    c.control.progress = [&](double share) {
        CHECK(share >= last);
        last = share;
    };
    REQUIRE(c.run());
    CHECK(last == 1);
}

TEST_CASE("a point is answered with rows, with its problems, or with a mistake of the program") {
    const std::string text =
        "price: {gpu_hour: 2 USD}\ncandidates:\n  - {name: a, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm, count: 1}\n";
    const auto study = SweepStudy::read({text, "s.yaml", {}, {"a.layout.tp=1,2"}, "1.0", {}});
    REQUIRE(study);
    const std::string good = compute_point(*study, builtin_catalog(), 0, nullptr);
    REQUIRE(parse_answer(good));
    CHECK(parse_answer(good)->state == PointState::answered);
    CHECK(parse_answer(good)->lines.substr(0, 6) == "0,1,1,");
    const std::string bad = compute_point(*study, builtin_catalog(), 1, nullptr);
    REQUIRE(parse_answer(bad));
    CHECK(parse_answer(bad)->state == PointState::failed);
    CHECK_THAT(bad, ContainsSubstring("1,2,wrong_input,"));
    const std::string mistake = compute_point(*study, builtin_catalog(), 0, nullptr);
    CHECK(mistake == good);
    CHECK(parse_answer(crash_answer(study->grid(), 1, "gone"))->state == PointState::crashed);
    for (const char* none : {"", "r", "x0,1\r\n", "r0,1"}) CHECK_FALSE(parse_answer(none));
}

TEST_CASE("a point that is cancelled has no answer") {
    const std::string text =
        "price: {gpu_hour: 2 USD}\ncandidates:\n  - {name: a, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm, count: 1}\n";
    const auto study = SweepStudy::read({text, "s.yaml", {}, {"seed=1,2"}, "1.0", {}});
    REQUIRE(study);
    const std::atomic<bool> cancel = true;
    CHECK(compute_point(*study, builtin_catalog(), 0, &cancel).empty());
}
