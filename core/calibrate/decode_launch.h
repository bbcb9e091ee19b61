#pragma once
// How TensorRT-LLM launches decode attention: which of its two kernels runs, into how many parts sequences are cut, and in how many
// waves the thread blocks come. Of other engines nothing follows from it; their fits give it no weight.
// Source: NVIDIA/TensorRT-LLM, cpp/tensorrt_llm/kernels/decoderMaskedMultiheadAttention: decoderXQAConstants.h and
// decoderXQAImplCommon.h (XQA), decoderMaskedMultiheadAttentionLaunch.h (a head a block); how many blocks a processor holds and that
// XQA cuts the whole sequence, not its window, as their times on H100 show. docs/calibration.md, "Decode attention".

#include "core/calibrate/physics_attention.h"

namespace moeplan {

struct DecodeLaunch {
    bool block_a_head = false;   // otherwise a block holds all query heads of a key-value head
    double parts = 1;            // a sequence is cut into; at least 1
    double waves = 1;            // of blocks, whole; at least 1
};

// `processors`: multiprocessors of the device, > 0.
DecodeLaunch decode_launch(const AttentionSizes& sizes, double processors);

}  // namespace moeplan
