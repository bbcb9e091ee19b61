// Requests that come at random to one replica. docs/method.md, "Prompts at random" and "Saturation".

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>

#include "core/analyse/prompt_steps.h"
#include "core/analyse/steady_state_parts.h"
#include "core/base/require.h"

namespace moeplan {
namespace {

// Times of steps by the chunks they carry: priced at 0 … 8 chunks and a few more sizes up to the most, where and
// when they are asked for; straight in between.
class StepsByChunks {
public:
    // `decoding` sequences beside the chunks (the engine permitting); none: steps carry prompts only.
    StepsByChunks(StepTimer& timer, const RequestShape& r, const ReplicaLimits& limits, const Chunking& chunking, double decoding)
        : timer_(&timer), chunking_(chunking), output_(r.output), beside_(limits.chunked_prefill) {
        decode_.decode = {decoding, limits.accepted_per_step, r.input + r.output / 2};
    }

    StepShape shape(double chunks) const {
        StepShape s = decode_;
        if (chunks > 0) {
            s.prefill = chunking_.group(chunks);
            if (!beside_ || decode_.decode.sequences <= 0) s.decode = {};
        }
        return s;
    }

    enum class Edge : std::uint8_t { value, low, high };
    double seconds(double chunks, Edge edge) {
        const double below = size_below(chunks), above = std::min(size_above(below), chunking_.most);
        if (chunks <= below || above <= below) return of(below, edge);
        const double share = (chunks - below) / (above - below);
        return (1 - share) * of(below, edge) + share * of(above, edge);
    }

    // The share of steps with prompts that find the pipeline without any.
    void fills(double first) { first_ = first; }

    const Problems& problems() const { return problems_; }

private:
    // Sizes priced: whole to 8, then two an octave.
    static double size_below(double chunks) {
        if (chunks <= 8) return std::floor(chunks);
        const double octave = std::exp2(std::floor(std::log2(chunks)));
        return chunks >= 1.5 * octave ? 1.5 * octave : octave;
    }
    static double size_above(double size) {
        if (size < 8) return size + 1;
        const double octave = std::exp2(std::floor(std::log2(size)));
        return size >= 1.5 * octave ? 2 * octave : 1.5 * octave;
    }

    double of(double size, Edge edge) {
        auto known = known_.find(size);
        if (known == known_.end()) {
            const auto cost = spread(size);
            if (!cost && problems_.empty()) problems_ = cost.error();
            known = known_.emplace(size, cost ? to_estimate(*cost) : Estimate::exact(1)).first;
        }
        const Estimate& e = known->second;
        return (edge == Edge::value ? e.value : edge == Edge::low ? e.low : e.high) * (size > 0 ? chunking_.filling(size, first_) : 1);
    }

    Result<Cost> priced(const StepShape& step) {
        return step.prefill.sequences > 0 ? price_chunks(*timer_, step, chunking_) : price_decodes(*timer_, step, output_, step.decode.sequences);
    }

    // How many others decode is Poisson's, and steps grow less than they do where experts fill up: the mean over both sides of it.
    Result<Cost> spread(double size) {
        const StepShape average = shape(size);
        const double others = average.decode.sequences - 1;
        if (others <= 0) return priced(average);
        StepShape fewer = average, more = average;
        fewer.decode.sequences -= std::sqrt(others);
        more.decode.sequences += std::sqrt(others);
        const auto a = priced(fewer), b = priced(more);
        if (!a) return a;
        if (!b) return b;
        return then(times(*a, 0.5), times(*b, 0.5));
    }

