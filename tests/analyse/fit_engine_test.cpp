#include "core/analyse/fit_engine.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

struct Server {
    const char *model, *gpu, *engine;
    int tp;
};

// Rows of these servers at several lengths and loads; what they measured is filled in later.
ServingRows rows_of(const std::vector<Server>& servers) {
    const Scratch scratch;
    const std::string file = scratch.path("rows.csv");
    {
        std::ofstream out(file);
        out << "model,gpu,engine,isl,osl,concurrency,tp,pp,attention_dp,moe_tp,moe_ep,gemm_dtype,moe_dtype,serving_"
               "mode,quality_flag,mean_ttft_ms,mean_"
               "tpot_ms\n";
        for (const Server& s : servers) {
            for (const char* lengths : {"921.6,921.6", "7372.8,921.6", "921.6,7372.8"}) {
                for (const int users : {1, 4, 16, 64}) {
                    out << s.model << ',' << s.gpu << ',' << s.engine << ',' << lengths << ',' << users << ',' << s.tp
                        << ",1,1," << s.tp << ",1,bfloat16,bfloat16,agg,,1,1\n";
                }
            }
        }
    }
    ServingRowOptions options;
    options.profile = kNoProfile;
    const auto rows = load_serving_rows(file, builtin_catalog(), options);
    REQUIRE(rows);
    for (const auto& [reason, n] : rows->skipped) UNSCOPED_INFO(reason);
    REQUIRE(rows->skipped.empty());
    REQUIRE(rows->rows.size() == 12 * servers.size());
    return *rows;
}

const std::vector<Server> kThree{{"meta-llama/Meta-Llama-3-8B", "h100_sxm", "vllm", 1},
                                 {"mistralai/Mixtral-8x7B-v0.1", "h100_sxm", "vllm", 4},
                                 {"meta-llama/Meta-Llama-3-70B", "h200_sxm", "vllm", 8}};

ServingPoint predicted(const ServingRow& row) {
    const auto e = evaluate(row.candidate->prepared, row.point, *make_roofline(), false);
    REQUIRE(e);
    REQUIRE(e->fits);
    return e->serving;
}

// What servers with such terms would measure.
void measure(ServingRows& rows, const std::map<std::string, EngineTerms>& terms) {
    EngineFit fit;
    fit.terms = terms;
    const ServingRows true_rows = with_terms(rows, fit, false);
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
        const ServingPoint p = predicted(true_rows.rows[i]);
        rows.rows[i].measured.ttft_s = p.ttft_s.value;
        rows.rows[i].measured.tpot_s = p.tpot_s.value;
    }
}

double largest_error(const ServingRows& rows) {
    double most = 0;
    for (const ServingRow& row : rows.rows) {
        const ServingPoint p = predicted(row);
        most = std::max({most, std::abs(p.ttft_s.value / *row.measured.ttft_s - 1),
                         std::abs(p.tpot_s.value / *row.measured.tpot_s - 1)});
    }
    return most;
}

// The source lives as long as the test.
RowPredictor by_roofline() {
    static const auto source = make_roofline();
    return closed_form(*source);
}

const EngineTerms kSlow{2e-3, 3e-5, 4e-6, 3e-2, 5e-4, 8e-2};

std::set<std::string> as_set(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

}  // namespace

TEST_CASE("servers with known terms are predicted again once their engine is fitted") {
    ServingRows rows = rows_of(kThree);
    measure(rows, {{"vllm", kSlow}});
    CHECK(largest_error(rows) > 0.4);  // with the catalog's terms
    const EngineFit fit = fit_engine_terms(rows, GroupHalf::all, by_roofline());
    REQUIRE(fit.terms.size() == 1);
    CHECK(largest_error(with_terms(rows, fit, false)) < 0.2);
    CHECK(fit.scored_on.empty());
    CHECK(fit.fitted_on.size() == 3);
    // Less far from what is published, terms are hardly drawn back. Which of a step's and its kernels' a time is made of is not told,
    // what a request costs before is.
    EngineTerms slower = kSlow;
    slower.step_s = 5e-4;
    slower.request_s = 3e-2;
    measure(rows, {{"vllm", slower}});
    const EngineFit near = fit_engine_terms(rows, GroupHalf::all, by_roofline());
    CHECK(largest_error(with_terms(rows, near, false)) < 0.12);
    CHECK(near.terms.at("vllm").request_s == Approx(slower.request_s).epsilon(0.3));
}

TEST_CASE("a request's cost is told for single groups too, and is the interval predictions take") {
    ServingRows rows = rows_of(kThree);
    measure(rows, {{"vllm", kSlow}});
    for (ServingRow& row : rows.rows) {
        if (row.measured.model == kThree[0].model) *row.measured.ttft_s += 0.05;   // behind another gateway
    }
    const RowPredictor closed = by_roofline();
    const EngineFit fit = fit_engine_terms(rows, GroupHalf::all, closed);
    const EngineTerms& terms = fit.terms.at("vllm");
    REQUIRE(terms.request_range_s);
    CHECK(terms.request_range_s->second - terms.request_range_s->first > 0.035);
    CHECK(terms.request_range_s->first <= terms.request_s);
    CHECK(terms.request_range_s->second >= terms.request_s);
    const Estimate taken = with_terms(rows, fit, false).rows.front().candidate->prepared.engine->request_overhead_s;
    CHECK(taken.low == terms.request_range_s->first);
    CHECK(taken.value == terms.request_s);
    CHECK(taken.high == terms.request_range_s->second);
    // One group says nothing of others.
    const EngineFit single = fit_engine_terms(rows_of({kThree[0]}), GroupHalf::all, closed);
    CHECK_FALSE(single.terms.at("vllm").request_range_s);
}

