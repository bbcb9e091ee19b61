// Plans hold what the worker can run, once each, and share the budget as they say.

#include <set>

#include "core/catalog/catalog.h"
#include "core/ops/lower.h"
#include "gpu/calibrator/plan.h"
#include "tests/calibrator/support.h"

using namespace moeplan;
using namespace moeplan::test;

namespace {

WorkerHello gpu(std::int64_t devices = 8) {
    WorkerHello hello;
    hello.device = "Fake GPU";
    hello.memory_bytes = 80'000'000'000;
    hello.devices = devices;
    for (const KernelFamily family : all_kernel_families()) hello.ops[family] = {};
    hello.ops[KernelFamily::gemm] = {"bf16", "fp8"};
    hello.ops[KernelFamily::moe_ffn] = {"bf16"};
    hello.ops[KernelFamily::attention_prefill] = {"bf16"};
    hello.ops[KernelFamily::attention_decode] = {"bf16", "bf16, fp8 cache"};
    return hello;
}

WorkerHello cpu() {
    WorkerHello hello;
    hello.device = "Fake CPU";
    hello.memory_bytes = 16'000'000'000;
    hello.threads = 2;
    hello.ops = {{KernelFamily::gemm, {"fp32", "int8"}},
                 {KernelFamily::moe_ffn, {"fp32"}},
                 {KernelFamily::attention_decode, {"fp32"}},
                 {KernelFamily::copy, {}}};
    return hello;
}

const std::vector<ModelSpec>& models() {
    static const std::vector<ModelSpec> all = [] {
        std::vector<ModelSpec> found;
        for (const std::string& id : well_known_models()) {
            auto model = find_model(builtin_catalog(), id);
            REQUIRE(model);
            found.push_back(std::move(*model));
        }
        return found;
    }();
    return all;
}

const PlanGroup* group_of(const CalibrationPlan& plan, KernelFamily family, const std::string& format) {
    for (const PlanGroup& group : plan.groups) {
        if (group.family == family && group.format == format) return &group;
    }
    return nullptr;
}

void check_laws(const CalibrationPlan& plan, const WorkerHello& hello) {
    const KernelBounds bounds = bounds_of(hello);
    double shares = 0;
    for (const PlanGroup& group : plan.groups) {
        CAPTURE(name_of(group.family), group.format);
        shares += group.share;
        CHECK(group.share > 0);
        REQUIRE(group.weights.size() == group.kernels.size());
        REQUIRE_FALSE(group.kernels.empty());
        CHECK(group.kernels.size() <= 3000);
        std::set<std::string> seen;
        bool good = true;
        for (std::size_t i = 0; i < group.kernels.size(); ++i) {
            const Kernel& kernel = group.kernels[i];
            good = good && seen.insert(write_request({0, kernel, {}})).second && check_kernel(kernel).empty() &&
                   hello.supports(kernel) && family_of(kernel) == group.family && format_of(kernel) == group.format &&
                   memory_of(kernel).value <= bounds.bytes && work_of(op_of(kernel)).flops.value <= bounds.flops &&
                   group.weights[i] > 0;
        }
        CHECK(good);
    }
    CHECK(shares == Approx(1));
}

}  // namespace

TEST_CASE("the default plan for a GPU has every family, and only kernels that run there") {
    const WorkerHello hello = gpu();
    const CalibrationPlan plan = default_plan(models(), hello);
    check_laws(plan, hello);
    std::set<KernelFamily> families;
    for (const PlanGroup& group : plan.groups) families.insert(group.family);
    CHECK(families.size() == all_kernel_families().size());
    CHECK(plan.groups.size() == all_kernel_families().size() + 2);   // two formats of gemm and of decode attention
}

TEST_CASE("formats of a family share its part of the budget evenly") {
    const CalibrationPlan plan = default_plan(models(), gpu());
    const PlanGroup* bf16 = group_of(plan, KernelFamily::gemm, "bf16");
    const PlanGroup* fp8 = group_of(plan, KernelFamily::gemm, "fp8");
    const PlanGroup* experts = group_of(plan, KernelFamily::moe_ffn, "bf16");
    REQUIRE((bf16 && fp8 && experts));
    CHECK(bf16->share == Approx(fp8->share));
    CHECK(experts->share == Approx(2 * bf16->share * 0.30 / 0.25));
}

