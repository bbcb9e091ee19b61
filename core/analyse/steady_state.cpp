#include "core/analyse/steady_state.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/analyse/closed_queue.h"
#include "core/analyse/steady_state_parts.h"
#include "core/analyse/users_in_step.h"
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
    m.in_step = refill == Refill::users && r.equal_lengths;
    // Of prompts in chunks a microbatch computes one at a time, where it does not share them with the others.
    const double together_in_step = chunks == 1 ? std::floor(most_chunks) : limits.dp * m.chunking.stages / m.chunking.at_once;
    if (m.in_step) m.group = std::max(1.0, std::min(running, together_in_step));
    if (m.in_step && !limits.chunked_prefill && running > 1) {
        m.first = std::ceil(running / m.group) * chunks;
        m.requests_per_step = running / (m.first + decode_steps);
        m.prompts_per_step = running / (m.first / chunks);
        m.share = m.first / (m.first + decode_steps);
        m.decoding = running;
        return m;
    }
    const double unhindered = chunks + decode_steps + m.batch_wait;
    if (!m.in_step) {
        // As much of a step's room as a prompt takes is how long it keeps the others waiting; they come back at random.
        const double taken = chunks / most_chunks;
        m.wait_steps = wait_in_closed_queue(std::max(running, 1.0), taken, unhindered - taken);
    } else {
        m.wait_steps = std::max(0.0, running * chunks / most_chunks - unhindered);   // the queue beyond the budget
    }
    m.requests_per_step = running / (m.wait_steps + unhindered);
    const double chunks_per_step = m.requests_per_step * chunks;
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

// What the pace of users in step depends on besides the times of steps. Microbatches of a pipeline go in groups, a chunk a step each.
UsersInStep users_in_step(const Mix& m, const RequestShape& r, const ReplicaLimits& limits, double running) {
    UsersInStep u;
    u.decodes = std::max(0.0, r.output - 1) / limits.accepted_per_step;
    u.async_scheduling = limits.async_scheduling;
    if (limits.stages > 1) {
        u.users = running / m.group;
        u.prompt = m.chunking.chunks;
        u.decode = 0;
        return u;
    }
    u.users = running;
    u.prompt = r.new_tokens();
    u.budget = limits.token_budget;
    u.ranks = limits.dp;
    u.whole_prompts = limits.whole_prompts;
    return u;
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

// A step that carries so many tokens of prompts, and what it takes.
struct PricedPromptStep {
    double tokens = 0;
    Estimate time_s, even_s;
};

// Steps as users in step meet them: what is left of a prompt, one, one on each rank, as many as fit.
Result<std::vector<PricedPromptStep>> price_prompt_steps(StepTimer& timer, const RequestShape& r, const UsersInStep& u, StepShape step) {
    const double one = std::min(u.prompt, u.budget), most = std::min(u.budget * u.ranks, std::ceil(u.users) * u.prompt);
    std::vector<double> sizes{one, std::min(one * u.ranks, most), most};
    if (std::ceil(u.users) * (u.prompt + u.decode) > u.budget * u.ranks) sizes.insert(sizes.end(), {one / 8, one / 2});   // of cut ones
    std::ranges::sort(sizes);
    std::vector<PricedPromptStep> priced;
    for (const double tokens : sizes) {
        if (tokens < 1 || (!priced.empty() && tokens < priced.back().tokens * 1.01)) continue;
        const auto in_parts_of = [&](double part) {
            step.prefill = {tokens / part, part, r.cached_tokens() + (u.prompt - part) / 2};
            return timer.price(step);
        };
        auto uneven = in_parts_of(std::min(tokens, one));
        if (!uneven) return tl::unexpected(uneven.error());
        const double each = tokens / u.ranks;
        auto even = u.ranks > 1 && each >= 1 && each < one ? in_parts_of(each) : uneven;
        if (!even) return tl::unexpected(even.error());
        priced.push_back({tokens, to_estimate(*uneven), to_estimate(*even)});
    }
    return priced;
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
    c.ranks = limits.dp;
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
    if (c.chunks <= 1 || average.prefill.tokens() <= 0 || average.prefill.sequences > c.ranks) return timer.price(average);
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

    std::vector<PricedPromptStep> steps{{1, to_estimate(*mixed), to_estimate(*mixed)}};
    UsersInStep users = users_in_step(m, r, limits, running);
    const bool paced = m.in_step && m.first == 0 && running > 1;
    if (paced && limits.stages == 1) {
        auto priced = price_prompt_steps(timer, r, users, shapes.mixed);
        if (!priced) return tl::unexpected(priced.error());
        steps = std::move(*priced);
    }
    const auto latency = [&](double Estimate::* bound) {
        const Times t{to_estimate(*decode).*bound, to_estimate(*mixed).*bound};
        if (m.first > 0) return prompts_first(t, m, r, limits);
        if (!paced) return latency_of(t, m, limits, running);
        users.back_s = limits.request_overhead_s.*bound;
        users.decode_s = t.decode;
        users.with_prompts.clear();
        for (const PricedPromptStep& s : steps) users.with_prompts.push_back({s.tokens, s.time_s.*bound, s.even_s.*bound});
        const PacedTimes times = pace(users);
        return Latency{times.ttft_s, times.step_s / limits.accepted_per_step};
    };
    const Latency mid = latency(&Estimate::value), low = latency(&Estimate::low), high = latency(&Estimate::high);
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

}  // namespace moeplan
