#include <set>
#include <string>

#include "core/report/format.h"
#include "core/report/report.h"
#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("every metric is in the catalog once and says what it means", "[report]") {
    std::set<std::string_view> seen;
    for (const auto& metric : metric_catalog()) {
        INFO(metric.id);
        CHECK(seen.insert(metric.id).second);
        CHECK_FALSE(metric.label.empty());
        CHECK(metric.meaning.ends_with('.'));
        CHECK(metric.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos);
    }
    CHECK(seen.size() >= 50);
}

TEST_CASE("the metric ids programs rely on are all there", "[report]") {
    for (const char* id : {"params_total",
                           "params_active",
                           "weights_gb_per_gpu",
                           "kv_bytes_per_token",
                           "memory_used_gb_per_gpu",
                           "fits",
                           "max_concurrency",
                           "flops_per_output_token",
                           "activated_experts",
                           "imbalance",
                           "ttft_ms",
                           "tpot_ms",
                           "e2e_ms",
                           "output_tok_s",
                           "total_tok_s",
                           "tok_s_per_gpu",
                           "mfu",
                           "mbu",
                           "goodput_rps",
                           "usd_per_hour",
                           "usd_per_month",
                           "usd_per_mtok_input",
                           "usd_per_mtok_output",
                           "usd_per_mtok_total",
                           "usd_per_request",
                           "usd_per_answer",
                           "usd_per_correct_answer",
                           "joules_per_output_token",
                           "grams_co2_per_mtok_output",
                           "saturation",
                           "cold_start_s",
                           "accuracy",
                           "gpus",
                           "batch",
                           "offload_gb",
                           "idle_usd_per_hour",
                           "router_share",
                           "dispatch_share",
                           "communication_share",
                           "expert_share",
                           "attention_share",
                           "compute_bound_share"}) {
        INFO(id);
        const MetricInfo* info = find_metric(id);
        REQUIRE(info != nullptr);
        CHECK(info->id == id);
    }
    for (const std::string base : {"ttft_ms", "tpot_ms", "e2e_ms"}) {
        for (const char* percentile : {"_p50", "_p90", "_p99"})
            CHECK(find_metric(base + percentile) != nullptr);
    }
    CHECK(find_metric("tpot") == nullptr);
}

TEST_CASE("directions are the ones a buyer would name", "[report]") {
    CHECK(find_metric("usd_per_mtok_output")->lower_is_better);
    CHECK(find_metric("tpot_ms")->lower_is_better);
    CHECK_FALSE(find_metric("output_tok_s")->lower_is_better);
    CHECK_FALSE(find_metric("accuracy")->lower_is_better);
    CHECK_FALSE(find_metric("params_total")->ranks);
}