TEST_CASE("the default plan's expert kernels span tokens, skew and expert parallelism") {
    const CalibrationPlan plan = default_plan(models(), gpu());
    const PlanGroup* group = group_of(plan, KernelFamily::moe_ffn, "bf16");
    REQUIRE(group);
    std::set<std::int64_t> tokens, held;
    bool balanced = false, skewed = false, partial = false;
    for (const Kernel& kernel : group->kernels) {
        const auto& k = std::get<ExpertKernel>(kernel);
        tokens.insert(k.tokens);
        held.insert(k.held());
        const auto [least, most] = std::ranges::minmax(k.loads);
        std::int64_t pairs = 0;
        for (const std::int64_t load : k.loads) pairs += load;
        balanced = balanced || (k.tokens == 1024 && most - least <= 1);
        skewed = skewed || (k.tokens == 1024 && most > 4 * (pairs / k.held() + 1));
        partial = partial || pairs < k.tokens * k.top_k;
    }
    CHECK(*tokens.begin() == 1);
    CHECK(*tokens.rbegin() == 16384);
    CHECK(held.count(8) == 1);     // Mixtral whole
    CHECK(held.count(128) == 1);   // Qwen3 whole
    CHECK(*held.begin() == 1);     // Mixtral over eight ranks
    CHECK((balanced && skewed && partial));
}

TEST_CASE("the default plan for a CPU is scaled down to what it can do") {
    const WorkerHello hello = cpu();
    const CalibrationPlan plan = default_plan(models(), hello);
    check_laws(plan, hello);
    CHECK(bounds_of(hello).bytes == 256.0 * (1 << 20));
    CHECK(group_of(plan, KernelFamily::gemm, "fp32"));
    CHECK(group_of(plan, KernelFamily::gemm, "int8"));
    CHECK_FALSE(group_of(plan, KernelFamily::router, ""));
    const PlanGroup* experts = group_of(plan, KernelFamily::moe_ffn, "fp32");
    REQUIRE(experts);
    CHECK(experts->kernels.size() > 100);
    CHECK(std::ranges::any_of(plan.left_out, [](const std::string& reason) {
        return reason.find("moe_ffn that need more than 256 MiB") != std::string::npos;
    }));
}

TEST_CASE("a plan has shapes between those of the models, which no model has, for GPUs and processors alike") {
    for (const WorkerHello& hello : {gpu(1), cpu()}) {
        CAPTURE(hello.device);
        const CalibrationPlan plan = default_plan(models(), hello);
        const std::string format = hello.threads > 0 ? "fp32" : "bf16";
        std::set<std::int64_t> hidden, heads;
        std::size_t odd = 0, all = 0;
        for (const Kernel& kernel : group_of(plan, KernelFamily::moe_ffn, format)->kernels) {
            const auto& k = std::get<ExpertKernel>(kernel);
            hidden.insert(k.hidden);
            ++all;
            if (k.hidden % 256 != 0) ++odd;
            CHECK(k.hidden % 64 == 0);
        }
        for (const Kernel& kernel : group_of(plan, KernelFamily::attention_decode, format)->kernels) heads.insert(std::get<AttentionKernel>(kernel).qk_dim);
        CHECK(hidden.size() >= 10);
        CHECK(odd * 5 > all);
        CHECK(odd * 5 < all * 4);
        CHECK(heads.count(64) + heads.count(128) == 2);
        CHECK(heads.size() >= 4);
    }
}

TEST_CASE("a worker of one device is asked for no collective, and the plan says so") {
    const CalibrationPlan plan = default_plan(models(), gpu(1));
    CHECK_FALSE(group_of(plan, KernelFamily::collective, ""));
    CHECK(std::ranges::find(plan.left_out, "collectives: the worker has one device") != plan.left_out.end());
}

TEST_CASE("a number format that is not known here is left out by name") {
    WorkerHello hello = cpu();
    hello.ops[KernelFamily::gemm] = {"fp32", "posit16"};
    const CalibrationPlan plan = default_plan(models(), hello);
    CHECK(group_of(plan, KernelFamily::gemm, "fp32"));
    CHECK(std::ranges::any_of(plan.left_out,
                              [](const std::string& reason) { return reason.find("'posit16'") != std::string::npos; }));
}

TEST_CASE("a worker that offers nothing gets an empty plan") {
    WorkerHello hello = cpu();
    hello.ops.clear();
    CHECK(default_plan(models(), hello).size() == 0);
}

