// Prices of ops on one device: worked times, what is refused, and laws.

#include <cmath>

#include "core/cost/collective.h"
#include "core/cost/cost_source.h"
#include "tests/support/catch.h"
#include "tests/support/hardware.h"
#include "tests/support/lowering.h"

using namespace moeplan;

namespace {

struct Bench {
    DeviceSpec device = hardware::perfect();
    EngineSpec engine = hardware::ideal_engine();
    BytesPerSecond host;
    std::unique_ptr<CostSource> source = make_roofline();

    Result<Cost> price(OpKind kind) const { return source->price({Part::norms, 1, std::move(kind)}, {&device, &engine, device.network, host}); }
    std::string refusal(OpKind kind) const {
        const auto cost = price(std::move(kind));
        return cost ? "" : to_text(cost.error().front());
    }
    double step_s(const Lowered& model, const StepShape& step) const {
        double sum = 0;
        for (const Op& op : model.ops(step)) sum += op.repeat * price(op.kind).value().time.value;
        return sum;
    }
};

}  // namespace

TEST_CASE("a pass over memory takes its bytes over the bandwidth") {
    Bench b;
    REQUIRE(b.price(MemoryPass{{3350e9}})->time.value == Approx(1));
    b.device.bandwidth_fraction = {0.5, 0.4, 0.8};
    const Cost c = *b.price(MemoryPass{{3350e9}});
    REQUIRE(c.time.value == Approx(2));
    REQUIRE(c.low.value == Approx(1.25));
    REQUIRE(c.high.value == Approx(2.5));
    REQUIRE(c.bound == Bound::memory);
}

TEST_CASE("the corner of the roof is rounded by a 4-norm") {
    // 9894e9 FLOPs take 10 ms at 989.4 TFLOP/s. Equal times: 2^(1/4) of one of them.
    Bench b;
    b.device.bandwidth = {1e12};
    const double n = 3000;
    const Gemm g{n, n, n, NumberFormat::bf16};
    const double compute = 2 * n * n * n / 989.4e12, memory = 3 * n * n * 2 / 1e12;
    REQUIRE(b.price(g)->time.value == Approx(std::pow(std::pow(compute, 4) + std::pow(memory, 4), 0.25)));
    // Far from the corner the larger one alone counts.
    const Gemm thin{1, 16384, 16384, NumberFormat::bf16};
    REQUIRE(b.price(thin)->time.value == Approx(work_of(thin).bytes.value / 1e12).epsilon(1e-3));
    REQUIRE(b.price(thin)->bound == Bound::memory);
    const Gemm fat{16384, 16384, 16384, NumberFormat::bf16};
    REQUIRE(b.price(fat)->time.value == Approx(2 * std::pow(16384, 3) / 989.4e12).epsilon(1e-3));
    REQUIRE(b.price(fat)->bound == Bound::compute);
}

TEST_CASE("every kernel pays its launch: one for a GEMM, three for grouped experts") {
    Bench b;
    const double bare = b.price(Gemm{1, 128, 128, NumberFormat::bf16})->time.value;
    ExpertFfn f;
    f.pairs = 1;
    f.activated = 1;
    f.hidden = f.width = 128;
    const double experts = b.price(f)->time.value;
    b.engine.kernel_launch_s = Estimate::exact(1e-3);
    REQUIRE(b.price(Gemm{1, 128, 128, NumberFormat::bf16})->time.value - bare == Approx(1e-3));
    REQUIRE(b.price(f)->time.value - experts == Approx(3e-3));
    REQUIRE(b.price(f)->bound == Bound::launch);
}

TEST_CASE("fp8 weights compute at the fp8 peak, int4 weights are widened to 16 bits") {
    Bench b;
    b.device.bandwidth = {1e18};
    const double n = 8192, flops = 2 * n * n * n;
    REQUIRE(b.price(Gemm{n, n, n, NumberFormat::fp8})->time.value == Approx(flops / 1978.9e12));
    REQUIRE(b.price(Gemm{n, n, n, NumberFormat::int4_g128})->time.value == Approx(flops / 989.4e12));
}

TEST_CASE("a chip without bf16 multiplies widened formats in fp16") {
    Bench b;
    b.device.peak = {};
    b.device.peak.fp16 = {125e12};
    b.device.bandwidth = {1e18};
    const double n = 4096;
    REQUIRE(b.price(Gemm{n, n, n, NumberFormat::q4_0})->time.value == Approx(2 * n * n * n / 125e12));
}

TEST_CASE("a missing peak is named, not guessed") {
    Bench b;
    b.device.peak.int8 = {0};
    REQUIRE_THAT(b.refusal(Gemm{1, 1, 1, NumberFormat::int8}), ContainsSubstring("a perfect H100 has no published dense int8 peak"));
    b.device.peak = {};
    REQUIRE_THAT(b.refusal(Attention{true, 1, 1, 1, 1, 1, 1, 1, {}, {}, false, NumberFormat::bf16}), ContainsSubstring("no published dense"));
}

