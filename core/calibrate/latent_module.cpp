#include "core/calibrate/latent_module.h"

namespace moeplan {
namespace {

constexpr double kHidden = 7168, kQueryRank = 1536, kLatent = 512, kRotary = 64, kHeadKey = 128, kHeadValue = 128;

}  // namespace

std::vector<OpKind> beside_latent_attention(const Attention& attention, NumberFormat linear) {
    const double tokens = attention.sequences * attention.new_tokens;
    const double heads = attention.heads;
    const double query = heads * (kHeadKey + kRotary);
    std::vector<OpKind> beside{Gemm{tokens, kQueryRank + kLatent + kRotary, kHidden, linear}, Gemm{tokens, query, kQueryRank, linear},
                               MemoryPass{{2 * tokens * (query + kLatent + kRotary) * kActivationBytes}},
                               Gemm{tokens, kHidden, heads * kHeadValue, linear}};
    if (attention.decode) {
        beside.push_back(Gemm{tokens, heads * kLatent, kHeadKey, NumberFormat::bf16});
        beside.push_back(Gemm{tokens, heads * kHeadValue, kLatent, NumberFormat::bf16});
    } else {
        const double keys = attention.sequences * (attention.context + attention.new_tokens);
        beside.push_back(Gemm{keys, heads * (kHeadKey + kHeadValue), kLatent, linear});
    }
    return beside;
}

}  // namespace moeplan
