#pragma once
// The working state of one lowering, shared by lower.cpp, lower_mixer.cpp and lower_feed_forward.cpp.

#include <string_view>
#include <vector>

#include "core/ops/lower.h"

namespace moeplan {

struct Lowering {
    // `names_of_ops`: one for each op of `into`; null where nobody asks.
    Lowering(const LoweringContext& lowering_context, std::vector<Op>& into, std::vector<std::string_view>* names_of_ops);

    const LoweringContext& context;
    std::vector<Op>& ops;
    std::vector<std::string_view>* names = nullptr;
    double tp = 1, dp = 1, hidden = 0;
    double encoded_tokens = 0;   // of this rank's prompts, in an encoder-decoder

    // Shapes here are of one dp rank (`mine`) unless called `step`: the whole replica's.
    void layer(const LayerGroup& group, const StepShape& step);
    void mixer(const LayerGroup& group, const StepShape& mine, double repeat);
    void feed_forward(const FeedForward& ffn, const StepShape& mine, const StepShape& step, double repeat);

    double rank_share(double whole) const;
    SequenceGroup on_rank(const SequenceGroup& group) const;
    void add(std::string_view name, const Op& op);
    void gemm(std::string_view name, Part part, double repeat, double m, double n, double k, NumberFormat weights);
    void pass(std::string_view name, Part part, double repeat, double bytes);
    // span: GPUs the group stretches over, for whether it leaves the node.
    void collective(std::string_view name, CollectiveKind kind, double repeat, double bytes, std::int64_t ranks, std::int64_t span);
    void all_reduce_hidden(std::string_view name, double repeat, double tokens);

private:
    void attention(const SoftmaxAttention& a, const StepShape& mine, double repeat);
    void cross_attention(const SoftmaxAttention& a, const StepShape& mine, double repeat);
    void attention(const LatentAttention& a, const StepShape& mine, double repeat);
    void latent_core(const LatentAttention& a, const SequenceGroup& group, bool decode, double repeat);
    void indexer(const SparseIndexer& index, double q_rank, const StepShape& mine, double repeat);
    void linear(const LinearState& s, const StepShape& mine, double repeat);
    struct DenseNames { std::string_view up, activation, down; };
    static const DenseNames kDenseFfn;
    void dense(const DenseNames& called, Part part, double width, bool gated, double tokens, double repeat);
    void moe(const MoeFfn& f, const StepShape& mine, const StepShape& step, double repeat);
    double expert_width(const MoeFfn& f) const;   // of the rows experts read and write
    double exchanged_bytes(const MoeFfn& f, double mine_tokens) const;
    void permute(std::string_view name, const MoeFfn& f, double pairs, double step_tokens, double repeat);
    void dispatch(const MoeFfn& f, double mine_tokens, double step_tokens, double repeat);
    void combine(const MoeFfn& f, double mine_tokens, double step_tokens, double repeat);
};

}  // namespace moeplan
