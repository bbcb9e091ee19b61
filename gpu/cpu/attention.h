#pragma once
// Causal attention with grouped queries and a sliding window; arithmetic in fp32, everything else in the kernel's
// format.
//
// Layouts, rows without gaps:
//   queries [sequences][new_tokens][heads][qk_dim]      output [sequences][new_tokens][heads][v_dim]
//   keys    [sequences][kv_heads][keys][qk_dim]         values [sequences][kv_heads][keys][v_dim]
// keys = kept_keys(): the cached tokens a query can still see, the new tokens last. Query i of a sequence sees the
// keys up to its own token and, with a window w, only the last w of them. Scores are scaled by 1/sqrt(qk_dim). Source:
// Vaswani et al. arXiv 1706.03762 (attention), Milakov and Gimelshein arXiv 1805.02867 (softmax in one pass), Dao et
// al. arXiv 2205.14135 (blocks of keys).

#include <cstdint>

#include "core/kernels/kernel.h"

namespace moeplan::cpu {

// Keys a sequence's cache must hold: context + new_tokens, or with a window no more than any query reaches.
std::int64_t kept_keys(const AttentionKernel& shape);

struct AttentionData {
    const void* queries = nullptr;
    const void* keys = nullptr;
    const void* values = nullptr;
    void* output = nullptr;
};

// Elements are float for fp32, Bf16 for bf16; queries and cache of one format.
// One query a sequence. Few sequences share out each one's keys over the threads and merge.
void decode_attention(const AttentionKernel& shape, const AttentionData& data);
// Any number of queries a sequence.
void prefill_attention(const AttentionKernel& shape, const AttentionData& data);

}  // namespace moeplan::cpu
