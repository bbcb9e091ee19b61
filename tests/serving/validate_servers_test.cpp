#include "sim/serving/validate_servers.h"

#include <cmath>

#include <fmt/format.h>

#include "core/calibrate/profile.h"

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

TEST_CASE("first tokens of a server are as unsure as its engine says, by either method") {
    const ServingRows rows = rows_of(row(k8B, 1, 1024, 1024, 16));
    Prepared& candidate = rows.rows.front().candidate->prepared;
    for (const RowPredictor& method : {simulated(true), closed()}) {
        const auto with = [&](const Estimate& error) {
            EngineSpec engine = *candidate.engine;
            engine.first_token_error = error;
            candidate.engine = std::make_shared<const EngineSpec>(std::move(engine));
            return method(rows).front();
        };
        const RowPrediction sure = with(Estimate::exact(1)), unsure = with({1, 0.5, 2});
        CHECK(unsure.ttft_s.value == sure.ttft_s.value);
        CHECK(sure.ttft_s.low > 0.5 * sure.ttft_s.value);
        CHECK(unsure.ttft_s.low <= 0.5 * sure.ttft_s.value);
        CHECK(unsure.ttft_s.high >= 2 * sure.ttft_s.value);
        CHECK(unsure.tpot_s == sure.tpot_s);
    }
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

TEST_CASE("users that all start at once before fewer slots wait half as long for their first answer, by either method") {
    ServingRows rows = rows_of(row(k8B, 1, 500, 400, 96) + row(k8B, 1, 500, 400, 96));
    EngineSpec engine = *rows.rows[0].candidate->prepared.engine;
    engine.max_sequences = 16;
    for (ServingRow& r : rows.rows) r.candidate->prepared.engine = std::make_shared<const EngineSpec>(engine);
    rows.rows[1].measured.requests_per_user = 1;
    rows.rows[1].point.request.per_user = 1;
    const auto by_events = simulated()(rows), by_formula = closed()(rows);
    for (const std::size_t i : {0u, 1u}) CHECK(by_formula[i].ttft_s.value == Approx(by_events[i].ttft_s.value).epsilon(0.05));
    CHECK(by_events[1].ttft_s.value < 0.6 * by_events[0].ttft_s.value);
}

namespace {

ServingRows generated(const std::string& lines) {
    const Scratch scratch;
    const std::string head = "model,gpu,engine,engine_version,isl,osl,concurrency,tp,pp,attention_dp,moe_tp,moe_ep,gemm_dtype,moe_dtype,serving_mode,"
                             "quality_flag,mean_ttft_ms,mean_tpot_ms,measured_date,source\n";
    const auto rows = load_serving_rows(scratch.file("rows.csv", head + lines), builtin_catalog(), {});
    REQUIRE(rows);
    return *rows;
}

std::string qwen(const char* engine, int input, int output, int users, int tp, const char* source = "ai-dynamo/aiconfigurator@0:silicon_sample.csv") {
    return fmt::format("Qwen/Qwen3-32B,h100_sxm,{},{},{},{},{},{},1,,{},1,{},,agg,,600,12,,{}\n", engine, engine == std::string("vllm") ? "0.12.0" : "1.0.0rc3", input,
                       output, users, tp, tp, engine == std::string("vllm") ? "" : "fp8", source);
}

}  // namespace

TEST_CASE("AIConfigurator's own runs are read with the tokens a step that its generator gives servers") {
    const ServingRows rows = generated(qwen("trtllm", 1024, 128, 8, 2) + qwen("vllm", 4096, 128, 256, 4) + qwen("trtllm", 1024, 128, 8, 2, "a bench of ours"));
    REQUIRE(rows.rows.size() == 3);
    const auto engine = [&](std::size_t i) { return *rows.rows[i].candidate->prepared.engine; };
    CHECK(engine(0).token_budget == 128 + 1024 + 1500);
    CHECK(engine(0).whole_prompts);
    CHECK(engine(0).async_scheduling);
    CHECK(engine(1).token_budget == 256 + 4096 + 1500);
    CHECK_FALSE(engine(1).whole_prompts);
    CHECK_FALSE(engine(1).async_scheduling);
    CHECK(engine(2).token_budget == 8192);
}

TEST_CASE("AIConfigurator's client leaves to vLLM how tokens are drawn, which then filters as the model asks") {
    const ServingRows rows = generated(qwen("vllm", 1024, 128, 8, 2) + qwen("trtllm", 1024, 128, 8, 2) + qwen("vllm", 1024, 128, 8, 2, "a bench of ours"));
    REQUIRE(rows.rows.size() == 3);
    const auto bytes = [&](std::size_t i) { return rows.rows[i].candidate->prepared.lowering().sampler_bytes_per_logit; };
    CHECK(bytes(0) == 600);   // version 0.12 sorts
    CHECK(bytes(1) == 8);
    CHECK(bytes(2) == 8);
    CHECK(rows.rows[0].candidate->prepared.engine->memory_fraction == 0.90);
}

TEST_CASE("users that stay in step are answered as the simulation has them by the closed form too") {
    const auto source = make_calibrated(make_roofline());
    std::string lines;
    for (const int users : {8, 32}) {
        for (const int output : {128, 512}) {
            lines += qwen("trtllm", 1024, output, users, 1) + qwen("trtllm", 4096, output, users, 4) + qwen("vllm", 4096, output, users, 4);
        }
    }
    const ServingRows rows = generated(lines);
    const auto by_events = by_simulation(*source, {false, nullptr})(rows), by_formula = closed_form(*source)(rows);
    double ttft = 0, tpot = 0;
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
        REQUIRE(by_events[i].skip.empty());
        ttft += std::abs(by_formula[i].ttft_s.value / by_events[i].ttft_s.value - 1);
        tpot += std::abs(by_formula[i].tpot_s.value / by_events[i].tpot_s.value - 1);
    }
    CHECK(ttft / static_cast<double>(rows.rows.size()) < 0.12);
    CHECK(tpot / static_cast<double>(rows.rows.size()) < 0.06);
}

