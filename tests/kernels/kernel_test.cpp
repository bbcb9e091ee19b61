// Families, ops and sizes of kernels, held against hand-worked figures.

#include <cmath>
#include <set>

#include "core/kernels/kernel.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

std::vector<Kernel> one_of_each() {
    return {GemmKernel{2, 3, 5, NumberFormat::bf16},
            ExpertKernel{4, 8, 16, 2, true, NumberFormat::bf16, {4, 0, 3, 1}},
            AttentionKernel{false, 2, 3, 10, 8, 2, 64, 64, 0, NumberFormat::bf16, NumberFormat::bf16},
            AttentionKernel{true, 2, 1, 10, 8, 2, 64, 64, 0, NumberFormat::bf16, NumberFormat::fp8},
            RouterKernel{7, 16, 4},
            PermuteKernel{false, 7, 32, 4, 16},
            PermuteKernel{true, 7, 32, 4, 16},
            ActivationKernel{3, 5},
            CopyKernel{1024},
            LaunchKernel{10, true},
            CollectiveKernel{CollectiveKind::all_gather, 4, 4096}};
}

double bytes_of(const Kernel& kernel) { return std::get<MemoryPass>(op_of(kernel)).bytes.value; }

}  // namespace

TEST_CASE("every family has one name and is found by it") {
    std::set<std::string> names;
    for (const KernelFamily family : all_kernel_families()) {
        names.emplace(name_of(family));
        REQUIRE(kernel_family_named(name_of(family)) == family);
    }
    REQUIRE(names.size() == 11);
    REQUIRE_FALSE(kernel_family_named("moe").has_value());
    REQUIRE_FALSE(kernel_family_named("").has_value());
}

TEST_CASE("kernels of all kinds cover every family") {
    std::set<KernelFamily> families;
    for (const Kernel& kernel : one_of_each()) {
        families.insert(family_of(kernel));
        CAPTURE(to_text(kernel));
        REQUIRE(check_kernel(kernel).empty());
    }
    REQUIRE(families.size() == all_kernel_families().size());
}

TEST_CASE("a format names the arithmetic and a cache of another format") {
    const auto all = one_of_each();
    REQUIRE(format_of(all[0]) == "bf16");
    REQUIRE(format_of(all[2]) == "bf16");
    REQUIRE(format_of(all[3]) == "bf16, fp8 cache");
    REQUIRE(format_of(all[4]) == "");
}

TEST_CASE("an expert kernel stands for the pairs, activated and hottest experts of its loads") {
    const auto ffn = std::get<ExpertFfn>(op_of(one_of_each()[1]));
    REQUIRE(ffn.pairs == 8);
    REQUIRE(ffn.activated == 3);
    REQUIRE(ffn.hottest == 4);
    REQUIRE(ffn.held == 4);
    REQUIRE(ffn.hidden == 8);
    REQUIRE(ffn.width == 16);
    REQUIRE(ffn.top_k == 2);
    REQUIRE(ffn.gated);
}

TEST_CASE("attention keeps its window and cache format as an op") {
    AttentionKernel k{true, 3, 1, 100, 8, 2, 64, 32, 0, NumberFormat::bf16, NumberFormat::fp8};
    auto a = std::get<Attention>(op_of(k));
    REQUIRE_FALSE(a.window.has_value());
    REQUIRE(a.kv == NumberFormat::fp8);
    REQUIRE((a.sequences == 3 && a.new_tokens == 1 && a.context == 100 && a.heads == 8 && a.kv_heads == 2));
    REQUIRE((a.qk_dim == 64 && a.v_dim == 32 && a.decode));
    k.window = 16;
    REQUIRE(std::get<Attention>(op_of(k)).window == 16.0);
}

TEST_CASE("passes over memory move the bytes worked out by hand") {
    REQUIRE(bytes_of(RouterKernel{7, 16, 4}) == 7 * (16 * 4 + 4 * 8));          // scores, then index and weight
    REQUIRE(bytes_of(PermuteKernel{false, 7, 32, 4, 16}) == (7 + 28) * 32 * 2);  // tokens read, pairs written
    REQUIRE(bytes_of(PermuteKernel{true, 7, 32, 4, 16}) == (7 + 28) * 32 * 2);
    REQUIRE(bytes_of(ActivationKernel{3, 5}) == 3 * 5 * 3 * 2);
    REQUIRE(bytes_of(CopyKernel{1024}) == 2048);
    REQUIRE(bytes_of(LaunchKernel{10, true}) == 0);
}

TEST_CASE("memory is weights, inputs and outputs in the kernel's format") {
    REQUIRE(memory_of(GemmKernel{2, 3, 5, NumberFormat::bf16}).value == (15 + 10 + 6) * 2);
    REQUIRE(memory_of(GemmKernel{2, 3, 5, NumberFormat::fp32}).value == (15 + 10 + 6) * 4);
    REQUIRE(memory_of(GemmKernel{2, 3, 5, NumberFormat::int8}).value == 15 + (10 + 6) * 2);
    // 4 experts x 3 matrices x 8 x 16, tokens in and out, 8 pairs of (gathered, up, gate, activated, down).
    REQUIRE(memory_of(one_of_each()[1]).value == (4 * 3 * 8 * 16 + 2 * 4 * 8 + 8 * (2 * 8 + 3 * 16)) * 2);
    // 2 sequences x 13 keys x 2 heads x 128, and 2 x 3 x 8 query and output rows of 64.
    REQUIRE(memory_of(one_of_each()[2]).value == (2 * 13 * 2 * 128 + 2 * 3 * 8 * 128) * 2);
    AttentionKernel windowed{true, 2, 1, 1000, 8, 2, 64, 64, 16, NumberFormat::bf16, NumberFormat::fp8};
    REQUIRE(memory_of(windowed).value == 2 * 16 * 2 * 128 + 2 * 8 * 128 * 2);
    REQUIRE(memory_of(CopyKernel{1024}).value == 2048);
}

TEST_CASE("memory of the largest kernel allowed is a finite number") {
    const std::int64_t most = kMostElements;
    REQUIRE(memory_of(GemmKernel{most, most, most, NumberFormat::fp32}).value > 1e19);
    const AttentionKernel a{false, most, most, most, most, most, most, most, 0, NumberFormat::fp32, NumberFormat::fp32};
    REQUIRE(std::isfinite(memory_of(a).value));
}

TEST_CASE("a kernel reads as one line") {
    const auto all = one_of_each();
    REQUIRE(to_text(ExpertKernel{256, 4096, 14336, 2, true, NumberFormat::bf16, std::vector<std::int64_t>(8, 64)}) ==
            "moe_ffn bf16 tokens 256 hidden 4096 width 14336 experts 8 top_k 2");
    REQUIRE(to_text(all[1]) == "moe_ffn bf16 tokens 4 hidden 8 width 16 experts 4 top_k 2 hottest 4");
    REQUIRE(to_text(all[3]) ==
            "attention_decode bf16, fp8 cache sequences 2 context 10 heads 8 kv_heads 2 qk_dim 64 v_dim 64");
    REQUIRE(to_text(all[8]) == "copy bytes 1024");
    REQUIRE(to_text(all[10]) == "collective all-gather ranks 4 bytes 4096");
}