    StepTimer* timer_;
    Chunking chunking_;
    double output_;
    StepShape decode_;
    bool beside_;
    double first_ = 0;
    std::map<double, Estimate> known_;
    Problems problems_;
};

// What requests meet while `decoding` others decode on average.
struct Met {
    Estimate ttft_s, tpot_s, step_s;
    double share = 0, chunks = 0;   // of steps that carry prompts; in such a step
    bool kept_up = true;            // false: prompts come faster than these steps take them, and the rest says nothing
};

// Of one chain, for each edge of the times.
struct ChainTimes {
    PromptSteps steps;
    Estimate decode_step_s, first_token_s;
    Estimate step_s;   // any step, on average
};

ChainTimes times_of(const PromptLoad& load, const Chunking& chunking, StepsByChunks& table) {
    using Edge = StepsByChunks::Edge;
    const auto at = [&table](Edge edge) { return [&table, edge](double chunks) { return table.seconds(chunks, edge); }; };
    // A prompt finds the pipeline without any where none came while it would still be there.
    if (chunking.stages > 1) table.fills(std::exp(-load.rate * chunking.chunks * table.seconds(1, Edge::value)) / chunking.chunks);
    ChainTimes t;
    t.steps = prompt_steps(load, at(Edge::value));
    const PromptTimes mid = prompt_times(t.steps, load, at(Edge::value));
    const PromptTimes low = prompt_times(t.steps, load, at(Edge::low)), high = prompt_times(t.steps, load, at(Edge::high));
    t.decode_step_s = {mid.decode_step_s, low.decode_step_s, high.decode_step_s};
    t.first_token_s = {mid.first_token_s, low.first_token_s, high.first_token_s};
    for (const PromptSteps::Begin& begin : t.steps.begin) {
        if (begin.share <= 0) continue;
        const Estimate one{table.seconds(begin.chunks, Edge::value), table.seconds(begin.chunks, Edge::low), table.seconds(begin.chunks, Edge::high)};
        t.step_s = t.step_s + one * begin.share;
    }
    return t;
}

constexpr double kNeverAlone = 30;   // with so many others on average, one in 10^13 finds nobody

// What comes to a replica, and how its prompts are cut into chunks.
struct Share {
    double mine = 1;   // sequences that decode in one microbatch
    double microbatches = 1;
    Chunking chunking;
    PromptLoad load;
};

Share share_of(const RequestShape& r, const ReplicaLimits& limits, double rate, double decoding) {
    Share s;
    s.microbatches = std::clamp(decoding + 1, 1.0, limits.stages);
    s.mine = (decoding + 1) / s.microbatches;   // a request that decodes is one of them
    s.chunking = chunking_of(r, limits, s.mine);
    s.load = {rate, s.chunking.chunks, s.chunking.most};
    s.load.in_turn = limits.dp <= 1 && s.chunking.stages <= s.chunking.at_once;
    s.load.decodes_beside = limits.chunked_prefill;
    s.load.decode_steps = (r.output - 1) / limits.accepted_per_step;
    return s;
}

// As if somebody decoded all the time; add_nobody() makes up for that.
Result<Met> met_beside(StepTimer& timer, const RequestShape& r, const ReplicaLimits& limits, double rate, double decoding) {
    const Share share = share_of(r, limits, rate, decoding);
    StepsByChunks table(timer, r, limits, share.chunking, share.mine);
    Met met;
    met.kept_up = keeps_up(share.load, [&table](double chunks) { return table.seconds(chunks, StepsByChunks::Edge::value); });
    if (!table.problems().empty()) return tl::unexpected(table.problems());
    if (!met.kept_up) return met;
    const ChainTimes beside = times_of(share.load, share.chunking, table);
    if (!table.problems().empty()) return tl::unexpected(table.problems());
    met.share = beside.steps.share;
    met.chunks = beside.steps.chunks;
    met.tpot_s = beside.decode_step_s * (1 / limits.accepted_per_step);
    // That prompts that waited share a step is not in the chain: of their steps there are fewer than it has, and each is longer.
    using Edge = StepsByChunks::Edge;
    const Estimate decode{table.seconds(0, Edge::value), table.seconds(0, Edge::low), table.seconds(0, Edge::high)};
    const PromptWait together = wait_for_others(r, limits, share.mine, share.load.rate / share.microbatches * decode.value);
    met.ttft_s = beside.first_token_s + decode * together.steps + limits.request_overhead_s;
    met.step_s = beside.step_s;
    return met;
}

// Nobody may be there when a request comes: others come and go at random, so their number is Poisson's.
Result<void> add_nobody(StepTimer& timer, const RequestShape& r, const ReplicaLimits& limits, double rate, double decoding, Met& met) {
    if (decoding >= kNeverAlone) return {};
    Share share = share_of(r, limits, rate, decoding);
    share.load.nothing_decodes = true;
    StepsByChunks table(timer, r, limits, share.chunking, 0);
    const ChainTimes alone = times_of(share.load, share.chunking, table);
    if (!table.problems().empty()) return tl::unexpected(table.problems());
    const double somebody = -std::expm1(-decoding);
    met.ttft_s = met.ttft_s * somebody + (alone.first_token_s + limits.request_overhead_s) * (1 - somebody);
    return {};
}

Estimate between(const Estimate& a, const Estimate& b, double share) {
    const auto mix = [share](double x, double y) { return (1 - share) * x + share * y; };
    return {mix(a.value, b.value), mix(a.low, b.low), mix(a.high, b.high)};
}

// What requests see that arrive at random: so many others decode on average when one comes (arrivals at random see time averages)
// and while it stays. Latencies are those of whole numbers of others and straight between them: a lone request is alone most of
// the time, not with a fraction of another.
struct Seen {
    double decoding = 0;
    Estimate ttft_s, tpot_s;
    double share = 0, chunks = 0;
};

// Finds how many others decode by Little's law: those that rate x time in decode says, of which the time depends on them.
class OthersSearch {
public:
    OthersSearch(StepTimer& timer, const RequestShape& r, const ReplicaLimits& limits, double rate)
        : timer_(timer), request_(r), limits_(limits), rate_(rate), most_(std::max(0.0, std::ceil(limits.max_sequences) - 1)) {}

