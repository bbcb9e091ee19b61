#include "core/calibrate/decode_launch.h"

#include <algorithm>
#include <cmath>

namespace moeplan {
namespace {

constexpr double kPiece = 128;         // keys, the least a part of a sequence holds (XQA)
constexpr double kMostWaves = 8;       // of blocks that parts may make (XQA)
constexpr double kLeastBlocks = 4;     // a 16-bit cache wants processors filled to a fourth, else a block a head
constexpr double kLargestGroup = 32;   // query heads a kv head that XQA packs
constexpr double kLoop = 65536;        // elements of keys all blocks of a processor hold at a time (a block a head)

// All query heads of a kv head in one block. In 16 bits a processor holds one; over fp8 as many as their rows leave room for.
DecodeLaunch packed(const AttentionSizes& s, double processors, double pieces) {
    const double blocks = s.batch * s.kv_heads;
    DecodeLaunch launch;
    launch.parts = std::min(pieces, std::round(std::sqrt(kMostWaves * pieces)));
    if (blocks * launch.parts > kMostWaves * processors) launch.parts = std::max(1.0, std::floor(kMostWaves * processors / blocks));
    double held = 1;
    if (s.key_bytes == 1) {
        const double rows = 8 * std::ceil(s.group / 8);
        held = std::max(1.0, std::clamp(std::floor(2 + 128 / s.head), 1.0, 4.0) - (rows * s.head > 2048 ? 1 : 0));
    }
    launch.waves = std::ceil(blocks * launch.parts / (held * processors));
    return launch;
}

// Blocks of fewer threads where there are more of them; sequences are cut while processors are idle, each part at least a loop long.
DecodeLaunch a_head_each(const AttentionSizes& s, double processors) {
    const double blocks = s.batch * s.heads;
    const double held = blocks <= processors * 4 / 3 ? 1 : blocks < processors * 4 ? 2 : 4;
    const double padded = std::exp2(std::ceil(std::log2(s.head)));
    DecodeLaunch launch;
    launch.block_a_head = true;
    launch.parts = std::max(1.0, std::min(std::ceil(processors / blocks), std::ceil((s.length + 1) * held * padded / kLoop)));
    launch.waves = std::ceil(blocks * launch.parts / (held * processors));
    return launch;
}

}  // namespace

DecodeLaunch decode_launch(const AttentionSizes& s, double processors) {
    const double pieces = std::max(1.0, std::floor(s.length / kPiece));
    const bool unpacked = s.group == 1 || s.group > kLargestGroup;
    const bool few = s.key_bytes != 1 && kLeastBlocks * s.batch * s.kv_heads * pieces < processors;
    return unpacked || few ? a_head_each(s, processors) : packed(s, processors, pieces);
}

}  // namespace moeplan
