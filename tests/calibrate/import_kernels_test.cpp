// Kernel tables and nccl-tests into the table of kernels.
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "tests/calibrate/import_support.h"

using namespace moeplan;

TEST_CASE("A kernel table comes through an import as it was read before it") {
    const Imported table = imported("kernels_example.csv");
    CHECK(table.target == ImportTarget::kernels);
    REQUIRE(table.rows.size() == 3);
    REQUIRE(table.skipped.size() == 1);
    CHECK_THAT(table.skipped[0].reason, ContainsSubstring("dsa_context_module"));
    CHECK(cell(table.rows[2], "source") == "kernels_example.csv:4");
    std::istringstream original(fixture("kernels_example.csv"));
    const auto before = read_kernel_table(original, "kernels_example.csv");
    REQUIRE(before);
    const KernelTable after = read_back(table);
    CHECK(after.set.device == before->set.device);
    CHECK(after.set.engine == before->set.engine);
    REQUIRE(after.set.rows.size() == before->set.rows.size());
    for (std::size_t i = 0; i < after.set.rows.size(); ++i) {
        CHECK(after.set.rows[i].seconds == before->set.rows[i].seconds);
        CHECK(after.set.rows[i].format == before->set.rows[i].format);
        CHECK(after.set.rows[i].shape == before->set.rows[i].shape);
        const auto& a = std::get<ExpertFfn>(after.set.rows[i].op);
        const auto& b = std::get<ExpertFfn>(before->set.rows[i].op);
        CHECK(a.pairs == b.pairs);
        CHECK(a.width == b.width);
        CHECK(a.held == b.held);
        CHECK(a.hottest == b.hottest);
    }
}

TEST_CASE("An all-reduce table of nccl-tests becomes collectives in bytes and seconds") {
    const KernelTable read = read_back(imported("nccl_all_reduce.txt"));
    REQUIRE(read.set.rows.size() == 6);
    CHECK(read.set.device == "NVIDIA H100 80GB HBM3");
    CHECK(read.set.engine == "NCCL 2.28.8");
    const auto& largest = read.set.rows[4];
    const auto& op = std::get<Collective>(largest.op);
    CHECK(op.kind == CollectiveKind::all_reduce);
    CHECK(op.bytes.value == 134217728);
    CHECK(op.ranks == 8);
    CHECK_FALSE(op.across_nodes);
    CHECK(largest.seconds == Approx(640e-6));
    CHECK(largest.kernel == "NCCL out of place");
    CHECK(read.set.rows[5].seconds == Approx(636e-6));
    CHECK(read.set.rows[5].kernel == "NCCL in place");
}

TEST_CASE("An old all-to-all table with blank reductions is read") {
    const Imported table = imported("nccl_alltoall.txt");
    const KernelTable read = read_back(table);
    REQUIRE(read.set.rows.size() == 2);
    const auto& op = std::get<Collective>(read.set.rows[0].op);
    CHECK(op.kind == CollectiveKind::all_to_all);
    CHECK(op.bytes.value == 1048576);
    CHECK(op.ranks == 2);
    CHECK(read.set.rows[0].seconds == Approx(20e-6));
    CHECK(cell(table.rows[0], "source") == "nccl_alltoall.txt:11");
}

TEST_CASE("The operation is told by the rates when no program is named, and asked for when they cannot tell") {
    const std::string named = fixture("nccl_all_reduce.txt");
    const std::string unnamed = replaced(named, "# Collective test starting: all_reduce_perf\n", "");
    const auto told = import_text(unnamed, "run.txt");
    REQUIRE(told);
    CHECK(cell(told->rows[0], "op_name") == "all_reduce");
    const std::string gathered =
        replaced(replaced(replaced(unnamed, " sum ", " none"), " sum ", " none"), " sum ", " none");
    CHECK_THAT(refusal(gathered, "run.txt"), ContainsSubstring("run.txt:17") && ContainsSubstring("which operation"));
    // A name that the rates contradict is a mistake, not a choice.
    CHECK_THAT(refusal(replaced(named, "all_reduce_perf", "all_gather_perf"), "run.txt"),
               ContainsSubstring("0.875 for all_gather of 8 ranks"));
    CHECK_THAT(refusal(unnamed, "out/reduce_scatter.txt"), ContainsSubstring("reduce_scatter"));
}

TEST_CASE("An odd number of bytes has no place among elements of two and is counted") {
    const auto table = import_text(replaced(fixture("nccl_all_reduce.txt"), "           8  ", "           7  "), "odd.txt");
    REQUIRE(table);
    CHECK(table->rows.size() == 4);
    REQUIRE(table->skipped.size() == 1);
    CHECK(table->skipped[0].n == 2);
    CHECK(read_back(*table).set.rows.size() == 4);
}

TEST_CASE("Tables one after the other keep their own operations and ranks") {
    const std::string both =
        fixture("nccl_alltoall.txt") + fixture("nccl_all_reduce.txt") + fixture("nccl_alltoall.txt");
    const auto table = import_text(both, "both.txt");
    REQUIRE(table);
    REQUIRE(table->rows.size() == 10);
    CHECK(cell(table->rows[1], "op_name") == "alltoall");
    CHECK(cell(table->rows[1], "num_gpus") == "2");
    CHECK(cell(table->rows[2], "op_name") == "all_reduce");
    CHECK(cell(table->rows[2], "num_gpus") == "8");
    CHECK(cell(table->rows[9], "op_name") == "alltoall");
}

