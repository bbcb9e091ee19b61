#include "sim/serving/validate_requests.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/base/lower_case.h"
#include "core/base/whole_file.h"
#include "sim/measure/recorder.h"
#include "sim/serving/replay_measured.h"
#include "sim/serving/replay_score.h"
#include "sim/serving/server.h"

namespace moeplan {
namespace {
class Keeper final : public Observer {
public:
    explicit Keeper(std::size_t n) : records_(n) {}
    void arrived(std::uint64_t id, const Arrival& a) override {
        of_.resize(std::max<std::size_t>(of_.size(), id + 1));
        of_[id] = static_cast<std::size_t>(a.session);
    }
    void ended(const RequestRecord& r) override {
        records_[of_[r.id]] = r;
        ++ended_;
    }
    std::size_t missing() const { return records_.size() - ended_; }
    const std::vector<RequestRecord>& records() const { return records_; }

private:
    std::vector<RequestRecord> records_;   // in the file's order
    std::vector<std::size_t> of_;
    std::size_t ended_ = 0;
};

Result<void> write_requests(const std::string& file, const std::vector<const MeasuredRequest*>& requests,
                            const std::vector<RequestRecord>& records) {
    if (file.empty()) return {};
    WholeFile out(file);
    const auto ms = [](const std::optional<double>& s) { return s ? fmt::format("{:.3f}", 1e3 * *s) : std::string(); };
    out.stream() << "request,input,output,sent_s,ttft_ms,tpot_ms,e2e_ms,predicted_sent_s,predicted_ttft_ms,predicted_"
                    "tpot_ms,predicted_e2e_ms\n";
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const MeasuredRequest& m = *requests[i];
        const RequestRecord& r = records[i];
        out.stream() << fmt::format("{},{},{},{},{},{},{},{:.6f},{:.3f},{:.3f},{:.3f}\n", i, m.input_tokens,
                                    m.output_tokens, m.arrival_s ? fmt::format("{:.6f}", *m.arrival_s) : "",
                                    ms(m.ttft_s), ms(m.tpot_s), ms(m.e2e_s), to_seconds(r.arrival), 1e3 * r.ttft_s(),
                                    1e3 * r.tpot_s(), 1e3 * r.e2e_s());
    }
    if (auto problems = out.publish(); !problems.empty()) return fail(std::move(problems));
    return {};
}

std::string layout_text(const Prepared& c) {
    return fmt::format("{} on {:g}x {}, {}", c.model->id, c.gpus(), c.device->name, c.engine_name());
}

Problem too_small(std::string what) {
    return {{}, {}, std::move(what), "give it more GPUs (--count), or another layout"};
}

struct Replayed {
    std::vector<RequestRecord> records;   // in the file's order
    Measured measured;
};

Result<Replayed> replayed(const MeasuredRun& run, const std::vector<const MeasuredRequest*>& requests, Server& server,
                          StepCase which, const Prepared& candidate, const ReplayOptions& options,
                          RunControl& control) {
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
        return fail(too_small(fmt::format("a request of {} tokens is larger than the cache of {}",
                                          ran->largest_never_fit, layout_text(candidate))));
    }
    if (keeper.missing() > 0) {
        return fail({{},
                     {},
                     fmt::format("{} of the requests are sent after the {:g} s that are simulated", keeper.missing(),
                                 kLongestSimulation_s),
                     "send them at a higher rate"});
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
            return fail(
                {{},
                 fmt::format("request {}", r - run.requests.data() + 1),
                 "the length of its prompt is not told",
                 "--isl N, where all have the same; or save the run with input and output tokens of every request"});
        }
        lengths.input += static_cast<double>(r->input_tokens) / static_cast<double>(requests.size());
        lengths.output +=
            static_cast<double>(std::max<std::int64_t>(1, r->output_tokens)) / static_cast<double>(requests.size());
    }
    const auto latest =
        std::ranges::max_element(requests, {}, [](const MeasuredRequest* r) { return r->arrival_s.value_or(0); });
    if (replayed_by(run) == ReplayedBy::recorded && *(*latest)->arrival_s > kLongestSimulation_s) {
        return fail({{},
                     {},
                     fmt::format("the last request was sent {:g} s after the first; at most {:g} s are simulated",
                                 *(*latest)->arrival_s, kLongestSimulation_s),
                     "where times are not seconds their names tell: arrival_ms, _us, _ns"});
    }
    if (replayed_by(run) == ReplayedBy::untold) {
        return fail({{},
                     {},
                     run.varied ? "the rate changed while it ran, and when each request was sent is not told"
                                : "nothing says when requests were sent",
                     "--concurrency N (so many at a time), --rate R (a second), --rate inf (all at once)"});
    }
    Workload w;
    w.lengths = lengths;
    w.load = ClosedLoop{1};   // only memory is asked of the closed form
    return w;
}

