#include "sim/serving/validate_servers.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "core/base/estimate_math.h"
#include "core/base/side_by_side.h"
#include "sim/arrivals/processes.h"
#include "sim/serving/server.h"
#include "sim/serving/validate_watch.h"

namespace moeplan {
namespace {

constexpr std::uint64_t kSeed = 1;

// Lengths as told: users that all send prompts of one length and get answers of one length stay in step, and so do measured ones.
// Where only the mean is told they are spread as InferenceX spreads its own, evenly from 0.8 to 1 of the longest.
Lengths lengths_of(const MeasuredServing& row) {
    constexpr double kShortest = 0.8, kSpread = (1 - kShortest) / (1 + kShortest);
    const auto* mean = std::get_if<FixedLengths>(&row.lengths);
    if (!mean || !row.mean_lengths) return row.lengths;
    const auto least = [](double n) { return std::max(1.0, (1 - kSpread) * n); };
    return UniformLengths{least(mean->input), (1 + kSpread) * mean->input, least(mean->output), (1 + kSpread) * mean->output};
}

Result<std::unique_ptr<RequestSource>> source_of(const ServingRow& row) {
    auto lengths = make_lengths(lengths_of(row.measured), {}, kSeed, 0);
    if (!lengths) return tl::unexpected(lengths.error());
    RequestMaker maker{std::move(*lengths), Traits({}, kSeed)};
    if (const auto* batch = std::get_if<StaticBatch>(&row.measured.load)) return make_batch(std::llround(batch->batch), std::move(maker));
    ClosedLoopSpec spec;
    spec.users = std::max<std::int64_t>(1, std::llround(std::get<ClosedLoop>(row.measured.load).concurrency));
    SourceLimits limits;
    limits.requests = std::llround(static_cast<double>(spec.users) * row.measured.requests_per_user);
    return limited(make_closed_loop(spec, std::move(maker)), limits);
}

struct Means {
    double ttft = 0, tpot = 0, e2e = 0, running = 0, prompt_share = 0;
    bool waits = false;
};

Result<Means> run_case(Server& server, const ServingRow& row, StepCase which, RunControl& control) {
    auto source = source_of(row);
    if (!source) return tl::unexpected(source.error());
    ClusterOptions cluster;
    cluster.groups.push_back(server.group(which));
    cluster.seed = kSeed;
    const EngineLimits& limits = cluster.groups.front().limits;
    ValidateWatch watch(limits.token_budget, limits.whole_prompts);
    const auto ran = simulate(cluster, **source, {&watch}, control);
    if (!ran) return tl::unexpected(ran.error());
    if (auto problems = server.problems(); !problems.empty()) return fail(std::move(problems));
    if (ran->never_fit > 0 || watch.completed() == 0) return fail({{}, {}, "predicted not to fit: a request is larger than the cache", {}});
    const bool batch = std::holds_alternative<StaticBatch>(row.measured.load);
    // A batch is measured as a whole: its time is that of its last answer.
    return Means{watch.ttft_s(), watch.tpot_s(), batch ? watch.last_s() : watch.e2e_s(), watch.running(), watch.prompt_share(), watch.waits()};
}

RowPrediction simulated(const ServingRow& row, const CostSource& source, bool intervals, RunControl& control) {
    RowPrediction p;
    const auto failed = [&p](const Problems& why) {
        p.skip = why.front().what;
        return p;
    };
    const Prepared& candidate = row.candidate->prepared;
    const auto closed = evaluate(candidate, row.point, source, false);
    if (!closed) return failed(closed.error());
    std::optional<PoolMemory> memory;
    if (row.candidate->pools) {
        auto found = memory_of(*row.candidate->pools, row.point, source);
        if (!found) return failed(found.error());
        memory = std::move(*found);
    }
    if (!closed->fits || (memory && !memory->fits())) {
        p.skip = kMisfit;
        return p;
    }
    ServerOptions options;
    options.simulate.prefix_cache = false;   // benchmarks draw prompts at random
    options.seed = kSeed;
    if (memory) options.simulate.pools = candidate.spec->simulate->pools;
    const ServerPools pools = memory ? ServerPools{&*row.candidate->pools, &*memory} : ServerPools{};
    const auto server = Server::make(candidate, *closed, options, source, pools);
    if (!server) return failed(server.error());
    const auto central = run_case(**server, row, StepCase::central, control);
    if (!central) return failed(central.error());
    p.ttft_s = Estimate::exact(central->ttft);
    p.tpot_s = Estimate::exact(central->tpot);
    p.e2e_s = Estimate::exact(central->e2e);
    p.running = central->running;
    p.mixed_share = central->prompt_share;
    p.waits = central->waits;
    if (!intervals) return p;
    for (const StepCase which : {StepCase::optimistic, StepCase::pessimistic}) {
        const auto edge = run_case(**server, row, which, control);
        if (!edge) return failed(edge.error());
        const auto set = [&](Estimate& e, double value) {
            if (which == StepCase::optimistic) e.low = std::min(e.value, value);
            else e.high = std::max(e.value, value);
        };
        set(p.ttft_s, edge->ttft);
        set(p.tpot_s, edge->tpot);
        set(p.e2e_s, edge->e2e);
    }
    p.ttft_s = with_error(p.ttft_s, candidate.engine->first_token_error);
    return p;
}

}  // namespace

RowPredictor by_simulation(const CostSource& source, const SimulateRowsOptions& options) {
    return [&source, options](const ServingRows& all) {
        std::vector<RowPrediction> found(all.rows.size());
        std::mutex mutex;
        std::size_t done = 0;
        for_each_side_by_side(all.rows.size(), [&](std::size_t i) {
            RunControl quiet;
            if (options.control) quiet.cancel = options.control->cancel;
            found[i] = simulated(all.rows[i], source, options.intervals, quiet);
            if (found[i].skip.empty()) found[i] = as_seen(std::move(found[i]), all.rows[i]);
            if (!options.control || !options.control->progress) return;
            const std::lock_guard lock(mutex);
            options.control->progress(static_cast<double>(++done) / static_cast<double>(all.rows.size()));
        });
        return found;
    };
}

}  // namespace moeplan
