#include "core/analyse/users_in_step.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>

#include "core/base/require.h"

namespace moeplan {
namespace {

// Rounds of all users until the start is forgotten, and over which means are taken.
constexpr std::int64_t kForgotten = 3, kCounted = 3;

std::int64_t whole(double n, double least) { return static_cast<std::int64_t>(std::ceil(std::max(n, least) - 1e-9)); }

struct Waiting {
    double came_s;   // or will come
    double left;     // of its prompt
};

struct Decoding {
    std::int64_t until;   // step in which it ends
    double began_s;
};

class Loop {
public:
    explicit Loop(const UsersInStep& u) : u_(u), decodes_(whole(u.decodes, 0)) {
        queue_.assign(static_cast<std::size_t>(whole(u.users, 1)), Waiting{0, u.prompt});
    }

    // Until so many have their first token, and one an answer.
    PacedTimes follow(std::int64_t first_tokens) {
        first_tokens_ = answers_ = 0;
        waited_s_ = decoded_s_ = 0;
        while (first_tokens_ < first_tokens || answers_ == 0) advance();
        const double steps = static_cast<double>(answers_ * decodes_);
        return {waited_s_ / static_cast<double>(first_tokens_), steps > 0 ? decoded_s_ / steps : u_.decode_s};
    }

private:
    double time_of(double amount) const {
        const auto& known = u_.with_prompts;
        const auto above = std::find_if(known.begin(), known.end(), [&](const PromptStep& p) { return p.amount >= amount; });
        if (above == known.end()) return known.back().time_s;
        if (above == known.begin()) return above->time_s;
        const PromptStep& a = *(above - 1);
        return a.time_s + (above->time_s - a.time_s) * (amount - a.amount) / (above->amount - a.amount);
    }

    void step(double lasts_s, std::int64_t times) {
        steps_ += times;
        now_s_ += lasts_s * static_cast<double>(times);
        composed_s_ = u_.async_scheduling ? now_s_ - lasts_s : now_s_;
    }

    // A step with the prompts that are there, as far as they fit.
    void prefill() {
        const double room = std::max(1.0, u_.budget - u_.decode * static_cast<double>(decoding_.size()));
        double taken = 0;
        std::size_t through = 0;
        for (Waiting& w : queue_) {
            if (w.came_s > composed_s_ || taken >= room) break;
            const bool alone = u_.whole_prompts && u_.prompt <= u_.budget;
            if (alone && taken > 0 && taken + w.left > room) break;
            const double part = alone ? w.left : std::min(w.left, room - taken);
            w.left -= part;
            taken += part;
            if (w.left > 0) break;
            ++through;
        }
        step(time_of(taken), 1);
        for (; through > 0; --through, queue_.pop_front()) {
            waited_s_ += now_s_ - queue_.front().came_s;
            ++first_tokens_;
            decoding_.push_back({steps_ + decodes_, now_s_});
        }
    }

    // Until one has answered or one that comes can be taken in.
    void decode() {
        std::int64_t times = decoding_.front().until - steps_;
        if (!queue_.empty()) {
            const double until = std::ceil((queue_.front().came_s - composed_s_) / u_.decode_s);
            if (until < static_cast<double>(times)) times = static_cast<std::int64_t>(until);
        }
        step(u_.decode_s, std::max<std::int64_t>(1, times));
    }

    void advance() {
        if (!queue_.empty() && queue_.front().came_s <= composed_s_) prefill();
        else if (!decoding_.empty()) decode();
        else now_s_ = composed_s_ = std::max(now_s_, queue_.front().came_s);
        while (!decoding_.empty() && decoding_.front().until <= steps_) {
            decoded_s_ += now_s_ - decoding_.front().began_s;
            ++answers_;
            decoding_.pop_front();
            queue_.push_back({now_s_ + u_.back_s, u_.prompt});
        }
    }

    const UsersInStep& u_;
    std::int64_t decodes_;
    double now_s_ = 0, composed_s_ = 0;   // where the next step begins; who was there by then can be in it
    std::int64_t steps_ = 0;
    std::deque<Waiting> queue_;
    std::deque<Decoding> decoding_;
    std::int64_t first_tokens_ = 0, answers_ = 0;
    double waited_s_ = 0, decoded_s_ = 0;
};

}  // namespace

PacedTimes pace(const UsersInStep& users) {
    require(!users.with_prompts.empty(), "pace: the time of a step with prompts is needed");
    if (users.decode_s <= 0) return {};
    Loop loop(users);
    loop.follow(whole(users.users, 1) * kForgotten);
    return loop.follow(whole(users.users, 1) * kCounted);
}

}  // namespace moeplan