namespace {

// Sent a hundred times as far apart as one takes, all at whole numbers.
bool far_apart(const MeasuredRun& run) {
    double last = 0, busy = 0;
    std::size_t n = 0;
    for (const MeasuredRequest* r : succeeded(run)) {
        const auto took = r->e2e_s ? r->e2e_s : r->ttft_s;
        if (!r->arrival_s || !took || *r->arrival_s != std::floor(*r->arrival_s)) return false;
        last = std::max(last, *r->arrival_s);
        busy += *took;
        ++n;
    }
    return n >= 10 && last > 100 * busy;
}

// What a reader must know of the file before he believes the errors.
std::vector<std::string> notes_of(const MeasuredRun& run, const std::vector<RequestErrors>& errors, std::int64_t most_here) {
    std::vector<std::string> notes = run.notes;
    const auto thousandfold = [](const RequestErrors& e) { return e.bias < -0.997 && e.bias > -0.9998; };
    std::string names;
    for (const RequestErrors& e : errors) names += thousandfold(e) ? fmt::format("{}{}", names.empty() ? "" : ", ", e.metric) : std::string();
    if (!names.empty()) {
        notes.push_back(fmt::format("measured times ({}) are about a thousand times the predicted ones: where the file has milliseconds, its names "
                                    "must tell (ttft_ms)", names));
    }
    if (replayed_by(run) == ReplayedBy::recorded && far_apart(run)) {
        notes.emplace_back("requests come so far apart that next to none meets another: where arrivals are in milliseconds, their name must tell (arrival_ms)");
    }
    if (run.cached_share > 0) {
        notes.push_back(
            fmt::format("{:.3g} % of the prompts' tokens came from the server's prefix cache: here all are computed",
                        100 * run.cached_share));
    }
    const auto users = replayed_by(run) == ReplayedBy::recorded ? looks_like_users(run) : std::nullopt;
    if (users) {
        notes.push_back(
            fmt::format("requests begin as others end, {0} at a time: where that was the load, --concurrency {0} sends "
                        "them so; at recorded times "
                        "a server that is slower here gathers a queue it never had",
                        *users));
    }
    if (const auto most = ran_at_most(run); most && *most != most_here && *most != users.value_or(0)) {
        notes.push_back(fmt::format(
            "while others waited the server ran {} requests at a time, here it may run {}: where it was launched so, tell "
            "with --max-sequences (vLLM's max_num_seqs, of each rank of data parallelism)",
            *most, most_here));
    }
    return notes;
}

// What of the file speaks of another server than the one asked about.
std::vector<std::string> other_server(const MeasuredRun& run, const Prepared& candidate) {
    std::vector<std::string> notes;
    const std::string backend = lower_case(run.backend);
    for (const auto& [begins, engine] : {std::pair{"sglang", "sglang"}, {"vllm", "vllm"}, {"tensorrt", "tensorrt_llm"}, {"trt", "tensorrt_llm"}}) {
        if (!backend.starts_with(begins) || candidate.engine->id == engine) continue;
        notes.push_back(fmt::format("the file says it was measured on '{}', and this is {}: --engine {}", run.backend, candidate.engine->name, engine));
        break;
    }
    const auto name = [](const std::string& id) { return lower_case(id.substr(id.find_last_of('/') + 1)); };
    const std::string theirs = name(run.model_id), ours = name(candidate.model->id);
    if (!theirs.empty() && theirs.find(ours) == std::string::npos && ours.find(theirs) == std::string::npos) {
        notes.push_back(fmt::format("the file names the model '{}', and this is {}", run.model_id, candidate.model->id));
    }
    return notes;
}

}  // namespace

Result<RequestsValidation> validate_requests(const MeasuredRun& run, const Prepared& candidate,
                                             const RoutingSpec& routing, const CostSource& source,
                                             const ReplayOptions& options, RunControl& control) {
    const auto workload = workload_of(run);
    if (!workload) return tl::unexpected(workload.error());
    const auto requests = succeeded(run);
    const auto closed = evaluate(candidate, operating_point(candidate, *workload), source, false);
    if (!closed) return tl::unexpected(closed.error());
    if (!closed->fits)
        return fail(too_small(fmt::format("{} does not fit: {}", layout_text(candidate), closed->misfit)));
    ServerOptions how;
    how.simulate = options.simulate;
    how.routing = routing;
    how.seed = options.seed;
    const auto server = Server::make(candidate, *closed, how, source);
    if (!server) return tl::unexpected(server.error());

    RequestsValidation v;
    std::array<ReplaySide, 3> predicted;
    constexpr std::array kCases{StepCase::central, StepCase::optimistic, StepCase::pessimistic};
    for (std::size_t i = 0; i < kCases.size(); ++i) {
        const auto again = replayed(run, requests, **server, kCases[i], candidate, options, control);
        if (!again) return tl::unexpected(again.error());
        predicted[i] = side_of(again->records, again->measured);
        if (i > 0) continue;
        v.errors = one_by_one(requests, again->records);
        if (auto written = write_requests(options.requests_file, requests, again->records); !written)
            return tl::unexpected(written.error());
    }
    v.candidate = layout_text(candidate);
    v.cost_source = source.describe();
    v.arrivals = replay_text(run);
    v.n = requests.size();
    v.failed = run.failed;
    v.figures = compared(side_of(run, requests), predicted,
                         std::get<FixedLengths>(workload->lengths).output * static_cast<double>(requests.size()), candidate.engine->first_token_error);
    v.notes = notes_of(run, v.errors, candidate.engine->max_sequences * candidate.layout.dp);
    for (auto& note : other_server(run, candidate)) v.notes.push_back(std::move(note));
    v.notes.insert(v.notes.end(), candidate.warnings.begin(), candidate.warnings.end());
    return v;
}

}  // namespace moeplan
