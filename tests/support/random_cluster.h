#pragma once
// Clusters and requests drawn at random, small enough for thousands of them, and what must hold of every run.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/routing/rng.h"
#include "sim/measure/invariants.h"
#include "tests/support/simulated.h"

namespace moeplan {

struct RandomCluster {
    ClusterOptions options;
    std::vector<Arrival> arrivals;
    std::int64_t prefix_tokens = 0;
    std::size_t users = 0;         // of a closed loop; 0 = the requests come when they say
    Ticks think = 0;
    bool may_wait = false;         // requests may wait beside an idle replica: for a link, for another replica
    bool may_never_end = false;    // all replicas of a kind may be gone for good
};

// Each user sends the next request of the list when its last one has ended.
class ClosedList final : public RequestSource {
public:
    explicit ClosedList(const RandomCluster& c) : cluster_(&c) {}
    std::optional<Arrival> next() override { return at_ < cluster_->users ? take(0) : std::nullopt; }
    std::optional<Arrival> after(const Arrival&, Ticks now) override { return take(now + cluster_->think); }
    std::int64_t prefix_block_tokens() const override { return cluster_->prefix_tokens; }

private:
    std::optional<Arrival> take(Ticks at) {
        if (at_ >= cluster_->arrivals.size()) return std::nullopt;
        Arrival a = cluster_->arrivals[at_];
        a.user = static_cast<std::int32_t>(at_++);   // each its own: order among equals is by user
        a.at = at;
        return a;
    }
    const RandomCluster* cluster_;
    std::size_t at_ = 0;
};

// Stops a run that would not end.
class Patience final : public Observer {
public:
    explicit Patience(std::int64_t most) : left_(most) {}
    void decoded(const DecodeRun&) override { spend(); }
    void stepped(const PromptStep&) override { spend(); }
    void happened(Happening, std::int32_t, std::optional<std::uint64_t>, Ticks, Ticks) override { spend(); }

private:
    void spend() {
        if (--left_ < 0) throw std::runtime_error("a run that does not end");
    }
    std::int64_t left_;
};

class RandomClusters {
public:
    explicit RandomClusters(std::uint64_t seed) : rng_(seed) {}

    RandomCluster next() {
        RandomCluster c;
        const double gap_s = pick({0.002, 0.02, 0.1, 0.5});
        c.prefix_tokens = pick<std::int64_t>({0, 0, 8, 16, 48, 64});
        const std::int64_t longest_input = pick<std::int64_t>({20, 300, 2000});
        const std::int64_t longest_output = pick<std::int64_t>({1, 10, 200, 600});
        const auto n = static_cast<std::size_t>(1 + below(60));
        draw_requests(c, n, gap_s, longest_input, longest_output);
        const double span_s = gap_s * static_cast<double>(n) + 1;
        c.options.router = static_cast<Router>(below(5));
        c.options.seed = rng_.next();
        if (chance(0.3)) c.options.queue_limit = below(20);
        if (chance(0.3)) c.options.timeout = to_ticks(span_s * rng_.uniform());
        const std::int64_t groups = chance(0.2) ? 2 : 1;
        for (std::int64_t g = 0; g < groups; ++g) draw_group(c, longest_input + longest_output, span_s);
        if (groups == 2) draw_filter(c.options.groups[0].takes, longest_input);
        draw_faults(c, span_s);
        if (chance(0.2)) {
            c.users = 1 + static_cast<std::size_t>(below(static_cast<std::int64_t>(n)));
            c.think = to_ticks(pick({0.0, 0.0, 0.05}));
        }
        return c;
    }

private:
    std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(rng_.below(static_cast<std::size_t>(n))); }
    bool chance(double p) { return rng_.uniform() < p; }
    template <class T>
    T pick(std::initializer_list<T> values) { return *(values.begin() + below(static_cast<std::int64_t>(values.size()))); }

    void draw_requests(RandomCluster& c, std::size_t n, double gap_s, std::int64_t longest_input, std::int64_t longest_output) {
        double time = 0;
        const bool priorities = chance(0.3), together = chance(0.2);
        for (std::size_t i = 0; i < n; ++i) {
            if (!together || i % 8 == 0) time += rng_.uniform() * 2 * gap_s;
            Arrival a;
            a.at = to_ticks(time);
            a.input = 1 + below(longest_input);
            a.output = 1 + below(longest_output);
            if (priorities) a.priority = static_cast<std::int32_t>(below(3)) - 1;
            a.session = static_cast<std::uint32_t>(below(9));
            const auto conversation = static_cast<std::uint64_t>(below(4));
            const std::int64_t ids = c.prefix_tokens > 0 ? a.input / c.prefix_tokens : 0;
            for (std::int64_t b = 0; b < ids; ++b) {
                // Some prompts repeat themselves: an id may come twice.
                const auto place = static_cast<std::uint64_t>(conversation == 3 ? b % 5 : b);
                a.prefix.push_back(conversation << 32 | place);
            }
            c.arrivals.push_back(std::move(a));
        }
    }

