#include "core/analyse/measured_serving.h"

#include <vector>

#include <fmt/format.h>

#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

struct Row {
    std::string tp = "4", gemm_dtype = "fp8", kv_dtype = "", mode = "agg", ttft = "100", tpot = "10", attention_dp = "";
};

MeasuredServing read(const Row& r) {
    const Scratch scratch;
    const std::string text = "model,gpu,engine,isl,osl,concurrency,tp,attention_dp,gemm_dtype,moe_dtype,kv_dtype,serving_mode,mean_ttft_ms,mean_tpot_ms\n" +
                             fmt::format("m,h100_sxm,vllm,1000,100,8,{},{},{},,{},{},{},{}\n", r.tp, r.attention_dp, r.gemm_dtype, r.kv_dtype, r.mode, r.ttft, r.tpot);
    std::vector<MeasuredServing> rows;
    REQUIRE(read_measured_serving(scratch.file("t.csv", text), [&](const MeasuredServing& m) { rows.push_back(m); }));
    REQUIRE(rows.size() == 1);
    return rows.front();
}

}  // namespace

TEST_CASE("a layout that cannot be read leaves a row out, and is not one GPU") {
    CHECK(read({.tp = "4"}).layout.tp == 4);
    for (const char* tp : {"TP4", " x", "-1", "1000000", "2.5"}) CHECK_THAT(read({.tp = tp}).skip, ContainsSubstring("tp is '"));
    for (const char* tp : {"", "0"}) CHECK(read({.tp = tp}).skip == "no tp");
    CHECK(read({.attention_dp = "two"}).skip == "attention_dp is 'two'");
    CHECK(read({.attention_dp = "0"}).layout.dp == 1);
}

TEST_CASE("number formats are known by the names of checkpoints in any case, others leave a row out") {
    for (const char* name : {"fp8", "FP8", "fp8_e4m3"}) CHECK(read({.gemm_dtype = name}).precision.linear == NumberFormat::fp8);
    for (const char* name : {"awq", "GPTQ", "w4a16", "int4_wo"}) CHECK(read({.gemm_dtype = name}).precision.linear == NumberFormat::int4_g128);
    CHECK_FALSE(read({.gemm_dtype = ""}).precision.linear);
    CHECK(read({.gemm_dtype = "quaternion"}).skip == "gemm_dtype 'quaternion' is no number format known here");
    CHECK(read({.kv_dtype = "fp8"}).precision.kv == NumberFormat::fp8);
    CHECK_FALSE(read({}).precision.kv);
}

TEST_CASE("times that cannot be read leave a row out, blanks are not measured") {
    CHECK(read({.ttft = "n/a"}).skip.empty());
    CHECK_FALSE(read({.ttft = "n/a"}).ttft_s);
    CHECK(read({.tpot = "nan"}).skip.empty());
    CHECK(read({.ttft = "fast"}).skip == "mean_ttft_ms is 'fast'");
    CHECK(read({.tpot = "-5"}).skip == "mean_tpot_ms is '-5'");
    CHECK(read({.ttft = "0", .tpot = "0"}).skip == "nothing measured");
}

TEST_CASE("separate workers are told in any case, and an unknown mode is no aggregated one") {
    CHECK_THAT(read({.mode = "Disagg"}).skip, ContainsSubstring("separate prefill and decode workers"));
    CHECK(read({.mode = "Aggregated"}).skip.empty());
    CHECK_THAT(read({.mode = "mixed"}).skip, ContainsSubstring("'mixed' is not known"));
}