namespace {

const std::string kPoolColumns =
    "model,gpu,engine,isl,osl,concurrency,tp,gemm_dtype,moe_dtype,serving_mode,quality_flag,mean_ttft_ms,mean_tpot_ms,total_gpus_derived,"
    "prefill_num_workers,prefill_tp_size,prefill_pp_size,prefill_attention_dp_size,prefill_moe_tp_size,prefill_moe_ep_size,"
    "decode_num_workers,decode_tp_size,decode_pp_size,decode_attention_dp_size,decode_moe_tp_size,decode_moe_ep_size\n";

// `prefill` and `decode`: workers, tp, pp, dp, moe_tp, moe_ep.
std::string pool_row(const std::string& model, int users, int gpus, const std::string& prefill, const std::string& decode, const std::string& flag = "") {
    return model + ",h100_sxm,vllm,1000,200," + std::to_string(users) + ",,bfloat16,bfloat16,disagg," + flag + ",100,10," + std::to_string(gpus) + "," + prefill + "," +
           decode + "\n";
}

ServingRows pool_rows(const std::string& lines) {
    const Scratch scratch;
    ServingRowOptions options;
    options.profile = kNoProfile;
    const auto rows = load_serving_rows(scratch.file("rows.csv", kPoolColumns + lines), builtin_catalog(), options);
    REQUIRE(rows);
    return *rows;
}

}  // namespace

TEST_CASE("separate workers are read with their layouts, and with as many as their GPUs allow") {
    const auto only = [](const std::string& line) {
        const ServingRows rows = pool_rows(line);
        for (const auto& [reason, n] : rows.skipped) UNSCOPED_INFO(reason);
        REQUIRE(rows.rows.size() == 1);
        REQUIRE(rows.rows[0].candidate->pools);
        return *rows.rows[0].candidate->pools;
    };
    const PreparedPools told = only(pool_row(k70B, 8, 0, "2,4,1,1,,", "3,8,,,,"));
    CHECK(told.prefill.layout == Layout{4, 1, 1, 1, 4});
    CHECK(told.decode.layout == Layout{8, 1, 1, 1, 8});
    CHECK(told.prefill.replicas == 2);
    CHECK(told.decode.replicas == 3);
    CHECK(told.gpus() == 32);
    // One of each is the only way to 12; 20 may be 3 + 1 or 1 + 2.
    const PreparedPools counted = only(pool_row(k70B, 8, 12, ",4.0,1.0,1.0,4,1", ",8.0,1.0,1.0,8,1"));
    CHECK(counted.prefill.replicas == 1);
    CHECK(counted.decode.replicas == 1);
    const auto reason = [](const std::string& line) {
        const ServingRows rows = pool_rows(line);
        REQUIRE(rows.skipped.size() == 1);
        return rows.skipped.begin()->first;
    };
    CHECK(reason(pool_row(k70B, 8, 20, ",4,1,1,4,1", ",8,1,1,8,1")) == "separate prefill and decode workers, how many is not recorded");
    CHECK(reason(pool_row(k70B, 8, 0, ",4,1,1,4,1", "1,8,1,1,8,1")) == "separate prefill and decode workers, how many is not recorded");
    CHECK(reason(pool_row(k70B, 8, 12, "1,4,1,1,4,1", "1,,1,1,8,1")) == "separate prefill and decode workers, layouts not recorded in full");
    CHECK(reason(pool_row(k70B, 8, 12, "1,4,1,1,4,2", "1,8,1,1,8,1")) == "separate prefill and decode workers, layouts not recorded in full");
    CHECK(reason(pool_row("Qwen/Qwen3-30B-A3B", 8, 16, "1,4,1,1,4,1", "1,3,1,4,3,4")).find("heads") != std::string::npos);
}

TEST_CASE("separate workers are simulated, scored apart, and left out by closed forms") {
    ServingRows rows = pool_rows(pool_row(k70B, 8, 12, ",4,1,1,4,1", ",8,1,1,8,1") + pool_row(k70B, 64, 12, ",4,1,1,4,1", ",8,1,1,8,1", "ttft>5s(queueing)"));
    const auto truth = simulated()(rows);
    measure(rows, truth);
    const auto report = validate_rows(rows, simulated(true), {});
    CHECK(report.n == 0);
    CHECK_FALSE(report.tpot);
    CHECK_FALSE(report.queueing);
    REQUIRE(report.pools);
    CHECK(report.pools->n == 2);
    REQUIRE(report.pools->tpot);
    CHECK(report.pools->tpot->n == 1);
    CHECK(report.pools->tpot->mape == 0);
    CHECK(report.pools->ttft->coverage90 == 1);
    REQUIRE(report.pools->queueing);
    CHECK(report.pools->queueing->within_two == 1);
    CHECK_THAT(write_validation_table(report, {}), ContainsSubstring("2 rows of separate prefill and decode workers"));
    const auto by_formula = validate_rows(rows, closed(), {});
    CHECK_FALSE(by_formula.pools);
    REQUIRE(by_formula.skipped.size() == 1);
    CHECK(by_formula.skipped[0].n == 2);
    CHECK_THAT(by_formula.skipped[0].reason, ContainsSubstring("--method simulate predicts them"));
}
