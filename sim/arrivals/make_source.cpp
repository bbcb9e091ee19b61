#include "sim/arrivals/make_source.h"

#include <cmath>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/base/match.h"
#include "sim/arrivals/processes.h"
#include "sim/arrivals/recorded_sources.h"

namespace moeplan {
namespace {

using Made = Result<std::unique_ptr<RequestSource>>;

constexpr double kMostAtOnce = 10'000'000;   // users, or requests of a batch

Problem wrong(const char* path, std::string what, std::string hint = {}) {
    return {"", path, std::move(what), std::move(hint), ProblemKind::wrong_input};
}

// Closed forms can reckon with half a user.
Result<std::int64_t> whole(double value, const char* path) {
    if (value >= 1 && value <= kMostAtOnce && value == std::floor(value)) return static_cast<std::int64_t>(value);
    return fail(wrong(path, fmt::format("{:g}; a simulation needs a whole number from 1 to {:g}", value, kMostAtOnce)));
}

std::optional<Problem> unfit_rate(double rate) {
    if (rate >= 1e-6 && rate <= 1e9) return std::nullopt;
    return wrong("workload.load", fmt::format("{:g} requests a second; 1e-6 to 1e9 can be simulated", rate));
}

// What only a scenario made by hand can hold: files are checked as they are read.
std::optional<Problem> unfit(const Arrivals& arrivals) {
    const auto cv_of = [](double cv) -> std::optional<Problem> {
        if (cv >= 0 && cv <= kLargestCv) return std::nullopt;
        return wrong("workload.load", fmt::format("a cv of {:g}; 0 to {:g} is expected", cv, kLargestCv));
    };
    const auto slice_of = [](double speed, Seconds from, const std::optional<Seconds>& to) -> std::optional<Problem> {
        if (speed > 0 && speed <= 1e9 && from.value >= 0 && (!to || to->value > from.value)) return std::nullopt;
        return wrong("workload.load", "a speed above 0, and a part that ends after it begins, are expected");
    };
    return match(
        arrivals, [&](const GammaArrivals& a) { return cv_of(a.cv); },
        [&](const WeibullArrivals& a) { return cv_of(a.cv); },
        [&](const DiurnalArrivals& a) -> std::optional<Problem> {
            if (a.peak_over_mean >= 1 && a.peak_over_mean <= 2 && a.period.value > 0) return std::nullopt;
            return wrong("workload.load.diurnal",
                         fmt::format("a peak of {:g} times the mean; 1 to 2 is expected", a.peak_over_mean));
        },
        [&](const TraceArrivals& a) -> std::optional<Problem> {
            if (a.repeat < 1)
                return wrong("workload.load.trace", fmt::format("repeat {}; 1 or more is expected", a.repeat));
            return slice_of(a.speed, a.from, a.to);
        },
        [&](const ServeGenArrivals& a) { return slice_of(a.speed, a.from, a.to); });
}

// Everything about one study's arrivals in one place.
struct Choice {
    const Workload& workload;
    const SimulateSpec& spec;
    std::optional<FixedLengths> lengths;
    const std::string& study_file;
    std::uint64_t seed;
    double most_bad;

    Traits traits() const { return Traits({spec.priorities, workload.prefixes, workload.prefix_shared}, seed); }

    Result<RequestMaker> maker() const {
        auto model = make_lengths(lengths ? Lengths(*lengths) : workload.lengths, study_file, seed, most_bad);
        if (!model) return fail(model.error());
        return RequestMaker{std::move(*model), traits()};
    }

    Made renewal(double rate, const Gaps& gaps) const {
        if (const auto problem = unfit_rate(rate)) return fail(*problem);
        auto requests = maker();
        if (!requests) return fail(requests.error());
        return make_renewal(rate, gaps, std::move(*requests), seed);
    }

    Made closed_loop(const ClosedLoop& load) const {
        const auto users = whole(load.concurrency, "workload.load.concurrency");
        if (!users) return fail(users.error());
        auto requests = maker();
        if (!requests) return fail(requests.error());
        ClosedLoopSpec loop;
        loop.users = *users;
        loop.think = to_ticks(workload.think.value);
        return make_closed_loop(loop, std::move(*requests));
    }

    Made batch(const StaticBatch& load) const {
        const auto count = whole(load.batch, "workload.load.batch");
        if (!count) return fail(count.error());
        auto requests = maker();
        if (!requests) return fail(requests.error());
        return make_batch(*count, std::move(*requests));
    }

    Made diurnal(const DiurnalArrivals& arrivals) const {
        if (const auto problem = unfit_rate(arrivals.rate.value)) return fail(*problem);
        auto requests = maker();
        if (!requests) return fail(requests.error());
        return make_diurnal(arrivals, std::move(*requests), seed);
    }

    Made replay(const TraceArrivals& arrivals) const {
        const auto* trace = std::get_if<TraceLengths>(&workload.lengths);
        if (!trace) {
            return fail(wrong("workload.load.trace", "arrivals as recorded, but the lengths are not from a trace",
                              "give the file as `lengths: {trace: FILE}`"));
        }
        return make_replay({beside_study(study_file, trace->file), arrivals, lengths, most_bad}, traits());
    }

    Made servegen(const ServeGenArrivals& arrivals) const {
        ServeGenArrivals found = arrivals;
        found.folder = beside_study(study_file, arrivals.folder);
        auto clients = read_servegen(found.folder);
        if (!clients) return fail(clients.error());
        return make_servegen(std::move(*clients), found, lengths, traits(), seed);
    }

    Made source() const {
        if (workload.arrivals) {
            if (const auto problem = unfit(*workload.arrivals)) return fail(*problem);
            return match(
                *workload.arrivals, [&](const GammaArrivals& a) { return renewal(a.rate.value, Gaps::gamma(a.cv)); },
                [&](const WeibullArrivals& a) { return renewal(a.rate.value, Gaps::weibull(a.cv)); },
                [&](const DiurnalArrivals& a) { return diurnal(a); }, [&](const TraceArrivals& a) { return replay(a); },
                [&](const ServeGenArrivals& a) { return servegen(a); });
        }
        return match(
            workload.load, [&](const ClosedLoop& l) { return closed_loop(l); },
            [&](const PoissonLoad& l) { return renewal(l.rate.value, Gaps::exponential()); },
            [&](const StaticBatch& l) { return batch(l); });
    }

    // Recorded sources end by themselves, and so does a batch.
    bool endless() const {
        if (!workload.arrivals) return !std::holds_alternative<StaticBatch>(workload.load);
        return !std::holds_alternative<TraceArrivals>(*workload.arrivals) &&
               !std::holds_alternative<ServeGenArrivals>(*workload.arrivals);
    }
};

}  // namespace

Result<std::unique_ptr<RequestSource>> make_source(const Workload& workload, const SimulateSpec& spec,
                                                   std::optional<FixedLengths> candidate_lengths,
                                                   const std::string& study_file, std::uint64_t seed, double most_bad) {
    const Choice choice{workload, spec, candidate_lengths, study_file, seed, most_bad};
    auto source = choice.source();
    if (!source) return source;
    SourceLimits limits;
    limits.requests = spec.requests;
    if (spec.duration) limits.until = to_ticks(spec.duration->value);
    if (!spec.requests && !spec.duration && choice.endless()) limits.requests = kRequestsOfAProcess;
    return limited(std::move(*source), limits);
}

}  // namespace moeplan
