#pragma once
// What the priors of prefill and decode attention share. Internal to core/calibrate.

#include <string>

#include "core/calibrate/physics.h"

namespace moeplan {

// An attention in the numbers its kernels loop over.
struct AttentionSizes {
    double batch = 0, queries = 0, length = 0;   // sequences; new tokens and all tokens of one
    double reach = 0;          // keys the last query attends: all, or the window's or the selected ones
    double heads = 0, kv_heads = 0, group = 0;   // group: query heads a key-value head serves
    double head = 0;           // mean of key and value size; half the latent's where keys serve as values
    double key_bytes = 0, query_bytes = 0;       // of one element
    bool windowed = false;
    double window = 0;         // 0 = full
    bool odd_head = false;     // the key size is no power of two: padded, or a fallback kernel
    bool large_head = false;   // the key size is over 256: beyond the tiles of flash-attention kernels
};
AttentionSizes sizes_of(const Attention& attention);

// Bytes of all keys and values a call can touch, for what fits in the cache.
double cached_bytes(const AttentionSizes& sizes, double keys);

// "32 heads, 8 kv, 128", with the window where there is one.
std::string attention_shape(const OpKind& op);

// log(whole / partial) of the last wave; waves > 0.
double idle(double waves);

}  // namespace moeplan
