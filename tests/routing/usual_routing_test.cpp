// docs/routing.md, "A routing for servers that do not tell theirs": how many experts a batch activates by the counts of real
// models, and by the routing that stands in for counts nobody has.
#include "tests/support/catch.h"

#include <cmath>
#include <string>
#include <vector>

#include "core/routing/routing.h"

using namespace moeplan;

namespace {

struct Counted {
    const char* file;
    std::vector<std::string> datasets;   // empty name: the only one
    std::int64_t experts, top_k, layers;
};

const std::vector<Counted>& counted() {
    static const std::vector<Counted> all{{"olmoe_1b_7b.csv", {"arxiv", "book", "c4", "tulu"}, 64, 8, 3},
                                          {"deepseek_v2_lite.csv", {"intent", "law", "summary"}, 64, 6, 26},
                                          {"gpt_oss_20b.csv", {""}, 32, 4, 24},
                                          {"mixtral_8x7b_corpora.csv", {"arxiv", "book", "c4", "wikipedia"}, 8, 2, 3}};
    return all;
}

// Experts that `tokens` activate, over what choosing evenly would.
double over_even(const RoutingSpec& spec, const Counted& c, double tokens) {
    const auto profile = resolve_routing(spec, c.experts, c.top_k, c.layers, 1);
    REQUIRE(profile);
    const double experts = static_cast<double>(c.experts);
    const double even = experts * (1 - std::pow(1 - static_cast<double>(c.top_k) / experts, tokens));
    return build_expert_load_table(*profile, 1, {}, 1).at(tokens).activated / even;
}

double measured(const Counted& c, double tokens) {
    double sum = 0;
    for (const std::string& dataset : c.datasets) {
        sum += over_even(CountsRouting{std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/routing/" + c.file, "", dataset}, c, tokens);
    }
    return sum / static_cast<double>(c.datasets.size());
}

}  // namespace

TEST_CASE("the usual routing activates about as many experts as the counts of real models, a power law more than choosing evenly") {
    struct Row {
        std::size_t model;
        double tokens, measured, usual, power_law;
    };
    // The table of docs/routing.md.
    const std::vector<Row> table{{0, 4, 0.91, 0.90, 1.21}, {0, 16, 0.87, 0.90, 1.05}, {0, 64, 0.96, 0.99, 1.00},
                                 {1, 4, 0.94, 0.92, 1.15}, {1, 16, 0.87, 0.88, 1.05}, {1, 64, 0.95, 0.98, 0.99},
                                 {2, 4, 0.91, 0.93, 1.21}, {2, 16, 0.82, 0.91, 1.07}, {2, 64, 0.90, 1.00, 1.00},
                                 {3, 4, 0.99, 0.94, 1.41}, {3, 16, 1.00, 0.98, 1.01}, {3, 64, 1.00, 1.00, 1.00}};
    for (const Row& row : table) {
        const Counted& c = counted().at(row.model);
        INFO(c.file << ", " << row.tokens << " tokens");
        CHECK(measured(c, row.tokens) == Approx(row.measured).margin(0.0051));
        CHECK(over_even(kUsualRouting, c, row.tokens) == Approx(row.usual).margin(0.0051));
        CHECK(over_even(PowerLawRouting{1.2}, c, row.tokens) == Approx(row.power_law).margin(0.0051));
    }
}
