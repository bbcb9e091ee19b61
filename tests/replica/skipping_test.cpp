// Advancing many steps at once gives, to the tick, what stepping one by one gives.

#include "core/routing/rng.h"
#include "tests/support/catch.h"
#include "tests/support/random_cluster.h"

using namespace moeplan;

namespace {

std::vector<Arrival> requests(std::uint64_t seed, std::size_t n, double gap_s) {
    Rng rng(seed);
    std::vector<Arrival> all;
    double time = 0;
    for (std::size_t i = 0; i < n; ++i) {
        time += rng.uniform() * 2 * gap_s;
        Arrival a;
        a.at = to_ticks(time);
        a.input = 1 + static_cast<std::int64_t>(rng.below(3000));
        a.output = 1 + static_cast<std::int64_t>(rng.below(600));
        a.priority = static_cast<std::int32_t>(rng.below(3)) - 1;
        a.session = static_cast<std::uint32_t>(rng.below(20));
        // Conversations: the same beginnings again and again.
        const std::uint64_t conversation = rng.below(12);
        for (std::uint64_t b = 0; b < static_cast<std::uint64_t>(a.input) / 64; ++b) a.prefix.push_back(conversation << 32 | b);
        all.push_back(std::move(a));
    }
    return all;
}

void compare(RandomCluster c) {
    c.prefix_tokens = 64;
    for (GroupOptions& g : c.options.groups) g.limits.prefix_block_tokens = 64;
    const Checked skipped = checked(c, true), stepped = checked(c, false);
    CHECK(skipped.broken == std::vector<std::string>{});
    CHECK(stepped.broken == std::vector<std::string>{});
    CHECK(difference(skipped, stepped) == "");
    CHECK(skipped.records.decode_runs < stepped.records.decode_runs);
}

RandomCluster case_of(ClusterOptions options, std::vector<Arrival> arrivals) {
    RandomCluster c;
    c.options = std::move(options);
    c.arrivals = std::move(arrivals);
    return c;
}

}  // namespace

TEST_CASE("skipped steps take what single steps take, under every scheduler and shortage of memory") {
    for (const Scheduler scheduler : {Scheduler::vllm, Scheduler::tensorrt_llm, Scheduler::sglang, Scheduler::static_batch}) {
        for (const std::int64_t blocks : {260, 600, 20'000}) {
            for (const Preemption preemption : {Preemption::recompute, Preemption::swap}) {
                CAPTURE(static_cast<int>(scheduler), blocks, static_cast<int>(preemption));
                ClusterOptions options;
                options.groups = {one_group(plausible_times())};
                options.groups[0].scheduler = scheduler;
                options.groups[0].limits.total_blocks = blocks;
                options.groups[0].limits.preemption = preemption;
                options.groups[0].limits.swap_per_block = 40'000'000;
                compare(case_of(options, requests(3, 200, 0.15)));
            }
        }
    }
}

TEST_CASE("skipped steps take what single steps take where prompts wait for each other") {
    for (const BatchWait wait : {BatchWait{20, 0.9}, BatchWait{3, 0.1}, BatchWait{500, 1}}) {
        for (const std::int64_t blocks : {260, 20'000}) {
            CAPTURE(wait.steps, blocks);
            ClusterOptions options;
            options.groups = {one_group(plausible_times(), 2)};
            options.groups[0].scheduler = Scheduler::tensorrt_llm;
            options.groups[0].limits.total_blocks = blocks;
            options.groups[0].limits.batch_wait = wait;
            compare(case_of(options, requests(4, 200, 0.1)));
        }
    }
}

TEST_CASE("skipped steps take what single steps take with accepted drafts, replicas, timeouts and a lost node") {
    for (const double accepted : {1.0, 2.0, 2.4}) {
        CAPTURE(accepted);
        ClusterOptions options;
        options.groups = {one_group(times_of(
                                        [](const StepShape& s) {
                                            return Estimate::exact(5e-3 + 3e-8 * s.decode.sequences * s.decode.context + 1e-5 * s.prefill.tokens());
                                        },
                                        {accepted, 2, 131072}),
                                    3)};
        options.groups[0].limits.accepted_per_step = accepted;
        options.groups[0].limits.total_blocks = 700;
        options.groups[0].request_overhead = to_ticks(3e-3);
        options.timeout = to_ticks(6);
        options.queue_limit = 40;
        options.faults = {{1, to_ticks(4), to_ticks(9)}};
        compare(case_of(options, requests(11, 400, 0.04)));
    }
}

TEST_CASE("skipped steps take what single steps take behind every router, between pools, while scaling and while weights move") {
    for (const Router router : {Router::round_robin, Router::least_loaded, Router::power_of_two, Router::prefix_affinity, Router::session}) {
        for (const Scheduler scheduler : {Scheduler::vllm, Scheduler::tensorrt_llm, Scheduler::sglang}) {
            CAPTURE(static_cast<int>(router), static_cast<int>(scheduler));
            ClusterOptions options;
            options.router = router;
            options.groups = {one_group(plausible_times(), 4)};
            GroupOptions& g = options.groups[0];
            g.scheduler = scheduler;
            g.limits.total_blocks = 900;
            g.epochs.push_back({to_ticks(3), constant_decode(0.01), to_ticks(0.4)});
            g.epochs.push_back({to_ticks(5), plausible_times(), 0});

            ClusterOptions pools = options;
            pools.groups[0].pools = PoolOptions{2, to_ticks(1e-4), to_ticks(2e-6)};
            RandomCluster c = case_of(pools, requests(5, 200, 0.03));
            c.may_wait = true;
            compare(c);

            g.autoscale = AutoscaleOptions{1, 4, 6, 3, to_ticks(0.5), to_ticks(1)};
            compare(case_of(options, requests(6, 200, 0.03)));
        }
    }
}

TEST_CASE("skipped steps take what single steps take where steps are composed ahead and prompts stay whole") {
    for (const Scheduler scheduler : {Scheduler::vllm, Scheduler::tensorrt_llm, Scheduler::sglang}) {
        for (const std::int64_t blocks : {260, 20'000}) {
            for (const bool whole : {false, true}) {
                CAPTURE(static_cast<int>(scheduler), blocks, whole);
                ClusterOptions options;
                options.groups = {one_group(plausible_times(), 2)};
                options.groups[0].scheduler = scheduler;
                options.groups[0].limits.total_blocks = blocks;
                options.groups[0].limits.async_scheduling = true;
                options.groups[0].limits.whole_prompts = whole;
                if (scheduler == Scheduler::tensorrt_llm) options.groups[0].limits.batch_wait = {5, 0.5};
                compare(case_of(options, requests(6, 200, 0.1)));
            }
        }
    }
}
