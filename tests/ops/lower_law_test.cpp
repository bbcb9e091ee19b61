// Laws of lowering over models of every kind.

#include "core/model/count.h"
#include "tests/support/catch.h"
#include "tests/support/lowering.h"

using namespace moeplan;

TEST_CASE("a single GPU communicates with nobody") {
    for (const ModelSpec& m : models::all()) {
        for (const StepShape& step : {decode_step(8, 100), prefill_step(1, 64), StepShape{{1, 64, 0}, {8, 1, 100}}}) {
            for (const Op& op : Lowered(m).ops(step)) REQUIRE_FALSE(std::holds_alternative<Collective>(op.kind));
        }
    }
}

TEST_CASE("one decoded token takes the FLOPs counted from the model") {
    for (const ModelSpec& m : models::all()) {
        for (const double context : {0.0, 100.0, 5000.0, 60000.0}) {
            const double lowered = total_work(Lowered(m).ops(decode_step(1, context))).flops.value;
            CAPTURE(m.id, context);
            REQUIRE(lowered == Approx(flops_per_output_token(m, context).value).epsilon(0.01));
        }
    }
}

TEST_CASE("a prefill of n tokens takes the FLOPs of its tokens one by one, except the head") {
    // Only the last token's logits are computed. MLA prefills in its expanded form, which costs other FLOPs.
    for (const ModelSpec& m : {models::llama3_8b(), models::mixtral_8x7b(), models::tiny_windowed(), models::tiny_hybrid()}) {
        const int n = 300;
        double one_by_one = 0;
        for (int i = 0; i < n; ++i) one_by_one += flops_per_output_token(m, i).value;
        one_by_one -= (n - 1) * 2.0 * static_cast<double>(m.vocab * m.hidden);
        CAPTURE(m.id);
        REQUIRE(total_work(Lowered(m).ops(prefill_step(1, n))).flops.value == Approx(one_by_one).epsilon(0.01));
    }
}

TEST_CASE("tensor-parallel ranks together compute what one GPU computes, plus what is replicated") {
    for (const ModelSpec& m : models::all()) {
        const double whole = total_work(Lowered(m).ops(decode_step(16, 500))).flops.value;
        for (const std::int64_t tp : {2, 4, 8}) {
            const double all = static_cast<double>(tp) * total_work(Lowered(m, Layout{tp, 1, 1, 1, tp}).ops(decode_step(16, 500))).flops.value;
            CAPTURE(m.id, tp);
            REQUIRE(all >= whole * (1 - 1e-9));
            // Replicated: routers, latent down-projections, indexers, latents of experts, keys of few heads.
            double replicated = 0;
            for (const Op& op : Lowered(m, Layout{tp, 1, 1, 1, tp}).ops(decode_step(16, 500))) {
                const auto* g = std::get_if<Gemm>(&op.kind);
                const bool copied = op.part == Part::router || op.part == Part::experts || op.part == Part::attention_projections || op.part == Part::attention;
                if (copied && (g || std::holds_alternative<Attention>(op.kind))) replicated += op.repeat * work_of(op.kind).flops.value;
            }
            REQUIRE(all <= whole + replicated * static_cast<double>(tp - 1));
        }
    }
}

TEST_CASE("dense models split their FLOPs exactly over tensor-parallel ranks") {
    const ModelSpec m = models::llama3_8b();
    const double whole = total_work(Lowered(m).ops(decode_step(16, 500))).flops.value;
    for (const std::int64_t tp : {2, 4, 8}) {
        REQUIRE(static_cast<double>(tp) * total_work(Lowered(m, Layout{tp, 1, 1, 1, tp}).ops(decode_step(16, 500))).flops.value == Approx(whole));
    }
}

TEST_CASE("work never falls when sequences, context or prompt grow") {
    for (const ModelSpec& m : models::all()) {
        for (const Layout& layout : {Layout{}, Layout{2, 1, 1, 1, 2}, Layout{1, 1, 4, 4, 1}}) {
            if (!m.is_moe() && layout.ep > 1) continue;
            const Lowered lowered(m, layout);
            const auto grows = [&](const auto& step_at) {
                Work last;
                for (double x = 1; x < 5000; x *= 1.7) {
                    const Work now = total_work(lowered.ops(step_at(x)));
                    CAPTURE(m.id, describe(layout), x);
                    REQUIRE(now.flops.value >= last.flops.value * (1 - 1e-12));
                    REQUIRE(now.bytes.value >= last.bytes.value * (1 - 1e-12));
                    last = now;
                }
            };
            grows([](double x) { return decode_step(x, 300); });
            grows([](double x) { return decode_step(7, x); });
            grows([](double x) { return prefill_step(1, x); });
            grows([](double x) { return prefill_step(x, 32, 100); });
        }
    }
}

TEST_CASE("lowering the same step twice gives the same ops, and clears what was there") {
    const ModelSpec m = models::tiny_hybrid();
    const Lowered lowered(m);
    std::vector<Op> reused;
    lower(lowered.context, prefill_step(3, 100), reused);
    lower(lowered.context, decode_step(5, 10), reused);
    const auto fresh = lowered.ops(decode_step(5, 10));
    REQUIRE(reused.size() == fresh.size());
    REQUIRE(total_work(reused).bytes.value == total_work(fresh).bytes.value);
}
