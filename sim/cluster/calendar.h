#pragma once
// What will happen when, in an order that is the same every time. Private to sim/cluster.

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

#include "sim/replica/sequence.h"

namespace moeplan::cluster {

// Never, rather than beyond the clock.
inline Ticks later(Ticks at, Ticks span) { return span > kNever - at ? kNever : at + span; }

// In the order in which things happen at one moment.
enum class EventKind : std::uint8_t {
    step_ends,      // subject: replica, stamp: its version
    lost,           // subject: replica
    returns,        // subject: replica, stamp: its starts
    look,           // autoscaling; subject: group
    new_times,      // subject: twice the group, and one more for replicas with times of their own that decode; stamp: epoch
    cache_sent,     // sequence, subject: from replica, stamp: its restarts
    arrives,        // at the scheduler; sequence
    gives_up,       // sequence, stamp: its id
};

struct Event {
    Ticks at = 0;
    EventKind kind{};
    std::uint64_t number = 0;      // by order of making: breaks ties that replicas do not
    std::uint64_t stamp = 0;
    std::size_t subject = 0;
    Sequence* sequence = nullptr;
    bool operator>(const Event& other) const {
        if (at != other.at) return at > other.at;
        if (kind != other.kind) return kind > other.kind;
        if (subject != other.subject) return subject > other.subject;
        return number > other.number;
    }
};

class Calendar {
public:
    void add(Event event) {
        if (event.at == kNever) return;
        event.number = ++made_;
        if (moves_requests(event)) ++moving_;
        events_.push(event);
    }
    // Whether anything is to come that can get a request on its way: looking around alone cannot.
    bool moving() const { return moving_ > 0; }
    Ticks next() const { return events_.empty() ? kNever : events_.top().at; }
    Event take() {
        Event e = events_.top();
        events_.pop();
        if (moves_requests(e)) --moving_;
        return e;
    }

private:
    static bool moves_requests(const Event& e) { return e.kind != EventKind::look && e.kind != EventKind::new_times; }

    std::uint64_t moving_ = 0;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
    std::uint64_t made_ = 0;
};

// Requests in the system; places are used again, so that memory is bounded by how many are there at once.
class SequencePool {
public:
    Sequence& make() {
        ++live_;
        if (free_.empty()) return *all_.emplace_back(std::make_unique<Sequence>());
        Sequence& s = *free_.back();
        free_.pop_back();
        return s;
    }
    void drop(Sequence& s) {
        --live_;
        auto prefix = std::move(s.arrival.prefix);
        auto units = std::move(s.units), held = std::move(s.held);
        s = {};
        units.clear();
        held.clear();
        s.units = std::move(units);   // their memory is kept
        s.held = std::move(held);
        free_.push_back(&s);
    }
    std::uint64_t live() const { return live_; }
    template <class F>
    void for_each_live(F&& f) {
        for (auto& s : all_) {
            if (s->record.input > 0) f(*s);
        }
    }

private:
    std::vector<std::unique_ptr<Sequence>> all_;
    std::vector<Sequence*> free_;
    std::uint64_t live_ = 0;
};

}  // namespace moeplan::cluster
