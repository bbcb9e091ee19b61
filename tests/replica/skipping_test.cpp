// Advancing many steps at once gives, to the tick, what stepping one by one gives.

#include "core/routing/rng.h"
#include "tests/support/catch.h"
#include "tests/support/simulated.h"

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

void compare(ClusterOptions options, const std::vector<Arrival>& arrivals) {
    for (GroupOptions& g : options.groups) g.limits.prefix_block_tokens = 64;
    ListSource first(arrivals, 64), second(arrivals, 64);
    options.skip = true;
    const Simulated skipped = simulated(options, first);
    options.skip = false;
    const Simulated stepped = simulated(options, second);
    const auto a = skipped.records.by_id(), b = stepped.records.by_id();
    REQUIRE(a.size() == arrivals.size());
    REQUIRE(b.size() == arrivals.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        CAPTURE(i);
        REQUIRE(a[i].first_token == b[i].first_token);
        REQUIRE(a[i].finished == b[i].finished);
        REQUIRE(a[i].preemptions == b[i].preemptions);
        REQUIRE(a[i].cached_tokens == b[i].cached_tokens);
        REQUIRE(a[i].ending == b[i].ending);
    }
    CHECK(skipped.records.decode_steps == stepped.records.decode_steps);
    CHECK(skipped.records.decode_tokens == stepped.records.decode_tokens);
    CHECK(skipped.records.decode_runs < stepped.records.decode_runs);
    CHECK(skipped.records.worst_kv <= 0);
    CHECK(stepped.records.worst_kv <= 0);
    for (const auto& [replica, state] : skipped.records.last_state) CHECK(state.kv_used == 0);
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
                compare(options, requests(3, 200, 0.15));
            }
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
        compare(options, requests(11, 400, 0.04));
    }
}