TEST_CASE("a ring all-reduce of n ranks moves 2(n-1)/n of its buffer") {
    // Source: nccl-tests doc/PERFORMANCE.md.
    REQUIRE(collective_work({CollectiveKind::all_reduce, {8e6}, 8, false}).bytes.value == Approx(14e6));
    REQUIRE(collective_work({CollectiveKind::all_gather, {8e6}, 8, false}).bytes.value == Approx(7e6));
    REQUIRE(collective_work({CollectiveKind::reduce_scatter, {8e6}, 8, false}).bytes.value == Approx(7e6));
    REQUIRE(collective_work({CollectiveKind::all_to_all, {8e6}, 8, false}).bytes.value == Approx(7e6));
    REQUIRE(collective_work({CollectiveKind::point_to_point, {8e6}, 2, false}).bytes.value == 8e6);
    // Reducing is a scatter of sums and a gather of them.
    const double parts = collective_work({CollectiveKind::all_gather, {5e6}, 6, false}).bytes.value + collective_work({CollectiveKind::reduce_scatter, {5e6}, 6, false}).bytes.value;
    REQUIRE(collective_work({CollectiveKind::all_reduce, {5e6}, 6, false}).bytes.value == Approx(parts));
}

TEST_CASE("an all-reduce takes its bytes over the link and its steps") {
    Bench b;
    // 2 ranks: 1 x 256 KiB at 450 GB/s, and 6.6 us to start and two steps of 0.6 us.
    const Cost c = *b.price(Collective{CollectiveKind::all_reduce, {262144}, 2, false});
    REQUIRE(c.time.value == Approx(262144 / 450e9 + 6.6e-6 + 2 * 0.6e-6));
    REQUIRE(c.bound == Bound::network);
}

TEST_CASE("a ring over nodes uses every network adapter, an exchange the network for other nodes' ranks alone") {
    const LinkRates network{Estimate::exact(50e9), 6.6e-6, 2.7e-6}, inside{Estimate::exact(450e9), 6.6e-6, 0.6e-6};
    const auto seconds = [&](CollectiveKind kind, double bytes, std::int64_t ranks, std::int64_t per_node) {
        return collective_cost({kind, {bytes}, ranks, true, per_node}, network, inside).time.value;
    };
    using enum CollectiveKind;
    // 16 GPUs in two nodes: eight adapters of 50 GB/s are slower than 450 GB/s within; two exchanges across, six within.
    CHECK(seconds(all_reduce, 8e9, 16, 8) == Approx(8e9 * 2 * 15 / 16 / 400e9).epsilon(1e-3));
    CHECK(seconds(all_reduce, 0, 16, 8) == Approx(6.6e-6 + 2 * 2.7e-6 + 6 * 0.6e-6));
    CHECK(seconds(all_gather, 8e9, 32, 8) == Approx(8e9 * 31 / 32 / 400e9).epsilon(1e-3));
    // Half of an exchange stays in the node: 7 of 16 ranks against 8, at nine times the rate.
    CHECK(seconds(all_to_all, 8e9, 16, 8) == Approx(8e9 * 8 / 16 / 50e9).epsilon(1e-3));
    // A rank per node has the network alone, as before.
    for (const CollectiveKind kind : {all_reduce, all_gather, reduce_scatter, all_to_all, point_to_point})
        CHECK(seconds(kind, 1e8, 4, 1) == collective_cost({kind, {1e8}, 4, true}, network).time.value);
    // Adapters as fast as the links leave the links to be waited for.
    LinkRates fast = network;
    fast.rate = Estimate::exact(100e9);
    CHECK(collective_cost({all_reduce, {8e9}, 16, true, 8}, fast, inside).time.value == Approx(8e9 * 2 * 15 / 16 / 450e9).epsilon(1e-3));
}

TEST_CASE("links are NVLink inside its domain, PCIe beyond it, the network between nodes") {
    Bench b;
    const double bytes = 1e9, reduced = 2 * 3.0 / 4 * bytes;
    const auto seconds = [&](bool across) { return b.price(Collective{CollectiveKind::all_reduce, {bytes}, 4, across})->time.value; };
    REQUIRE(seconds(false) == Approx(reduced / 450e9).epsilon(0.01));
    REQUIRE(seconds(true) == Approx(reduced / 50e9).epsilon(0.01));
    b.device.link_domain = 2;
    REQUIRE(seconds(false) == Approx(reduced / 55e9).epsilon(0.01));
}

