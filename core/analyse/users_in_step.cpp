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
    Loop(const UsersInStep& u, std::int64_t users) : u_(u), users_(users), decodes_(static_cast<std::int64_t>(std::ceil(std::max(u.decodes, 0.0) - 1e-9))) {
        queue_.assign(static_cast<std::size_t>(users), Waiting{0, u.prompt});
    }

    // Until each user has had so many first tokens, and one an answer.
    PacedTimes follow(std::int64_t rounds) {
        first_tokens_ = answers_ = 0;
        waited_s_ = decoded_s_ = 0;
        while (first_tokens_ < users_ * rounds || answers_ == 0) advance();
        const double steps = static_cast<double>(answers_ * decodes_);
        return {waited_s_ / static_cast<double>(first_tokens_), steps > 0 ? decoded_s_ / steps : u_.decode_s};
    }

private:
    // `longest`: of one prompt, on one rank.
    double time_of(double amount, double longest) const {
        const PromptStep at = step_of(amount);
        const double even = amount / u_.ranks, most = std::min(u_.prompt, u_.budget);
        const double uneven = most > even ? std::clamp((longest - even) / (most - even), 0.0, 1.0) : 1;
        return at.even_s + (at.time_s - at.even_s) * uneven;
    }

    PromptStep step_of(double amount) const {
        const auto& known = u_.with_prompts;
        const auto above = std::ranges::find_if(known, [&](const PromptStep& p) { return p.amount >= amount; });
        if (above == known.end()) return known.back();
        if (above == known.begin()) return *above;
        const PromptStep& a = *(above - 1);
        const double part = (amount - a.amount) / (above->amount - a.amount);
        return {amount, a.time_s + (above->time_s - a.time_s) * part, a.even_s + (above->even_s - a.even_s) * part};
    }

    void step(double lasts_s, std::int64_t times) {
        steps_ += times;
        now_s_ += lasts_s * static_cast<double>(times);
        composed_s_ = u_.async_scheduling ? now_s_ - lasts_s : now_s_;
    }

    // A step with the prompts that are there, as far as they fit.
    void prefill() {
        const double decoding = u_.decode * static_cast<double>(decoding_.size());
        const double of_rank = std::max(1.0, u_.budget - decoding / u_.ranks), room = of_rank * u_.ranks;
        const bool uncut = u_.whole_prompts && u_.prompt <= u_.budget;
        double taken = 0, longest = 0;
        std::vector<Waiting> still;   // under way, before all others
        std::size_t seen = 0;
        for (; seen < queue_.size(); ++seen) {
            Waiting& w = queue_[seen];
            if (w.came_s > composed_s_ || taken >= room || (uncut && taken > 0 && taken + w.left > room)) break;
            const double part = uncut ? w.left : std::min({w.left, of_rank, room - taken});
            w.left -= part;
            taken += part;
            longest = std::max(longest, part);
            if (w.left > 0) still.push_back(w);
            else done_.push_back(w.came_s);
        }
        step(time_of(taken, longest), 1);
        queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(seen));
        queue_.insert(queue_.begin(), still.begin(), still.end());
        for (const double came_s : done_) {
            waited_s_ += now_s_ - came_s;
            ++first_tokens_;
            decoding_.push_back({steps_ + decodes_, now_s_});
        }
        done_.clear();
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
        for (; !decoding_.empty() && decoding_.front().until <= steps_; decoding_.pop_front()) {
            decoded_s_ += now_s_ - decoding_.front().began_s;
            ++answers_;
            queue_.push_back({now_s_ + u_.back_s, u_.prompt});
        }
    }

    const UsersInStep& u_;
    std::int64_t users_, decodes_;
    double now_s_ = 0, composed_s_ = 0;   // where the next step begins; who was there by then can be in it
    std::int64_t steps_ = 0;
    std::deque<Waiting> queue_;
    std::deque<Decoding> decoding_;
    std::vector<double> done_;            // when those came whose prompts this step finishes
    std::int64_t first_tokens_ = 0, answers_ = 0;
    double waited_s_ = 0, decoded_s_ = 0;
};

PacedTimes pace_of(const UsersInStep& users, double count) {
    Loop loop(users, static_cast<std::int64_t>(count));
    loop.follow(kForgotten);
    return loop.follow(kCounted);
}

}  // namespace

PacedTimes pace(const UsersInStep& users) {
    require(!users.with_prompts.empty(), "pace: the time of a step with prompts is needed");
    if (users.decode_s <= 0) return {};
    const double fewer = std::max(1.0, std::floor(users.users + 1e-9)), part = std::max(0.0, users.users - fewer);
    const PacedTimes a = pace_of(users, fewer);
    if (part < 1e-9) return a;
    const PacedTimes b = pace_of(users, fewer + 1);
    return {a.ttft_s + part * (b.ttft_s - a.ttft_s), a.step_s + part * (b.step_s - a.step_s)};
}

}  // namespace moeplan
