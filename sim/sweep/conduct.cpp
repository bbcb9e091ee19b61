#include "sim/sweep/conduct.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "core/base/require.h"
#include "sim/sweep/compute.h"

namespace moeplan {
namespace {

constexpr std::chrono::milliseconds kPatience{100};   // between two looks at cancel
constexpr std::size_t kAhead = 2;                     // points a worker has at a time: none waits for the next
constexpr int kMostTries = 2;

class Conductor {
public:
    Conductor(Team& team, const Grid& grid, std::vector<std::uint64_t> todo, Parts& parts)
        : team_(team), grid_(grid), todo_(std::move(todo)), parts_(parts), given_(team.size()), ready_(team.size(), false),
          done_(todo_.size(), false) {
        require(std::ranges::is_sorted(todo_), "conduct: points in ascending order");
        tally_.todo = todo_.size();
    }

    Result<SweepTally> run(RunControl& control) {
        while (tally_.done() < todo_.size()) {
            if (control.cancelled()) {
                tally_.stopped = true;
                break;
            }
            for (const TeamEvent& event : team_.wait(kPatience)) {
                if (auto problems = take(event); !problems.empty()) return tl::unexpected(std::move(problems));
            }
            if (!team_.alive() && tally_.done() < todo_.size())
                return fail({{}, {}, "every worker ended: " + last_loss_, "the same command goes on where it stopped"});
            if (control.progress) control.progress(static_cast<double>(tally_.done()) / static_cast<double>(todo_.size()));
        }
        Problems problems = parts_.results.sync();
        append(problems, parts_.failures.sync());
        if (!problems.empty()) return fail(std::move(problems));
        return tally_;
    }

private:
    Problems take(const TeamEvent& event) {
        Problems problems;
        switch (event.kind) {
            case TeamEvent::Kind::ready: ready_[event.worker] = true; break;
            case TeamEvent::Kind::lost: problems = lose(event); break;
            case TeamEvent::Kind::answer:
                std::erase(given_[event.worker], event.point);
                problems = keep(event.point, event.text);
                break;
        }
        hand_out();
        return problems;
    }

    Problems lose(const TeamEvent& event) {
        ++tally_.lost;
        last_loss_ = event.text;
        ready_[event.worker] = false;
        std::deque<std::uint64_t> given = std::exchange(given_[event.worker], {});
        Problems problems;
        if (!given.empty() && ++tries_[given.front()] >= kMostTries) {   // the others were only waiting
            const std::uint64_t point = given.front();
            given.pop_front();
            problems = keep(point, crash_answer(grid_, point, "twice the process computing it ended: " + event.text));
        }
        again_.insert(again_.begin(), given.begin(), given.end());
        return problems;
    }

    // Where a point stands in todo_; nothing for one that nobody asked for.
    std::optional<std::size_t> place_of(std::uint64_t point) const {
        const auto at = std::ranges::lower_bound(todo_, point);
        if (at == todo_.end() || *at != point) return std::nullopt;
        return static_cast<std::size_t>(at - todo_.begin());
    }

    Problems keep(std::uint64_t point, const std::string& text) {
        const auto place = place_of(point);
        if (!place || done_[*place]) return {};
        const auto answer = parse_answer(text);
        if (!answer) {   // cancelled, or a worker that talks nonsense: for somebody else
            again_.push_back(point);
            return {};
        }
        const bool answered = answer->state == PointState::answered;
        if (auto problems = (answered ? parts_.results : parts_.failures).append(answer->lines); !problems.empty())
            return problems;
        done_[*place] = true;
        ++(answered ? tally_.answered : answer->state == PointState::failed ? tally_.failed : tally_.crashed);
        return {};
    }

    std::optional<std::uint64_t> next() {
        while (!again_.empty()) {
            const std::uint64_t point = again_.front();
            again_.pop_front();
            if (!done_[*place_of(point)]) return point;
        }
        if (next_ < todo_.size()) return todo_[next_++];
        return std::nullopt;
    }

    // Evenly: everyone has one before anyone has two.
    void hand_out() {
        for (std::size_t ahead = 1; ahead <= kAhead; ++ahead) {
            for (std::size_t worker = 0; worker < given_.size(); ++worker) {
                if (!ready_[worker] || given_[worker].size() >= ahead) continue;
                const auto point = next();
                if (!point) return;
                given_[worker].push_back(*point);
                team_.give(worker, *point);
            }
        }
    }

    Team& team_;
    const Grid& grid_;
    std::vector<std::uint64_t> todo_;
    Parts& parts_;
    std::vector<std::deque<std::uint64_t>> given_;   // of each worker, in order
    std::vector<bool> ready_;
    std::vector<bool> done_;                         // of todo_
    std::size_t next_ = 0;
    std::deque<std::uint64_t> again_;
    std::map<std::uint64_t, int> tries_;
    SweepTally tally_;
    std::string last_loss_ = "none could be started";
};

}  // namespace

Result<SweepTally> conduct(Team& team, const Grid& grid, std::vector<std::uint64_t> todo, Parts& parts, RunControl& control) {
    return Conductor(team, grid, std::move(todo), parts).run(control);
}

}  // namespace moeplan