    // Empty: steps do not keep up however few decode.
    Result<std::optional<Seen>> found() {
        const auto nobody = with(0);
        if (!nobody) return tl::unexpected(nobody.error());
        if (!(*nobody)->kept_up) return std::optional<Seen>{};
        double low = 0, high = most_ + 1;   // at low as many decode, or more; at high fewer, or steps do not keep up
        double last = 0, last_decode = decoding(**nobody), guess = std::floor(last_decode);
        for (int tries = 0; high - low > 1; ++tries) {
            // Halves where lines lead nowhere.
            const double x = std::clamp(tries < 6 ? guess : std::floor((low + high) / 2), low + 1, high - 1);
            const auto met = with(x);
            if (!met) return tl::unexpected(met.error());
            const double decode = (*met)->kept_up ? decoding(**met) : -1;
            (x <= decode ? low : high) = x;
            const double slope = decode >= 0 ? (decode - last_decode) / (x - last) : 1;
            guess = slope < 1 ? std::floor(x + (decode - x) / (1 - slope)) : std::floor((low + high) / 2);
            if (decode >= 0) {
                last = x;
                last_decode = decode;
            }
        }
        return between_whole(low);
    }

private:
    double at_most(double others) const { return std::min(others, limits_.max_sequences - 1); }
    double decoding(const Met& met) const { return rate_ * std::max(0.0, request_.output - 1) * met.tpot_s.value; }

    Result<const Met*> with(double others) {
        const auto known = known_.find(others);
        if (known != known_.end()) return &known->second;
        auto met = met_beside(timer_, request_, limits_, rate_, at_most(others));
        if (!met) return tl::unexpected(met.error());
        return &known_.emplace(others, *met).first->second;
    }

    Result<std::optional<Seen>> between_whole(double low) {
        const auto fewer = with(low), more = with(low + 1);
        if (!fewer) return tl::unexpected(fewer.error());
        if (!more) return tl::unexpected(more.error());
        Met a = **fewer, b = (*more)->kept_up ? **more : a;
        if (auto added = add_nobody(timer_, request_, limits_, rate_, at_most(low), a); !added) return tl::unexpected(added.error());
        if (auto added = add_nobody(timer_, request_, limits_, rate_, at_most((*more)->kept_up ? low + 1 : low), b); !added) return tl::unexpected(added.error());
        const double grows = 1 - (decoding(b) - decoding(a));
        const double share = grows > 0 ? std::clamp((decoding(a) - low) / grows, 0.0, 1.0) : 1;
        const auto mix = [share](double x, double y) { return (1 - share) * x + share * y; };
        Estimate first = between(a.ttft_s, b.ttft_s, share);
        // The step after the one that runs when a prompt comes is composed already. Nothing ties its length to that one's: who came
        // during the one is in neither.
        if (limits_.async_scheduling) first = first + between(a.step_s, b.step_s, share) * -std::expm1(-(low + share));
        return Seen{low + share, first, between(a.tpot_s, b.tpot_s, share), mix(a.share, b.share),
                    mix(a.chunks, b.chunks)};
    }

