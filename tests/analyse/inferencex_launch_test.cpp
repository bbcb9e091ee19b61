#include "core/analyse/inferencex_launch.h"

#include <fmt/format.h>

#include "core/analyse/inferencex_pools.h"
#include "core/analyse/serving_rows.h"

#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

ServingRows launched(const std::string& lines) {
    const Scratch scratch;
    const std::string head = "model,gpu,engine,engine_version,isl,osl,concurrency,tp,pp,attention_dp,moe_tp,moe_ep,gemm_dtype,moe_dtype,serving_mode,"
                             "quality_flag,mean_ttft_ms,mean_tpot_ms,measured_date\n";
    const auto rows = load_serving_rows(scratch.file("rows.csv", head + lines), builtin_catalog(), {});
    REQUIRE(rows);
    return *rows;
}

}  // namespace

TEST_CASE("DeepSeek-R1 of InferenceX on SGLang is read as it was served") {
    const std::string served = "deepseek-ai/DeepSeek-R1,b200_sxm,sglang,,1024,1024,16,8,1,1,8,1,fp8,fp8,agg,,600,12,";
    const ServingRows rows = launched(served + "2026-03-25\n" + served + "\n");
    REQUIRE(rows.rows.size() == 2);
    const MeasuredServing &dated = rows.rows[0].measured, &undated = rows.rows[1].measured;
    CHECK(dated.streamed_tokens == 30);
    CHECK(dated.polled_steps == 30);
    CHECK(dated.precision.kv == NumberFormat::fp8);
    CHECK(undated.streamed_tokens == 1);
    CHECK(undated.polled_steps == 0);
    CHECK_FALSE(undated.precision.kv);

    const std::string fp4 = "deepseek-ai/DeepSeek-R1,b200_sxm,sglang,,1024,1024,8,8,1,1,8,1,fp4,fp4,agg,,600,12,2026-03-25\n";
    const std::string hopper = "deepseek-ai/DeepSeek-R1,h200_sxm,sglang,,1024,1024,16,8,1,1,8,1,fp8,fp8,agg,,600,12,2026-03-25\n";
    const ServingRows others = launched(fp4 + hopper);
    REQUIRE(others.rows.size() == 2);
    for (const ServingRow& row : others.rows) CHECK(row.measured.streamed_tokens == 10);
    CHECK(others.rows[0].measured.polled_steps == 10);
    CHECK(others.rows[1].measured.polled_steps == 0);
    CHECK_FALSE(others.rows[1].measured.precision.kv);
    CHECK(others.rows[1].candidate->prepared.engine->token_budget == 32768);
}

TEST_CASE("TensorRT-LLM of InferenceX is read as it was started: prompts wait for each other on few GPUs") {
    const auto served = [](const char* lengths, int tp, const char* date) {
        const std::string t = std::to_string(tp);
        return std::string("meta-llama/Meta-Llama-3.1-70B,b200_sxm,trtllm,,") + lengths + ",16," + t + ",1,1," + t + ",1,fp8,fp8,agg,,600,12," + date + "\n";
    };
    const ServingRows rows = launched(served("1024,1024", 4, "2025-10-29") + served("1024,1024", 8, "2025-10-29") +
                                         served("1024,8192", 4, "2025-10-29") + served("1024,1024", 4, "") + served("4000,1000", 4, "2025-10-29"));
    REQUIRE(rows.rows.size() == 5);
    const auto engine = [&](std::size_t i) { return *rows.rows[i].candidate->prepared.engine; };
    CHECK(engine(0).batch_wait == BatchWait{20, 0.9});
    CHECK(engine(0).token_budget == 16384);
    for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
        CHECK(engine(i).batch_wait == BatchWait{});
        CHECK(engine(i).token_budget == 16384);
    }
    // Not InferenceX: lengths as they are written. Without a date AIConfigurator's own, otherwise nothing is known of the launch.
    CHECK(engine(3).token_budget == 128 + 1024 + 1500);
    CHECK(engine(4).token_budget == 8192);
    for (const std::size_t i : {std::size_t{3}, std::size_t{4}}) {
        CHECK(engine(i).batch_wait == BatchWait{});
        CHECK(std::holds_alternative<FixedLengths>(rows.rows[i].measured.lengths));
    }
    CHECK(std::holds_alternative<UniformLengths>(rows.rows[0].measured.lengths));
}

