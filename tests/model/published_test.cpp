// Every model with a published size: our count agrees to 1 %, or the reason why not is written beside it.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "tests/model/support.h"

namespace moeplan {
namespace {

using Row = std::vector<std::string>;

std::vector<Row> published_rows() {
    std::istringstream in(read_text(std::string(MOEPLAN_SOURCE_DIR) + "/tests/data/model/published.csv"));
    std::vector<Row> rows;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        Row row(1);
        bool quoted = false;
        for (const char c : line) {
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                row.emplace_back();
            } else {
                row.back() += c;
            }
        }
        rows.push_back(row);
    }
    return rows;
}

double relative(double counted, const std::string& billions) {
    return counted / 1e9 / std::stod(billions) - 1;
}

// An exception must be one: should a count come to agree, its reason is stale.
void check(double difference, const std::string& exception) {
    if (exception.empty()) {
        CHECK(std::abs(difference) <= 0.01);
    } else {
        CHECK(std::abs(difference) > 0.01);
        CHECK(std::abs(difference) < 0.06);
    }
}

}  // namespace

TEST_CASE("counts agree with every published total and active size to one percent, exceptions named") {
    const auto rows = published_rows();
    REQUIRE(rows.size() > 60);
    for (const auto& row : rows) {
        REQUIRE(row.size() == 6);
        const auto model =
            import_config_file(std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/catalog/models/" + row[0]);
        INFO(row[0]);
        REQUIRE(model);
        const ParameterCount c = count_parameters(*model);
        if (!row[1].empty()) check(relative(c.total, row[1]), row[3]);
        if (row[2].empty()) continue;
        const std::array conventions = {c.active_all, c.active_no_input, c.active_no_embeddings};
        const double best =
            *std::min_element(conventions.begin(), conventions.end(), [&](double a, double b) {
                return std::abs(relative(a, row[2])) < std::abs(relative(b, row[2]));
            });
        check(relative(best, row[2]), row[4]);
    }
}

TEST_CASE("counts that were published to the last parameter are hit exactly") {
    // Source: rasbt/LLMs-from-scratch notebooks (instantiated models); safetensors of Qwen3-Coder-Next.
    CHECK(count_parameters(from_catalog("meta-llama--Llama-2-7b-hf")).total == 6'738'415'616.0);
    CHECK(count_parameters(from_catalog("meta-llama--Meta-Llama-3-8B")).total == 8'030'261'248.0);
    CHECK(count_parameters(from_catalog("Qwen--Qwen3-0.6B")).total == 596'049'920.0);
    CHECK(count_parameters(from_catalog("Qwen--Qwen3-30B-A3B")).total == 30'532'122'624.0);
    const auto next = count_parameters(from_catalog("Qwen--Qwen3-Next-80B-A3B"));
    CHECK(next.total == 79'674'391'296.0);
    CHECK(next.active_all == 3'874'929'408.0);
}

TEST_CASE("multi-token prediction is counted beside the total, not in it") {
    const auto v3 = from_catalog("deepseek-ai--DeepSeek-V3");
    // 671B without it; 11.5B unique in the MTP module. Source: DeepSeek-V3 README_WEIGHTS.md.
    CHECK(count_parameters(v3).total / 1e9 == Approx(671.026).margin(0.001));
    CHECK(v3.mtp_parameters / 1e9 == Approx(11.5).epsilon(0.015));
}

TEST_CASE("the tensor classes of every catalog model add up to its total") {
    for (const auto& row : published_rows()) {
        const auto model =
            import_config_file(std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/catalog/models/" + row[0]);
        INFO(row[0]);
        REQUIRE(model);
        const ParameterCount c = count_parameters(*model);
        CHECK(c.input_embedding + c.head + c.attention + c.dense_ffn + c.routed_experts + c.router +
                  c.norms_and_other ==
              Approx(c.total).epsilon(1e-12));
        CHECK(c.active_no_embeddings < c.active_all);
        CHECK(c.active_no_input <= c.active_all);
        CHECK(c.active_all <= c.total);
        CHECK((c.active_all < c.total) == model->is_moe());
    }
}

}  // namespace moeplan