TEST_CASE("a kernel made from an op stands for that op") {
    const Kernel gemm = *kernel_of(Gemm{7, 14336, 4096, NumberFormat::fp8});
    CHECK(gemm == Kernel(GemmKernel{7, 14336, 4096, NumberFormat::fp8}));

    ExpertFfn ffn;
    ffn.pairs = 64.4;
    ffn.activated = 7.3;
    ffn.hottest = 20.2;
    ffn.held = 8;
    ffn.hidden = 4096;
    ffn.width = 14336;
    ffn.top_k = 2;
    const auto experts = std::get<ExpertKernel>(*kernel_of(ffn));
    CHECK(experts.loads == std::vector<std::int64_t>{20, 7, 7, 8, 7, 7, 8, 0});  // 64 pairs: 20, and 44 over six others
    CHECK(experts.tokens == 32);
    const auto back = std::get<ExpertFfn>(op_of(experts));
    CHECK(back.pairs == 64);
    CHECK(back.activated == 7);
    CHECK(back.hottest == 20);
    CHECK(back.held == 8);

    Attention attention;
    attention.decode = true;
    attention.sequences = 32;
    attention.new_tokens = 1;
    attention.context = 1024.4;
    attention.heads = 32;
    attention.kv_heads = 8;
    attention.qk_dim = attention.v_dim = 128;
    attention.window = 4096;
    const auto decode = std::get<AttentionKernel>(*kernel_of(attention));
    CHECK(decode.context == 1024);
    CHECK(decode.window == 4096);
    CHECK(decode.heads == 32);

    CHECK(*kernel_of(MemoryPass{{4096}}) == Kernel(CopyKernel{2048}));
}

TEST_CASE("an op whose sizes no whole kernel has gets the nearest one that can run") {
    ExpertFfn ffn;  // one token, four experts: expected values below one
    ffn.pairs = 0.4;
    ffn.activated = 0.3;
    ffn.hottest = 0.2;
    ffn.held = 16;
    ffn.hidden = ffn.width = 64;
    ffn.top_k = 4;
    const auto kernel = kernel_of(ffn);
    REQUIRE(kernel);
    CHECK(check_kernel(*kernel).empty());
    ffn.hottest = 1e18;
    ffn.pairs = 1e18;
    CHECK(kernel_of(ffn));
}

TEST_CASE("ops without a kernel are told as such") {
    CHECK_FALSE(kernel_of(StateUpdate{}));
    CHECK_FALSE(kernel_of(HostFetch{{1e9}}));
    CHECK_FALSE(kernel_of(Collective{CollectiveKind::all_reduce, {1e6}, 16, true}));
    Attention latent;
    latent.shared_key_value = true;
    CHECK_FALSE(kernel_of(latent));
    const CalibrationPlan plan = plan_for({{StateUpdate{}, 1}, {Gemm{1, 64, 64, NumberFormat::bf16}, 1}}, gpu());
    CHECK(std::ranges::any_of(plan.left_out, [](const std::string& reason) {
        return reason.find("recurrent state updates") != std::string::npos;
    }));
}

TEST_CASE("a plan for a study covers its ops and shares the budget by their time") {
    std::vector<WeightedOp> ops{{Gemm{64, 4096, 4096, NumberFormat::bf16}, 3},
                                {Gemm{64, 4096, 4096, NumberFormat::bf16}, 1},
                                {MemoryPass{{1e6}}, 2}};
    const WorkerHello hello = gpu();
    const CalibrationPlan plan = plan_for(ops, hello);
    check_laws(plan, hello);
    const PlanGroup* group = group_of(plan, KernelFamily::gemm, "bf16");
    REQUIRE(group);
    REQUIRE(group->kernels.size() == 3);  // m of 64, 32 and 128
    CHECK(group->kernels[0] == Kernel(GemmKernel{64, 4096, 4096, NumberFormat::bf16}));
    CHECK(group->weights[0] == Approx(4));  // the same op twice is one kernel
    CHECK(group->share == Approx(2.0 / 3));
}

TEST_CASE("attention of a study is measured in the format the worker has") {
    Attention attention{true, 8, 1, 512, 16, 4, 64, 64, {}, {}, false, NumberFormat::fp32};
    const CalibrationPlan plan = plan_for({{attention, 1}}, cpu());
    REQUIRE(group_of(plan, KernelFamily::attention_decode, "fp32"));
}

TEST_CASE("a plan's hash changes with what is in it and with nothing else") {
    const CalibrationPlan plan = small_plan({});
    const std::string hash = plan_hash(plan);
    CHECK(hash.size() == 16);
    CHECK(plan_hash(small_plan({})) == hash);
    std::set<std::string> hashes{hash};
    auto other = plan;
    other.groups[0].share = 0.6;
    hashes.insert(plan_hash(other));
    other = plan;
    std::swap(other.groups[0].kernels[0], other.groups[0].kernels[1]);
    hashes.insert(plan_hash(other));
    other = plan;
    other.groups[1].weights[3] = 2;
    hashes.insert(plan_hash(other));
    other = plan;
    other.groups[1].kernels.pop_back();
    hashes.insert(plan_hash(other));
    CHECK(hashes.size() == 5);
}

TEST_CASE("a plan made twice is the same") {
    CHECK(plan_hash(default_plan(models(), gpu())) == plan_hash(default_plan(models(), gpu())));
}
