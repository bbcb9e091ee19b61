#include "sim/serving/validate_servers.h"

#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

const std::string kColumns =
    "model,gpu,engine,engine_version,isl,osl,concurrency,tp,pp,attention_dp,moe_tp,moe_ep,gemm_dtype,moe_dtype,"
    "serving_mode,quality_flag,mean_ttft_ms,mean_tpot_ms\n";

std::string row(const std::string& model, int tp, int input, int output, int users, const std::string& flag = "",
                const std::string& version = "") {
    const std::string t = std::to_string(tp);
    return model + ",h100_sxm,vllm," + version + "," + std::to_string(input) + "," + std::to_string(output) + "," + std::to_string(users) +
           "," + t + ",1,1," + t + ",1,bfloat16,bfloat16,agg," + flag + ",100,10\n";
}

ServingRows rows_of(const std::string& lines) {
    const Scratch scratch;
    ServingRowOptions options;
    options.profile = kNoProfile;
    const auto rows = load_serving_rows(scratch.file("rows.csv", kColumns + lines), builtin_catalog(), options);
    REQUIRE(rows);
    for (const auto& [reason, n] : rows->skipped) UNSCOPED_INFO(reason << ": " << n);
    REQUIRE(rows->skipped.empty());
    return *rows;
}

RowPredictor simulated(bool intervals = false) {
    static const auto source = make_roofline();
    return by_simulation(*source, {intervals, nullptr});
}
RowPredictor closed() {
    static const auto source = make_roofline();
    return closed_form(*source);
}

const char* const k8B = "meta-llama/Meta-Llama-3-8B";
const char* const k70B = "meta-llama/Meta-Llama-3-70B";

// What the rows would measure were the simulation true.
void measure(ServingRows& rows, const std::vector<RowPrediction>& truth) {
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
        rows.rows[i].measured.ttft_s = truth[i].ttft_s.value;
        rows.rows[i].measured.tpot_s = truth[i].tpot_s.value;
    }
}

}  // namespace

TEST_CASE("a lone user is simulated as the closed form has it") {
    const ServingRows rows = rows_of(row(k8B, 1, 2000, 500, 1) + row(k70B, 4, 512, 256, 1));
    const auto by_events = simulated()(rows), by_formula = closed()(rows);
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
        REQUIRE(by_events[i].skip.empty());
        CHECK(by_events[i].tpot_s.value == Approx(by_formula[i].tpot_s.value).epsilon(0.01));
        // Prompts of 0.89 to 1.11 times the mean: ten of them are not quite the mean.
        CHECK(by_events[i].ttft_s.value == Approx(by_formula[i].ttft_s.value).epsilon(0.05));
        CHECK_FALSE(by_events[i].waits);
        CHECK(by_events[i].running == Approx(1).epsilon(0.1));
    }
}

TEST_CASE("a server that is as it is simulated is predicted without error") {
    ServingRows rows = rows_of(row(k8B, 1, 1024, 1024, 16) + row(k8B, 1, 300, 100, 4) + row(k70B, 4, 1000, 200, 32));
    measure(rows, simulated()(rows));
    const auto report = validate_rows(rows, simulated(true), {});
    CHECK(report.n == 3);
    REQUIRE(report.tpot);
    CHECK(report.tpot->mape == 0);
    CHECK(report.ttft->mape == 0);
    CHECK(report.tpot->coverage90 == 1);
    CHECK(report.ttft->coverage90 == 1);
    CHECK(report.waiting == 0);
    CHECK_FALSE(report.queueing);
}

TEST_CASE("optimistic and pessimistic step times enclose the expected ones") {
    const ServingRows rows = rows_of(row(k8B, 1, 1024, 1024, 16));
    const auto p = simulated(true)(rows).front();
    CHECK(p.tpot_s.low < p.tpot_s.value);
    CHECK(p.tpot_s.value < p.tpot_s.high);
    CHECK(p.ttft_s.low < p.ttft_s.value);
    CHECK(p.ttft_s.value < p.ttft_s.high);
    const auto alone = simulated(false)(rows).front();
    CHECK(alone.tpot_s.value == p.tpot_s.value);
    CHECK(alone.tpot_s.low == alone.tpot_s.high);
}

TEST_CASE("a server without room for its users is seen to wait, and kept from the clean rows") {
    // 141 GB of weights leave two H100 almost no cache for 8,000 tokens of 64 users.
    ServingRows rows = rows_of(row(k70B, 4, 8000, 1000, 256, "ttft>5s(queueing)") + row(k70B, 4, 500, 100, 4));
    const auto found = simulated()(rows);
    CHECK(found[0].waits);
    CHECK(found[0].running < 200);
    CHECK_FALSE(found[1].waits);
    measure(rows, found);
    rows.rows[0].measured.ttft_s = 1.9 * found[0].ttft_s.value;
    const auto report = validate_rows(rows, simulated(), {});
    CHECK(report.n == 1);
    CHECK(report.ttft->mape == 0);
    CHECK(report.groups.size() == 1);
    REQUIRE(report.queueing);
    CHECK(report.queueing->n == 1);
    CHECK(report.queueing->recognised == 1);
    CHECK(report.queueing->within_two == 1);
    CHECK(report.queueing->median_ratio == Approx(1 / 1.9));
    CHECK(write_validation_json(report).find("\"recognised\": 1") != std::string::npos);
    CHECK(write_validation_markdown(report).find("1 of 1 rows flagged as queueing are seen to wait") != std::string::npos);
}