TEST_CASE("Ranks on two hosts are counted under their reason and not taken for one node's") {
    std::string text = fixture("nccl_all_reduce.txt");
    for (int i = 4; i < 8; ++i)
        text = replaced(text, fmt::format("#  Rank  {} Group  0 Pid   4242 on    node01", i),
                        fmt::format("#  Rank  {} Group  0 Pid   4242 on    node02", i));
    const auto table = import_text(text, "two.txt");
    REQUIRE(table);
    CHECK(table->rows.empty());
    REQUIRE(table->skipped.size() == 1);
    CHECK(table->skipped[0].n == 6);
    CHECK_THAT(table->skipped[0].reason, ContainsSubstring("several hosts"));
}

TEST_CASE("blanks before lines of nccl-tests, with or without a rank's tag, change nothing") {
    const std::string text = fixture("nccl_all_reduce.txt");
    const Imported plain = imported("nccl_all_reduce.txt");
    for (const char* before : {" ", "\t  ", "[1,0]<stdout>: ", "[1,0]<stdout>:"}) {
        std::istringstream lines(text);
        std::string spaced;
        for (std::string line; std::getline(lines, line);) spaced += before + line + "\n";
        INFO(before);
        const auto read = import_text(spaced, "nccl_all_reduce.txt");
        REQUIRE(read);
        CHECK(read->rows == plain.rows);
    }
}

TEST_CASE("nccl-tests with wrong results, other units or rates that do not fit are refused by line") {
    const std::string text = fixture("nccl_all_reduce.txt");
    const auto wrong = import_text(replaced(text, "367.00      0", "367.00     12"), "w.txt");
    REQUIRE(wrong);
    CHECK(wrong->rows.size() == 5);
    CHECK_THAT(refusal(replaced(text, "(us)", "(ms)"), "n.txt"),
               ContainsSubstring("n.txt:17") && ContainsSubstring("not in microseconds"));
    CHECK_THAT(refusal(replaced(text, "640.0  209.72", "0.640  209.72"), "n.txt"),
               ContainsSubstring("n.txt:20") && ContainsSubstring("algbw says 209.72"));
    CHECK_THAT(refusal(replaced(text, "   134217728 ", "   13421772800000000000000000000 "), "n.txt"),
               ContainsSubstring("n.txt:20"));
    CHECK_THAT(refusal(replaced(text, "640.0", "nan"), "n.txt"),
               ContainsSubstring("n.txt:20") && ContainsSubstring("'nan 209.72 367.00'"));
    CHECK_THAT(refusal(text.substr(0, text.find("  636.0")), "n.txt"),
               ContainsSubstring("n.txt:20") && ContainsSubstring("cut short"));
    CHECK_THAT(refusal(text.substr(0, text.find("           8  ")), "n.txt"),
               ContainsSubstring("no rows of measurements"));
    CHECK_THAT(refusal(replaced(text, "#       size ", "#       what "), "n.txt"),
               ContainsSubstring("before any header"));
    std::string without_ranks;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.find("Rank") == std::string::npos) without_ranks += line + "\n";
    }
    CHECK_THAT(refusal(without_ranks, "n.txt"), ContainsSubstring("names the ranks"));
}

TEST_CASE("A kernel table with a bad number or a short row names the line") {
    const std::string text = fixture("kernels_example.csv");
    CHECK_THAT(refusal(replaced(text, ",0.9\n", ",nan\n"), "k.csv"),
               ContainsSubstring("k.csv:3") && ContainsSubstring("latency"));
    CHECK_THAT(refusal(replaced(text, ",0.9\n", ",1e999\n"), "k.csv"), ContainsSubstring("k.csv:3"));
    CHECK_THAT(refusal(replaced(text, ",power_law_1.2,0.2", ""), "k.csv"),
               ContainsSubstring("k.csv:4") && ContainsSubstring("13 cells under 15 columns"));
    CHECK_THAT(refusal(text.substr(0, text.find('\n') + 1), "k.csv"), ContainsSubstring("no results"));
}

TEST_CASE("Several files make one table, of one device") {
    auto merged = merge_imports(
        {imported("kernels_example.csv"), imported("nccl_all_reduce.txt"), imported("nccl_alltoall.txt")});
    REQUIRE(merged);
    CHECK(merged->rows.size() == 11);
    CHECK(read_back(*merged).set.rows.size() == 11);
    Imported other = imported("nccl_alltoall.txt");
    REQUIRE(complete_import(other, {{"device", "a100_sxm"}}).empty());
    const auto refused = merge_imports({imported("kernels_example.csv"), other});
    REQUIRE_FALSE(refused);
    CHECK_THAT(to_text(refused.error().front()), ContainsSubstring("several devices") && ContainsSubstring("a100_sxm"));
    const auto mixed = merge_imports({imported("kernels_example.csv"), imported("vllm_full.json")});
    REQUIRE_FALSE(mixed);
    CHECK_THAT(to_text(mixed.error().front()), ContainsSubstring("import them apart"));
}

TEST_CASE("The same files give the same bytes") {
    CHECK(write_import(imported("nccl_all_reduce.txt")) == write_import(imported("nccl_all_reduce.txt")));
}
