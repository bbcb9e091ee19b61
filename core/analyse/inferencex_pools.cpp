#include "core/analyse/inferencex_pools.h"

#include <algorithm>
#include <array>

namespace moeplan {
namespace {

constexpr std::int64_t kTokens = 32768;      // chunked-prefill-size of a worker, all its ranks together
constexpr std::int64_t kSequences = 512;     // max-running-requests, the same
constexpr double kMemory = 0.85;             // mem-fraction-static

struct Recipe {
    bool fp4 = false;
    double input = 0, users = 0;
    std::int64_t prefill = 1, decode = 1;    // workers
    bool replicated = false;                 // attention of those that decode
    std::int64_t sequences = kSequences;     // of those
};

// Of loads that all recipes start alike. In fp8 prompts are computed on tp 8 · ep 8, in nvfp4 on dp 4 · ep 4.
constexpr std::array kRecipes{
    Recipe{false, 1024, 8, 1, 3}, Recipe{false, 1024, 16, 1, 3}, Recipe{false, 1024, 32, 1, 3}, Recipe{false, 1024, 128, 1, 3},
    Recipe{false, 1024, 256, 1, 3}, Recipe{true, 1024, 16, 1, 5}, Recipe{true, 1024, 32, 1, 6}, Recipe{true, 1024, 64, 1, 6},
    Recipe{true, 1024, 128, 1, 5}, Recipe{true, 1024, 256, 1, 6}, Recipe{true, 1024, 1024, 1, 1, true}, Recipe{true, 8192, 4, 2, 5},
    Recipe{true, 8192, 8, 1, 5}, Recipe{true, 8192, 64, 1, 1}};

// Loads that several recipes run with different workers, attention replicated in most: 1 + 1 to 2 + 5 in fp8, 1 + 1 to 1 + 6
// in nvfp4.
bool run_in_several_ways(bool fp4, double input, double users) { return input == 1024 && (fp4 ? users == 512 : users >= 512); }

// A worker's limits are those of its ranks.
void set_limits(PoolSpec& pool, std::int64_t sequences) {
    pool.memory_fraction = kMemory;
    pool.token_budget = kTokens / pool.layout->dp;
    pool.max_sequences = std::max<std::int64_t>(1, sequences / pool.layout->dp);
}

}  // namespace

std::optional<PoolsSpec> as_started(PoolsSpec pools, bool fp4, double input, double users) {
    const Layout prefill = fp4 ? Layout{1, 1, 4, 4, 1} : Layout{8, 1, 1, 8, 1};
    // Recorded as if attention were split: told by its GPUs and by how experts lie.
    const bool the_same = pools.prefill.layout->gpus() == prefill.gpus() && pools.prefill.layout->ep == prefill.ep &&
                          pools.decode.layout->gpus() == 8;
    const auto recipe =
        std::ranges::find_if(kRecipes, [&](const Recipe& r) { return r.fp4 == fp4 && r.input == input && r.users == users; });
    if (the_same && run_in_several_ways(fp4, input, users)) return std::nullopt;
    std::int64_t sequences = kSequences;
    if (the_same && recipe != kRecipes.end()) {
        pools.prefill.replicas = recipe->prefill;
        pools.prefill.layout = prefill;
        pools.decode.replicas = recipe->decode;
        pools.decode.layout = recipe->replicated ? Layout{1, 1, 8, 8, 1} : Layout{8, 1, 1, 8, 1};
        sequences = recipe->sequences;
    }
    set_limits(pools.prefill, kSequences);
    set_limits(pools.decode, sequences);
    return pools;
}

}  // namespace moeplan
