// How TensorRT-LLM launches decode attention, on 132 processors.

#include "core/calibrate/decode_launch.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

AttentionSizes decode(double batch, double length, double heads, double kv_heads, double head, double key_bytes = 2) {
    AttentionSizes s;
    s.batch = batch;
    s.length = s.reach = length;
    s.heads = heads;
    s.kv_heads = kv_heads;
    s.group = heads / kv_heads;
    s.head = head;
    s.key_bytes = key_bytes;
    return s;
}

DecodeLaunch launched(const AttentionSizes& s) { return decode_launch(s, 132); }

}  // namespace

TEST_CASE("a group of query heads shares a block, unless it is one head or more than 32") {
    CHECK_FALSE(launched(decode(32, 4096, 32, 8, 128)).block_a_head);
    CHECK(launched(decode(32, 4096, 32, 32, 128)).block_a_head);
    CHECK_FALSE(launched(decode(32, 4096, 64, 2, 128)).block_a_head);
    CHECK(launched(decode(32, 4096, 96, 2, 128)).block_a_head);
}

TEST_CASE("over 16 bits few short sequences get a block a head") {
    CHECK(launched(decode(1, 100, 32, 8, 128)).block_a_head);         // 4 * 8 blocks for 132 processors
    CHECK_FALSE(launched(decode(1, 640, 32, 8, 128)).block_a_head);   // 5 pieces each
    CHECK_FALSE(launched(decode(1, 100, 32, 8, 128, 1)).block_a_head);
}

TEST_CASE("packed sequences are cut until eight waves of blocks are full") {
    // 32 pieces of 128 keys: the root of 8 * 32 parts at most.
    CHECK(launched(decode(1, 4096, 32, 8, 128)).parts == 16);
    CHECK(launched(decode(1, 4096, 32, 8, 128)).waves == 1);
    // 256 blocks a part: 8 * 132 / 256 parts.
    const DecodeLaunch many = launched(decode(32, 4096, 32, 8, 128));
    CHECK(many.parts == 4);
    CHECK(many.waves == 8);
    // A window does not shorten what is cut.
    AttentionSizes windowed = decode(32, 4096, 32, 8, 128);
    windowed.windowed = true;
    windowed.window = windowed.reach = 128;
    CHECK(launched(windowed).waves == 8);
    // Over fp8 a processor holds three blocks of head 128, and one fewer where their rows fill it.
    CHECK(launched(decode(32, 4096, 32, 8, 128, 1)).waves == 3);
    CHECK(launched(decode(32, 4096, 256, 8, 128, 1)).waves == 4);
}

TEST_CASE("blocks of a head come as many to a processor as there are of them, and are cut while processors are idle") {
    CHECK(launched(decode(4, 128, 32, 32, 128)).waves == 1);    // 128 blocks, one each
    CHECK(launched(decode(5, 128, 32, 32, 128)).waves == 2);    // 160 blocks, still one each
    CHECK(launched(decode(8, 128, 32, 32, 128)).waves == 1);    // 256 blocks, two each
    CHECK(launched(decode(32, 128, 32, 32, 128)).waves == 2);   // 1024 blocks, four each
    // 32 blocks for 132 processors are cut in five, if a part has a loop of 65536 / 128 keys.
    CHECK(launched(decode(1, 8192, 32, 32, 128)).parts == 5);
    CHECK(launched(decode(1, 512, 32, 32, 128)).parts == 2);
    CHECK(launched(decode(1, 256, 32, 32, 128)).parts == 1);
    CHECK(launched(decode(1, 8192, 32, 32, 96)).parts == 5);    // padded to 128
}
