#pragma once
// The kernels as functions of the host: what they read and write, in device memory. Two implementations: operators.cu
// compiled by nvcc, and the same source run on emulated threads (gpu/emulate). Neither needs a CUDA header here.
// Sizes are checked by the caller (core/kernels check_kernel and the limits below). Rows are contiguous.

#include <cstddef>
#include <cstdint>

struct CUstream_st;   // cudaStream_t is a pointer to it

namespace moeplan::cuda {

using Stream = ::CUstream_st*;

enum class Element : std::uint8_t { bf16, fp16, fp8 };   // fp8 is e4m3
constexpr std::int64_t bytes_of(Element element) { return element == Element::fp8 ? 1 : 2; }

// Scores to top_k experts of each token by softmax; of equal scores the lower expert is taken. Not a number counts as
// minus infinity. weight_of sums to 1 over a token's slots, heaviest first.
constexpr std::int64_t kMostExperts = 1024, kMostTopK = 32;
struct RouterWork {
    const float* scores = nullptr;   // tokens x experts
    int* expert_of = nullptr;        // tokens x top_k
    float* weight_of = nullptr;      // tokens x top_k
    std::int64_t tokens = 0, experts = 0, top_k = 1;
};
void run_router(const RouterWork& work, Stream stream);

// Where each (token, slot) pair goes: rows sorted by expert, pairs of one expert in their order. A pair whose expert_of
// is not in [0, experts) is not held here: it gets row -1 and no row.
struct PlaceWork {
    const int* expert_of = nullptr;  // pairs
    int* workspace = nullptr;  // place_workspace() ints
    int* offsets = nullptr;  // experts + 1: first row of each expert
    int* row_of_pair = nullptr;  // pairs
    int* pair_of_row = nullptr;  // pairs; what lies behind offsets[experts] is left alone
    std::int64_t pairs = 0, experts = 0;
};
std::int64_t place_workspace(std::int64_t pairs, std::int64_t experts);
void run_place(const PlaceWork& work, Stream stream);

// rows[r] = input[pair_of_row[r] / top_k] for the first *row_count rows (at most most_rows).
struct GatherWork {
    const void* input = nullptr;
    const int* pair_of_row = nullptr;
    const int* row_count = nullptr;  // in device memory: offsets + experts
    void* rows = nullptr;
    std::int64_t most_rows = 0, top_k = 1, row_bytes = 0;
};
void run_gather(const GatherWork& work, Stream stream);

// out[r, i] = silu(gate) * up with gate = in[r, i], up = in[r, width + i]; not gated: silu(in[r, i]), rows of width.
// out may be fp8: then out = value / out_scale.
struct ActivationWork {
    const void* in = nullptr;  // rows x (gated ? 2 : 1) * width
    void* out = nullptr;  // rows x width
    std::int64_t rows = 0, width = 0;
    bool gated = true;
    Element in_element = Element::bf16, out_element = Element::bf16;  // in: bf16 or fp16; out: the same, or fp8
    float out_scale = 1.0f;
};
void run_activation(const ActivationWork& work, Stream stream);

// out[t] = sum over slots in their order of weight_of[t, s] * rows[row_of_pair[t, s]], summed in fp32; row -1 adds nothing.
struct CombineWork {
    const void* rows = nullptr;
    const int* row_of_pair = nullptr;
    const float* weight_of = nullptr;
    void* out = nullptr;
    std::int64_t tokens = 0, hidden = 0, top_k = 1;
    Element element = Element::bf16;  // bf16 or fp16
};
void run_combine(const CombineWork& work, Stream stream);

// One query token of each sequence over its cached keys and values in pages of kPageTokens. A sequence attends to its
// last `window` keys (0 = all). Grouped heads: head h reads key head h / (heads / kv_heads).
constexpr std::int64_t kPageTokens = 16, kMostHeadDim = 576, kMostValueDim = 512;
struct DecodeWork {
    const void* query = nullptr;  // bf16, sequences x heads x qk_dim
    const void* keys = nullptr;  // pages x kPageTokens x kv_heads x qk_dim
    const void* values = nullptr;  // pages x kPageTokens x kv_heads x v_dim
    const int* pages = nullptr;  // sequences x table_width: numbers of pages
    const int* lengths = nullptr;  // keys of each sequence, at most table_width * kPageTokens
    void* out = nullptr;  // bf16, sequences x heads x v_dim
    float* workspace = nullptr;  // decode_workspace() floats; may be null when that is 0
    std::int64_t sequences = 0, heads = 0, kv_heads = 0, qk_dim = 0, v_dim = 0;
    std::int64_t table_width = 0, longest = 0, window = 0;  // longest: no length is greater
    Element cache = Element::bf16;  // bf16 or fp8
    float softmax_scale = 1.0f, key_scale = 1.0f, value_scale = 1.0f;
    std::int64_t chunk = 256;  // keys of one block: 64, 128 or 256; see decode_chunk()
};
// The chunk that keeps `processors` busy.
std::int64_t decode_chunk(const DecodeWork& work, std::int64_t processors);
std::int64_t decode_workspace(const DecodeWork& work);
void run_decode_attention(const DecodeWork& work, Stream stream);

// Uniform in [-scale, scale), the same for the same seed.
void run_fill_random(void* out, std::int64_t count, Element element, float scale, std::uint64_t seed, Stream stream);
void run_fill_random_float(float* out, std::int64_t count, float scale, std::uint64_t seed, Stream stream);
// out = fp8(in / scale).
void run_quantise(const void* in, Element in_element, void* out, std::int64_t count, float scale, Stream stream);
// *sum += all words of four bytes of `in`. bytes: a multiple of 16. Reading more than the L2 cache holds empties it of all
// else, and what was written there has gone to memory.
void run_read(const void* in, std::int64_t bytes, unsigned* sum, Stream stream);
// A kernel that does nothing, and one that keeps the device waiting for about so long.
void run_empty(Stream stream);
void run_pause(std::int64_t nanoseconds, Stream stream);

// Device memory, for the comparisons that run on both implementations. Throw on failure.
void* device_allocate(std::size_t bytes);
void device_free(void* memory) noexcept;
void copy_to_device(void* to, const void* from, std::size_t bytes);
void copy_to_host(void* to, const void* from, std::size_t bytes);  // waits for all work before it

}  // namespace moeplan::cuda
