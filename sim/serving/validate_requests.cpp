#include "sim/serving/validate_requests.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/base/whole_file.h"
#include "sim/measure/recorder.h"
#include "sim/serving/replay_measured.h"
#include "sim/serving/server.h"

namespace moeplan {
namespace {

// Figures of one side; each sorted, in seconds.
struct Side {
    std::vector<double> ttft, tpot, e2e;
    std::vector<double> gaps;   // between tokens: a figure for each of kStatistics, where they are known
    double duration_s = 0;
};

struct Statistic {
    const char* name;
    double q;   // below 0: the mean
};
constexpr std::array<Statistic, 4> kStatistics{{{"mean", -1}, {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}}};

class Keeper final : public Observer {
public:
    explicit Keeper(std::size_t n) : records_(n) {}
    void arrived(std::uint64_t id, const Arrival& a) override {
        of_.resize(std::max<std::size_t>(of_.size(), id + 1));
        of_[id] = static_cast<std::size_t>(a.session);
    }
    void ended(const RequestRecord& r) override { records_[of_[r.id]] = r; }
    const std::vector<RequestRecord>& records() const { return records_; }

private:
    std::vector<RequestRecord> records_;   // in the file's order
    std::vector<std::size_t> of_;
};

Side side_of(const std::vector<RequestRecord>& records, const Measured& measured) {
    Side s;
    Ticks first = kNever, last = 0;
    for (const RequestRecord& r : records) {
        s.ttft.push_back(r.ttft_s());
        if (r.output > 1) s.tpot.push_back(r.tpot_s());
        s.e2e.push_back(r.e2e_s());
        first = std::min(first, r.arrival);
        last = std::max(last, r.finished);
    }
    for (auto* v : {&s.ttft, &s.tpot, &s.e2e}) std::ranges::sort(*v);
    if (const MeasuredLatency* gaps = measured.find("itl_ms")) {
        s.gaps = {gaps->mean / 1e3, gaps->p50 / 1e3, gaps->p90 / 1e3, gaps->p99 / 1e3};
    }
    s.duration_s = to_seconds(last - first);
    return s;
}

Side side_of(const MeasuredRun& run, const std::vector<const MeasuredRequest*>& requests) {
    Side s;
    double end = 0;
    for (const MeasuredRequest* r : requests) {
        if (r->ttft_s) s.ttft.push_back(*r->ttft_s);
        if (r->tpot_s && r->output_tokens > 1) s.tpot.push_back(*r->tpot_s);
        if (r->e2e_s) s.e2e.push_back(*r->e2e_s);
        if (r->arrival_s && r->e2e_s) end = std::max(end, *r->arrival_s + *r->e2e_s);
    }
    for (auto* v : {&s.ttft, &s.tpot, &s.e2e}) std::ranges::sort(*v);
    for (const Statistic& statistic : kStatistics) {
        if (run.gaps.size() > 0) s.gaps.push_back(statistic.q < 0 ? run.gaps.mean_s() : run.gaps.quantile_s(statistic.q));
    }
    s.duration_s = run.duration_s.value_or(end);
    return s;
}

double mean(const std::vector<double>& values) {
    double sum = 0;
    for (const double v : values) sum += v;
    return sum / static_cast<double>(values.size());
}

double value_of(const std::vector<double>& values, const Statistic& s) { return s.q < 0 ? mean(values) : quantile_of_sorted(values, s.q); }

// Optimistic step times can, rarely, make a figure worse: the interval holds all three.
Estimate spanning(double value, double a, double b) { return {value, std::min({value, a, b}), std::max({value, a, b})}; }

void add_gaps(const Side& measured, const std::array<Side, 3>& predicted, std::vector<RequestFigure>& figures) {
    if (std::ranges::any_of(predicted, [](const Side& p) { return p.gaps.empty(); }) || measured.gaps.empty()) return;
    for (std::size_t i = 0; i < kStatistics.size(); ++i) {
        if (!(measured.gaps[i] > 0)) continue;
        figures.push_back({"itl_ms", kStatistics[i].name, 1e3 * measured.gaps[i],
                           spanning(1e3 * predicted[0].gaps[i], 1e3 * predicted[1].gaps[i], 1e3 * predicted[2].gaps[i])});
    }
}

// Every request's own error.
std::vector<RequestErrors> one_by_one(const std::vector<const MeasuredRequest*>& requests, const std::vector<RequestRecord>& records) {
    std::vector<RequestErrors> all;
    const auto add = [&](const char* metric, auto measured, auto predicted) {
        std::vector<double> errors, sizes;
        for (std::size_t i = 0; i < requests.size(); ++i) {
            const std::optional<double> found = measured(*requests[i]);
            if (!found || !(*found > 0)) continue;
            errors.push_back(predicted(records[i]) / *found - 1);
            sizes.push_back(std::abs(errors.back()));
        }
        if (errors.empty()) return;
        for (auto* v : {&errors, &sizes}) std::ranges::sort(*v);
        all.push_back({metric, errors.size(), quantile_of_sorted(errors, 0.5), mean(sizes), quantile_of_sorted(sizes, 0.5),
                       quantile_of_sorted(sizes, 0.9)});
    };
    add("ttft_ms", [](const MeasuredRequest& r) { return r.ttft_s; }, [](const RequestRecord& r) { return r.ttft_s(); });
    add("tpot_ms", [](const MeasuredRequest& r) { return r.output_tokens > 1 ? r.tpot_s : std::nullopt; },
        [](const RequestRecord& r) { return r.tpot_s(); });
    add("e2e_ms", [](const MeasuredRequest& r) { return r.e2e_s; }, [](const RequestRecord& r) { return r.e2e_s(); });
    return all;
}

std::vector<RequestFigure> compared(const Side& measured, const std::array<Side, 3>& predicted, double output_tokens) {
    std::vector<RequestFigure> figures;
    const auto add = [&](const char* metric, std::vector<double> Side::* field) {
        if ((measured.*field).empty() || (predicted[0].*field).empty()) return;
        for (const Statistic& s : kStatistics) {
            const double found = 1e3 * value_of(measured.*field, s);
            if (!(found > 0)) continue;
            std::array<double, 3> p{};
            for (std::size_t i = 0; i < p.size(); ++i) p[i] = 1e3 * value_of(predicted[i].*field, s);
            figures.push_back({metric, s.name, found, spanning(p[0], p[1], p[2])});
        }
    };
    add("ttft_ms", &Side::ttft);
    add("tpot_ms", &Side::tpot);
    add_gaps(measured, predicted, figures);
    add("e2e_ms", &Side::e2e);
    if (!(measured.duration_s > 0)) return figures;
    const auto rate = [&](const char* metric, double amount) {
        std::array<double, 3> p{};
        for (std::size_t i = 0; i < p.size(); ++i) p[i] = amount / predicted[i].duration_s;
        figures.push_back({metric, "", amount / measured.duration_s, spanning(p[0], p[1], p[2])});
    };
    rate("requests_per_s", static_cast<double>(predicted[0].e2e.size()));
    rate("output_tok_s", output_tokens);
    return figures;
}

Result<void> write_requests(const std::string& file, const std::vector<const MeasuredRequest*>& requests, const std::vector<RequestRecord>& records) {
    if (file.empty()) return {};
    WholeFile out(file);
    const auto ms = [](const std::optional<double>& s) { return s ? fmt::format("{:.3f}", 1e3 * *s) : std::string(); };
    out.stream() << "request,input,output,sent_s,ttft_ms,tpot_ms,e2e_ms,predicted_sent_s,predicted_ttft_ms,predicted_tpot_ms,predicted_e2e_ms\n";
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const MeasuredRequest& m = *requests[i];
        const RequestRecord& r = records[i];
        out.stream() << fmt::format("{},{},{},{},{},{},{},{:.6f},{:.3f},{:.3f},{:.3f}\n", i, m.input_tokens, m.output_tokens,
                                    m.arrival_s ? fmt::format("{:.6f}", *m.arrival_s) : "", ms(m.ttft_s), ms(m.tpot_s), ms(m.e2e_s),
                                    to_seconds(r.arrival), 1e3 * r.ttft_s(), 1e3 * r.tpot_s(), 1e3 * r.e2e_s());
    }
    if (auto problems = out.publish(); !problems.empty()) return fail(std::move(problems));
    return {};
}

std::string layout_text(const Prepared& c) {
    return fmt::format("{} on {:g}x {}, {}", c.model->id, c.gpus(), c.device->name, c.engine->name);
}

struct Replayed {
    std::vector<RequestRecord> records;   // in the file's order
    Measured measured;
};

Result<Replayed> replayed(const MeasuredRun& run, const std::vector<const MeasuredRequest*>& requests, Server& server,
                                            StepCase which, const Prepared& candidate, const ReplayOptions& options, RunControl& control) {
    ClusterOptions cluster;
    cluster.groups.push_back(server.group(which));
    cluster.router = options.simulate.router;
    cluster.seed = options.seed;
    Keeper keeper(requests.size());
    RecorderSpec spec;
    spec.warm_up_s = 0;   // a load generator's figures are over all requests
    spec.replicas = static_cast<std::int32_t>(cluster.groups.front().replicas);
    Recorder recorder(std::move(spec));
    const auto stream = replay_source(run, requests, options.seed);
    const auto ran = simulate(cluster, *stream, {&keeper, &recorder}, control);
    if (!ran) return tl::unexpected(ran.error());
    if (auto problems = server.problems(); !problems.empty()) return fail(std::move(problems));
    if (ran->never_fit > 0) {
        return fail({{}, {}, fmt::format("a request of {} tokens is larger than the cache of {}", ran->largest_never_fit, layout_text(candidate)),
                     "give it more GPUs (--count), or another layout"});
    }
    return Replayed{keeper.records(), recorder.finish()};
}

}  // namespace

