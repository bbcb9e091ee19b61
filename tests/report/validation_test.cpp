#include "core/report/validation.h"

#include <stdexcept>

#include <nlohmann/json.hpp>

#include "core/report/text_width.h"
#include "tests/support/approved.h"

using namespace moeplan;
using nlohmann::json;

namespace {

ValidationReport example() {
    ValidationReport report;
    report.file = "serving.csv";
    report.cost_source = "roofline with sourced achievable fractions";
    report.n = 4;
    report.skipped = {{"unknown model 'foo'", 12}, {"disaggregated serving", 3}};
    report.tpot = error_stats({{10, 8, 7, 9}, {10, 12, 9, 13}, {20, 20, 15, 25}, {5, 4, 3, 6}});
    report.groups = {{"mistralai/Mixtral-8x7B-v0.1", "h100_sxm", "vllm", 3, {}, report.tpot, {}},
                     {"meta-llama/Meta-Llama-3-70B", "a100_sxm4_80gb", "deepspeed_mii", 1, {}, {}, {}}};
    return report;
}

}  // namespace

TEST_CASE("errors are fractions of what was measured", "[report]") {
    // predicted/measured - 1 = -0.2, 0.2, 0, -0.2
    const auto stats = error_stats({{10, 8, 7, 9}, {10, 12, 9, 13}, {20, 20, 15, 25}, {5, 4, 3, 6}});
    REQUIRE(stats);
    CHECK(stats->n == 4);
    CHECK(stats->mape == Approx(0.15));
    CHECK(stats->bias == Approx(-0.05));
    CHECK(stats->median_ape == Approx(0.2));
    CHECK(stats->p90_ape == Approx(0.2));
    CHECK(stats->coverage90 == Approx(0.75));   // 10 is not in [7, 9]
    CHECK_FALSE(error_stats({}));
    CHECK_THROWS_AS(error_stats({{0, 1, 1, 1}}), std::logic_error);
}

TEST_CASE("a validation as JSON has the agreed keys and null where nothing was measured", "[report]") {
    const json read = json::parse(write_validation_json(example()));
    CHECK(read.at("n") == 4);
    CHECK(read.at("skipped")[0].at("n") == 12);
    CHECK(read.at("ttft").is_null());
    for (const char* key : {"mape", "median_ape", "bias", "coverage90"})
        CHECK(read.at("tpot").at(key).is_number());
    CHECK(read.at("tpot").at("mape").get<double>() == Approx(0.15));
    CHECK(read.at("groups")[0].at("tpot_mape").get<double>() == Approx(0.15));
    CHECK(read.at("groups")[1].at("tpot_mape").is_null());
    CHECK(read.at("groups")[1].at("engine") == "deepspeed_mii");
}

TEST_CASE("the validation table names what was skipped and fits the width", "[report]") {
    for (const int width : {80, 110}) {
        const std::string table = write_validation_table(example(), {false, width, true});
        std::size_t start = 0;
        for (std::size_t end; (end = table.find('\n', start)) != std::string::npos; start = end + 1) {
            CHECK(display_width(table.substr(start, end - start)) <= width);
        }
        CHECK_THAT(table, ContainsSubstring("disaggregated serving"));
    }
    check_approved(write_validation_table(example(), {false, 110, true}), "report/validation.txt");
    check_approved(write_validation_markdown(example()), "report/validation.md");
}