    void draw_group(RandomCluster& c, std::int64_t longest, double span_s) {
        const double accepted = pick({1.0, 1.0, 1.0, 2.0, 2.4});
        GroupOptions g = one_group(times(accepted));
        EngineLimits& l = g.limits;
        l.accepted_per_step = accepted;
        l.block_tokens = pick<std::int64_t>({1, 8, 16, 64});
        l.prefix_block_tokens = c.prefix_tokens;
        l.prefix_cache = chance(0.8);
        const std::int64_t one = (longest + l.block_tokens + 2) / l.block_tokens;   // room for the longest request
        l.total_blocks = std::max<std::int64_t>(1, pick<std::int64_t>({one / 2, one, one + one / 2, 3 * one, 100 * one}));
        l.max_sequences = pick<std::int64_t>({1, 3, 16, 256});
        l.rank_budget = pick<std::int64_t>({4, 64, 512, 8192});
        l.token_budget = l.rank_budget * pick<std::int64_t>({1, 1, 2, 8});
        l.chunked_prefill = chance(0.8);
        l.preemption = chance(0.3) ? Preemption::swap : Preemption::recompute;
        l.swap_per_block = to_ticks(pick({0.0, 4e-5, 1e-2}));
        g.scheduler = pick({Scheduler::vllm, Scheduler::tensorrt_llm, Scheduler::sglang, Scheduler::static_batch});
        if (chance(0.3)) l.batch_wait = {1 + below(30), pick({0.1, 0.9, 1.0})};
        g.replicas = 1 + below(4);
        g.request_overhead = to_ticks(pick({0.0, 3e-3, 0.3}));
        const std::int64_t kind = below(4);
        if (kind == 0 && g.replicas > 1) {
            g.pools = PoolOptions{1 + below(g.replicas - 1), to_ticks(1e-4), to_ticks(pick({0.0, 1e-6, 1e-4}))};
            c.may_wait = true;
            if (chance(0.5)) draw_decode(g, accepted, one, span_s);
        }
        if (kind == 1) {
            AutoscaleOptions a;
            a.least = 1 + below(g.replicas);
            a.most = g.replicas;
            a.up_above = pick({0.5, 3.0, 10.0});
            a.down_below = a.up_above / 2;
            a.every = to_ticks(pick({0.05, 0.5}));
            a.cold_start = to_ticks(pick({0.0, 0.2, 2.0}));
            g.autoscale = a;
        }
        if (chance(0.3)) {
            const double first = span_s * rng_.uniform(), second = first + 0.01 + rng_.uniform();
            g.epochs.push_back({to_ticks(first), times(accepted), to_ticks(pick({0.0, 0.05, 1.0}))});
            g.epochs.push_back({to_ticks(second), times(accepted), to_ticks(pick({0.0, 0.3}))});
        }
        c.options.groups.push_back(std::move(g));
    }

    // Replicas that decode with limits and step times of their own.
    void draw_decode(GroupOptions& g, double accepted, std::int64_t one, double span_s) {
        PoolOptions::Decode decode{g.limits, {{0, times(accepted), 0}}};
        decode.limits.total_blocks = std::max<std::int64_t>(1, pick<std::int64_t>({one / 2, one, 3 * one, 100 * one}));
        decode.limits.max_sequences = pick<std::int64_t>({1, 3, 16, 256});
        decode.limits.token_budget = decode.limits.rank_budget = pick<std::int64_t>({64, 512, 8192});
        if (chance(0.3)) decode.epochs.push_back({to_ticks(span_s * rng_.uniform()), times(accepted), to_ticks(pick({0.0, 0.05}))});
        g.pools->decode = std::move(decode);
    }

