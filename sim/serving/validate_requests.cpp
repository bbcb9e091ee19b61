#include "sim/serving/validate_requests.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/base/whole_file.h"
#include "sim/arrivals/gaps.h"
#include "sim/arrivals/processes.h"
#include "sim/serving/server.h"

namespace moeplan {
namespace {

std::vector<const MeasuredRequest*> succeeded(const MeasuredRun& run) {
    std::vector<const MeasuredRequest*> all;
    for (const MeasuredRequest& r : run.requests) {
        if (!r.failed) all.push_back(&r);
    }
    return all;
}

std::int64_t users_of(const MeasuredRun& run) { return std::max<std::int64_t>(1, std::llround(run.max_concurrency.value_or(1))); }

// The file's requests in its order: `users` at 0, then one whenever one is answered.
class InTurn final : public RequestSource {
public:
    InTurn(std::vector<Arrival> all, std::int64_t users) : all_(std::move(all)), users_(static_cast<std::size_t>(users)) {}
    std::optional<Arrival> next() override { return at_ < std::min(users_, all_.size()) ? take(0) : std::nullopt; }
    std::optional<Arrival> after(const Arrival&, Ticks now) override { return at_ < all_.size() ? take(now) : std::nullopt; }

private:
    std::optional<Arrival> take(Ticks at) {
        Arrival a = all_[at_++];
        a.at = at;
        return a;
    }
    std::vector<Arrival> all_;
    std::size_t users_, at_ = 0;
};

std::vector<Arrival> arrivals_of(const std::vector<const MeasuredRequest*>& requests) {
    std::vector<Arrival> all;
    for (const MeasuredRequest* r : requests) {
        Arrival a;
        a.input = r->input_tokens;
        a.output = std::max<std::int64_t>(1, r->output_tokens);
        a.session = static_cast<std::uint32_t>(all.size());   // which of the file's it is
            all.push_back(std::move(a));
    }
    return all;
}

std::unique_ptr<RequestSource> source_of(const MeasuredRun& run, const std::vector<const MeasuredRequest*>& requests, std::uint64_t seed) {
    std::vector<Arrival> all = arrivals_of(requests);
    const ReplayedBy how = replayed_by(run);
    if (how == ReplayedBy::users) return std::make_unique<InTurn>(std::move(all), users_of(run));
    if (how == ReplayedBy::recorded) {
        for (std::size_t i = 0; i < all.size(); ++i) all[i].at = std::max<Ticks>(0, to_ticks(*requests[i]->arrival_s));
        std::ranges::stable_sort(all, {}, &Arrival::at);
    }
    if (how == ReplayedBy::rate) {
        Rng rng(seed);
        const Gaps gaps = Gaps::gamma_of_shape(run.burstiness.value_or(1));
        double at = 0;
        for (Arrival& a : all) {
            a.at = to_ticks(at);
            at += gaps.draw(rng) / *run.request_rate;
        }
    }
    return make_list(std::move(all));
}

std::string told(const MeasuredRun& run) {
    switch (replayed_by(run)) {
        case ReplayedBy::recorded: return "sent when they were recorded";
        case ReplayedBy::users: return fmt::format("{} at a time, in their order", users_of(run));
        case ReplayedBy::rate: return fmt::format("sent at {:g}/s, burstiness {:g}", *run.request_rate, run.burstiness.value_or(1));
        case ReplayedBy::at_once: break;
    }
    return "sent all at once";
}

// Figures of one side; each sorted, in seconds.
struct Side {
    std::vector<double> ttft, tpot, e2e;
    double duration_s = 0;
};

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

Side side_of(const std::vector<RequestRecord>& records) {
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
    s.duration_s = run.duration_s.value_or(end);
    return s;
}

double mean(const std::vector<double>& values) {
    double sum = 0;
    for (const double v : values) sum += v;
    return sum / static_cast<double>(values.size());
}

struct Statistic {
    const char* name;
    double q;   // below 0: the mean
};
constexpr std::array<Statistic, 4> kStatistics{{{"mean", -1}, {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}}};

double value_of(const std::vector<double>& values, const Statistic& s) { return s.q < 0 ? mean(values) : quantile_of_sorted(values, s.q); }

// Optimistic step times can, rarely, make a figure worse: the interval holds all three.
Estimate spanning(double value, double a, double b) { return {value, std::min({value, a, b}), std::max({value, a, b})}; }

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

// What became of the requests, in the file's order.
Result<std::vector<RequestRecord>> replayed(const MeasuredRun& run, const std::vector<const MeasuredRequest*>& requests, Server& server,
                                            StepCase which, const Prepared& candidate, const ReplayOptions& options, RunControl& control) {
    ClusterOptions cluster;
    cluster.groups.push_back(server.group(which));
    cluster.router = options.simulate.router;
    cluster.seed = options.seed;
    Keeper keeper(requests.size());
    const auto stream = source_of(run, requests, options.seed);
    const auto ran = simulate(cluster, *stream, {&keeper}, control);
    if (!ran) return tl::unexpected(ran.error());
    if (auto problems = server.problems(); !problems.empty()) return fail(std::move(problems));
    if (ran->never_fit > 0) {
        return fail({{}, {}, fmt::format("a request of {} tokens is larger than the cache of {}", ran->largest_never_fit, layout_text(candidate)),
                     "give it more GPUs (--count), or another layout"});
    }
    return keeper.records();
}

}  // namespace

ReplayedBy replayed_by(const MeasuredRun& run) {
    const auto requests = succeeded(run);
    const bool endless = !run.request_rate || !std::isfinite(*run.request_rate);
    const bool limited = run.max_concurrency && *run.max_concurrency < static_cast<double>(requests.size());
    if (limited && endless) return ReplayedBy::users;
    if (std::ranges::all_of(requests, [](const MeasuredRequest* r) { return r->arrival_s.has_value(); })) return ReplayedBy::recorded;
    return endless ? ReplayedBy::at_once : ReplayedBy::rate;
}

Result<Workload> workload_of(const MeasuredRun& run) {
    const auto requests = succeeded(run);
    if (requests.empty()) return fail({{}, {}, "no request succeeded when this was measured", {}});
    FixedLengths lengths{0, 0};
    for (const MeasuredRequest* r : requests) {
        if (r->input_tokens < 1) {
            return fail({{}, fmt::format("request {}", r - run.requests.data() + 1), "the length of its prompt is not told",
                         "save the run with its details: input and output tokens of every request"});
        }
        lengths.input += static_cast<double>(r->input_tokens) / static_cast<double>(requests.size());
        lengths.output += static_cast<double>(std::max<std::int64_t>(1, r->output_tokens)) / static_cast<double>(requests.size());
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

    std::array<Side, 3> predicted;
    constexpr std::array kCases{StepCase::central, StepCase::optimistic, StepCase::pessimistic};
    for (std::size_t i = 0; i < kCases.size(); ++i) {
        const auto records = replayed(run, requests, **server, kCases[i], candidate, options, control);
        if (!records) return tl::unexpected(records.error());
        if (i == 0) {
            if (auto written = write_requests(options.requests_file, requests, *records); !written) return tl::unexpected(written.error());
        }
        predicted[i] = side_of(*records);
    }
    RequestsValidation v;
    v.candidate = layout_text(candidate);
    v.cost_source = source.describe();
    v.arrivals = told(run);
    v.n = requests.size();
    v.failed = run.requests.size() - requests.size();
    v.figures = compared(side_of(run, requests), predicted, std::get<FixedLengths>(workload->lengths).output * static_cast<double>(requests.size()));
    v.notes = candidate.warnings;
    return v;
}

}  // namespace moeplan
