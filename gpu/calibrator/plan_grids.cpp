// The default plan: shapes of well-known models, every family the worker offers.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/ops/lower.h"
#include "gpu/calibrator/plan_builder.h"
#include "gpu/calibrator/plan_shapes.h"

namespace moeplan {
namespace {

std::int64_t whole(double value) { return std::max<std::int64_t>(1, std::llround(value)); }

void take(const OpKind& kind, const Layout& layout, PlanShapes& shapes) {
    if (const auto* gemm = std::get_if<Gemm>(&kind)) {
        shapes.gemms.insert({whole(gemm->n), whole(gemm->k)});
    } else if (const auto* ffn = std::get_if<ExpertFfn>(&kind)) {
        const std::int64_t experts = whole(ffn->held * static_cast<double>(layout.ep));
        shapes.experts.insert({whole(ffn->hidden), whole(ffn->width), experts, layout.ep, ffn->top_k, ffn->gated});
        shapes.routing.insert({experts, ffn->top_k, whole(ffn->hidden)});
        shapes.widths.insert(whole(ffn->width));
    } else if (const auto* a = std::get_if<Attention>(&kind); a && !a->shared_key_value && !a->selected) {
        shapes.attention.insert({whole(a->heads), whole(a->kv_heads), whole(a->qk_dim), whole(a->v_dim),
                                 a->window ? whole(*a->window) : 0});
    }
}

// One step with prompts and answers, for the shapes only: sizes that depend on tokens are replaced by the grid.
void take(const ModelSpec& model, const Layout& layout, PlanShapes& shapes) {
    const MoeFfn* moe = model.moe();
    const double held = moe ? static_cast<double>(moe->experts) / static_cast<double>(layout.ep) : 0;
    const ExpertLoadTable load({1.0}, {ExpertLoad{1, 1, 1, 1, 1}}, held);
    LoweringContext context;
    context.model = &model;
    context.layout = layout;
    context.expert_load = moe ? &load : nullptr;
    std::vector<Op> ops;
    lower(context, {{1, 1, 0}, {1, 1, 1}}, ops);
    for (const Op& op : ops) take(op.kind, layout, shapes);
}

PlanShapes shapes_of(const std::vector<ModelSpec>& models) {
    PlanShapes shapes;
    for (const ModelSpec& model : models) {
        for (const std::int64_t gpus : {1, 2, 4, 8}) {
            for (const Layout& layout : valid_layouts(model, gpus, 8)) take(model, layout, shapes);
        }
    }
    return shapes;
}

std::vector<std::int64_t> doublings(std::int64_t from, std::int64_t to, std::int64_t factor = 2) {
    std::vector<std::int64_t> all;
    for (std::int64_t x = from; x <= to; x *= factor) all.push_back(x);
    return all;
}

const std::vector<std::int64_t>& token_counts() {
    static const std::vector<std::int64_t> counts = doublings(1, 16384);
    return counts;
}

void add_gemms(const PlanShapes& shapes, PlanBuilder& plan) {
    for (const auto& [format, cache] : plan.formats(KernelFamily::gemm)) {
        for (const auto& [n, k] : shapes.gemms) {
            for (const std::int64_t m : token_counts()) plan.add(GemmKernel{m, n, k, format}, 1);
        }
    }
}

// Exponents public measurements of MoE kernels are taken at, beside balanced loads.
constexpr double kSkews[] = {0.0, 1.01, 1.2};

void add_experts(const PlanShapes& shapes, PlanBuilder& plan) {
    for (const auto& [format, cache] : plan.formats(KernelFamily::moe_ffn)) {
        for (const ExpertShape& s : shapes.experts) {
            for (const std::int64_t tokens : token_counts()) {
                for (const double alpha : kSkews) {
                    plan.add(ExpertKernel{tokens, s.hidden, s.width, s.top_k, s.gated, format,
                                          example_loads(tokens, s.experts, s.top_k, s.ep, alpha)},
                             1);
                }
            }
        }
    }
}

void add_decode(const AttentionShape& s, const Formats& formats, PlanBuilder& plan) {
    for (const std::int64_t sequences : doublings(1, 256, 4)) {
        for (const std::int64_t context : doublings(32, 131072, 4)) {
            plan.add(AttentionKernel{true, sequences, 1, context, s.heads, s.kv_heads, s.qk_dim, s.v_dim, s.window,
                                     formats.first, formats.second},
                     1);
        }
    }
}

void add_prefill(const AttentionShape& s, const Formats& formats, PlanBuilder& plan) {
    for (const std::int64_t sequences : {1, 4, 16}) {
        for (const std::int64_t tokens : doublings(16, 16384, 4)) {
            for (const std::int64_t context : {0, 2048, 16384}) {
                plan.add(AttentionKernel{false, sequences, tokens, context, s.heads, s.kv_heads, s.qk_dim, s.v_dim,
                                         s.window, formats.first, formats.second},
                         1);
            }
        }
    }
}

void add_attention(const PlanShapes& shapes, PlanBuilder& plan) {
    for (const bool decode : {true, false}) {
        for (const Formats& formats :
             plan.formats(decode ? KernelFamily::attention_decode : KernelFamily::attention_prefill)) {
            for (const AttentionShape& s : shapes.attention)
                decode ? add_decode(s, formats, plan) : add_prefill(s, formats, plan);
        }
    }
}

// One format of each family decides: the smallest kernel of a shape takes about as much in any other.
ShapeFits fits_of(const PlanBuilder& plan) {
    ShapeFits fits;
    fits.gemm = [&plan, of = plan.any_format(KernelFamily::gemm)](std::int64_t n, std::int64_t k) {
        return of && plan.runs(GemmKernel{1, n, k, of->first});
    };
    fits.experts = [&plan, of = plan.any_format(KernelFamily::moe_ffn)](const ExpertShape& s) {
        return of && plan.runs(ExpertKernel{1, s.hidden, s.width, s.top_k, s.gated, of->first,
                                            example_loads(1, s.experts, s.top_k, s.ep, 0)});
    };
    fits.attention = [&plan, of = plan.any_format(KernelFamily::attention_decode)](const AttentionShape& s) {
        return of && plan.runs(AttentionKernel{true, 1, 1, 32, s.heads, s.kv_heads, s.qk_dim, s.v_dim, s.window, of->first, of->second});
    };
    return fits;
}

void add_around_experts(const PlanShapes& shapes, PlanBuilder& plan) {
    for (const auto& [experts, top_k, hidden] : shapes.routing) {
        for (const std::int64_t tokens : token_counts()) {
            if (plan.offers(KernelFamily::router)) plan.add(RouterKernel{tokens, experts, top_k}, 1);
            if (plan.offers(KernelFamily::dispatch)) plan.add(PermuteKernel{false, tokens, hidden, top_k, experts}, 1);
            if (plan.offers(KernelFamily::combine)) plan.add(PermuteKernel{true, tokens, hidden, top_k, experts}, 1);
        }
    }
    if (!plan.offers(KernelFamily::activation)) return;
    for (const std::int64_t width : shapes.widths) {
        for (const std::int64_t rows : token_counts()) plan.add(ActivationKernel{rows, width}, 1);
    }
}

void add_plain(PlanBuilder& plan) {
    constexpr std::int64_t kLargestCopy = std::int64_t{1} << 32;
    if (plan.offers(KernelFamily::copy)) {
        for (const std::int64_t bytes : doublings(4096, kLargestCopy)) plan.add(CopyKernel{bytes}, 1);
    }
    if (plan.offers(KernelFamily::launch)) {
        for (const std::int64_t kernels : doublings(1, 1024, 4)) {
            for (const bool graph : {false, true}) plan.add(LaunchKernel{kernels, graph}, 1);
        }
    }
    if (!plan.offers(KernelFamily::collective)) return;
    if (plan.devices() < 2) return plan.leave_out("collectives: the worker has one device");
    using enum CollectiveKind;
    for (const CollectiveKind kind : {all_reduce, all_gather, reduce_scatter, all_to_all, point_to_point}) {
        for (const std::int64_t ranks : doublings(2, plan.devices())) {
            for (const std::int64_t bytes : doublings(1024, kLargestCopy, 4))
                plan.add(CollectiveKernel{kind, ranks, bytes}, 1);
        }
    }
}

// Of the budget. Experts, dense layers and attention are what a step's time is made of and have the most dimensions;
// the rest are passes over memory with few.
const std::map<KernelFamily, double>& usual_shares() {
    static const std::map<KernelFamily, double> shares{{KernelFamily::moe_ffn, 0.30},
                                                       {KernelFamily::gemm, 0.25},
                                                       {KernelFamily::attention_decode, 0.15},
                                                       {KernelFamily::attention_prefill, 0.10},
                                                       {KernelFamily::collective, 0.06},
                                                       {KernelFamily::router, 0.03},
                                                       {KernelFamily::dispatch, 0.03},
                                                       {KernelFamily::combine, 0.03},
                                                       {KernelFamily::activation, 0.02},
                                                       {KernelFamily::copy, 0.02},
                                                       {KernelFamily::launch, 0.01}};
    return shares;
}

}  // namespace

const std::vector<std::string>& well_known_models() {
    static const std::vector<std::string> ids{"mistralai/Mixtral-8x7B-v0.1",
                                              "mistralai/Mixtral-8x22B-v0.1",
                                              "Qwen/Qwen3-30B-A3B",
                                              "Qwen/Qwen3-235B-A22B",
                                              "Qwen/Qwen1.5-MoE-A2.7B",
                                              "allenai/OLMoE-1B-7B-0125-Instruct",
                                              "deepseek-ai/DeepSeek-V3",
                                              "moonshotai/Kimi-K2-Instruct",
                                              "openai/gpt-oss-20b",
                                              "openai/gpt-oss-120b",
                                              "ibm-granite/granite-3.0-1b-a400m-instruct",
                                              "meta-llama/Meta-Llama-3-8B",
                                              "meta-llama/Meta-Llama-3-70B",
                                              "Qwen/Qwen2.5-0.5B-Instruct",
                                              "Qwen/Qwen3-32B",
                                              "mistralai/Mistral-7B-v0.1"};
    return ids;
}

CalibrationPlan default_plan(const std::vector<ModelSpec>& models, const WorkerHello& hello) {
    const PlanShapes shapes = shapes_of(models);
    PlanBuilder plan(hello);
    const PlanShapes between = shapes_between(shapes, fits_of(plan));
    for (const PlanShapes* of : {&shapes, &between}) {
        add_gemms(*of, plan);
        add_experts(*of, plan);
        add_attention(*of, plan);
    }
    add_around_experts(shapes, plan);
    add_plain(plan);
    return plan.finish(usual_shares());
}

}  // namespace moeplan