    StepTimer& timer_;
    const RequestShape& request_;
    const ReplicaLimits& limits_;
    double rate_, most_;
    std::map<double, Met> known_;
};

// Requests that wait for a free slot, on average: a birth-death process of those in flight. Throughput grows straight from the
// rate, where `running` are in flight, to `capacity` with all `slots` taken, and stays there while more wait. Where a slot takes
// as long whatever the others do this is Erlang's M/M/c.
double waiting_for_slots(double rate, double running, double capacity, double slots) {
    const double slope = (capacity - rate) / std::max(slots - running, 1e-9);
    const auto throughput = [&](double n) { return rate + slope * (n - running); };
    // Relative to the state next to the mean; a state without throughput is never left downwards.
    const double start = std::floor(running);
    double sum = 1, weight = 1;
    for (double n = start; n >= 1 && throughput(n) > 0 && weight > 1e-15 * sum; --n) sum += weight *= throughput(n) / rate;
    weight = 1;
    for (double n = start + 1; n <= slots; ++n) sum += weight *= rate / throughput(n);
    const double load = rate / capacity;
    sum += weight * load / (1 - load);
    return weight / sum * load / ((1 - load) * (1 - load));
}

// The two kinds of steps, for breakdowns and work.
Result<void> describe_steps(StepTimer& timer, const RequestShape& r, const ReplicaLimits& limits, const Seen& seen, ServingPoint& p) {
    const double mine = (seen.decoding + 1) / std::clamp(seen.decoding + 1, 1.0, limits.stages);
    const Chunking chunking = chunking_of(r, limits, mine);
    const StepsByChunks steps(timer, r, limits, chunking, std::max(seen.decoding * mine / (seen.decoding + 1), 1.0));
    const double chunks = std::max(1.0, seen.chunks);
    p.decode_step = steps.shape(0);
    p.prefill_step = steps.shape(chunks);
    p.prompt_microbatches = chunking.microbatches(chunks);
    p.mixed_share = seen.share;
    auto decode = price_decodes(timer, p.decode_step, r.output, p.decode_step.decode.sequences);
    if (!decode) return tl::unexpected(decode.error());
    auto mixed = timer.price(p.prefill_step);
    if (!mixed) return tl::unexpected(mixed.error());
    p.decode = *decode;
    p.mixed = *mixed;
    fill_work(p, limits);
    return {};
}

}  // namespace

Result<ServingPoint> poisson(StepTimer& timer, const RequestShape& request, const ReplicaLimits& limits, double rate) {
    require(limits.max_sequences >= 1 && rate > 0, "poisson: at least one sequence must fit, and some must come");
    auto full = at_running(timer, request, limits, limits.max_sequences, Refill::queue);
    if (!full) return full;
    const double capacity = full->requests_per_s.value;
    if (rate >= capacity) {
        full->saturated = true;
        full->saturation = rate / capacity;
        return full;
    }
    auto found = OthersSearch(timer, request, limits, rate).found();
    if (!found) return tl::unexpected(found.error());
    if (!*found) {   // as full as it gets it would keep up, but it never gets there
        full->saturated = true;
        full->saturation = std::max(1.0, rate / capacity);
        return full;
    }
    const Seen& seen = **found;
    ServingPoint p;
    p.ttft_s = seen.ttft_s;
    p.tpot_s = seen.tpot_s;
    p.e2e_s = p.ttft_s + p.tpot_s * std::max(0.0, request.output - 1);
    p.running = std::min(rate * p.e2e_s.value, limits.max_sequences);
    if (auto described = describe_steps(timer, request, limits, seen, p); !described) return tl::unexpected(described.error());
    p.saturation = rate / capacity;
    p.waiting = waiting_for_slots(rate, p.running, capacity, std::floor(limits.max_sequences));
    // As a share of the time in flight, whose interval it takes.
    const Estimate wait = p.e2e_s * (p.waiting / (rate * p.e2e_s.value));
    p.ttft_s = p.ttft_s + wait;
    p.e2e_s = p.e2e_s + wait;
    p.requests_per_s = Estimate::exact(rate);
    return p;
}

}  // namespace moeplan
