#include "core/analyse/evaluate.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/estimate_math.h"
#include "core/base/match.h"

namespace moeplan {
namespace {

std::string describe_misfit(const Prepared& c, const Footprint& m, double context) {
    if (m.kv_available.value <= 0) {
        return fmt::format("weights {:.1f} GB + activations {:.1f} GB + engine {:.1f} GB exceed the {:.1f} GB an engine may use of one GPU",
                           m.weights.value / kGB, m.activations.value / kGB, m.engine.value / kGB, m.usable.value / kGB);
    }
    if (c.spec && c.spec->kv_blocks) {
        const double block = static_cast<double>(c.engine->block_tokens);
        return fmt::format("the {:g} blocks of cache given (kv_blocks) cannot hold one sequence of {:.0f} tokens, which takes {:.0f} of {:.0f} tokens",
                           *c.spec->kv_blocks, context, std::ceil(context / block), block);
    }
    return fmt::format("{:.2f} GB beside the weights cannot hold one sequence of {:.0f} tokens, which takes {:.2f} GB",
                       m.kv_available.value / kGB, context, m.kv_per_sequence.value / kGB);
}

// Engines that batch continuously size their buffers for a full step; others hold the whole batch of prompts.
double step_tokens(const Prepared& c, const OperatingPoint& point) {
    const double budget = static_cast<double>(c.engine->token_budget * c.layout.dp);
    if (c.engine->continuous_batching) return budget;
    const double users = match(
        point.load, [](const ClosedLoop& l) { return l.concurrency; }, [](const PoissonLoad&) { return 1.0; },
        [](const StaticBatch& l) { return l.batch; });
    return std::min(budget, std::max(1.0, users / static_cast<double>(c.replicas)) * point.request.input);
}

Footprint footprint_of(const Prepared& c, const OperatingPoint& point) {
    const RequestShape& request = point.request;
    FootprintInput in;
    in.model = c.model.get();
    in.precision = c.precision;
    in.layout = c.layout;
    in.device = c.device;
    in.engine = c.engine.get();
    in.context_tokens = request.input + request.output;
    in.mean_context_tokens = request.input + request.output / 2;
    in.step_tokens = step_tokens(c, point);
    in.redundant_experts = c.redundant_experts;
    in.experts_on_host = c.spec ? c.spec->experts_on_host : 0;
    if (c.spec) in.kv_blocks = c.spec->kv_blocks;
    return footprint(in);
}

// Fewer users than replicas leave replicas idle.
double busy_replicas(const Load& load, double replicas) {
    return match(
        load, [&](const ClosedLoop& l) { return std::min(replicas, std::max(1.0, l.concurrency)); },
        [&](const PoissonLoad&) { return replicas; },
        [&](const StaticBatch& l) { return std::min(replicas, std::max(1.0, l.batch)); });
}

void price(Evaluation& e, const Prepared& c) {
    e.requests_per_s = e.serving.requests_per_s * busy_replicas(e.at.load, static_cast<double>(c.replicas));
    e.output_tok_s = e.requests_per_s * e.at.request.output;
    e.gpus_paid = c.gpus();
    ServingLoad load;
    load.gpus = e.gpus_paid;
    load.input_tokens = e.at.request.input;
    load.output_tokens = e.at.request.output;
    load.requests_per_second = e.requests_per_s;
    load.utilisation = e.at.utilisation;
    e.money = unit_prices(e.at.usd_per_gpu_hour, load);
}

// What runs together while steps run, and for how much of the time they do: docs/method.md, "Batch".
void occupy(Evaluation& e, const Prepared& c) {
    const ServingPoint& s = e.serving;
    const double replicas = static_cast<double>(c.replicas);
    const double away = s.e2e_s.value > 0 ? std::min(1.0, c.engine->request_overhead_s.value / s.e2e_s.value) : 0;
    e.batch = s.running;
    e.busy = busy_replicas(e.at.load, replicas) / replicas;
    if (std::holds_alternative<ClosedLoop>(e.at.load)) e.busy *= 1 - std::pow(away, std::max(1.0, s.running));
    if (std::holds_alternative<PoissonLoad>(e.at.load)) {
        e.batch = s.running > 0 ? -s.running / std::expm1(-s.running) : 1;
        e.busy = -std::expm1(-s.running * (1 - away));
    }
}

// An answer may be longer or shorter than the workload's output: the same candidate is served with that length.
Result<AnswerCost> answer_cost(const Evaluation& e, const Prepared& c, StepTimer& timer) {
    AnswerCost answer;
    answer.output_tokens = c.quality->tokens_per_answer.value_or(e.at.request.output);
    std::optional<Estimate> attempt = e.money.usd_per_request;
    if (answer.output_tokens != e.at.request.output) {
        Evaluation longer = e;
        longer.at.request.output = answer.output_tokens;
        const Footprint memory = footprint_of(c, longer.at);
        if (!memory.fits()) {
            answer.refused = fmt::format("answers of {:.0f} tokens do not fit: {}", answer.output_tokens,
                                         describe_misfit(c, memory, longer.at.request.input + answer.output_tokens));
            return answer;
        }
        auto point = serve(timer, c, longer.at, limits_of(c, memory));
        if (!point) return tl::unexpected(point.error());
        if (point->saturated) {
            answer.refused = fmt::format("with answers of {:.0f} tokens the offered rate is {:.0f} % of capacity", answer.output_tokens, 100 * point->saturation);
            return answer;
        }
        longer.serving = *point;
        price(longer, c);
        attempt = longer.money.usd_per_request;
    }
    if (!attempt) {
        answer.refused = "no throughput to divide the money by";
        return answer;
    }
    // Time, and so money, grows with the answer's length at least nearly in proportion.
    const Estimate& spread = c.quality->length_spread;
    answer.usd_per_answer = {attempt->value, attempt->low * spread.low, attempt->high * spread.high};
    if (auto correct = cost_per_correct_answer(answer.usd_per_answer, c.quality->p_correct)) answer.usd_per_correct = *correct;
    else answer.refused = correct.error().front().what;
    return answer;
}

}  // namespace

OperatingPoint operating_point(const Prepared& candidate, const Workload& workload) {
    return {workload.load, candidate.request, candidate.money.utilisation, candidate.price.usd};
}

OperatingPoint without_price_spread(OperatingPoint point) {
    point.usd_per_gpu_hour = Estimate::exact(point.usd_per_gpu_hour.value);
    return point;
}

bool same_price(const Prepared& a, const Prepared& b) { return a.price.source == b.price.source && a.price.usd == b.price.usd; }

ReplicaLimits limits_of(const Prepared& c, const Footprint& memory) {
    const double dp = static_cast<double>(c.layout.dp);
    ReplicaLimits limits;
    const double slots = static_cast<double>(c.engine->max_sequences) * dp;
    limits.max_sequences = std::min(memory.running_sequences, slots);
    limits.max_together = std::min(memory.max_sequences, slots);
    limits.token_budget = static_cast<double>(c.engine->token_budget);
    limits.dp = dp;
    limits.request_overhead_s = c.engine->request_overhead_s;
    limits.stages = static_cast<double>(c.layout.pp);
    limits.pipelined_chunks = c.engine->pipelined_chunks;
    limits.chunked_prefill = c.engine->chunked_prefill;
    limits.whole_prompts = c.engine->whole_prompts;
    limits.async_scheduling = c.engine->async_scheduling;
    limits.batch_wait = c.engine->batch_wait;
    if (c.spec && c.spec->speculative_accept) limits.accepted_per_step = *c.spec->speculative_accept;
    return limits;
}

namespace {

Result<ServingPoint> served(StepTimer& timer, const Prepared& c, const OperatingPoint& point, const ReplicaLimits& limits) {
    const double replicas = static_cast<double>(c.replicas);
    // An engine without continuous batching serves users in batches whatever the load is called.
    return match(
        point.load,
        [&](const ClosedLoop& l) {
            const double mine = std::max(1.0, l.concurrency / replicas);
            return c.engine->continuous_batching ? closed_loop(timer, point.request, limits, mine)
                                                : static_batch(timer, point.request, limits, mine);
        },
        [&](const PoissonLoad& l) { return poisson(timer, point.request, limits, l.rate.value / replicas); },
        [&](const StaticBatch& l) { return static_batch(timer, point.request, limits, std::max(1.0, l.batch / replicas)); });
}

}  // namespace

Result<ServingPoint> serve(StepTimer& timer, const Prepared& c, const OperatingPoint& point, const ReplicaLimits& limits) {
    auto found = served(timer, c, point, limits);
    if (found) found->ttft_s = with_error(found->ttft_s, c.engine->first_token_error);
    return found;
}

StepTimer timer_of(const Prepared& candidate, const CostSource& source) { return {candidate.lowering(), candidate.place(), source}; }

Result<Evaluation> evaluate(const Prepared& candidate, const OperatingPoint& point, const CostSource& source, bool with_answer) {
    StepTimer timer = timer_of(candidate, source);
    return evaluate(candidate, point, timer, with_answer);
}

Result<Evaluation> evaluate(const Prepared& candidate, const OperatingPoint& point, StepTimer& timer, bool with_answer) {
    Evaluation e;
    e.at = point;
    e.memory = footprint_of(candidate, point);
    e.fits = e.memory.fits();
    if (!e.fits) {
        e.misfit = describe_misfit(candidate, e.memory, point.request.input + point.request.output);
        price(e, candidate);   // the hour costs the same
        return e;
    }
    const ReplicaLimits limits = limits_of(candidate, e.memory);
    e.limit_sequences = limits.max_sequences;
    auto serving = serve(timer, candidate, point, limits);
    if (!serving) return tl::unexpected(serving.error());
    e.serving = *serving;
    occupy(e, candidate);
    price(e, candidate);
    if (with_answer && candidate.quality) {
        auto answer = answer_cost(e, candidate, timer);
        if (!answer) return tl::unexpected(answer.error());
        e.answer = *answer;
    }
    return e;
}

Result<Evaluation> repriced(const Evaluation& evaluation, const Prepared& candidate, const Estimate& usd_per_gpu_hour, StepTimer& timer) {
    Evaluation e = evaluation;
    e.at.usd_per_gpu_hour = usd_per_gpu_hour;
    price(e, candidate);
    if (!e.answer) return e;
    auto answer = answer_cost(e, candidate, timer);
    if (!answer) return tl::unexpected(answer.error());
    e.answer = *answer;
    return e;
}

}  // namespace moeplan
