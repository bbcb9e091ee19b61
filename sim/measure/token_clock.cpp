#include "sim/measure/token_clock.h"

#include <algorithm>

namespace moeplan {
namespace {

// A replica that never decodes must not pile up groups.
constexpr std::size_t kMostGroups = 1024;
// More at once than links carry; requests lost under way stay until they are pushed out.
constexpr std::size_t kMostTransfers = 256;

}  // namespace

void Transfers::sent(Ticks last_token, Ticks there) {
    if (under_way_.size() >= kMostTransfers) under_way_.pop_front();
    under_way_.push_back({last_token, there});
}

Ticks Transfers::received(Ticks at) {
    auto latest = under_way_.end();
    for (auto transfer = under_way_.begin(); transfer != under_way_.end(); ++transfer) {
        if (transfer->there <= at && (latest == under_way_.end() || transfer->there > latest->there)) latest = transfer;
    }
    if (latest == under_way_.end()) return at;
    const Ticks last = latest->last;
    under_way_.erase(latest);
    return last;
}

void TokenClock::put(Ticks last, std::int64_t sequences) {
    if (sequences <= 0) return;
    if (!groups_.empty() && groups_.back().last == last) {
        groups_.back().sequences += sequences;
        return;
    }
    if (groups_.size() >= kMostGroups) groups_.erase(groups_.begin(), groups_.begin() + kMostGroups / 2);
    groups_.push_back({last, sequences});
}

void TokenClock::first(Ticks at, std::int64_t count) {
    for (std::int64_t i = 0; i < count && !paused_.empty(); ++i) {
        gaps_->add(paused_.front(), at - paused_.front(), 0, 1, 1);
        paused_.pop_front();
    }
    put(at, count);
}

void TokenClock::decode(Ticks start, Ticks first, Ticks growth, std::int64_t count, std::int64_t sequences) {
    if (count <= 0 || sequences <= 0) return;
    const Ticks given = start + first;
    std::int64_t left = sequences, on_time = 0;
    // The newest are certainly here; what is too many has ended or lost its cache, most likely the oldest.
    for (auto group = groups_.rbegin(); group != groups_.rend() && left > 0; ++group) {
        const std::int64_t these = std::min(left, group->sequences);
        left -= these;
        if (group->last >= start) on_time += these;
        else gaps_->add(group->last, given - group->last, 0, 1, these);
    }
    for (; left > 0; --left) {
        const Ticks last = transfers_->received(start);
        if (last >= start) break;
        gaps_->add(last, given - last, 0, 1, 1);
    }
    on_time += left;
    if (on_time == sequences) {
        gaps_->add(start, first, growth, count, sequences);
    } else {
        gaps_->add(start, first, 0, 1, on_time);
        gaps_->add(given, first + growth, growth, count - 1, sequences);
    }
    groups_.clear();
    groups_.push_back({start + first * count + growth * (count * (count - 1) / 2), sequences});
}

void TokenClock::leave(Ticks last) {
    for (auto group = groups_.rbegin(); group != groups_.rend() && group->last >= last; ++group) {
        if (group->last != last) continue;
        if (--group->sequences == 0) groups_.erase(std::next(group).base());
        return;
    }
}

void TokenClock::pause(Ticks at) {
    for (auto group = groups_.rbegin(); group != groups_.rend(); ++group) {
        if (group->last > at) continue;
        paused_.push_back(group->last);
        if (--group->sequences == 0) groups_.erase(std::next(group).base());
        return;
    }
}

void TokenClock::send(Ticks at, Ticks there) {
    const Ticks last = groups_.empty() ? at : groups_.back().last;
    transfers_->sent(last, there);
    if (!groups_.empty() && --groups_.back().sequences == 0) groups_.pop_back();
}

void TokenClock::resume(Ticks at) {
    if (paused_.empty()) return;
    const Ticks last = std::min(paused_.front(), at);
    paused_.pop_front();
    groups_.insert(groups_.begin(), {last, 1});
}

void TokenClock::clear() {
    groups_.clear();
    paused_.clear();
}

}  // namespace moeplan
