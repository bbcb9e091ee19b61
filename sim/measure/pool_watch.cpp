#include "sim/measure/pool_watch.h"

#include <algorithm>
#include <utility>

namespace moeplan {
namespace {

constexpr std::size_t kFull = 0;   // the one peak: share of blocks held

}  // namespace

PoolWatch::PoolWatch(std::vector<std::int32_t> pool_of) : pool_of_(std::move(pool_of)), tracks_(pool_of_.size()) {
    std::int32_t pools = 0;
    for (const std::int32_t pool : pool_of_) pools = std::max(pools, pool + 1);
    bins_.assign(static_cast<std::size_t>(pools), TimeBins(0, kLevels, 1));
}

TimeBins* PoolWatch::bins_of(std::int32_t replica) {
    const auto index = static_cast<std::size_t>(replica);
    const bool in_pool = replica >= 0 && index < pool_of_.size() && pool_of_[index] >= 0;
    return in_pool ? &bins_[static_cast<std::size_t>(pool_of_[index])] : nullptr;
}

void PoolWatch::arrived(std::uint64_t, const Arrival& request) {
    first_ = std::min(first_, request.at);
    seen(request.at);
}

void PoolWatch::ended(const RequestRecord& r) {
    seen(r.finished);
    const auto sent = arrives_.extract(r.id);
    if (r.replica < 0 || r.finished == kNever || !bins_of(r.replica)) return;
    // A request ends where it was decoded: the pool before that is the one that prefills.
    const std::int32_t pool = pool_of_[static_cast<std::size_t>(r.replica)];
    if (r.started != kNever) bins_[static_cast<std::size_t>(pool - pool % 2)].hold(waiting, r.arrival, r.started, 1);
    if (!sent.empty() && pool % 2 == 1 && sent.mapped() < r.finished) bins_[static_cast<std::size_t>(pool)].hold(delivered, sent.mapped(), r.finished, 1);
}

void PoolWatch::decoded(const DecodeRun& run) {
    TimeBins* bins = bins_of(run.replica);
    if (!bins) return;
    Track& t = tracks_[static_cast<std::size_t>(run.replica)];
    t.step_start = std::min(t.step_start, run.start);
    t.in_steps = std::max(t.in_steps, run.sequences);
    t.decodes += run.count;
    bins->hold(busy, run.start, run.end(), 1);
}

void PoolWatch::stepped(const PromptStep& step) {
    TimeBins* bins = bins_of(step.replica);
    if (!bins) return;
    Track& t = tracks_[static_cast<std::size_t>(step.replica)];
    t.step_start = std::min(t.step_start, step.start);
    t.in_steps = std::max(t.in_steps, step.prompts + step.decoding);
    t.prompts_done = step.end;
    bins->hold(busy, step.start, step.end, 1);
}

void PoolWatch::state(const ReplicaState& now) {
    TimeBins* bins = bins_of(now.replica);
    if (!bins) return;
    seen(now.at);
    Track& t = tracks_[static_cast<std::size_t>(now.replica)];
    const ReplicaState& last = t.last;
    const Ticks from = std::min(last.at, now.at);
    const Ticks began = t.step_start == kNever ? now.at : std::clamp(t.step_start, from, now.at);
    const auto hold = [&](Level level, Ticks start, Ticks end, double value) {
        if (end > start) bins->hold(level, start, end, value);
    };
    hold(running, from, began, static_cast<double>(last.running));
    hold(kv_used, from, began, static_cast<double>(last.kv_used));
    hold(running, began, now.at, static_cast<double>(std::max({last.running, t.in_steps, now.running})));
    const auto used = static_cast<double>(std::max({last.kv_used, now.kv_used, now.kv_most}));
    bins->hold_growing(kv_used, began, now.at, t.decodes > 1 ? static_cast<double>(last.kv_used) : used, used);
    hold(kv_total, from, now.at, static_cast<double>(now.kv_total));
    if (now.kv_total > 0) bins->reach(kFull, now.at, used / static_cast<double>(now.kv_total));
    t.step_start = kNever;
    t.in_steps = 0;
    t.decodes = 0;
    t.last = now;
}

void PoolWatch::happened(Happening what, std::int32_t replica, std::optional<std::uint64_t> request, Ticks at, Ticks until) {
    TimeBins* bins = bins_of(replica);
    if (!bins) return;
    Track& t = tracks_[static_cast<std::size_t>(replica)];
    if (what == Happening::kv_sent) {
        bins->hold(sending, at, until, 1);
        if (request) arrives_[*request] = until;
        if (t.prompts_done < at) bins->hold(link_waiting, t.prompts_done, at, 1);
    } else if (what == Happening::lost && t.there_from != kNever) {
        bins->hold(there, t.there_from, at, 1);
        t.there_from = kNever;
    } else if (what == Happening::returned) {
        t.there_from = at;
    }
}

std::vector<MeasuredPool> PoolWatch::finish(const Measured& all) {
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
        if (pool_of_[i] < 0 || tracks_[i].there_from == kNever) continue;
        bins_[static_cast<std::size_t>(pool_of_[i])].hold(there, tracks_[i].there_from, last_, 1);
    }
    const Ticks from = first_ == kNever ? 0 : first_ + to_ticks(all.warm_up_s), to = from + to_ticks(all.window_s);
    const auto over = [](double part, double whole) { return whole > 0 ? std::max(0.0, part) / whole : 0; };
    std::vector<MeasuredPool> out;
    for (const TimeBins& bins : bins_) {
        const auto integral = [&](Level level) { return bins.integral_between(level, from, to); };
        MeasuredPool p;
        p.busy = std::min(1.0, over(integral(busy), integral(there)));
        p.kv_mean = over(integral(kv_used), integral(kv_total));
        p.kv_peak = bins.peak_since(kFull, from);
        p.running_mean = over(integral(running), all.window_s);
        p.waiting_mean = over(integral(waiting) + std::max(0.0, integral(delivered) - integral(running)), all.window_s);
        p.sending_mean = over(integral(sending), all.window_s);
        p.link_waiting_mean = over(integral(link_waiting), all.window_s);
        out.push_back(p);
    }
    return out;
}

}  // namespace moeplan