TEST_CASE("vLLM of InferenceX is read as it was started, and composes steps ahead by its version otherwise") {
    const auto served = [](const char* model, const char* gpu, const char* version, const char* date) {
        return std::string(model) + "," + gpu + ",vllm," + version + ",1024,1024,16,4,1,1,4,1,fp8,fp8,agg,,600,12," + date + "\n";
    };
    const char* const llama = "meta-llama/Meta-Llama-3.1-70B";
    const ServingRows rows = launched(served(llama, "b200_sxm", "", "2025-10-29") + served(llama, "h100_sxm", "", "2025-10-29") +
                                         served("MiniMaxAI/MiniMax-M2.5", "b200_sxm", "0.19.0", "2026-04-03") +
                                         served("openai/gpt-oss-120b", "h100_sxm", "0.11.2", "2025-12-08") + served(llama, "h100_sxm", "0.13.0", "") +
                                         served(llama, "h100_sxm", "0.14.1", ""));
    REQUIRE(rows.rows.size() == 6);
    const auto engine = [&](std::size_t i) { return *rows.rows[i].candidate->prepared.engine; };
    CHECK(engine(0).max_sequences == 512);
    CHECK(engine(0).graph_tokens == 0);
    CHECK(engine(0).async_scheduling);
    CHECK(engine(0).memory_fraction == 0.9);
    CHECK(engine(1).max_sequences == 16);
    CHECK(engine(1).graph_tokens == 32);
    CHECK(engine(2).memory_fraction == 0.9);
    CHECK(engine(2).token_budget == 2048);   // two prompts of 1024
    CHECK(engine(2).graph_tokens == 2048);
    CHECK(engine(2).async_scheduling);
    CHECK(engine(3).max_sequences == 16);
    CHECK(engine(3).async_scheduling);
    CHECK(engine(3).graph_tokens == 2048);
    CHECK_FALSE(engine(4).async_scheduling);
    CHECK(engine(5).async_scheduling);
}

TEST_CASE("gpt-oss of InferenceX on Hopper computes its experts in Marlin's kernels, MiniMax on B200 spread them until version 0.19") {
    const auto served = [](const char* model, const char* gpu, const char* version) {
        return std::string(model) + "," + gpu + ",vllm," + version + ",1024,1024,16,4,1,1,4,1,,,agg,,600,12,2026-03-11\n";
    };
    const char *const oss = "openai/gpt-oss-120b", *const minimax = "MiniMaxAI/MiniMax-M2.5";
    const ServingRows rows = launched(served(oss, "h100_sxm", "0.18.0") + served(oss, "h200_sxm", "") + served(oss, "b200_sxm", "0.18.0") +
                                         served(minimax, "b200_sxm", "0.17.0") + served(minimax, "b200_sxm", "0.19.0") +
                                         served(minimax, "h100_sxm", "0.18.0"));
    REQUIRE(rows.rows.size() == 6);
    const auto prepared = [&](std::size_t i) -> const Prepared& { return rows.rows[i].candidate->prepared; };
    CHECK(prepared(0).precision.experts == NumberFormat::int4_g128);
    CHECK(prepared(1).precision.experts == NumberFormat::int4_g128);
    CHECK(prepared(2).precision.experts == NumberFormat::mxfp4);
    CHECK(prepared(3).layout.ep == 4);
    CHECK(prepared(3).layout.moe_tp == 1);
    for (const std::size_t i : {std::size_t{4}, std::size_t{5}}) CHECK(prepared(i).layout.ep == 1);
}

TEST_CASE("MiniMax of InferenceX on B200 is never served with replicas of attention, whatever a row says") {
    const auto served = [](const char* version, int dp, int ep) {
        return fmt::format("MiniMaxAI/MiniMax-M2.5,b200_sxm,vllm,{},8192,1024,16,2,1,{},1,{},fp8,fp8,agg,,600,12,2026-04-03\n", version, dp, ep);
    };
    const ServingRows rows = launched(served("0.19.0", 2, 4) + served("0.17.0", 1, 2));
    REQUIRE(rows.rows.size() == 2);
    const auto prepared = [&](std::size_t i) -> const Prepared& { return rows.rows[i].candidate->prepared; };
    CHECK(prepared(0).layout == Layout{2, 1, 1, 2, 1});
    CHECK(rows.rows[0].measured.gpus == 2);
    CHECK(prepared(0).engine->token_budget == 16384);
    CHECK(prepared(1).engine->memory_fraction == 0.95);
    CHECK(prepared(1).engine->token_budget == 8192);
}

