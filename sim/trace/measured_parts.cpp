#include "sim/trace/measured_parts.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/trace/trace_parts.h"

namespace moeplan::trace {
namespace {

constexpr double kLatestClock_s = 1e11;   // since 1970: the year 5138

std::string unfit(const char* what, double value) { return fmt::format("{} of {:g}", what, value); }

}  // namespace

void Pieces::set_last(std::optional<double>& into, double value, const char* what, double apart) {
    if (into && std::abs(*into - value) > apart) twice = what;
    into = value;
}

void Pieces::set(const Key& key, double value) {
    const double rounded = 1e-3 + 0.01 * std::abs(value);   // durations, by another unit or tool
    switch (key.role) {
        case Role::input: set_last(key.weak ? weak_input : input, value, "how long the prompt is", 0); break;
        case Role::output: set_last(key.weak ? weak_output : output, value, "how long the answer is", 0); break;
        case Role::ttft: set_last(ttft, value, "when the first token came", rounded); break;
        case Role::tpot: set_last(tpot, value, "what a token took", rounded); break;
        case Role::e2e: set_last(e2e, value, "how long it took", rounded); break;
        case Role::arrival:
            if (key.weak) weak_arrival = value;
            else set_last(arrival, value, "when it was sent", 2e-3);
            break;
        case Role::end: set_last(end, value, "when it ended", 2e-3); break;
        case Role::queued: queued = value; break;
        case Role::first_at: first_at = value; break;
        case Role::last_at: last_at = value; break;
        case Role::since_last: since_last = value; break;
        case Role::gaps: mean_gap = value; break;
        case Role::cached: cached = value; break;
        case Role::success: failed = failed || value == 0; break;
        case Role::error:
        case Role::outcome: failed = failed || value != 0; break;
    }
}

std::string Pieces::wrong_values() const {
    for (const auto& [what, value] :
         {std::pair("an input", input ? input : weak_input), std::pair("an output", output ? output : weak_output)}) {
        if (value && !(*value >= 0 && *value <= kMostTokens && *value == std::floor(*value))) {
            return unfit(what, *value) + " tokens; a whole number up to 1e9 is expected";
        }
    }
    for (const auto& [what, value] : {std::pair("a TTFT", ttft), std::pair("a TPOT", tpot), std::pair("a latency", e2e),
                                      std::pair("gaps", mean_gap)}) {
        if (value && !(*value >= 0 && *value <= 1e9)) return unfit(what, *value) + " s; 0 to 1e9 is expected";
    }
    for (const auto& [what, value] : {std::pair("an arrival", arrival), std::pair("an end", end), std::pair("a queueing", queued),
                                      std::pair("a first token", first_at), std::pair("a last token", last_at)}) {
        if (value && !(std::abs(*value) <= kLatestClock_s))
            return unfit(what, *value) +
                   " s is not a time; where it is not seconds its name tells: arrival_ms, _us, _ns";
    }
    if (gaps) {
        for (const float gap : *gaps) {
            if (!(gap >= 0 && gap <= 1e9F))
                return unfit("a time between tokens", static_cast<double>(gap)) + " s; 0 to 1e9 is expected";
        }
    }
    return {};
}

// First token since the arrival, or the queue where the arrival is by another clock, of a request whose whole time is known.
std::optional<double> Pieces::first_within(double e2e_s) const {
    for (const auto& since : {arrival, queued}) {
        if (first_at && since && *first_at > *since && *first_at - *since <= e2e_s * 1.001) return *first_at - *since;
    }
    return std::nullopt;
}

// First and last token since the arrival; since the queue where there is one, for the arrival may be by another clock: how
// long it took into the queue is added once that is known of all (settle).
void Pieces::by_the_engines_clock(MeasuredRequest& into) const {
    if ((!first_at && !last_at) || into.ttft_s) return;   // or the file has done the sums
    if (into.e2e_s) {
        into.ttft_s = first_within(*into.e2e_s);
        return;
    }
    const auto since = queued ? queued : arrival;
    if (!since) return;
    if (first_at && *first_at > *since) into.ttft_s = *first_at - *since;
    if (last_at && *last_at > *since) into.e2e_s = *last_at - *since;
    if (queued && arrival) into.to_queue_s = *queued - *arrival;
}

std::string Pieces::finish(MeasuredRequest& into) const {
    const auto all = output ? output : weak_output;
    into = {};
    into.failed = failed || (all && *all < 1 && *all >= 0);
    const auto prompt = input ? input : weak_input;
    const auto sane = [](const std::optional<double>& tokens) { return tokens && *tokens >= 0 && *tokens <= kMostTokens; };
    into.arrival_s = arrival ? arrival : queued;
    if (sane(prompt)) into.input_tokens = static_cast<std::int64_t>(*prompt);
    if (sane(all)) into.output_tokens = static_cast<std::int64_t>(*all);
    if (into.failed) {   // what else is told of it may be anything
        if (into.arrival_s && !(std::abs(*into.arrival_s) <= kLatestClock_s)) into.arrival_s.reset();
        return {};
    }
    if (auto what = wrong_values(); !what.empty()) return what;
    if (!all) return "the length of its answer is not told: output_tokens would do";
    const auto positive = [](std::optional<double> value) { return value && *value > 0 ? value : std::nullopt; };
    const double tokens_after = *all - 1;
    into.ttft_s = positive(ttft);
    into.e2e_s = positive(e2e);
    if (!into.e2e_s && arrival && end) into.e2e_s = positive(*end - *arrival);
    if (!into.e2e_s && gaps && gaps->empty() && tokens_after >= 1) {   // not streamed: all of it came at once
        into.e2e_s = std::exchange(into.ttft_s, std::nullopt);
    }
    if (!into.e2e_s && into.ttft_s && gaps) into.e2e_s = std::accumulate(gaps->begin(), gaps->end(), *into.ttft_s);
    into.tpot_s = positive(exact_tpot);
    by_the_engines_clock(into);
    if (!into.tpot_s && into.e2e_s && into.ttft_s && tokens_after >= 1)
        into.tpot_s = positive((*into.e2e_s - *into.ttft_s) / tokens_after);
    if (!into.tpot_s) into.tpot_s = positive(tpot ? tpot : mean_gap);
    if (!into.tpot_s && gaps && !gaps->empty()) {
        into.tpot_s = positive(std::accumulate(gaps->begin(), gaps->end(), 0.0) / static_cast<double>(gaps->size()));
    }
    return {};
}

std::string add_request(const Pieces& pieces, MeasuredRun& run) {
    MeasuredRequest request;
    if (auto what = pieces.finish(request); !what.empty()) return what;
    if (run.requests.size() == kMostMeasured) return "more than 10 million requests";
    if (!pieces.twice.empty()) {
        std::string note = fmt::format("requests tell twice {}, and the two differ: the last is taken", pieces.twice);
        if (std::ranges::find(run.notes, note) == run.notes.end()) run.notes.push_back(std::move(note));
    }
    run.requests.push_back(request);
    if (!request.failed) run.cached_share += std::max(0.0, pieces.cached.value_or(0));   // a sum until settled
    if (!request.failed && pieces.gaps) {
        for (const float gap : *pieces.gaps) run.gaps.add(gap);
    }
    return {};
}

namespace {

constexpr double kLongestWay_s = 600;   // from an arrival into the queue; more, or less than nothing, and they are by two clocks

// Times that were told since the queue become times since the arrival. Where the two are by two clocks, the shortest way from
// one to the other sets them: an idle engine takes a request at once.
void add_ways_to_queue(MeasuredRun& run) {
    std::optional<double> shortest, longest;
    for (const MeasuredRequest& r : run.requests) {
        if (!r.to_queue_s) continue;
        shortest = std::min(shortest.value_or(*r.to_queue_s), *r.to_queue_s);
        longest = std::max(longest.value_or(*r.to_queue_s), *r.to_queue_s);
    }
    if (!shortest) return;
    const bool one_clock = *shortest >= 0 && *longest <= kLongestWay_s;
    if (!one_clock) {
        run.notes.emplace_back(
            "arrivals are by another clock than the engine's times; the request that was soonest in its queue is taken to have come there at once");
    }
    for (MeasuredRequest& r : run.requests) {
        if (!r.to_queue_s) continue;
        *r.to_queue_s -= one_clock ? 0 : *shortest;
        if (r.ttft_s) *r.ttft_s += *r.to_queue_s;
        if (r.e2e_s) *r.e2e_s += *r.to_queue_s;
    }
}

}  // namespace

void settle(MeasuredRun& run) {
    add_ways_to_queue(run);
    bool timed = true;
    std::optional<double> first;
    double prompts = 0;
    std::size_t contradicting = 0;
    for (const MeasuredRequest& request : run.requests) {
        run.failed += request.failed ? 1 : 0;
        if (request.failed) continue;   // some tools leave the clock at 0 then
        prompts += static_cast<double>(request.input_tokens);
        contradicting += request.ttft_s && request.e2e_s && *request.ttft_s > *request.e2e_s * 1.001 ? 1U : 0U;
        timed = timed && request.arrival_s;
        if (timed) first = std::min(first.value_or(*request.arrival_s), *request.arrival_s);
    }
    if (contradicting > 0)
        run.notes.push_back(fmt::format("{} of the requests have their first token after their end", contradicting));
    run.cached_share = prompts > 0 ? std::min(1.0, run.cached_share / prompts) : 0;
    if (!timed || !first) {
        for (MeasuredRequest& request : run.requests) request.arrival_s.reset();
        return;
    }
    for (MeasuredRequest& request : run.requests)
        request.arrival_s = std::max(0.0, request.arrival_s.value_or(*first) - *first);
    const auto earlier = [](const MeasuredRequest& a, const MeasuredRequest& b) { return *a.arrival_s < *b.arrival_s; };
    std::stable_sort(run.requests.begin(), run.requests.end(), earlier);
}

}  // namespace moeplan::trace
