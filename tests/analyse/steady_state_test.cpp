// The closed forms of one replica under load: exact timelines with a fixed cost, and laws with the roofline.

#include <algorithm>
#include <cmath>

#include "core/analyse/steady_state.h"
#include "tests/support/catch.h"
#include "tests/support/hardware.h"
#include "tests/support/lowering.h"

using namespace moeplan;

namespace {

constexpr double kMs = 1e-3;

struct Replica {
    ModelSpec model;
    Lowered lowered;
    DeviceSpec device = hardware::h100();
    EngineSpec engine;
    std::unique_ptr<CostSource> source;
    ReplicaLimits limits;
    RequestShape request{1024, 256, 0};

    Replica(ModelSpec m, EngineSpec e, std::unique_ptr<CostSource> cost, Layout layout = {})
        : model(std::move(m)), lowered(model, layout), engine(std::move(e)), source(std::move(cost)) {
        limits.max_sequences = limits.max_together = 256;
        limits.token_budget = 8192;
        limits.dp = static_cast<double>(layout.dp);
        limits.stages = static_cast<double>(layout.pp);
    }
    StepTimer timer() const { return {lowered.context, {&device, &engine, device.network}, *source}; }
    ServingPoint closed(double users) const {
        auto t = timer();
        return closed_loop(t, request, limits, users).value();
    }
    ServingPoint open(double rate) const {
        auto t = timer();
        return poisson(t, request, limits, rate).value();
    }
    ServingPoint batch(double size) const {
        auto t = timer();
        return static_batch(t, request, limits, size).value();
    }
};

// Every op 1 ms. A decode step of the tiny dense model is embedding, head, sampler, and in each of 4 layers two
// norms, QKV, rotary pass, attention, output, up, activation, down: 3 + 4 * 9 = 39 ops.
Replica clockwork() { return {models::tiny_dense(), hardware::ideal_engine(), make_fixed_cost({kMs})}; }
constexpr double kStep = 39 * kMs;

std::vector<Replica> usual() {
    std::vector<Replica> all;
    for (const ModelSpec& m : models::all()) all.emplace_back(m, hardware::usual_engine(), make_roofline());
    all.emplace_back(models::mixtral_8x7b(), hardware::usual_engine(), make_roofline(), Layout{2, 1, 1, 1, 2});
    all.emplace_back(models::llama3_8b(), hardware::usual_engine(), make_roofline(), Layout{1, 4, 1, 1, 1});
    all.emplace_back(models::deepseek_v3(), hardware::usual_engine(), make_roofline(), Layout{1, 1, 8, 8, 1});
    for (std::size_t i = 0; i < all.size(); ++i) all[i].lowered.context.model = &all[i].model;   // moved
    return all;
}

void require_ordered(const Estimate& e) {
    REQUIRE(e.low <= e.value);
    REQUIRE(e.value <= e.high);
    REQUIRE(e.low > 0);
    REQUIRE(std::isfinite(e.high));
}

}  // namespace

TEST_CASE("a static batch of fixed steps: one prefill, then a step for each further token") {
    const Replica r = clockwork();
    const ServingPoint p = r.batch(4);
    REQUIRE(p.ttft_s.value == Approx(kStep));
    REQUIRE(p.tpot_s.value == Approx(kStep));
    REQUIRE(p.e2e_s.value == Approx(256 * kStep));
    REQUIRE(p.requests_per_s.value == Approx(4 / (256 * kStep)));
    REQUIRE(p.running == 4);
}

TEST_CASE("a static batch that does not fit runs in waves") {
    Replica r = clockwork();
    r.limits.max_together = 4;
    const ServingPoint p = r.batch(8);
    REQUIRE(p.ttft_s.value == Approx((kStep + 257 * kStep) / 2));   // half of them behind the others
    REQUIRE(p.e2e_s.value == Approx(1.5 * 256 * kStep));
    REQUIRE(p.requests_per_s.value == Approx(8 / (2 * 256 * kStep)));
    REQUIRE(p.running == Approx(4));
    REQUIRE(p.waiting == Approx(2));   // four of them, half of the time
    // What is left for the last wave is no full one.
    const ServingPoint six = r.batch(6);
    REQUIRE(six.e2e_s.value == Approx((4 * 256 + 2 * 512) / 6.0 * kStep));
    REQUIRE(six.running == Approx(3));
}