TEST_CASE("gpt-oss of InferenceX before version 0.13 ran Triton's experts, and its client of 512 users filled a queue") {
    const auto served = [](int input, int users, int tp, const char* version, const char* date) {
        return fmt::format("openai/gpt-oss-120b,h100_sxm,vllm,{},{},1024,{},{},1,1,{},1,,,agg,,20000,5,{}\n", version, input, users, tp, tp, date);
    };
    const ServingRows rows = launched(served(1024, 512, 4, "", "2025-12-05") + served(8192, 512, 8, "0.11.2", "2025-12-08") +
                                         served(1024, 32, 4, "", "2025-11-02") + served(1024, 512, 4, "0.18.0", "2026-03-27"));
    REQUIRE(rows.rows.size() == 4);
    const auto prepared = [&](std::size_t i) -> const Prepared& { return rows.rows[i].candidate->prepared; };
    const auto users = [&](std::size_t i) { return std::get<ClosedLoop>(rows.rows[i].measured.load).concurrency; };
    for (const std::size_t i : {0u, 1u, 2u}) CHECK(prepared(i).precision.experts == NumberFormat::mxfp4);
    CHECK(prepared(3).precision.experts == NumberFormat::int4_g128);
    CHECK(prepared(0).engine->max_sequences == 16);
    CHECK(users(0) == 160);
    CHECK(prepared(1).engine->max_sequences == 8);   // eight GPUs with prompts of 8192 were swept to 16 users only
    CHECK(users(1) == 80);
    CHECK(prepared(2).engine->max_sequences == 32);
    CHECK(users(2) == 32);
    CHECK(users(3) == 512);
    for (const std::size_t i : {0u, 1u}) CHECK(rows.rows[i].measured.requests_per_user == 1);
    for (const std::size_t i : {2u, 3u}) CHECK(rows.rows[i].measured.requests_per_user == 10);
}

TEST_CASE("vLLM of InferenceX is taken to keep its cache in fp8 on Blackwell and in the model's format on Hopper") {
    const std::string served = ",vllm,,8192,1024,64,2,1,1,2,1,fp8,fp8,agg,,600,12,2025-10-29\n";
    const std::string text = "meta-llama/Meta-Llama-3.1-70B,h100_sxm" + served + "meta-llama/Meta-Llama-3.1-70B,b200_sxm" + served;
    const ServingRows rows = launched(text);
    REQUIRE(rows.rows.size() == 2);
    CHECK_FALSE(rows.rows[0].measured.precision.kv);
    CHECK(rows.rows[1].measured.precision.kv == NumberFormat::fp8);
}

TEST_CASE("DeepSeek-R1 on SGLang is read with the workers its recipes start where they agree, else as recorded") {
    const PoolsSpec eight{{1, Layout{8, 1, 1, 8, 1}}, {1, Layout{8, 1, 1, 8, 1}}};
    const auto fp8 = [&](double users) { return as_started(eight, false, 1024, users).value(); };
    CHECK_FALSE(as_started(eight, false, 1024, 2048));   // 1 + 1 to 2 + 5 workers, attention replicated
    CHECK(fp8(16).decode.replicas == 3);
    CHECK(fp8(16).prefill.replicas == 1);
    CHECK(fp8(64).decode.replicas == 1);   // one with a draft model, three without
    CHECK(fp8(16).decode.memory_fraction == 0.85);
    const PoolsSpec fp4 = as_started({{1, Layout{4, 1, 1, 4, 1}}, {1, Layout{8, 1, 1, 4, 2}}}, true, 1024, 1024).value();
    CHECK(fp4.prefill.layout == Layout{1, 1, 4, 4, 1});
    CHECK(fp4.decode.layout == Layout{1, 1, 8, 8, 1});
    CHECK(fp4.decode.max_sequences == 64);
    // Another layout is another recipe.
    CHECK(as_started({{1, Layout{4, 1, 1, 1, 4}}, {1, Layout{8, 1, 1, 1, 8}}}, true, 8192, 8)->decode.replicas == 1);
}