TEST_CASE("a missing link is named, and what to give") {
    Bench b;
    b.device.link = b.device.pcie = b.device.network = {0};
    REQUIRE_THAT(b.refusal(Collective{CollectiveKind::all_reduce, {1}, 2, false}), ContainsSubstring("no published link between GPUs"));
    REQUIRE_THAT(b.refusal(Collective{CollectiveKind::all_reduce, {1}, 2, true}), ContainsSubstring("cluster: {network: 50 GB/s}"));
    REQUIRE_THAT(b.refusal(HostFetch{{1}}), ContainsSubstring("PCIe rate"));
}

TEST_CASE("experts from host memory take their bytes over PCIe") {
    REQUIRE(Bench().price(HostFetch{{55e9}})->time.value == Approx(1));
}

TEST_CASE("experts on a declared rate take that, even where the device has no PCIe rate") {
    Bench b;
    b.device.pcie = {0};
    b.host = {5e9};
    REQUIRE(b.price(HostFetch{{55e9}})->time.value == Approx(11));
}

TEST_CASE("every price has low <= value <= high, and an interval where fractions are uncertain") {
    Bench b;
    b.device = hardware::h100();
    b.engine = hardware::usual_engine();
    for (const ModelSpec& m : models::all()) {
        for (const Layout& layout : {Layout{}, Layout{2, 1, 1, 1, 2}, Layout{2, 2, 1, 1, 2}}) {
            for (const StepShape& step : {decode_step(1, 10), decode_step(500, 3000), prefill_step(4, 2048)}) {
                for (const Op& op : Lowered(m, layout).ops(step)) {
                    const Cost c = *b.price(op.kind);
                    REQUIRE(c.low <= c.time);
                    REQUIRE(c.time <= c.high);
                    REQUIRE(c.low < c.high);
                    REQUIRE(c.provenance == Provenance::roofline);
                }
            }
        }
    }
}

TEST_CASE("a step never gets faster when it holds more") {
    Bench b;
    b.device = hardware::h100();
    b.engine = hardware::usual_engine();
    for (const ModelSpec& m : models::all()) {
        const Lowered lowered(m);
        double by_batch = 0, by_context = 0, by_prompt = 0;
        for (double x = 1; x < 20000; x *= 2.3) {
            const double batch = b.step_s(lowered, decode_step(x, 500));
            const double context = b.step_s(lowered, decode_step(16, x));
            const double prompt = b.step_s(lowered, prefill_step(2, x));
            CAPTURE(m.id, x);
            REQUIRE(batch >= by_batch);
            REQUIRE(context >= by_context);
            REQUIRE(prompt >= by_prompt);
            by_batch = batch;
            by_context = context;
            by_prompt = prompt;
        }
    }
}

TEST_CASE("a better device is never slower") {
    Bench plain;
    plain.device = hardware::h100();
    const auto turn = [&](auto&& change) {
        Bench better;
        better.device = hardware::h100();
        change(better.device);
        for (const ModelSpec& m : models::all()) {
            const Lowered lowered(m, Layout{2, 1, 1, 1, 2});
            for (const StepShape& step : {decode_step(1, 100), decode_step(300, 2000), prefill_step(1, 4096)}) {
                REQUIRE(better.step_s(lowered, step) < plain.step_s(lowered, step));
            }
        }
    };
    turn([](DeviceSpec& d) { d.bandwidth = d.bandwidth * 1.5; });
    turn([](DeviceSpec& d) { d.peak.bf16 = d.peak.bf16 * 1.5; });
    turn([](DeviceSpec& d) { d.link = d.link * 1.5; });
}

TEST_CASE("costs one after the other add, and say when they come from different sources") {
    Cost a{{1}, {0.5}, {2}, {10}, {20}, Bound::compute, Provenance::roofline, false};
    Cost b{{3}, {2}, {4}, {1}, {2}, Bound::memory, Provenance::calibrated, true};
    const Cost sum = then(a, b);
    REQUIRE(sum.time.value == 4);
    REQUIRE(sum.low.value == 2.5);
    REQUIRE(sum.high.value == 6);
    REQUIRE(sum.flops.value == 11);
    REQUIRE(sum.bytes.value == 22);
    REQUIRE(sum.bound == Bound::memory);
    REQUIRE(sum.provenance == Provenance::mixed);
    REQUIRE(sum.outside_calibration);
    REQUIRE(then(Cost{}, b).provenance == Provenance::calibrated);
    REQUIRE(times(a, 3).high.value == 6);
}

TEST_CASE("the fixed source charges every op the same and still counts work") {
    const auto fixed = make_fixed_cost({1e-3});
    const Gemm g{2, 3, 4, NumberFormat::bf16};
    const Cost c = *fixed->price({Part::head, 7, g}, {});
    REQUIRE(c.time.value == 1e-3);
    REQUIRE(c.flops.value == 48);
    REQUIRE(c.provenance == Provenance::declared);
}