TEST_CASE("one user of fixed steps decodes one token a step") {
    Replica r = clockwork();
    const ServingPoint p = r.closed(1);
    REQUIRE(p.tpot_s.value == Approx(kStep));
    REQUIRE(p.ttft_s.value == Approx(kStep));   // nothing decodes beside the prompt
    REQUIRE(p.requests_per_s.value == Approx(1 / (256 * kStep)));
    // Host time is added to every step.
    r.engine.step_overhead_s = Estimate::exact(5 * kMs);
    r.engine.sequence_overhead_s = Estimate::exact(2 * kMs);
    REQUIRE(r.closed(1).tpot_s.value == Approx(kStep + 7 * kMs));
}

namespace {

// Attention of sequences longer than `from` takes 2 ms, every other op 1 ms: another kernel runs there.
struct AnotherKernelFrom : CostSource {
    double from;
    explicit AnotherKernelFrom(double tokens) : from(tokens) {}
    Result<Cost> price(const Op& op, const Place&) const override {
        const auto* a = std::get_if<Attention>(&op.kind);
        Cost c;
        c.time = c.low = c.high = {a && a->decode && a->context > from ? 2 * kMs : kMs};
        return c;
    }
    std::string describe() const override { return "a step"; }
};

double token_time(double from, double users) {
    Replica r(models::tiny_dense(), hardware::ideal_engine(), std::make_unique<AnotherKernelFrom>(from));
    r.lowered.context.model = &r.model;
    return r.batch(users).tpot_s.value;
}

}  // namespace

TEST_CASE("where another kernel takes over half-way through an answer, half of its tokens are its") {
    // Answers grow from 1024 to 1280 tokens; four layers.
    CHECK(token_time(2000, 4) == Approx(kStep));
    CHECK(token_time(1151, 4) == Approx(kStep + 2 * kMs));
    CHECK(token_time(1153, 4) == Approx(kStep + 2 * kMs));
    CHECK(token_time(500, 4) == Approx(kStep + 4 * kMs));
}

TEST_CASE("two users of fixed steps: one decode step in 256 of each carries the other's prompt") {
    // A mixed step has one attention op more in each of 4 layers. 2 requests in 256 steps, half of them the other's.
    const Replica r = clockwork();
    REQUIRE(r.closed(2).tpot_s.value == Approx(kStep + 2.0 / 256 / 2 * 4 * kMs));
}

TEST_CASE("a request that comes at random finds the mean number in flight and is one more") {
    Replica r = clockwork();
    r.engine.sequence_overhead_s = Estimate::exact(2 * kMs);   // a step of n sequences: 39 + 2 n ms
    for (const double rate : {0.001, 0.01, 0.03, 0.2, 1.0}) {
        INFO(rate);
        const ServingPoint p = r.open(rate);
        const double others = rate * p.e2e_s.value;
        REQUIRE(p.running == Approx(others).epsilon(1e-6));
        REQUIRE(p.tpot_s.value == Approx(kStep + 2 * kMs * (1 + others)).epsilon(0.01));
    }
}

TEST_CASE("a prompt alone is not made longer by what others might bring") {
    Replica r = clockwork();
    r.request = {30000, 20, 0};   // four chunks
    REQUIRE(r.open(1e-6).ttft_s.value == Approx(r.closed(1).ttft_s.value).epsilon(1e-4));
}

TEST_CASE("requests wait for a slot as in M/M/c, where a slot takes as long whatever the others do") {
    for (const double slots : {1.0, 4.0, 40.0}) {
        Replica r = clockwork();
        r.request = {16, 4096, 0};   // prompts hardly count
        r.limits.max_sequences = slots;
        const double service = 4096 * kStep;
        for (const double used : {0.5, 0.8, 0.95}) {
            CAPTURE(slots, used);
            const ServingPoint p = r.open(used * slots / service);
            double term = 1, sum = 1;   // Erlang's C
            for (double n = 1; n <= slots; ++n) sum += term *= used * slots / n;
            const double waits = term / (1 - used) / (sum + term * used / (1 - used));
            REQUIRE(p.waiting == Approx(waits * used / (1 - used)).epsilon(0.05));   // prompts take some of a slot's time, too
        }
    }
}

