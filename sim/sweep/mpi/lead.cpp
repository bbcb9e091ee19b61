#include "sim/sweep/mpi/lead.h"

#include <cstring>
#include <thread>
#include <utility>
#include <vector>

namespace moeplan {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kTellAlive{500};
constexpr milliseconds kNap{1};   // an idle rank 0 leaves its core to others

enum class State : std::uint8_t { silent, ready, lost, refused };

struct Worker {
    State state = State::silent;
    Clock::time_point heard = Clock::now();
};

class MpiTeam final : public Team {
public:
    MpiTeam(Messages& messages, std::string hello, milliseconds lost_after)
        : messages_(messages), hello_(std::move(hello)), lost_after_(lost_after), workers_(messages.size() - 1) {}

    std::size_t size() const override { return workers_.size(); }

    void give(std::size_t worker, std::uint64_t point) override {
        std::string bytes(sizeof point, '\0');
        std::memcpy(bytes.data(), &point, sizeof point);
        messages_.send(worker + 1, Tag::point, std::move(bytes));
    }

    std::vector<TeamEvent> wait(milliseconds at_most) override {
        std::vector<TeamEvent> events;
        const auto until = Clock::now() + at_most;
        for (;;) {
            tell_alive();
            for (std::size_t i = 0; i < workers_.size(); ++i) hear(i, events);
            (void)messages_.all_sent();
            if (!events.empty() || Clock::now() >= until) return events;
            std::this_thread::sleep_for(kNap);
        }
    }

    bool alive() const override {
        for (const Worker& worker : workers_) {
            if (worker.state == State::ready || worker.state == State::silent) return true;
        }
        return false;
    }

private:
    void tell_alive() {
        if (Clock::now() - told_ < kTellAlive) return;
        told_ = Clock::now();
        for (std::size_t i = 0; i < workers_.size(); ++i) {
            if (workers_[i].state == State::ready) messages_.send(i + 1, Tag::alive, {});
        }
    }

    void hear(std::size_t i, std::vector<TeamEvent>& events) {
        Worker& worker = workers_[i];
        bool gone = false;
        while (auto message = messages_.receive(i + 1, gone)) {
            worker.heard = Clock::now();
            take(i, std::move(*message), events);
        }
        const bool late = Clock::now() - worker.heard > lost_after_;
        if (!(gone || late) || worker.state == State::lost || worker.state == State::refused) return;
        worker.state = State::lost;
        events.push_back({TeamEvent::Kind::lost, i, 0, gone ? "its rank failed" : "its rank says nothing any more"});
    }

    void take(std::size_t i, Message message, std::vector<TeamEvent>& events) {
        Worker& worker = workers_[i];
        if (message.tag == Tag::hello && message.bytes != hello_) {
            worker.state = State::refused;
            events.push_back({TeamEvent::Kind::lost, i, 0, message.bytes});
            return;
        }
        if (worker.state != State::ready && worker.state != State::refused) {   // also one that was only slow
            worker.state = State::ready;
            events.push_back({TeamEvent::Kind::ready, i, 0, {}});
        }
        if (message.tag != Tag::answer || message.bytes.size() < sizeof(std::uint64_t)) return;
        std::uint64_t point = 0;
        std::memcpy(&point, message.bytes.data(), sizeof point);
        events.push_back({TeamEvent::Kind::answer, i, point, message.bytes.substr(sizeof point)});
    }

    Messages& messages_;
    std::string hello_;
    milliseconds lost_after_;
    std::vector<Worker> workers_;
    Clock::time_point told_{};
};

}  // namespace

std::unique_ptr<Team> make_mpi_team(Messages& messages, std::string hello, milliseconds lost_after) {
    return std::make_unique<MpiTeam>(messages, std::move(hello), lost_after);
}

}  // namespace moeplan
