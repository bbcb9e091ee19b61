#include "core/calibrate/sample.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "core/calibrate/read_kernel_table.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

const std::string kTable = std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/calibration/h100_sxm-vllm-moe.csv";
const std::string kGemms = std::string(MOEPLAN_SOURCE_DIR) + "/tests/data/calibrate/h100_gemm_excerpt.csv";

std::string sampled(const std::string& file, std::size_t probes, std::uint64_t seed = 1) {
    const auto text = sample_kernel_table(file, probes, seed);
    REQUIRE(text);
    return text->text;
}

KernelTable read(const std::string& text) {
    std::istringstream stream(text);
    const auto table = read_kernel_table(stream, "sampled.csv");
    REQUIRE(table);
    return *table;
}

std::map<std::string, std::vector<const Measurement*>> by_format(const KernelTable& table) {
    std::map<std::string, std::vector<const Measurement*>> sorted;
    for (const Measurement& row : table.set.rows) sorted[row.format].push_back(&row);
    return sorted;
}

}  // namespace

TEST_CASE("a sample has so many rows of every family and format, half of them random") {
    const auto all = read_kernel_table(kTable);
    REQUIRE(all);
    const KernelTable few = read(sampled(kTable, 20));
    CHECK(few.skipped.empty());
    CHECK(few.set.device == all->set.device);
    CHECK(few.set.engine == all->set.engine);
    const auto formats = by_format(few);
    CHECK(formats.size() == by_format(*all).size());
    CHECK(formats.size() >= 4);
    for (const auto& [format, rows] : formats) {
        INFO(format);
        CHECK(rows.size() == 20);
        CHECK(std::ranges::count_if(rows, [](const Measurement* row) { return row->representative; }) == 10);
    }
}

TEST_CASE("sampled rows are rows of the table, in their order") {
    const auto all = read_kernel_table(kGemms);
    REQUIRE(all);
    const auto same = [](const Measurement& a, const Measurement& b) {
        const auto &x = std::get<Gemm>(a.op), &y = std::get<Gemm>(b.op);
        return a.seconds == b.seconds && a.format == b.format && x.m == y.m && x.n == y.n && x.k == y.k;
    };
    const KernelTable few = read(sampled(kGemms, 30));
    REQUIRE_FALSE(few.set.rows.empty());
    auto at = all->set.rows.begin();
    for (const Measurement& row : few.set.rows) {
        at = std::find_if(at, all->set.rows.end(), [&](const Measurement& other) { return same(row, other); });
        REQUIRE(at != all->set.rows.end());
        ++at;
    }
}

TEST_CASE("asked for more than there is, a sample is the whole table") {
    const auto all = read_kernel_table(kGemms);
    REQUIRE(all);
    CHECK(read(sampled(kGemms, 100000)).set.rows.size() == all->set.rows.size());
}

TEST_CASE("the same seed samples the same bytes, another seed others") {
    CHECK(sampled(kGemms, 25, 3) == sampled(kGemms, 25, 3));
    CHECK(sampled(kGemms, 25, 3) != sampled(kGemms, 25, 4));
}

TEST_CASE("a sample of a sample says anew how its rows were chosen") {
    const std::string text = sampled(kTable, 12);
    const std::string header = text.substr(0, text.find('\n'));
    CHECK(header.ends_with(",chosen"));
    CHECK(header.find("chosen") == header.rfind("chosen"));
    CHECK(header.find("beam_width") == std::string::npos);
}

TEST_CASE("a table that cannot be read cannot be sampled") {
    const auto missing = sample_kernel_table("no/such/table.csv", 10, 1);
    REQUIRE_FALSE(missing);
    CHECK_THAT(to_text(missing.error().front()), ContainsSubstring("no/such/table.csv"));
    CHECK_FALSE(sample_kernel_table(std::string(MOEPLAN_SOURCE_DIR) + "/README.md", 10, 1));
}

TEST_CASE("rows that cannot be used are counted beside the sample") {
    std::ifstream in(kGemms);
    std::string line, text;
    for (int i = 0; i < 40 && std::getline(in, line); ++i) text += line + "\n";
    const Scratch scratch;
    std::string odd = text;
    for (std::size_t at = 0, n = 0; n < 3 && (at = odd.find(",bfloat16,", at)) != std::string::npos; ++n) odd.replace(at, 10, ",bf17,");
    REQUIRE(odd != text);
    const auto sampled = sample_kernel_table(scratch.file("odd.csv", odd), 10, 1);
    REQUIRE(sampled);
    REQUIRE(sampled->skipped.size() == 1);
    CHECK(sampled->skipped[0].n == 3);
    CHECK_THAT(sampled->skipped[0].reason, ContainsSubstring("'bf17' is not known"));
}