TEST_CASE("speculative decoding divides the time per token by the tokens a step yields") {
    Replica r = clockwork();
    r.limits.accepted_per_step = 3;
    REQUIRE(r.closed(1).tpot_s.value == Approx(kStep / 3));
}

TEST_CASE("pipeline stages multiply throughput at the same time per token") {
    Replica one = clockwork();
    Replica four{models::tiny_dense(), hardware::ideal_engine(), make_fixed_cost({kMs}), Layout{1, 4, 1, 1, 1}};
    // Three hand-overs join a step of 39 ops.
    const ServingPoint p = four.closed(4);
    // Where prompts of two users meet, the second is a stage behind: a few of 255 steps are a little longer.
    REQUIRE(p.tpot_s.value >= kStep + 3 * kMs);
    REQUIRE(p.tpot_s.value == Approx(kStep + 3 * kMs).epsilon(0.002));
    REQUIRE(p.requests_per_s.value == Approx(4 / p.e2e_s.value));
    REQUIRE(p.requests_per_s.value > 3.5 * one.closed(1).requests_per_s.value);
}

TEST_CASE("chunks of a prompt follow each other through a pipeline where the engine lets them") {
    // Every step takes as long, whatever is in it, so four chunks of 8192 tokens are four steps one by one.
    Replica four{models::tiny_dense(), hardware::ideal_engine(), make_fixed_cost({kMs}), Layout{1, 4, 1, 1, 1}};
    four.request.input = 4 * 8192;
    const double step = kStep + 3 * kMs;
    CHECK(four.closed(1).ttft_s.value == Approx(4 * step));
    CHECK(four.open(1e-5).ttft_s.value == Approx(4 * step).epsilon(1e-3));
    four.limits.pipelined_chunks = true;
    // The first is through after a step, and each of the other three a stage later.
    CHECK(four.closed(1).ttft_s.value == Approx(step * 7 / 4));
    CHECK(four.open(1e-5).ttft_s.value == Approx(step * 7 / 4).epsilon(1e-3));
    four.request.input = 16 * 8192;
    CHECK(four.closed(1).ttft_s.value == Approx(step * 19 / 4));
    four.request.input = 2 * 8192;
    CHECK(four.closed(1).ttft_s.value == Approx(step * 5 / 4));
}

TEST_CASE("end to end is the first token and a time for each further one") {
    for (const Replica& r : usual()) {
        for (const double users : {1.0, 7.0, 64.0, 200.0}) {
            const ServingPoint p = r.closed(users);
            CAPTURE(r.model.id, users);
            REQUIRE(p.e2e_s.value == Approx(p.ttft_s.value + 255 * p.tpot_s.value));
            REQUIRE(p.e2e_s.low == Approx(p.ttft_s.low + 255 * p.tpot_s.low));
            REQUIRE(p.e2e_s.high == Approx(p.ttft_s.high + 255 * p.tpot_s.high));
        }
    }
}

TEST_CASE("Little's law: throughput times residence is what is inside") {
    for (const Replica& r : usual()) {
        CAPTURE(r.model.id);
        for (const double users : {1.0, 16.0, 256.0, 1000.0}) {
            const ServingPoint p = r.closed(users);
            REQUIRE(p.running + p.waiting == Approx(users));
            REQUIRE(p.requests_per_s.value * p.e2e_s.value == Approx(users));
            const ServingPoint batch = r.batch(users);
            REQUIRE(batch.requests_per_s.value * batch.e2e_s.value == Approx(batch.running + batch.waiting));
            REQUIRE(batch.running + batch.waiting <= users * (1 + 1e-9));
        }
        const double capacity = r.closed(256).requests_per_s.value;
        for (const double share : {0.1, 0.5, 0.8}) {
            const ServingPoint p = r.open(share * capacity);
            CAPTURE(share);
            if (!p.saturated) REQUIRE(p.requests_per_s.value * p.e2e_s.value == Approx(p.running + p.waiting).epsilon(0.001));
        }
    }
}

TEST_CASE("a handful of arrivals an hour meets the times of a single user") {
    for (const Replica& r : usual()) {
        const ServingPoint alone = r.closed(1), rare = r.open(1e-5);
        CAPTURE(r.model.id);
        REQUIRE(rare.tpot_s.value == Approx(alone.tpot_s.value).epsilon(0.01));
        REQUIRE(rare.ttft_s.value == Approx(alone.ttft_s.value).epsilon(0.01));
        REQUIRE(rare.requests_per_s.is_exact());
        REQUIRE(rare.saturation < 0.01);
    }
}