TEST_CASE("only the flag of queueing lets a flagged row in") {
    const Scratch scratch;
    const std::string text = kColumns + row(k8B, 1, 500, 100, 4, "ttft>5s(queueing)") + row(k8B, 1, 500, 100, 4, "ttft>5s(queueing);other") +
                             row(k8B, 1, 500, 100, 4, "tpot_nonmonotonic(suspect)");
    const auto rows = load_serving_rows(scratch.file("rows.csv", text), builtin_catalog(), {});
    REQUIRE(rows);
    REQUIRE(rows->rows.size() == 1);
    CHECK(rows->rows.front().measured.queueing);
    CHECK(rows->skipped.at("flagged in the file: ttft>5s(queueing);other") == 1);
    CHECK(rows->skipped.at("flagged in the file: tpot_nonmonotonic(suspect)") == 1);
}

TEST_CASE("what vLLM shares of the memory follows its version") {
    const ServingRows rows = rows_of(row(k8B, 1, 500, 100, 4, "", "0.19.0") + row(k8B, 1, 500, 100, 4, "", "0.22.1") + row(k8B, 1, 500, 100, 4));
    const double now = builtin_catalog().engine("vllm")->memory_fraction;
    CHECK(rows.rows[0].candidate->prepared.engine->memory_fraction == 0.90);
    CHECK(rows.rows[1].candidate->prepared.engine->memory_fraction == now);
    CHECK(rows.rows[2].candidate->prepared.engine->memory_fraction == now);
}

TEST_CASE("a candidate that does not fit is skipped with the reason") {
    const ServingRows rows = rows_of(row(k70B, 1, 500, 100, 4));
    const auto found = simulated()(rows);
    CHECK(found.front().skip == kMisfit);
    CHECK(validate_rows(rows, simulated(), {}).n == 0);
}

TEST_CASE("what a client sees late is measured late") {
    ServingRows rows = rows_of(row(k8B, 1, 1024, 301, 8));
    const auto at_once = simulated()(rows).front();
    rows.rows[0].measured.streamed_tokens = 31;
    rows.rows[0].measured.polled_steps = 10;
    for (const auto& predict : {simulated(), closed()}) {
        ServingRows plain = rows;
        plain.rows[0].measured.streamed_tokens = 1;
        plain.rows[0].measured.polled_steps = 0;
        const auto before = predict(plain).front(), after = predict(rows).front();
        // The first 31 tokens come together, and a request waits five steps on average to be seen.
        CHECK(after.ttft_s.value == Approx(before.ttft_s.value + 35 * before.tpot_s.value));
        CHECK(after.tpot_s.value == Approx(before.tpot_s.value * 270 / 300));
        CHECK(after.ttft_s.value > at_once.ttft_s.value);
    }
}

TEST_CASE("DeepSeek-R1 of InferenceX on SGLang is read as it was served") {
    const Scratch scratch;
    const std::string head = "model,gpu,engine,isl,osl,concurrency,tp,pp,attention_dp,moe_tp,moe_ep,gemm_dtype,moe_dtype,serving_mode,"
                             "quality_flag,mean_ttft_ms,mean_tpot_ms,measured_date\n";
    const std::string served = "deepseek-ai/DeepSeek-R1,b200_sxm,sglang,1024,1024,16,8,1,1,8,1,fp8,fp8,agg,,600,12,";
    const auto rows = load_serving_rows(scratch.file("rows.csv", head + served + "2026-03-25\n" + served + "\n"), builtin_catalog(), {});
    REQUIRE(rows);
    REQUIRE(rows->rows.size() == 2);
    const MeasuredServing &dated = rows->rows[0].measured, &undated = rows->rows[1].measured;
    CHECK(dated.streamed_tokens == 30);
    CHECK(dated.polled_steps == 30);
    CHECK(dated.precision.kv == NumberFormat::fp8);
    CHECK(undated.streamed_tokens == 1);
    CHECK(undated.polled_steps == 0);
    CHECK_FALSE(undated.precision.kv);
}

TEST_CASE("vLLM of InferenceX is taken to keep its cache in fp8 on Blackwell and in the model's format on Hopper") {
    const Scratch scratch;
    const std::string head = "model,gpu,engine,isl,osl,concurrency,tp,pp,attention_dp,moe_tp,moe_ep,gemm_dtype,moe_dtype,serving_mode,"
                             "quality_flag,mean_ttft_ms,mean_tpot_ms,measured_date\n";
    const std::string served = ",vllm,8192,1024,64,2,1,1,2,1,fp8,fp8,agg,,600,12,2025-10-29\n";
    const std::string text = head + "meta-llama/Meta-Llama-3.1-70B,h100_sxm" + served + "meta-llama/Meta-Llama-3.1-70B,b200_sxm" + served;
    const auto rows = load_serving_rows(scratch.file("rows.csv", text), builtin_catalog(), {});
    REQUIRE(rows);
    REQUIRE(rows->rows.size() == 2);
    CHECK_FALSE(rows->rows[0].measured.precision.kv);
    CHECK(rows->rows[1].measured.precision.kv == NumberFormat::fp8);
}
