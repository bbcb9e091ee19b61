// Every CUDA kernel, run on emulated threads, against a plain host reference; in three orders of blocks and threads.

#include "gpu/cuda/check/comparison.h"
#include "gpu/emulate/launch.h"
#include "gpu/emulate/sanitizer.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

// ThreadSanitizer follows every access of every emulated thread.
constexpr int kRounds = emulate::kThreadSanitizer ? 2 : 25;

void compare(const std::string& kernel, std::uint64_t seed) {
    int compared = 0;
    for (const cuda::KernelCheck& check : cuda::kernel_checks()) {
        if (check.kernel != kernel) continue;
        cuda::CheckRandom random(seed);
        for (int round = 0; round < kRounds; ++round) {
            for (const auto order : {emulate::Order::forward, emulate::Order::reverse, emulate::Order::random}) {
                emulate::set_order(order, static_cast<std::uint64_t>(round));
                const cuda::Comparison result = check.run(random, cuda::CheckSize::small);
                CAPTURE(round, static_cast<int>(order), result.shape, result.worst, result.allowed);
                CHECK(result.wrong == "");
                CHECK(result.worst <= result.allowed);
                ++compared;
            }
        }
    }
    CHECK(compared == 3 * kRounds);
}

}  // namespace

TEST_CASE("the router takes the best experts, the lower number among equals, and weights them to 1") {
    compare("router", 11);
}
TEST_CASE("pairs are placed by expert and stay in order within one") { compare("place", 12); }
TEST_CASE("gathering brings each pair its token's row") { compare("gather", 13); }
TEST_CASE("combining sums the rows of a token by its weights") { compare("combine", 14); }
TEST_CASE("rows scattered to experts and combined with equal weights come back unchanged") {
    compare("round trip", 15);
}
TEST_CASE("activation multiplies silu of the gate with the other half") { compare("activation", 16); }
TEST_CASE("conversion to fp8 rounds to the nearest and saturates") { compare("quantise", 17); }
TEST_CASE("random numbers fill their range evenly and the same seed repeats them") { compare("fill", 18); }
TEST_CASE("reading reads every word once") { compare("read", 21); }
TEST_CASE("decode attention over a paged cache is attention") { compare("decode attention", 19); }
TEST_CASE("attention over values that are all the same gives that value") {
    compare("decode attention of constant values", 20);
}

TEST_CASE("every kernel's comparison has a test here") {
    std::vector<std::string> names;
    for (const cuda::KernelCheck& check : cuda::kernel_checks()) names.push_back(check.kernel);
    CHECK(names == std::vector<std::string>{"router", "place", "gather", "combine", "round trip", "activation",
                                            "quantise", "fill", "read", "decode attention",
                                            "decode attention of constant values"});
}