TEST_CASE("more users are served no slower in all, and each no faster") {
    for (const Replica& r : usual()) {
        double throughput = 0, tpot = 0;
        for (double users = 1; users <= 256; users *= 2) {
            const ServingPoint p = r.closed(users);
            CAPTURE(r.model.id, users);
            REQUIRE(p.requests_per_s.value >= throughput * (1 - 1e-9));
            REQUIRE(p.tpot_s.value >= tpot * (1 - 1e-9));
            throughput = p.requests_per_s.value;
            tpot = p.tpot_s.value;
        }
        // Beyond the limit users wait outside: the same throughput, a later first token.
        const ServingPoint full = r.closed(256), over = r.closed(512);
        REQUIRE(over.requests_per_s.value == Approx(full.requests_per_s.value));
        REQUIRE(over.tpot_s.value == full.tpot_s.value);
        REQUIRE(over.ttft_s.value > full.ttft_s.value);
        REQUIRE(over.waiting == 256);
    }
}

TEST_CASE("a higher rate never shortens a request, until the replica is overloaded") {
    for (const Replica& r : usual()) {
        const double capacity = r.closed(256).requests_per_s.value;
        double e2e = 0;
        for (const double share : {0.01, 0.1, 0.3, 0.6, 0.9}) {
            const ServingPoint p = r.open(share * capacity);
            CAPTURE(r.model.id, share);
            if (p.saturated) break;
            REQUIRE(p.e2e_s.value >= e2e * (1 - 1e-5));
            e2e = p.e2e_s.value;
        }
        const ServingPoint over = r.open(3 * capacity);
        REQUIRE(over.saturated);
        REQUIRE(over.saturation > 1);
    }
}

TEST_CASE("intervals are ordered and not degenerate") {
    for (const Replica& r : usual()) {
        const double capacity = r.closed(256).requests_per_s.value;
        for (const ServingPoint& p : {r.closed(1), r.closed(100), r.closed(999), r.batch(32), r.open(0.4 * capacity)}) {
            CAPTURE(r.model.id);
            for (const Estimate& e : {p.ttft_s, p.tpot_s, p.e2e_s}) {
                require_ordered(e);
                REQUIRE(e.low < e.high);
            }
            require_ordered(p.requests_per_s);
        }
    }
}

TEST_CASE("longer prompts wait longer for their first token, cached prompts less") {
    for (Replica& r : usual()) {
        CAPTURE(r.model.id);
        r.lowered.context.model = &r.model;
        double ttft = 0;
        for (const double input : {16.0, 256.0, 4096.0, 30000.0}) {
            r.request = {input, 64, 0};
            REQUIRE(r.closed(8).ttft_s.value >= ttft * (1 - 1e-9));
            ttft = r.closed(8).ttft_s.value;
        }
        r.request.prefix_shared = 0.9;
        REQUIRE(r.closed(8).ttft_s.value < ttft);
    }
}

TEST_CASE("the parts of a step add up to its price") {
    for (const Replica& r : usual()) {
        auto timer = r.timer();
        const StepShape step{{1, 500, 0}, {30, 1, 700}};
        const Cost whole = timer.price(step).value();
        const std::vector<PartCost> parts = timer.breakdown(step).value();
        double time = 0, low = 0, high = 0;
        for (const PartCost& part : parts) {
            time += part.cost.time.value;
            low += part.cost.low.value;
            high += part.cost.high.value;
        }
        CAPTURE(r.model.id);
        REQUIRE(time == Approx(whole.time.value));
        REQUIRE(low == Approx(whole.low.value));
        REQUIRE(high == Approx(whole.high.value));
    }
}

TEST_CASE("no GPU moves more bytes or computes more than its datasheet allows") {
    for (const Replica& r : usual()) {
        for (const double users : {1.0, 64.0, 256.0}) {
            const ServingPoint p = r.closed(users);
            const double busy = std::min(1.0, users / r.limits.stages);
            CAPTURE(r.model.id, users);
            REQUIRE(p.bytes_per_s * busy < r.device.bandwidth.value);
            REQUIRE(p.flops_per_s * busy < r.device.peak.bf16.value);
            REQUIRE(p.bytes_per_s > 0);
        }
    }
}