TEST_CASE("terms fitted on one half of the groups predict the other half") {
    ServingRows rows = rows_of(kThree);
    measure(rows, {{"vllm", kSlow}});
    for (const GroupHalf half : {GroupHalf::even, GroupHalf::odd}) {
        const EngineFit fit = fit_engine_terms(rows, half, by_roofline());
        const ServingRows scored = with_terms(rows, fit, true);
        CHECK(scored.rows.size() == 12 * fit.scored_on.size());
        CHECK(largest_error(scored) < 0.25);
    }
}

TEST_CASE("what a step with prompts costs on devices apart is fitted on those, the rest on the others") {
    std::vector<Server> servers = kThree;
    servers.push_back({"meta-llama/Meta-Llama-3-8B", "b200_sxm", "vllm", 1});
    ServingRows rows = rows_of(servers);
    EngineTerms truth = kSlow;
    truth.prefill_s = 5e-3;
    truth.prefill_apart_s = 4e-2;
    measure(rows, {{"vllm", truth}});
    const EngineTerms terms = fit_engine_terms(rows, GroupHalf::all, by_roofline()).terms.at("vllm");
    CHECK(terms.prefill_apart_s > 4 * terms.prefill_s);
    CHECK(terms.prefill_apart_s == Approx(truth.prefill_apart_s).epsilon(0.4));
    // Rows of none of these devices say nothing of them.
    ServingRows others = rows_of(kThree);
    measure(others, {{"vllm", kSlow}});
    CHECK(fit_engine_terms(others, GroupHalf::all, by_roofline()).terms.at("vllm").prefill_apart_s == 0);
}

TEST_CASE("halves share no group and leave none out") {
    std::vector<Server> servers = kThree;
    for (const char* engine : {"sglang", "trtllm"})
        servers.push_back({"meta-llama/Meta-Llama-3-8B", "h100_sxm", engine, 1});
    servers.push_back({"meta-llama/Meta-Llama-3-8B", "h200_sxm", "sglang", 1});
    ServingRows rows = rows_of(servers);
    measure(rows, {{"vllm", kSlow}, {"sglang", kSlow}});
    const EngineFit even = fit_engine_terms(rows, GroupHalf::even, by_roofline()),
                    odd = fit_engine_terms(rows, GroupHalf::odd, by_roofline());
    for (const EngineFit* fit : {&even, &odd}) {
        std::set<std::string> all = as_set(fit->fitted_on);
        for (const std::string& name : fit->scored_on) CHECK(all.insert(name).second);
        CHECK(all.size() == 6);
        CHECK(fit->terms.size() == 3);
    }
    // TensorRT-LLM has one group: fitted on both times, scored on neither.
    const std::string single = "meta-llama/Meta-Llama-3-8B, h100_sxm, trtllm";
    std::set<std::string> swapped = as_set(odd.scored_on);
    swapped.insert(single);
    CHECK(as_set(even.fitted_on) == swapped);
    CHECK(as_set(even.fitted_on).count(single) == 1);
    CHECK(as_set(odd.fitted_on).count(single) == 1);
    CHECK(even.scored_on.size() == 2);
    CHECK(odd.scored_on.size() == 3);
}

TEST_CASE("with a single group nothing is left to score") {
    ServingRows rows = rows_of({kThree[0]});
    measure(rows, {{"vllm", kSlow}});
    const EngineFit fit = fit_engine_terms(rows, GroupHalf::even, by_roofline());
    CHECK(fit.fitted_on.size() == 1);
    CHECK(with_terms(rows, fit, true).rows.empty());
    CHECK(with_terms(rows, fit, false).rows.size() == 12);
}

TEST_CASE("terms of one engine leave the others and the rows they came from alone") {
    const ServingRows rows = rows_of({kThree[0], {"meta-llama/Meta-Llama-3-8B", "h100_sxm", "sglang", 1}});
    EngineFit fit;
    fit.terms["vllm"] = kSlow;
    const ServingRows changed = with_terms(rows, fit, false);
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
        const EngineSpec &before = *rows.rows[i].candidate->prepared.engine,
                         &after = *changed.rows[i].candidate->prepared.engine;
        const EngineSpec& ours = *builtin_catalog().engine(before.id);
        CHECK(before.step_overhead_s == ours.step_overhead_s);
        if (after.id == "vllm") {
            CHECK(after.step_overhead_s == Estimate{2e-3, 1e-3, 4e-3});
            CHECK(after.sequence_overhead_s.value == kSlow.sequence_s);
            CHECK(after.kernel_launch_s.value == kSlow.kernel_launch_s);
            CHECK(after.prefill_overhead_s.value == kSlow.prefill_s);
            CHECK(after.prefill_layer_s.value == kSlow.prefill_layer_s);
            CHECK(after.request_overhead_s.value == kSlow.request_s);
        } else {
            CHECK(after.id == "sglang");
            CHECK(after.step_overhead_s == ours.step_overhead_s);
            CHECK(after.request_overhead_s == ours.request_overhead_s);
            CHECK(predicted(changed.rows[i]).ttft_s.value == predicted(rows.rows[i]).ttft_s.value);
        }
    }
}

TEST_CASE("rows without any time are fitted on by nobody") {
    ServingRows rows = rows_of({kThree[0]});
    for (ServingRow& row : rows.rows) row.measured.ttft_s = row.measured.tpot_s = std::nullopt;
    const EngineFit fit = fit_engine_terms(rows, GroupHalf::all, by_roofline());
    CHECK(fit.terms.empty());
    CHECK(fit.fitted_on.empty());
}
