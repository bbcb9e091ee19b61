#include "core/kernels/kernel.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

const ExpertKernel kExperts{4, 8, 16, 2, true, NumberFormat::bf16, {4, 0, 3, 1}};
const AttentionKernel kDecode{true, 2, 1, 10, 8, 2, 64, 64, 0, NumberFormat::bf16, NumberFormat::bf16};

// The one problem's path and sentence.
std::pair<std::string, std::string> problem(const Kernel& kernel) {
    const Problems problems = check_kernel(kernel);
    REQUIRE(problems.size() == 1);
    return {problems[0].path, problems[0].what};
}

template <class K, class Change>
K changed(K kernel, Change change) {
    change(kernel);
    return kernel;
}

}  // namespace

TEST_CASE("all sizes that cannot be run are named at once") {
    const Problems problems = check_kernel(GemmKernel{0, -1, kMostElements + 1, NumberFormat::bf16});
    REQUIRE(problems.size() == 3);
    REQUIRE(problems[0].path == "m");
    REQUIRE(problems[0].what == "m is 0; expected 1 to 2147483648");
    REQUIRE(problems[1].path == "n");
    REQUIRE(problems[2].path == "k");
}

TEST_CASE("loads must be within what tokens and top_k allow") {
    REQUIRE(check_kernel(kExperts).empty());
    auto [path, what] = problem(changed(kExperts, [](auto& k) { k.loads = {5, 0, 0, 0}; }));
    REQUIRE(path == "loads[0]");
    REQUIRE(what == "load of expert 0 is 5; a token goes to an expert at most once, so 0 to 4 is expected");
    REQUIRE(problem(changed(kExperts, [](auto& k) { k.loads = {0, 0, -1, 4}; })).first == "loads[2]");
    REQUIRE(problem(changed(kExperts, [](auto& k) { k.loads = {4, 4, 1, 0}; })).second ==
            "loads add up to 9; 4 tokens with 2 experts each make at most 8");
    REQUIRE(problem(changed(kExperts, [](auto& k) { k.loads = {0, 0}; })).first == "loads");
    REQUIRE(problem(changed(kExperts, [](auto& k) { k.loads.clear(); })).second ==
            "loads of 0 experts; expected 1 to 65536");
}

TEST_CASE("a rank may get fewer pairs than all ranks together") {
    REQUIRE(check_kernel(changed(kExperts, [](auto& k) { k.loads = {1, 0, 0, 0}; })).empty());
}

TEST_CASE("loads are judged only against sizes that make sense") {
    const Problems problems = check_kernel(changed(kExperts, [](auto& k) { k.tokens = 0; }));
    REQUIRE(problems.size() == 1);
    REQUIRE(problems[0].path == "tokens");
}

TEST_CASE("attention's heads must share their keys evenly and decode makes one token") {
    REQUIRE(problem(changed(kDecode, [](auto& k) { k.kv_heads = 3; })).second ==
            "8 heads are not a multiple of 3 kv_heads");
    REQUIRE(problem(changed(kDecode, [](auto& k) { k.new_tokens = 2; })).first == "new_tokens");
    REQUIRE(problem(changed(kDecode, [](auto& k) { k.context = -1; })).first == "context");
    REQUIRE(problem(changed(kDecode, [](auto& k) { k.window = -1; })).first == "window");
    REQUIRE(check_kernel(changed(kDecode, [](auto& k) { k.context = 0; })).empty());
}

TEST_CASE("a token cannot choose more experts than there are") {
    REQUIRE(problem(RouterKernel{4, 8, 9}).second == "top_k is 9 of only 8 experts");
    REQUIRE(problem(PermuteKernel{true, 4, 64, 9, 8}).first == "top_k");
    REQUIRE(check_kernel(RouterKernel{4, 8, 8}).empty());
}

TEST_CASE("copies, launches and collectives are bounded") {
    REQUIRE(problem(CopyKernel{0}).first == "bytes");
    REQUIRE(problem(CopyKernel{kMostBytes + 1}).first == "bytes");
    REQUIRE(problem(LaunchKernel{kMostLaunches + 1, false}).first == "kernels");
    REQUIRE(problem(CollectiveKernel{CollectiveKind::all_reduce, 1, 8}).first == "ranks");
    REQUIRE(problem(ActivationKernel{1, 0}).first == "width");
}