Result<Workload> workload_of(const MeasuredRun& run) {
    const auto requests = succeeded(run);
    if (requests.empty()) return fail({{}, {}, "no request succeeded when this was measured", {}});
    FixedLengths lengths{0, 0};
    for (const MeasuredRequest* r : requests) {
        if (r->input_tokens < 1) {
            return fail({{}, fmt::format("request {}", r - run.requests.data() + 1), "the length of its prompt is not told",
                         "--isl N, where all have the same; or save the run with input and output tokens of every request"});
        }
        lengths.input += static_cast<double>(r->input_tokens) / static_cast<double>(requests.size());
        lengths.output += static_cast<double>(std::max<std::int64_t>(1, r->output_tokens)) / static_cast<double>(requests.size());
    }
    if (replayed_by(run) == ReplayedBy::untold) {
        return fail({{}, {}, run.varied ? "the rate changed while it ran, and when each request was sent is not told" : "nothing says when requests were sent",
                     "--concurrency N (so many at a time), --rate R (a second), --rate inf (all at once)"});
    }
    Workload w;
    w.lengths = lengths;
    w.load = ClosedLoop{1};   // only memory is asked of the closed form
    return w;
}

Result<RequestsValidation> validate_requests(const MeasuredRun& run, const Prepared& candidate, const RoutingSpec& routing,
                                             const CostSource& source, const ReplayOptions& options, RunControl& control) {
    const auto workload = workload_of(run);
    if (!workload) return tl::unexpected(workload.error());
    const auto requests = succeeded(run);
    const auto closed = evaluate(candidate, operating_point(candidate, *workload), source, false);
    if (!closed) return tl::unexpected(closed.error());
    if (!closed->fits) return fail({{}, {}, fmt::format("{} does not fit: {}", layout_text(candidate), closed->misfit), "give it more GPUs (--count), or another layout"});
    ServerOptions how;
    how.simulate = options.simulate;
    how.routing = routing;
    how.seed = options.seed;
    const auto server = Server::make(candidate, *closed, how, source);
    if (!server) return tl::unexpected(server.error());

    RequestsValidation v;
    std::array<Side, 3> predicted;
    constexpr std::array kCases{StepCase::central, StepCase::optimistic, StepCase::pessimistic};
    for (std::size_t i = 0; i < kCases.size(); ++i) {
        const auto again = replayed(run, requests, **server, kCases[i], candidate, options, control);
        if (!again) return tl::unexpected(again.error());
        predicted[i] = side_of(again->records, again->measured);
        if (i > 0) continue;
        v.errors = one_by_one(requests, again->records);
        if (auto written = write_requests(options.requests_file, requests, again->records); !written) return tl::unexpected(written.error());
    }
    v.candidate = layout_text(candidate);
    v.cost_source = source.describe();
    v.arrivals = replay_text(run);
    v.n = requests.size();
    v.failed = run.failed;
    v.figures = compared(side_of(run, requests), predicted, std::get<FixedLengths>(workload->lengths).output * static_cast<double>(requests.size()));
    v.notes = candidate.warnings;
    const auto users = replayed_by(run) == ReplayedBy::recorded ? looks_like_users(run) : std::nullopt;
    if (users) {
        v.notes.insert(v.notes.begin(), fmt::format("requests begin as others end, {0} at a time: where that was the load, --concurrency {0} sends them so; at recorded "
                                                    "times a server that is slower here gathers a queue it never had", *users));
    }
    if (run.cached_share > 0) {
        v.notes.insert(v.notes.begin(), fmt::format("{:.3g} % of the prompts' tokens came from the server's prefix cache: here all are computed",
                                                    100 * run.cached_share));
    }
    v.notes.insert(v.notes.begin(), run.notes.begin(), run.notes.end());
    return v;
}

}  // namespace moeplan
