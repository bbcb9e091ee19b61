// A trace at its own times.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/base/require.h"
#include "sim/arrivals/recorded_sources.h"
#include "sim/arrivals/source.h"
#include "sim/arrivals/streams.h"
#include "sim/trace/trace.h"

namespace moeplan {
namespace {

Problem problem(const std::string& file, std::string what, std::string hint = {}) {
    return {file, "", std::move(what), std::move(hint), ProblemKind::wrong_input};
}

// One time through the slice: requests and the seconds since its start.
class Pass {
public:
    static Result<Pass> open(const ReplaySpec& spec) {
        auto trace = TraceStream::open(spec.file, {.most_bad = spec.most_bad, .reorder = kReorderWindow});
        if (!trace) return fail(trace.error());
        if (!trace->report().has_arrivals) {
            return fail(problem(
                spec.file, fmt::format("the trace ({}) has no arrival times to replay", name_of(trace->report().form)),
                "say how requests arrive with `load`; their lengths still come from the trace"));
        }
        return Pass(std::move(*trace), spec);
    }

    // Its arrival_s is the time since `from`.
    std::optional<TraceRequest> next() {
        while (!over_) {
            auto request = trace_.next();
            if (!request) {
                over_ = at_end_ = true;
                break;
            }
            if (!first_) first_ = request->arrival_s;
            const double at = request->arrival_s - *first_;
            if (seen_++ > 0) last_ = at;
            if (at < from_) continue;
            over_ = at >= to_;
            if (over_) break;
            request->arrival_s = at - from_;
            return request;
        }
        return std::nullopt;
    }
    // Once next() gave nothing. How long the slice lasts.
    double length_s() const {
        if (std::isfinite(to_)) return to_ - from_;
        const double mean_gap = seen_ > 1 ? last_ / static_cast<double>(seen_ - 1) : 0;
        return std::max(0.0, last_ + mean_gap - from_);
    }
    double duration_s() const { return last_; }
    // The slice goes on for this long after the recording's last request; 0 where that is not worth a word.
    double silence_s() const {
        if (!at_end_ || !std::isfinite(to_) || seen_ == 0) return 0;
        constexpr double kWorthSaying = 0.1;   // of the slice
        const double mean_gap = seen_ > 1 ? last_ / static_cast<double>(seen_ - 1) : 0;
        const double silent = to_ - last_ - mean_gap;
        return silent > kWorthSaying * (to_ - from_) ? silent : 0;
    }
    const TraceReport& report() const { return trace_.report(); }
    std::int64_t block_tokens() const { return trace_.report().prefix_block_tokens; }
    Problems problems() const { return at_end_ ? trace_.problems() : Problems{}; }

private:
    Pass(TraceStream trace, const ReplaySpec& spec)
        : trace_(std::move(trace)),
          from_(spec.times.from.value),
          to_(spec.times.to ? spec.times.to->value : std::numeric_limits<double>::infinity()) {}

    TraceStream trace_;
    double from_, to_;
    std::optional<double> first_;
    double last_ = 0;
    std::int64_t seen_ = 0;
    bool over_ = false;     // nothing more comes
    bool at_end_ = false;   // because the file ended
};

class Replay final : public Source {
public:
    Replay(ReplaySpec spec, Pass pass, Traits traits)
        : spec_(std::move(spec)), pass_(std::move(pass)), traits_(std::move(traits)) {
        ahead_ = pass_.next();
    }
    std::optional<Arrival> next() override {
        while (!ahead_ && problems_.empty() && again()) ahead_ = pass_.next();
        if (!ahead_ || !problems_.empty()) return std::nullopt;
        auto arrival = arrival_of(*ahead_);
        ahead_ = pass_.next();
        return arrival;
    }
    std::int64_t prefix_block_tokens() const override {
        return traits_.declares_prefix() ? kPrefixBlock : pass_.block_tokens();
    }
    Problems problems() const override { return problems_; }
    std::vector<std::string> remarks() const override {
        std::vector<std::string> all = round_ > 0 ? remarks_ : remarks_on(pass_.report(), spec_.file);
        if (!beyond_.empty()) all.push_back(beyond_);
        return all;
    }

private:
    // After a pass: whether there is another.
    bool again() {
        problems_ = pass_.problems();
        if (round_ == 0) remarks_ = remarks_on(pass_.report(), spec_.file);
        if (problems_.empty() && given_ == 0) {
            problems_.push_back(problem(
                spec_.file, fmt::format("no request in the part of the recording that is asked for, from {:g} s; "
                                        "it lasts {:g} s",
                                        spec_.times.from.value, pass_.duration_s())));
        }
        if (!problems_.empty()) return false;
        if (round_ == 0 && pass_.silence_s() > 0) {
            beyond_ = fmt::format("{}: the part that is asked for ends at {:g} s, the recording with a request at {:g} s: nothing comes in between{}", spec_.file, spec_.times.to->value,
                                  pass_.duration_s(), spec_.times.repeat > 1 ? ", in any repetition" : "");
        }
        if (++round_ >= spec_.times.repeat) return false;
        start_s_ += pass_.length_s() / spec_.times.speed;
        auto pass = Pass::open(spec_);
        if (pass) pass_ = std::move(*pass);
        else problems_ = pass.error();
        return problems_.empty();
    }

    std::optional<Arrival> arrival_of(TraceRequest& request) {
        const double at = start_s_ + request.arrival_s / spec_.times.speed;
        if (at > kLongestSimulation_s) {
            problems_.push_back(problem(spec_.file, "goes on beyond the 104 days that simulated time holds",
                                        "take a slice of it with from and to, or fewer repetitions"));
            return std::nullopt;
        }
        Arrival arrival;
        last_ = std::max(last_, to_ticks(at));   // two sums may round the other way
        arrival.at = last_;
        arrival.input = spec_.lengths ? lengths_of(spec_.lengths->input) : request.input_tokens;
        arrival.output = spec_.lengths ? lengths_of(spec_.lengths->output) : request.output_tokens;
        arrival.session = given_++;
        arrival.prefix = std::move(request.prefix);
        if (round_ > 0) {
            for (std::uint64_t& id : arrival.prefix) id = mixed(id, static_cast<std::uint64_t>(round_));
        }
        traits_.apply(arrival);
        return arrival;
    }
    static std::int64_t lengths_of(double tokens) { return std::llround(std::clamp(tokens, 1.0, 1e9)); }

    ReplaySpec spec_;
    Pass pass_;
    Traits traits_;
    std::optional<TraceRequest> ahead_;   // read early, so that the trace has shown whether it has prefix ids
    Problems problems_;
    std::vector<std::string> remarks_;    // of the first repetition: the others find the same
    std::string beyond_;                  // that the slice goes on after the recording
    double start_s_ = 0;                  // of this repetition
    Ticks last_ = 0;
    std::int64_t round_ = 0;
    std::uint32_t given_ = 0;
};

}  // namespace

Result<std::unique_ptr<RequestSource>> make_replay(const ReplaySpec& spec, Traits traits) {
    require(spec.times.speed > 0 && spec.times.repeat >= 1 && spec.times.from.value >= 0,
            "a trace is replayed forwards");
    auto pass = Pass::open(spec);
    if (!pass) return fail(pass.error());
    return std::make_unique<Replay>(spec, std::move(*pass), std::move(traits));
}

}  // namespace moeplan
