#include "sim/serving/replay_measured.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "core/base/require.h"
#include "core/base/upper_median.h"
#include "sim/arrivals/gaps.h"
#include "sim/arrivals/processes.h"

namespace moeplan {
namespace {

std::int64_t places_of(const MeasuredRun& run) {
    return std::max<std::int64_t>(1, std::llround(run.max_concurrency.value_or(1)));
}
bool is_endless(const MeasuredRun& run) { return !run.request_rate || !std::isfinite(*run.request_rate); }
bool is_limited(const MeasuredRun& run, std::size_t requests) {
    return run.max_concurrency && std::isfinite(*run.max_concurrency) &&
           *run.max_concurrency < static_cast<double>(requests);
}

// Requests in their order, none before its time and no more than `places` at once: the n-th is sent when its time has come
// and n - places have been answered, as a client that takes turns at a semaphore does.
class InTurn final : public RequestSource {
public:
    InTurn(std::vector<Arrival> all, std::int64_t places)
        : all_(std::move(all)), places_(static_cast<std::size_t>(places)) {}
    std::optional<Arrival> next() override { return at_ < std::min(places_, all_.size()) ? take(0) : std::nullopt; }
    std::optional<Arrival> after(const Arrival&, Ticks now) override {
        return at_ < all_.size() ? take(now) : std::nullopt;
    }

private:
    std::optional<Arrival> take(Ticks now) {
        Arrival a = all_[at_++];
        a.at = std::max(a.at, now);
        return a;
    }
    std::vector<Arrival> all_;
    std::size_t places_, at_ = 0;
};

std::vector<Arrival> arrivals_of(const std::vector<const MeasuredRequest*>& requests) {
    std::vector<Arrival> all;
    for (const MeasuredRequest* r : requests) {
        Arrival a;
        a.input = r->input_tokens;
        a.output = std::max<std::int64_t>(1, r->output_tokens);
        a.session = static_cast<std::uint32_t>(all.size());
        all.push_back(std::move(a));
    }
    return all;
}

void draw_times(const MeasuredRun& run, std::vector<Arrival>& all, std::uint64_t seed) {
    Rng rng(seed);
    const double burstiness = run.burstiness.value_or(1);
    const Gaps gaps = std::isfinite(burstiness) ? Gaps::gamma_of_shape(burstiness) : Gaps::gamma(0);
    double at = 0;
    for (Arrival& a : all) {
        a.at = to_ticks(at);
        at += gaps.draw(rng) / *run.request_rate;
    }
}

}  // namespace

std::vector<const MeasuredRequest*> succeeded(const MeasuredRun& run) {
    std::vector<const MeasuredRequest*> all;
    for (const MeasuredRequest& r : run.requests) {
        if (!r.failed) all.push_back(&r);
    }
    return all;
}

ReplayedBy replayed_by(const MeasuredRun& run) {
    const auto requests = succeeded(run);
    if (is_limited(run, requests.size()) && is_endless(run) && !run.varied) return ReplayedBy::users;
    if (std::ranges::all_of(requests, [](const MeasuredRequest* r) { return r->arrival_s.has_value(); }))
        return ReplayedBy::recorded;
    if (run.varied || (!run.request_rate && !run.max_concurrency)) return ReplayedBy::untold;
    return is_endless(run) ? ReplayedBy::at_once : ReplayedBy::rate;
}

std::optional<std::int64_t> looks_like_users(const MeasuredRun& run) {
    const auto requests = succeeded(run);
    std::vector<double> lasted;
    for (const MeasuredRequest* r : requests) {
        if (!r->arrival_s || !r->e2e_s) return std::nullopt;
        lasted.push_back(*r->e2e_s);
    }
    if (requests.size() < 10) return std::nullopt;
    const double near = 0.02 * upper_median(lasted);
    std::vector<double> begins, ends;
    for (const MeasuredRequest* r : requests) {
        begins.push_back(*r->arrival_s);
        ends.push_back(*r->arrival_s + *r->e2e_s);
    }
    for (auto* v : {&begins, &ends}) std::ranges::sort(*v);
    const auto up_to = [](const std::vector<double>& times, double t) {
        return std::ranges::upper_bound(times, t) - times.begin();
    };
    std::vector<std::ptrdiff_t> in_flight;  // once what ends and begins together has ended and begun
    for (const double at : begins) in_flight.push_back(up_to(begins, at + near) - up_to(ends, at + near));
    const std::ptrdiff_t most = *std::ranges::max_element(in_flight);
    if (most < 1 || std::ssize(begins) < 3 * most) return std::nullopt;
    double follow = 0;
    for (auto i = static_cast<std::size_t>(most); i < begins.size(); ++i) {
        const auto ended = up_to(ends, begins[i] + near);
        follow +=
            in_flight[i] == most && ended > 0 && begins[i] - ends[static_cast<std::size_t>(ended - 1)] <= near ? 1 : 0;
    }
    return follow >= 0.9 * static_cast<double>(std::ssize(begins) - most) ? std::optional<std::int64_t>(most)
                                                                          : std::nullopt;
}

std::optional<std::int64_t> ran_at_most(const MeasuredRun& run) {
    struct Change {
        double at;
        int running, waiting;
    };
    std::vector<Change> changes;
    for (const MeasuredRequest* r : succeeded(run)) {
        if (!r->arrival_s || !r->ttft_s || !r->e2e_s) return std::nullopt;
        changes.push_back({*r->arrival_s, 0, 1});
        changes.push_back({*r->arrival_s + *r->ttft_s, 1, -1});
        changes.push_back({*r->arrival_s + *r->e2e_s, -1, 0});
    }
    std::ranges::stable_sort(changes, {}, &Change::at);
    const auto over_time = [&changes](auto&& look) {
        std::int64_t running = 0, waiting = 0;
        for (std::size_t i = 0; i + 1 < changes.size(); ++i) {
            running += changes[i].running;
            waiting += changes[i].waiting;
            look(running, waiting, changes[i + 1].at - changes[i].at);
        }
    };
    std::int64_t most = 0;
    over_time([&most](std::int64_t running, std::int64_t, double lasted) { most = lasted > 0 ? std::max(most, running) : most; });
    if (most < 2) return std::nullopt;
    constexpr std::int64_t kWaiting = 2;
    constexpr double kAboutAsMany = 0.95, kMostOfTheTime = 0.7, kNotFew = 0.1;
    double all = 0, waited = 0, full = 0;
    over_time([&](std::int64_t running, std::int64_t waiting, double lasted) {
        all += lasted;
        if (waiting < kWaiting) return;
        waited += lasted;
        // One may be on its way to its first token.
        if (running + 1 >= most || static_cast<double>(running) >= kAboutAsMany * static_cast<double>(most)) full += lasted;
    });
    return waited >= kNotFew * all && full >= kMostOfTheTime * waited ? std::optional(most) : std::nullopt;
}

MeasuredRun with_load(MeasuredRun run, const KnownLoad& known) {
    if (known.input_tokens) {
        for (MeasuredRequest& r : run.requests)
            r.input_tokens = r.input_tokens > 0 ? r.input_tokens : *known.input_tokens;
    }
    if (!known.concurrency && !known.rate) return run;
    if (!run.duration_s) {  // recorded times give way, how long it took does not
        double end = 0;
        for (const MeasuredRequest& r : run.requests)
            end = std::max(end, r.arrival_s.value_or(0) + r.e2e_s.value_or(0));
        const bool timed = !run.requests.empty() && run.requests.front().arrival_s;
        if (timed && end > 0) run.duration_s = end;
    }
    for (MeasuredRequest& r : run.requests) r.arrival_s.reset();
    run.varied = false;
    run.max_concurrency = known.concurrency;
    run.request_rate = known.rate ? *known.rate : std::numeric_limits<double>::infinity();
    return run;
}

std::unique_ptr<RequestSource> replay_source(const MeasuredRun& run,
                                             const std::vector<const MeasuredRequest*>& requests, std::uint64_t seed) {
    const ReplayedBy how = replayed_by(run);
    require(how != ReplayedBy::untold, "a way to send the requests");
    std::vector<Arrival> all = arrivals_of(requests);
    if (how == ReplayedBy::recorded) {
        for (std::size_t i = 0; i < all.size(); ++i) all[i].at = std::max<Ticks>(0, to_ticks(*requests[i]->arrival_s));
        std::ranges::stable_sort(all, {}, &Arrival::at);
    }
    if (how == ReplayedBy::rate) draw_times(run, all, seed);
    if (how == ReplayedBy::users || (how == ReplayedBy::rate && is_limited(run, all.size()))) {
        return std::make_unique<InTurn>(std::move(all), places_of(run));
    }
    return make_list(std::move(all));
}

std::string replay_text(const MeasuredRun& run) {
    switch (replayed_by(run)) {
        case ReplayedBy::recorded: return "sent when they were recorded";
        case ReplayedBy::users: return fmt::format("{} at a time, in their order", places_of(run));
        case ReplayedBy::rate: {
            const bool limited = is_limited(run, succeeded(run).size());
            return fmt::format("sent at {:g}/s with gaps drawn anew (burstiness {:g}){}", *run.request_rate,
                               run.burstiness.value_or(1),
                               limited ? fmt::format(", at most {} at a time", places_of(run)) : std::string());
        }
        case ReplayedBy::at_once:
        case ReplayedBy::untold: break;
    }
    return "sent all at once";
}

}  // namespace moeplan
