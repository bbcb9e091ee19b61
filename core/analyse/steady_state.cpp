#include "core/analyse/steady_state.h"

#include <algorithm>
#include <cmath>

#include "core/analyse/steady_state_parts.h"
#include "core/base/require.h"

namespace moeplan {
namespace {

// How prompts share steps with decodes when `running` sequences are in flight.
struct Mix {
    Chunking chunking;
    double requests_per_step = 0;
    double share = 0;            // of steps that carry prefill
    double prompts_per_step = 1; // chunks in such a step
    bool in_step = false;        // users keep the order in which their first prompts came
    double group = 1;            // users that share prefill steps for ever
    double decoding = 0;         // sequences in decode
    double first = 0;            // steps in a row that carry prompts before anybody decodes: users in step where prompts go first
    double wait_steps = 0;       // steps a prompt waits for its first chunk
    double batch_wait = 0;       // decode steps it waits for other prompts before that
};

// Every request needs `chunks` prefill steps and output-1 decode steps (the first token comes with the prefill).
Mix mix_of(const RequestShape& r, const ReplicaLimits& limits, double running, Refill refill) {
    Mix m;
    const double microbatches = std::clamp(running, 1.0, limits.stages), mine = running / microbatches;
    m.chunking = chunking_of(r, limits, mine);
    const double chunks = m.chunking.chunks, most_chunks = m.chunking.most;
    const double decode_steps = std::max(0.0, r.output - 1) / limits.accepted_per_step;

    PromptWait together = mine > 1 ? wait_for_others(r, limits, mine, mine / (chunks + decode_steps)) : PromptWait{};
    if (together.steps > 0) together.prompts *= microbatches;
    m.batch_wait = together.steps;
    const double unhindered = running / (chunks + decode_steps + m.batch_wait);
    m.requests_per_step = std::min(unhindered, most_chunks / chunks);
    const double chunks_per_step = m.requests_per_step * chunks;
    m.in_step = refill == Refill::users && r.equal_lengths;
    // Of prompts in chunks a microbatch computes one at a time, where it does not share them with the others.
    const double together_in_step = chunks == 1 ? std::floor(most_chunks) : m.chunking.stages / m.chunking.at_once;
    if (m.in_step) m.group = std::max(1.0, std::min(running, together_in_step));
    if (m.in_step && !limits.chunked_prefill && running > 1) {
        m.first = std::ceil(running / m.group) * chunks;
        m.requests_per_step = running / (m.first + decode_steps);
        m.prompts_per_step = running / (m.first / chunks);
        m.share = m.first / (m.first + decode_steps);
        m.decoding = running;
        return m;
    }
    m.prompts_per_step = std::max({m.group, chunks_per_step, std::min(together.prompts, most_chunks)});
    m.share = std::min(1.0, chunks_per_step / m.prompts_per_step);
    if (refill == Refill::queue && chunks_per_step > 0) {
        // Each of those in flight is in prefill in this share of the steps, whatever the others do: some steps carry several
        // prompts, as many as the budget holds, others none (for many in flight: 1 - exp(-chunks_per_step) carry any).
        const double each = std::max(running, 1.0);
        const double any = -std::expm1(each * std::log1p(-std::min(chunks_per_step / each, 1.0)));
        m.prompts_per_step = std::min(std::max(chunks_per_step / any, together.prompts), std::max(most_chunks, m.prompts_per_step));
        m.share = std::min(1.0, chunks_per_step / m.prompts_per_step);
    }
    m.decoding = m.requests_per_step * decode_steps;
    // Beyond the budget prompts queue for steps; below it they collide at random (M/D/1, finite population).
    const double full_wait = running / m.requests_per_step - chunks - decode_steps - m.batch_wait;
    const double use = chunks_per_step / most_chunks;
    const double others = std::max(0.0, running - m.group);
    const double random_wait = use < 1 ? chunks * std::min(use / (2 * (1 - use)), others / 2) * others / std::max(running, 1.0) : 0;
    m.wait_steps = std::max(full_wait, random_wait);
    return m;
}

struct Times {
    double decode = 0, mixed = 0;
};

struct Latency {
    double ttft = 0, tpot = 0;
};

Latency latency_of(const Times& t, const Mix& m, const ReplicaLimits& limits, double running) {
    // A request's own decode steps meet other requests' prompts, never its own or its group's.
    const double others = running > m.group ? (running - m.group) / running : 0;
    const double mixed_share = m.share * others;
    const double average = limits.chunked_prefill ? (1 - mixed_share) * t.decode + mixed_share * t.mixed
                                                  : t.decode + mixed_share * t.mixed;
    Latency l;
    l.tpot = average / limits.accepted_per_step;
    // Half a step passes before the next one can take the prompt in; composed ahead, that one is closed too.
    const double passes = limits.async_scheduling ? 1.5 : 0.5;
    l.ttft = passes * average * others + m.batch_wait * t.decode + m.wait_steps * average + m.chunking.chunks * t.mixed;
    return l;
}

// Users in step whose prompts go before any decode: all come back together, wait for the prompts before theirs, and then for those
// behind, until all decode together.
Latency prompts_first(const Times& t, const Mix& m, const RequestShape& r, const ReplicaLimits& limits) {
    const double decodes = std::max(1.0, (r.output - 1) / limits.accepted_per_step);
    return {t.mixed * (m.first + m.chunking.chunks) / 2, (t.decode + t.mixed * (m.first - m.chunking.chunks) / 2 / decodes) / limits.accepted_per_step};
}

// Users in step: groups of them prefill in turn. While the first finds its way back, those behind it go on finishing, a group each
// decode step; from then on a group finishes for each that prefills, and all wait for as many. docs/method.md, "Users in step".
Latency in_step(const Times& t, const Mix& m, const RequestShape& r, const ReplicaLimits& limits, double running, double back_s) {
    const double groups = std::ceil(running / m.group), chunks = m.chunking.chunks;
    const double decodes = std::max(1.0, (r.output - 1) / limits.accepted_per_step);
    const double away = t.decode > 0 ? std::ceil(back_s / t.decode) + (limits.async_scheduling ? 1 : 0) : 0;
    // Where prefill takes longer than decode, who is not in it waits for it.
    const double ahead = std::max(std::min(std::ceil(away / chunks), groups - 1), groups - 1 - decodes / chunks);
    const double beside = std::min(decodes, std::max(0.0, groups - 1 - ahead) * chunks);   // decode steps with others' prompts
    Latency l;
    l.tpot = (beside * (limits.chunked_prefill ? t.mixed : t.mixed + t.decode) + (decodes - beside) * t.decode) / decodes / limits.accepted_per_step;
    // The first ones find ever more before them.
    const double early = std::floor(std::min(ahead, groups - 1));
    const double first = early * back_s + chunks * (t.mixed * early * (early + 1) / 2 - t.decode * early * (early - 1) / 2);
    const double others = (groups - early) * (ahead + 1) * chunks * t.mixed + (ahead > 0 ? 0 : back_s * groups);
    l.ttft = (first + others) / groups - back_s;   // which the caller adds
    return l;
}

struct Steps {
    StepShape decode, mixed;
};

Steps shapes_of(const RequestShape& r, const ReplicaLimits& limits, const Mix& m, double running) {
    const double context = r.input + r.output / 2;
    const auto of_microbatch = [&](double sequences) { return sequences / std::clamp(sequences, 1.0, limits.stages); };
    Steps s;
    s.decode.decode = {of_microbatch(std::max(m.decoding, 1.0)), limits.accepted_per_step, context};
    s.mixed.prefill = m.chunking.group(m.prompts_per_step);
    // Beside a prompt the others decode: a lone request, or a lone group of them, prefills with nothing beside it.
    const double beside = running > m.group ? m.decoding * (running - m.group) / running : 0;
    if (limits.chunked_prefill && beside > 0) s.mixed.decode = {of_microbatch(beside), limits.accepted_per_step, context};
    return s;
}

}  // namespace

PromptWait wait_for_others(const RequestShape& r, const ReplicaLimits& limits, double decoding, double prompts_per_step) {
    const BatchWait& wait = limits.batch_wait;
    if (wait.steps <= 0 || prompts_per_step <= 0) return {};
    const double prompt = r.new_tokens();
    const double enough = std::max(1.0, (wait.fill * limits.token_budget - decoding) / prompt);
    // The first to come waits `steps`; those who come meanwhile half of them.
    const double steps = std::min(static_cast<double>(wait.steps), (enough - 1) / prompts_per_step);
    const double others = prompts_per_step * steps;
    return {steps * (1 + others / 2) / (1 + others), 1 + others};
}

Chunking chunking_of(const RequestShape& r, const ReplicaLimits& limits, double running) {
    Chunking c;
    const double prompt = r.new_tokens();
    // A prompt lies on one dp rank and has to itself what decodes there leave of the budget: all of it when it is alone.
    const double others = running > limits.dp ? running / limits.dp : 0;
    const double capacity = std::max(limits.chunked_prefill ? limits.token_budget - others : limits.token_budget, 1.0);
    c.room = capacity;
    c.stages = limits.stages;
    c.at_once = limits.pipelined_chunks ? limits.stages : 1;
    c.chunks = limits.chunked_prefill ? std::ceil(prompt / (capacity * c.at_once)) : 1;
    c.tokens = prompt / c.chunks;
    c.cached = r.cached_tokens();
    c.context = c.cached + (prompt - c.tokens) / 2;
    c.full = c.chunks > 1 ? capacity * c.at_once : prompt;
    c.last = prompt - (c.chunks - 1) * c.full;
    const double in_all = c.at_once * (limits.whole_prompts && c.chunks == 1 ? std::floor(capacity / c.tokens) : capacity / c.tokens);
    c.most = limits.dp * c.stages / c.at_once * std::max(1.0, in_all);
    return c;
}

Result<Cost> price_chunks(StepTimer& timer, const StepShape& average, const Chunking& c) {
    // Chunks of several prompts that share a step fill its budget together, as average ones do.
    if (c.chunks <= 1 || average.prefill.tokens() <= 0 || average.prefill.sequences > 1) return timer.price(average);
    const double full = c.chunks - 1;
    Result<Cost> sum = Cost{};
    const auto add = [&](double tokens, double before, double times_of_it) {
        StepShape step = average;
        step.prefill = c.group(average.prefill.sequences / c.group(1).sequences, tokens, c.cached + before);
        auto one = timer.price(step);
        if (!sum) return;
        if (one) *sum = then(*sum, times(*one, times_of_it / c.chunks));
        else sum = std::move(one);
    };
    // Simpson's rule over the full ones where there are three or more.
    if (full < 3) {
        for (double i = 0; i < full; ++i) add(c.full, i * c.full, 1);
    } else {
        add(c.full, 0, full / 6);
        add(c.full, (full - 1) / 2 * c.full, 4 * full / 6);
        add(c.full, (full - 1) * c.full, full / 6);
    }
    add(c.last, full * c.full, 1);
    return sum;
}

Result<Cost> price_decodes(StepTimer& timer, const StepShape& average, double output, double apart) {
    constexpr double kAlike = 16;   // tokens: an eighth of a tile of keys
    const double deviation = output / std::sqrt(12 * std::max(1.0, apart));
    if (deviation < kAlike || average.decode.sequences <= 0) return timer.price(average);
    StepShape early = average, late = average;
    early.decode.context -= deviation;
    late.decode.context += deviation;
    const auto a = timer.price(early), b = timer.price(late);
    if (!a) return a;
    if (!b) return b;
    return then(times(*a, 0.5), times(*b, 0.5));
}

void fill_work(ServingPoint& p, const ReplicaLimits& limits) {
    const double w = p.mixed_share;
    const double time = (1 - w) * p.decode.time.value + w * p.mixed.time.value;
    if (time <= 0) return;
    // Ops list one token's way through all stages; each GPU of a stage does its part once per step.
    // Not every microbatch carries prompts in a step that does.
    const double microbatches = std::clamp(p.running, 1.0, limits.stages), with = p.prompt_microbatches;
    const auto mean = [&](double decode, double mixed) {
        return (1 - w) * decode + w * (with * mixed + std::max(0.0, microbatches - with) * decode) / microbatches;
    };
    p.flops_per_s = mean(p.decode.flops.value, p.mixed.flops.value) / time;
    p.bytes_per_s = mean(p.decode.bytes.value, p.mixed.bytes.value) / time;
    p.tokens_per_step = microbatches * mean(p.decode_step.tokens(), p.prefill_step.tokens());
}

Cost stretched(Cost cost, double factor) {
    cost.time = cost.time * factor;
    cost.low = cost.low * factor;
    cost.high = cost.high * factor;
    return cost;
}

namespace {

// A step with 1.01 prompts on average has one, and seldom two: kernels step up where a tile is full, so a hundredth of a prompt
// may cost as much as a tile.
Result<Cost> price_whole_prompts(StepTimer& timer, const StepShape& shape, const Chunking& chunking, double prompts) {
    const double whole = std::floor(prompts), part = prompts - whole;
    if (whole < 1 || part <= 0) return price_chunks(timer, shape, chunking);
    StepShape fewer = shape, more = shape;
    fewer.prefill = chunking.group(whole);
    more.prefill = chunking.group(whole + 1);
    auto a = price_chunks(timer, fewer, chunking), b = price_chunks(timer, more, chunking);
    if (!a) return a;
    if (!b) return b;
    return then(times(*a, 1 - part), times(*b, part));
}

}  // namespace

// The steady state with `running` sequences in flight on the replica. All microbatches of it advance together: behind one that
// carries a prompt the others wait at every stage. docs/method.md, "Pipelines".
Result<ServingPoint> at_running(StepTimer& timer, const RequestShape& r, const ReplicaLimits& limits, double running, Refill refill) {
    const Mix m = mix_of(r, limits, running, refill);
    const Steps shapes = shapes_of(r, limits, m, running);
    auto decode = price_decodes(timer, shapes.decode, r.output, m.in_step ? 1 : m.decoding);
    if (!decode) return tl::unexpected(decode.error());
    auto mixed = refill == Refill::users ? price_chunks(timer, shapes.mixed, m.chunking) : price_whole_prompts(timer, shapes.mixed, m.chunking, m.prompts_per_step);
    if (!mixed) return tl::unexpected(mixed.error());
    // A prompt's first step may come behind another's.
    const double behind = running > m.group ? m.share * (running - m.group) / running : 0;
    const double first = m.first > 0 ? 1 / m.first : (1 - behind) / m.chunking.chunks;
    *mixed = stretched(*mixed, m.chunking.filling(m.prompts_per_step, first));

    const auto latency = [&](const Times& t, double back_s) {
        if (m.first > 0) return prompts_first(t, m, r, limits);
        return m.in_step && running > 1 ? in_step(t, m, r, limits, running, back_s) : latency_of(t, m, limits, running);
    };
    const Estimate& back = limits.request_overhead_s;
    const Latency mid = latency({decode->time.value, mixed->time.value}, back.value);
    const Latency low = latency({decode->low.value, mixed->low.value}, back.low);
    const Latency high = latency({decode->high.value, mixed->high.value}, back.high);
    ServingPoint p;
    // Of users in step fewer finish while the first is away where steps are longer, and may wait less for it.
    const auto around = [](double value, double a, double b) { return Estimate{value, std::min({value, a, b}), std::max({value, a, b})}; };
    p.ttft_s = around(mid.ttft, low.ttft, high.ttft) + limits.request_overhead_s;
    p.tpot_s = around(mid.tpot, low.tpot, high.tpot);
    const double tokens_after_first = std::max(0.0, r.output - 1);
    p.e2e_s = p.ttft_s + p.tpot_s * tokens_after_first;
    // Little: requests in flight over the time each is in flight.
    p.requests_per_s = inverse(running, p.e2e_s);
    p.running = running;
    p.decode_step = shapes.decode;
    p.prefill_step = shapes.mixed;
    p.decode = *decode;
    p.mixed = *mixed;
    p.mixed_share = m.share;
    p.prompt_microbatches = m.chunking.microbatches(m.prompts_per_step);
    fill_work(p, limits);
    return p;
}

namespace {

// All users at once: prompts fill step after step, and a request waits for half of them on average.
Result<Estimate> burst_ttft(StepTimer& timer, const RequestShape& r, const ReplicaLimits& limits, double users) {
    const double prompt = r.new_tokens();
    const double steps = std::max(1.0, users / (limits.whole_prompts && prompt <= limits.token_budget ? limits.dp * std::floor(limits.token_budget / prompt)
                                                                                                     : limits.dp * limits.token_budget / prompt));
    StepShape full;
    full.prefill = {users / steps, prompt, r.cached_tokens()};
    auto step = timer.price(full);
    if (!step) return tl::unexpected(step.error());
    // Through a pipeline one microbatch comes out behind the other, a stage later.
    return to_estimate(*step) * (((std::ceil(steps) + 1) / 2 + limits.stages - 1) / limits.stages) + limits.request_overhead_s;
}

}  // namespace

Result<ServingPoint> closed_loop(StepTimer& timer, const RequestShape& request, const ReplicaLimits& limits, double concurrency) {
    require(limits.max_sequences >= 1, "closed_loop: at least one sequence must fit");
    const double running = std::min(concurrency, limits.max_sequences);
    auto p = at_running(timer, request, limits, running, Refill::users);
    if (!p) return p;
    Estimate wait{0, 0, 0};
    if (concurrency > running) {
        p->waiting = concurrency - running;
        wait = inverse(p->waiting, p->requests_per_s);
        p->ttft_s = p->ttft_s + wait;
        p->e2e_s = p->e2e_s + wait;
    }
    p->saturation = std::min(1.0, concurrency / limits.max_sequences);
    if (request.per_user && running > 1) {
        auto burst = burst_ttft(timer, request, limits, running);
        if (!burst) return tl::unexpected(burst.error());
        const double first = 1 / *request.per_user;
        // All came at once: the last of those that wait does so as long as ever, the first hardly.
        const Estimate mean = (*burst + wait * 0.5) * first + p->ttft_s * (1 - first);
        p->e2e_s = p->e2e_s + Estimate{mean.value - p->ttft_s.value, mean.low - p->ttft_s.low, mean.high - p->ttft_s.high};
        p->ttft_s = mean;
    }
    return p;
}

Result<ServingPoint> static_batch(StepTimer& timer, const RequestShape& request, const ReplicaLimits& limits, double batch) {
    require(limits.max_together >= 1, "static_batch: at least one sequence must fit");
    const double wave = std::min(batch, limits.max_together);
    const double waves = std::ceil(batch / wave);
    const double microbatches = std::clamp(wave, 1.0, limits.stages);
    const double mine = wave / microbatches;
    const double prompt = request.new_tokens();
    const double pieces = limits.chunked_prefill ? std::ceil(mine * prompt / (limits.token_budget * limits.dp)) : 1;

    ServingPoint p;
    p.prefill_step.prefill = {mine / pieces, prompt, request.cached_tokens()};
    p.decode_step.decode = {mine, limits.accepted_per_step, request.input + request.output / 2};
    auto prefill = timer.price(p.prefill_step);
    if (!prefill) return tl::unexpected(prefill.error());
    auto decode = price_decodes(timer, p.decode_step, request.output, 1);   // all go along together
    if (!decode) return tl::unexpected(decode.error());
    p.mixed = *prefill;
    p.decode = *decode;
    // Microbatches follow each other through the stages: the last one's first token comes (stages-1) shares later.
    const double fill = 1 + (microbatches - 1) / limits.stages;
    p.ttft_s = to_estimate(*prefill) * (pieces * fill) + limits.request_overhead_s;
    p.tpot_s = to_estimate(*decode) * (1 / limits.accepted_per_step);
    const Estimate one = p.ttft_s + p.tpot_s * std::max(0.0, request.output - 1);
    p.e2e_s = one * waves;
    p.requests_per_s = inverse(batch, p.e2e_s);
    p.running = wave;
    p.waiting = batch - wave;
    p.saturation = std::min(1.0, batch / limits.max_together);
    p.prompt_microbatches = microbatches;
    p.mixed_share = pieces / (pieces + std::max(0.0, request.output - 1) / limits.accepted_per_step);
    fill_work(p, limits);
    return p;
}

}  // namespace moeplan
