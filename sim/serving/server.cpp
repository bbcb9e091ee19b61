#include "sim/serving/server.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "core/money/serving_cost.h"

namespace moeplan {
namespace {

Problem wrong(const Prepared& c, const std::string& key, std::string what, std::string hint = {}) {
    const Spot none;
    const Spot& spot = c.spec ? c.spec->spot : none;
    return {spot.where(), spot.path.empty() ? "simulate." + key : spot.path + ".simulate." + key, std::move(what), std::move(hint)};
}

// Tokens that the cache of a request holds, or has taken room for.
double tokens_in_blocks(const Prepared& c, const Evaluation& e) {
    const double block = static_cast<double>(c.engine->block_tokens);
    return std::ceil((e.at.request.input + e.at.request.output) / block) * block;
}

// Bytes of one token's cache over all GPUs of a replica that hold a part of it, or a copy.
double token_bytes(const Prepared& c, const Evaluation& e) {
    return e.memory.kv_per_sequence.value / tokens_in_blocks(c, e) * static_cast<double>(c.layout.tp * c.layout.pp);
}

}  // namespace

Scheduler scheduler_of(const EngineSpec& engine, Scheduler wanted) {
    if (wanted != Scheduler::automatic) return wanted;
    if (!engine.continuous_batching) return Scheduler::static_batch;
    if (engine.id == "sglang") return Scheduler::sglang;
    return engine.kv_on_demand ? Scheduler::vllm : Scheduler::tensorrt_llm;
}

EngineLimits engine_limits(const Prepared& c, const Evaluation& e, const SimulateSpec& simulate) {
    const EngineSpec& engine = *c.engine;
    const double dp = static_cast<double>(c.layout.dp), block = static_cast<double>(engine.block_tokens);
    EngineLimits limits;
    limits.max_sequences = engine.max_sequences * c.layout.dp;
    limits.token_budget = engine.token_budget * c.layout.dp * c.layout.pp;
    limits.rank_budget = engine.token_budget;
    limits.pipelined_chunks = engine.pipelined_chunks ? c.layout.pp : 1;
    limits.chunked_prefill = engine.chunked_prefill;
    limits.whole_prompts = engine.whole_prompts;
    limits.async_scheduling = engine.async_scheduling;
    limits.batch_wait = engine.batch_wait;
    limits.block_tokens = engine.block_tokens;
    const double sequences = e.memory.kv_per_sequence.value > 0 ? dp * (e.memory.kv_available / e.memory.kv_per_sequence)
                                                                : static_cast<double>(limits.max_sequences);
    limits.total_blocks = std::max<std::int64_t>(1, static_cast<std::int64_t>(sequences * (tokens_in_blocks(c, e) / block)));
    limits.prefix_cache = simulate.prefix_cache;
    limits.preemption = simulate.preemption;
    if (c.spec && c.spec->speculative_accept) limits.accepted_per_step = *c.spec->speculative_accept;
    if (c.device->pcie.value > 0) {
        limits.swap_per_block = to_ticks(e.memory.kv_per_sequence.value / tokens_in_blocks(c, e) * block / c.device->pcie.value);
    }
    return limits;
}

Result<std::unique_ptr<Server>> Server::make(const Prepared& c, const Evaluation& e, const ServerOptions& options, const CostSource& source, ServerPools pools) {
    std::unique_ptr<Server> server(new Server(c, source));
    GroupOptions& group = server->group_;
    group.name = c.name;
    group.scheduler = scheduler_of(*c.engine, options.simulate.scheduler);
    group.replicas = c.replicas;
    Problems problems;
    if (options.simulate.preemption == Preemption::swap && c.device->pcie.value <= 0) {
        problems.push_back(wrong(c, "preemption", fmt::format("the catalog knows no host link of {}", c.device->name), "recompute needs none"));
    }
    const auto add_side = [&](const Prepared& candidate, const Evaluation& memory) {
        Side& side = server->sides_.emplace_back();
        side.candidate = &candidate;
        side.memory = memory.memory;
        side.limits = engine_limits(candidate, memory, options.simulate);
        side.limits.prefix_block_tokens = options.prefix_block_tokens;
    };
    if (pools.pools) {
        add_side(pools.pools->prefill, pools.memory->prefill);
        add_side(pools.pools->decode, pools.memory->decode);
    } else {
        add_side(c, e);
    }
    const auto take = [&](const Result<void>& set) {
        if (!set) append_new(problems, set.error());
    };
    if (pools.pools) take(server->set_pools(options, pools));
    take(server->set_autoscale(e, options));
    for (Side& side : server->sides_) take(server->set_epochs(side, options));
    if (!problems.empty()) return fail(std::move(problems));
    group.context = c.model->max_context;
    group.limits = server->sides_.front().limits;
    group.epochs = server->sides_.front().times;
    if (group.pools) group.pools->decode = PoolOptions::Decode{server->sides_.back().limits, server->sides_.back().times};
    return server;
}

Result<void> Server::set_pools(const ServerOptions& options, ServerPools pools) {
    const PoolsSpec& spec = *options.simulate.pools;
    const Prepared &c = *candidate_, &prefill = pools.pools->prefill, &decode = pools.pools->decode;
    const std::int64_t replicas = prefill.replicas + decode.replicas;
    if (!spec.own_layouts() && replicas != c.replicas) {
        return fail(wrong(c, "pools", fmt::format("{} + {} replicas in pools, but the candidate has {}", prefill.replicas, decode.replicas, c.replicas),
                          fmt::format("count: {} gives as many", replicas * c.layout.gpus())));
    }
    group_.replicas = replicas;
    // What the receiving replica will hold travels: tp ranks that keep a copy each get one.
    const double link = spec.link ? spec.link->value : c.network.value * static_cast<double>(prefill.layout.gpus());
    if (link <= 0) return fail(wrong(c, "pools.link", fmt::format("the catalog knows no network of {}", c.device->name), "give link: 50 GB/s"));
    group_.pools = PoolOptions{prefill.replicas, to_ticks(spec.latency.value),
                               to_ticks(token_bytes(decode, pools.memory->decode) / link)};
    return {};
}

Result<void> Server::set_autoscale(const Evaluation& e, const ServerOptions& options) {
    const auto& spec = options.simulate.autoscale;
    if (!spec) return {};
    const Prepared& c = *candidate_;
    if (spec->most != c.replicas) {
        return fail(wrong(c, "autoscale.most", fmt::format("up to {} replicas, but the candidate has {}", spec->most, c.replicas),
                          fmt::format("count: {} gives as many", spec->most * c.layout.gpus())));
    }
    if (group_.pools) return fail(wrong(c, "autoscale", "replicas in pools are not scaled", "leave out pools or autoscale"));
    Seconds start = spec->cold_start.value_or(Seconds{0});
    if (!spec->cold_start) {
        if (c.device->pcie.value <= 0 || c.read_rate.value <= 0) {
            return fail(wrong(c, "autoscale.cold_start", fmt::format("a cold start of {} cannot be computed: its host link is not in the catalog", c.device->name), "give cold_start: 90 s"));
        }
        const double gpus = static_cast<double>(c.layout.gpus());
        const WeightLocation where = c.weights_from == WeightSource::disk      ? WeightLocation::disk
                                     : c.weights_from == WeightSource::network ? WeightLocation::network
                                                                               : WeightLocation::page_cache;
        start = cold_start(e.memory.weights * gpus, where, c.read_rate, c.device->pcie, gpus, c.engine_start).total();
    }
    group_.autoscale = AutoscaleOptions{spec->least, spec->most, spec->scale_up_above, spec->scale_down_below, to_ticks(spec->every.value), to_ticks(start.value)};
    return {};
}

Result<void> Server::set_epochs(Side& side, const ServerOptions& options) {
    const Prepared& c = *side.candidate;
    const SimulateSpec& simulate = options.simulate;
    // Of two pools one may keep all experts on one rank, where there is nothing to place.
    const bool placed = !simulate.pools || c.layout.ep > 1 || sides_.front().candidate->layout.ep == sides_.back().candidate->layout.ep;
    const auto rebalance = placed ? simulate.rebalance : std::nullopt;
    if (c.model->is_moe() && (simulate.drift || rebalance)) {
        auto epochs = expert_epochs(c, options.routing, simulate.drift, rebalance, options.horizon, options.seed, options.placement);
        if (!epochs) return tl::unexpected(epochs.error());
        side.epochs = std::move(*epochs);
    }
    if (side.epochs.empty()) side.epochs.push_back({Seconds{0}, c.expert_load, Seconds{0}});
    const EngineLimits& limits = side.limits;
    StepRange range;
    range.tokens = static_cast<double>(std::min<std::int64_t>(2 * limits.rank_budget, 65536));
    range.ranks = static_cast<double>(c.layout.dp);
    range.sequences = static_cast<double>(std::min<std::int64_t>(limits.max_sequences, 4096));
    StepTimesOptions times;
    times.computed_per_step = limits.accepted_per_step;
    times.stages = static_cast<double>(c.layout.pp);
    std::map<const ExpertLoadTable*, std::shared_ptr<StepTimes>> known;
    for (const ExpertEpoch& epoch : side.epochs) {
        auto& table = known[epoch.load.get()];
        if (!table) {
            LoweringContext context = c.lowering();
            context.expert_load = epoch.load.get();
            StepPricer& pricer = *side.pricers.emplace_back(std::make_unique<StepPricer>(context, c.place(), *source_, range));
            table = std::make_shared<StepTimes>([&pricer](const StepShape& step) { return pricer.price(step); }, times);
        }
        side.times.push_back({to_ticks(epoch.from.value), table, to_ticks(epoch.pause.value)});
    }
    return {};
}

const GroupOptions& Server::group(StepCase which) {
    for (const Side& side : sides_) {
        for (const TimesEpoch& e : side.times) e.times->use(which);
    }
    const Estimate& overhead = candidate_->engine->request_overhead_s;
    group_.request_overhead = to_ticks(which == StepCase::central ? overhead.value : which == StepCase::optimistic ? overhead.low : overhead.high);
    return group_;
}

Problems Server::problems() const {
    for (const Side& side : sides_) {
        for (const auto& pricer : side.pricers) {
            if (!pricer->problems().empty()) return pricer->problems();
        }
    }
    return {};
}

double Server::gpu_seconds(const GroupResult& result) const {
    const auto of = [](const Side& side, double paid_s) { return static_cast<double>(side.candidate->layout.gpus()) * paid_s; };
    if (sides_.size() == 1) return of(sides_.front(), result.paid_s);
    return of(sides_.front(), result.paid_s - result.decode_paid_s) + of(sides_.back(), result.decode_paid_s);
}

std::vector<SimulatedPool> Server::pools() const {
    std::vector<SimulatedPool> pools;
    if (sides_.size() == 1) return pools;
    for (const Side& side : sides_) {
        SimulatedPool p;
        p.name = pools.empty() ? "prefill" : "decode";
        p.layout = describe(side.candidate->layout);
        p.replicas = side.candidate->replicas;
        p.gpus = p.replicas * side.candidate->layout.gpus();
        p.weights_gb = side.memory.weights.value / kGB;
        p.cache_gb = side.memory.kv_available.value / kGB;
        pools.push_back(std::move(p));
    }
    return pools;
}

std::int64_t Server::longest_request() const {
    const auto tokens = [](const EngineLimits& limits) { return limits.total_blocks * limits.block_tokens; };
    return std::min(tokens(sides_.front().limits), tokens(sides_.back().limits));
}

}  // namespace moeplan
