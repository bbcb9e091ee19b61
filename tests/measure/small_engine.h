#pragma once
// A tiny serving engine for tests of observers: it tells events as a replica does and keeps every token's time by itself.

#include <algorithm>
#include <deque>
#include <random>
#include <vector>

#include "sim/request/observer.h"

namespace moeplan {

struct SmallEngine {
    struct Request {
        Arrival arrival;
        RequestRecord record;
        std::vector<Ticks> tokens;   // when each came
    };
    enum class Prompts { alone, beside, either };

    std::vector<Request> requests;
    Prompts prompts = Prompts::either;
    std::size_t most_running = 8;
    bool skip = true;                // decode steps together

    static SmallEngine random(std::uint64_t seed, int n, double mean_gap_s = 0.2) {
        SmallEngine engine;
        std::mt19937_64 draw(seed);
        Ticks at = 0;
        for (int i = 0; i < n; ++i) {
            at += static_cast<Ticks>(draw() % static_cast<std::uint64_t>(2 * mean_gap_s * 1e12));
            Request r;
            r.arrival.at = at;
            r.arrival.input = static_cast<std::int64_t>(draw() % 900) + 1;
            r.arrival.output = static_cast<std::int64_t>(draw() % 40) + 1;
            r.record.id = static_cast<std::uint64_t>(i);
            r.record.arrival = at;
            r.record.input = r.arrival.input;
            r.record.output = r.arrival.output;
            r.record.replica = 0;
            engine.requests.push_back(std::move(r));
        }
        engine.random_ = draw;
        return engine;
    }

    void run(const std::vector<Observer*>& observers) {
        observers_ = observers;
        while (true) {
            arrive(now_);
            if (running_.empty() && waiting_.empty()) {
                if (next_ == requests.size()) return;
                now_ = requests[next_].arrival.at;
                continue;
            }
            std::vector<Request*> admitted;
            while (!waiting_.empty() && running_.size() + admitted.size() < most_running) {
                admitted.push_back(waiting_.front());
                waiting_.pop_front();
            }
            if (admitted.empty()) decode();
            else prompt(admitted);
        }
    }

private:
    template <class Tell>
    void tell(Tell told) { for (Observer* o : observers_) told(*o); }

    void arrive(Ticks until) {
        for (; next_ < requests.size() && requests[next_].arrival.at <= until; ++next_) {
            tell([&](Observer& o) { o.arrived(requests[next_].record.id, requests[next_].arrival); });
            waiting_.push_back(&requests[next_]);
        }
    }

    void prompt(std::vector<Request*>& admitted) {
        PromptStep step{0, now_, now_, 0, static_cast<std::int64_t>(admitted.size()), static_cast<std::int64_t>(admitted.size()), 0};
        for (const Request* r : admitted) step.prompt_tokens += r->arrival.input;
        const bool beside = prompts == Prompts::beside || (prompts == Prompts::either && random_() % 2 == 0);
        step.decoding = beside ? static_cast<std::int64_t>(running_.size()) : 0;
        step.end = now_ + 3'000'000'000 + 40'000'000 * step.prompt_tokens + 1'000'001 * step.decoding;
        for (Request* r : running_) {
            if (beside) r->tokens.push_back(step.end);
        }
        for (Request* r : admitted) {
            r->tokens.push_back(step.end);
            r->record.started = step.start;
            r->record.first_token = step.end;
        }
        running_.insert(running_.end(), admitted.begin(), admitted.end());
        finish(step.end, [&](Observer& o) { o.stepped(step); });
    }

    void decode() {
        const auto n = static_cast<std::int64_t>(running_.size());
        DecodeRun run{0, now_, 5'000'000'000 + 300'000'000 * n, 1'000 * n, 1'000'000, n, n};
        for (const Request* r : running_) run.count = std::min(run.count, r->arrival.output - static_cast<std::int64_t>(r->tokens.size()));
        if (!skip) run.count = 1;
        Ticks at = now_;
        for (std::int64_t j = 0; j < run.count; ++j) {
            at += run.first + run.growth * j;
            for (Request* r : running_) r->tokens.push_back(at);
        }
        finish(at, [&](Observer& o) { o.decoded(run); });
    }

    template <class Tell>
    void finish(Ticks end, Tell step) {
        arrive(end);   // while it ran
        now_ = end;
        tell(step);
        std::vector<Request*> done;
        std::erase_if(running_, [&](Request* r) {
            const bool over = static_cast<std::int64_t>(r->tokens.size()) >= r->arrival.output;
            if (over) done.push_back(r);
            return over;
        });
        const auto count = [](const auto& of) { return static_cast<std::int64_t>(of.size()); };
        tell([&](Observer& o) { o.state({0, end, count(running_), count(waiting_), count(running_), 0, 64}); });
        for (Request* r : done) {
            r->record.finished = end;
            tell([&](Observer& o) { o.ended(r->record); });
        }
    }

    std::vector<Observer*> observers_;
    std::deque<Request*> waiting_;
    std::vector<Request*> running_;
    std::size_t next_ = 0;
    Ticks now_ = 0;
    std::mt19937_64 random_;
};

}  // namespace moeplan