    std::shared_ptr<StepTimes> times(double accepted) {
        const double floor = pick({1e-4, 4e-3}), each = 2e-5 * rng_.uniform(), context = 5e-8 * rng_.uniform(), prompt = 2e-5 * rng_.uniform();
        return times_of(
            [=](const StepShape& s) {
                return Estimate::exact(floor + each * s.decode.sequences + context * s.decode.sequences * s.decode.context +
                                       prompt * s.prefill.tokens() + 1e-9 * s.prefill.tokens() * s.prefill.context);
            },
            {accepted, pick({1.0, 2.0}), 4096});
    }

    void draw_filter(RequestFilter& f, std::int64_t longest_input) {
        switch (below(4)) {
            case 0: f.input_from = static_cast<double>(longest_input) / 2; break;
            case 1: f.output_below = 5; break;
            case 2: f.share = 0.4; break;
            default: f.priority = 0; break;
        }
    }

    void draw_faults(RandomCluster& c, double span_s) {
        std::int64_t replicas = 0;
        for (const GroupOptions& g : c.options.groups) replicas += g.replicas;
        if (!chance(0.4)) return;
        const std::int64_t faults = 1 + below(3);
        for (std::int64_t i = 0; i < faults; ++i) {
            const double at = span_s * rng_.uniform();
            const Ticks back = chance(0.2) ? kNever : to_ticks(at + span_s * rng_.uniform() + 1e-3);
            c.options.faults.push_back({below(replicas), to_ticks(at), back});
            if (back == kNever) c.may_never_end = true;
        }
    }

    Rng rng_;
};

struct Checked {
    ClusterResult result;
    Records records;
    std::vector<std::string> broken;   // what did not hold
};

// Runs it with everybody watching.
inline Checked checked(const RandomCluster& c, bool skip) {
    Checked out;
    ClusterOptions options = c.options;
    options.skip = skip;
    ListSource open(c.arrivals, c.prefix_tokens);
    ClosedList closed(c);
    RequestSource& source = c.users > 0 ? static_cast<RequestSource&>(closed) : open;
    InvariantChecker invariants(InvariantSpec{c.may_wait ? kNever : 0});
    Patience patience(3'000'000);
    RunControl control;
    auto result = simulate(options, source, {&out.records, &invariants, &patience}, control);
    if (!result) {
        out.broken.push_back(to_text(result.error().front()));
        return out;
    }
    out.result = *result;
    invariants.finish();
    for (const Problem& p : invariants.problems()) out.broken.push_back(to_text(p));
    std::uint64_t unfinished = 0;
    for (const RequestRecord& r : out.records.all) unfinished += r.ending == Ending::unfinished ? 1 : 0;
    const bool left_behind = c.users > 0 && unfinished > 0;   // who waits for ever sends nothing more
    if (!left_behind && out.records.all.size() != c.arrivals.size()) out.broken.push_back("requests are lost or made");
    if (out.result.arrived != out.records.all.size() || out.result.unfinished != unfinished) out.broken.push_back("the result counts other requests");
    if (unfinished > 0 && !c.may_never_end) out.broken.push_back("requests were left unfinished");
    for (const auto& [replica, state] : out.records.last_state) {
        if (unfinished == 0 && (state.kv_used != 0 || state.running != 0 || state.waiting != 0)) out.broken.push_back("a replica still holds something");
    }
    return out;
}

// Where two runs differ; empty = nowhere.
inline std::string difference(const Checked& one, const Checked& other) {
    const auto a = one.records.by_id(), b = other.records.by_id();
    if (a.size() != b.size()) return "number of requests";
    for (std::size_t i = 0; i < a.size(); ++i) {
        const std::string which = " of request " + std::to_string(i);
        if (a[i].first_token != b[i].first_token) return "first token" + which;
        if (a[i].finished != b[i].finished) return "end" + which;
        if (a[i].ending != b[i].ending) return "ending" + which;
        if (a[i].replica != b[i].replica) return "replica" + which;
        if (a[i].preemptions != b[i].preemptions) return "preemptions" + which;
        if (a[i].restarts != b[i].restarts) return "restarts" + which;
        if (a[i].cached_tokens != b[i].cached_tokens) return "cached tokens" + which;
    }
    if (one.records.decode_steps != other.records.decode_steps) return "decode steps";
    if (one.records.decode_tokens != other.records.decode_tokens) return "decode tokens";
    for (std::size_t g = 0; g < one.result.groups.size(); ++g) {
        const GroupResult &x = one.result.groups[g], &y = other.result.groups[g];
        if (x.requests != y.requests || x.paid_s != y.paid_s || x.busy_s != y.busy_s || x.steps != y.steps) return "totals of a group";
    }
    return {};
}

}  // namespace moeplan
