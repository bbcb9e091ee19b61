// Modules timed as a whole, on a device whose kernels are known exactly.
#include <cmath>
#include <set>
#include <tuple>

#include "core/calibrate/evaluate.h"
#include "core/calibrate/family_groups.h"
#include "core/calibrate/latent_module.h"
#include "core/calibrate/take_apart.h"
#include "tests/calibrate/profile_support.h"
#include "tests/support/catch.h"
#include "tests/support/lowering.h"

using namespace moeplan;
using namespace moeplan::test;

namespace {

constexpr double kPass = 1e-6;

Attention latent(double sequences, double context, double heads) {
    Attention a;
    a.decode = true;
    a.sequences = sequences;
    a.new_tokens = 1;
    a.context = context;
    a.heads = heads;
    a.kv_heads = 1;
    a.qk_dim = 576;
    a.v_dim = 512;
    a.shared_key_value = true;
    return a;
}

// Products of a device that starts every one of them `start` seconds in; with `host` seconds in the way where they are timed alone.
std::vector<Measurement> products(NumberFormat format, double start, double host) {
    std::vector<double> theta;
    for (const Parameter& p : kGemmPhysics.parameters) theta.push_back(p.start);
    theta[0] = start;
    theta[1] = host;
    std::vector<Measurement> rows;
    for (const double n : {256.0, 2112.0, 8192.0}) {
        for (const double k : {512.0, 1536.0, 7168.0}) {
            for (double m = 1; m <= 16384; m *= 2) rows.push_back(measured(Gemm{m, n, k, format}, theta));
        }
    }
    return rows;
}

double in_graph(const OpKind& op, double start, double start_in_16_bits) {
    const auto* g = std::get_if<Gemm>(&op);
    if (!g) return kPass;
    std::vector<double> theta;
    for (const Parameter& p : kGemmPhysics.parameters) theta.push_back(p.start);
    theta[0] = g->weights == NumberFormat::bf16 ? start_in_16_bits : start;
    return kGemmPhysics.device_prior(op, *rates_for(op, h100()), theta);
}

// Latent attention of the usual parameters inside modules whose projections are in `linear`.
std::vector<Measurement> modules(NumberFormat linear, double start, double start_in_16_bits) {
    std::vector<Measurement> rows;
    for (const double heads : {8.0, 16.0, 128.0}) {
        for (double sequences = 1; sequences <= 256; sequences *= 4) {
            for (double context = 127; context < 70000; context = context * 4 + 3) {
                const Attention a = latent(sequences, context, heads);
                Measurement row = measured(a);
                row.beside = beside_latent_attention(a, linear);
                for (const OpKind& op : row.beside) row.seconds += in_graph(op, start, start_in_16_bits);
                rows.push_back(std::move(row));
            }
        }
    }
    return rows;
}

void add(std::vector<Measurement>& to, std::vector<Measurement> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

MeasurementSet deepseek() {
    MeasurementSet set{"NVIDIA H100 80GB HBM3", "vllm 0.24.0", "synthetic", products(NumberFormat::bf16, 3e-6, 1e-6)};
    add(set.rows, products(NumberFormat::fp8_block, 7e-6, 9e-5));
    add(set.rows, modules(NumberFormat::bf16, 7e-6, 3e-6));
    add(set.rows, modules(NumberFormat::fp8_block, 7e-6, 3e-6));
    return set;
}

}  // namespace

TEST_CASE("a module holds what a layer of DeepSeek-V3 is lowered to") {
    const ModelSpec v3 = models::deepseek_v3();
    for (const bool decode : {true, false}) {
        Lowered lowered(v3, Layout{8, 1, 1, 1, 8});
        lowered.context.precision.linear = NumberFormat::fp8_block;
        const auto ops = lowered.ops(decode ? decode_step(16, 4095) : prefill_step(2, 512));
        const Attention attention = of_kind<Attention>(ops, Part::attention).front();
        std::multiset<std::tuple<double, double, double, NumberFormat>> products, beside;
        std::vector<double> passes, passes_beside;
        const auto gemms = of_kind<Gemm>(ops, Part::attention_projections);   // of two groups of equal layers
        for (std::size_t i = 0; i < gemms.size() / 2; ++i) products.emplace(gemms[i].m, gemms[i].n, gemms[i].k, gemms[i].weights);
        passes.push_back(of_kind<MemoryPass>(ops, Part::attention).front().bytes.value);
        for (const OpKind& op : beside_latent_attention(attention, NumberFormat::fp8_block)) {
            if (const auto* g = std::get_if<Gemm>(&op)) beside.emplace(g->m, g->n, g->k, g->weights);
            else passes_beside.push_back(std::get<MemoryPass>(op).bytes.value);
        }
        CHECK(products == beside);
        CHECK(passes == passes_beside);
    }
}

TEST_CASE("attention that was only timed in its module is fitted from what the products leave of it") {
    FitOptions options;
    options.hold_out = false;
    const Profile profile = profile_of(deepseek(), options);
    const FittedFamily* fit = fitted(profile, {KernelFamily::attention_decode, "bf16, latent"});
    REQUIRE(fit);
    for (const double sequences : {8.0, 64.0, 200.0}) {
        const Attention asked = latent(sequences, 9000, 16);
        CHECK(fit->seconds(asked) == Approx(measured(asked).seconds).epsilon(0.1));
    }
}

TEST_CASE("what a product needs to start inside a graph is told by modules where its host was in the way") {
    FitOptions options;
    options.hold_out = false;
    MeasurementSet set = deepseek();
    const Profile with = profile_of(set, options);
    const FamilyKey key{KernelFamily::gemm, "fp8_block"};
    CHECK(fitted(with, key)->parameter("launch (s)") == Approx(7e-6).epsilon(0.15));
    CHECK(fitted(with, {KernelFamily::gemm, "bf16"})->parameter("launch (s)") == Approx(3e-6).epsilon(0.15));
    std::erase_if(set.rows, [](const Measurement& m) { return !m.beside.empty(); });
    const Profile without = profile_of(set, options);
    CHECK(std::abs(fitted(without, key)->parameter("launch (s)") - 7e-6) > 2e-6);
}

TEST_CASE("modules whose products nobody measured are left out and counted") {
    MeasurementSet set = deepseek();
    std::erase_if(set.rows, [](const Measurement& m) { return m.family == KernelFamily::gemm; });
    add(set.rows, products(NumberFormat::fp8, 3e-6, 1e-6));
    const auto report = fit_profile(set, h100(), {});
    REQUIRE(report);
    CHECK_FALSE(fitted(report->profile, {KernelFamily::attention_decode, "bf16, latent"}));
    bool told = false;
    for (const std::string& line : report->left_out) told = told || line.find("without the products") != std::string::npos;
    CHECK(told);
}

TEST_CASE("what was measured alone goes before what modules leave") {
    MeasurementSet set = deepseek();
    for (double context = 127; context < 70000; context *= 2) set.rows.push_back(measured(latent(4, context, 16)));
    Profile products_only = profile_of({"", "", "", products(NumberFormat::bf16, 3e-6, 1e-6)});
    std::vector<Measurement> whole, alone;
    for (const Measurement& m : set.rows) {
        if (!m.beside.empty()) whole.push_back(m);
        else if (m.family == KernelFamily::attention_decode) alone.push_back(m);
    }
    const TakenApart apart = take_apart(whole, alone, BesideKernel(products_only, h100()));
    for (const Measurement& m : apart.rows) CHECK(std::get<Attention>(m.op).heads != 16);
    CHECK_FALSE(apart.rows.empty());
    CHECK(apart.unused.at("modules of attention that was measured alone") > 0);
}

TEST_CASE("a profile is scored on whole modules: the kernel and what is beside it") {
    const Profile profile = profile_of(deepseek());
    KernelTable table;
    table.set = {"", "", "modules", modules(NumberFormat::fp8_block, 7e-6, 3e-6)};
    const KernelScores scores = score_profile(table, profile, &h100());
    REQUIRE(scores.families.size() == 1);
    CHECK(scores.families[0].format == "bf16, latent, in its module");
    REQUIRE(scores.families[0].error);
    CHECK(scores.families[0].error->mape < 0.08);
    REQUIRE(scores.families[0].roofline);
    CHECK(scores.families[0].roofline->mape > scores.families[0].error->mape);
}

TEST_CASE("modules with products the profile lacks are counted, not scored") {
    MeasurementSet set = deepseek();
    const Profile profile = profile_of(set);
    KernelTable table;
    table.set = {"", "", "modules", modules(NumberFormat::bf16, 7e-6, 3e-6)};
    const std::size_t known = table.set.rows.size();
    add(table.set.rows, modules(NumberFormat::nvfp4, 7e-6, 3e-6));
    const KernelScores scores = score_profile(table, profile, &h100());
    REQUIRE(scores.families.size() == 1);
    CHECK(scores.families[0].n_test == known);
    REQUIRE(scores.skipped.size() == 1);
    CHECK(scores.skipped[0].n == known);
}

TEST_CASE("whole modules are not probes by themselves") {
    KernelTable table;
    table.set = {"", "", "modules", modules(NumberFormat::bf16, 7e-6, 3e-6)};
    RunControl control;
    const KernelScores scores = evaluate(table, h100(), {}, control);
    CHECK(scores.families.empty());
    REQUIRE(scores.skipped.size() == 1);
    CHECK_THAT(scores.skipped[0].reason, ContainsSubstring("whole modules"));
}
