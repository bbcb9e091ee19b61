// Whole studies made by hand: what is refused, what expectations say, and that results hang together.

#include <algorithm>
#include <cmath>

#include "core/analyse/analyse.h"
#include "core/analyse/axes.h"
#include "core/analyse/expectations.h"
#include "core/analyse/metrics.h"
#include "tests/support/catch.h"
#include "tests/support/study.h"

using namespace moeplan;

namespace {

Catalog h100_only() { return hand_made_catalog({hardware::h100()}); }

Result<Report> answer(const Scenario& s, const Catalog& catalog) {
    RunControl control;
    return analyse(s, catalog, *make_roofline(), nullptr, control);
}

Evaluation one(const Scenario& s, const Catalog& catalog) {
    const auto prepared = prepare(s, catalog, nullptr).value();
    return evaluate(prepared[0], operating_point(prepared[0], s.workload), *make_roofline()).value();
}

Expectation at_most(const std::string& candidate, const std::string& metric, double limit) {
    Expectation e;
    e.operands = {{candidate, metric, {}}};
    e.at_most = limit;
    e.spot.file = "study.yaml";
    e.spot.line = 30;
    return e;
}

}  // namespace

TEST_CASE("all mistakes of all candidates come at once, each at its line") {
    const Catalog catalog = h100_only();
    Scenario s = study_of({candidate_of("a", "llama-3-8b", "h200_sxm"), candidate_of("b", "llama-3-8b", "h100_sxm", 3), candidate_of("c", "tiny-mo", "h100_sxm")});
    s.candidates[1].layout = Layout{3, 1, 1, 1, 3};
    const std::string text = problems_of(prepare(s, catalog, nullptr));
    REQUIRE_THAT(text, ContainsSubstring("study.yaml:9"));
    REQUIRE_THAT(text, ContainsSubstring("'h200_sxm' is not in the catalog of GPUs"));
    REQUIRE_THAT(text, ContainsSubstring("32 attention heads cannot be split 3 ways"));
    REQUIRE_THAT(text, ContainsSubstring("tiny-mo"));
}

TEST_CASE("GPUs that are no whole number of replicas are refused") {
    Scenario s = study_of({candidate_of("a", "llama-3-8b", "h100_sxm", 3)});
    s.candidates[0].layout = Layout{2, 1, 1, 1, 2};
    REQUIRE_THAT(problems_of(prepare(s, h100_only(), nullptr)), ContainsSubstring("3 GPUs are not a whole number of replicas of 2 GPUs"));
}

TEST_CASE("a number format the chip has no peak for is refused") {
    DeviceSpec d = hardware::h100();
    d.peak.int8 = {0};
    Scenario s = study_of({candidate_of("a", "llama-3-8b", "h100_sxm")});
    s.candidates[0].precision.all = NumberFormat::int8;
    REQUIRE_THAT(problems_of(prepare(s, hand_made_catalog({d}), nullptr)), ContainsSubstring("no published dense int8 peak"));
}

TEST_CASE("a chip without bf16 refuses bf16 weights and takes fp16 and 4-bit ones") {
    DeviceSpec d = hardware::h100();
    d.peak.bf16 = d.peak.fp8 = {0};
    const Catalog catalog = hand_made_catalog({d});
    Scenario s = study_of({candidate_of("a", "tiny-moe", "h100_sxm")});
    s.candidates[0].precision.all = NumberFormat::bf16;
    REQUIRE_THAT(problems_of(prepare(s, catalog, nullptr)), ContainsSubstring("no published dense bf16 peak"));
    for (const NumberFormat format : {NumberFormat::fp16, NumberFormat::int4_g128, NumberFormat::q4_0}) {
        s.candidates[0].precision.all = format;
        CAPTURE(name_of(format));
        REQUIRE(one(s, catalog).serving.tpot_s.value > 0);
    }
}

TEST_CASE("GPUs without a link between them are refused where they would need one") {
    DeviceSpec d = hardware::h100();
    d.link = d.pcie = {0};
    Scenario s = study_of({candidate_of("a", "llama-3-8b", "h100_sxm", 2)});
    REQUIRE_THAT(problems_of(answer(s, hand_made_catalog({d}))), ContainsSubstring("no published link between GPUs"));
}

TEST_CASE("a model that is too large is a finding, not an error, and says what is missing") {
    Scenario s = study_of({candidate_of("a", "deepseek-v3", "h100_sxm", 1)});
    const auto report = answer(s, h100_only());
    REQUIRE(report);
    REQUIRE_FALSE(report->candidates[0].fits);
    REQUIRE(report->candidates[0].find("fits")->value.value == 0);
    REQUIRE_FALSE(report->candidates[0].find("tpot_ms"));
    REQUIRE(report->candidates[0].find("usd_per_hour")->value.value > 0);   // its GPU would cost what it costs
    REQUIRE_THAT(report->candidates[0].warnings[0], ContainsSubstring("does not fit: weights"));
}

TEST_CASE("an unknown axis names the nearest") {
    Scenario s = study_of({candidate_of("a", "tiny-moe", "h100_sxm")});
    s.sweep = {{"batches", {"1"}, {"study.yaml", 14, "sweep"}}};
    const std::string text = problems_of(answer(s, h100_only()));
    REQUIRE_THAT(text, ContainsSubstring("study.yaml:14"));
    REQUIRE_THAT(text, ContainsSubstring("did you mean 'batch'?"));
}

TEST_CASE("expectations on unknown candidates, metrics and axes name the nearest, all at once") {
    Scenario s = study_of({candidate_of("mixtral", "tiny-moe", "h100_sxm")});
    s.expect = {at_most("mixtrall", "tpot_ms", 1), at_most("mixtral", "tpot", 1), at_most("mixtral", "tpot_ms", 1), at_most("mixtral", "tpot_ms", 1)};
    s.expect[2].operands[0].at = {"btach", 4};
    s.expect[3].operands[0].at = {"utilisation", 40};
    const std::string text = problems_of(answer(s, h100_only()));
    REQUIRE_THAT(text, ContainsSubstring("study.yaml:30"));
    REQUIRE_THAT(text, ContainsSubstring("did you mean 'mixtral'?"));
    REQUIRE_THAT(text, ContainsSubstring("did you mean 'tpot_ms'?"));
    REQUIRE_THAT(text, ContainsSubstring("did you mean 'batch'?"));
    REQUIRE_THAT(text, ContainsSubstring("40 is out of range for axis 'utilisation'"));
}

TEST_CASE("expectations hold, fail, or hold under a condition") {
    Scenario s = study_of({candidate_of("a", "tiny-moe", "h100_sxm")});
    s.expect = {at_most("a", "tpot_ms", 1e6), at_most("a", "tpot_ms", 1e-6), at_most("a", "tpot_ms", 1e6)};
    s.expect[2].when_conditional = true;
    const auto report = answer(s, h100_only()).value();
    REQUIRE(report.expectations[0].outcome == Outcome::holds);
    REQUIRE(report.expectations[1].outcome == Outcome::fails);
    REQUIRE(report.expectations[2].outcome == Outcome::conditional);
    REQUIRE(overall(report.expectations, s.expect) == Outcome::conditional);
}

TEST_CASE("an expectation whose interval straddles its limit says so") {
    Scenario s = study_of({candidate_of("a", "tiny-moe", "h100_sxm")});
    const Estimate tpot = one(s, h100_only()).serving.tpot_s;
    s.expect = {at_most("a", "tpot_ms", 1e3 * 0.5 * (tpot.value + tpot.high))};
    const auto report = answer(s, h100_only()).value();
    REQUIRE(report.expectations[0].outcome == Outcome::holds);
    REQUIRE_THAT(report.expectations[0].detail, ContainsSubstring("straddles"));
}

TEST_CASE("a metric at another batch is that of a study with that batch") {
    Scenario s = study_of({candidate_of("a", "mixtral-8x7b", "h100_sxm", 2)}, ClosedLoop{64});
    const double at4 = 1e3 * one(study_of(s.candidates, ClosedLoop{4}), h100_only()).serving.tpot_s.value;
    Expectation e = at_most("a", "tpot_ms", at4 * 1.0001);
    e.at_least = at4 * 0.9999;
    e.operands[0].at = {"batch", 4};
    s.expect = {e};
    REQUIRE(answer(s, h100_only())->expectations[0].outcome == Outcome::holds);
}

TEST_CASE("a report tells what a study sets of an engine") {
    Scenario s = study_of({candidate_of("a", "tiny-dense", "h100_sxm"), candidate_of("b", "tiny-dense", "h100_sxm")});
    s.candidates[1].max_sequences = 1500;
    s.candidates[1].memory_fraction = 0.85;
    s.candidates[1].speculative_accept = 2.4;
    const Report report = answer(s, h100_only()).value();
    CHECK(report.candidates[0].launched_with.empty());
    CHECK(report.candidates[1].launched_with == std::vector<std::string>{"1,500 sequences at most", "85 % of the memory", "2.4 tokens accepted a step"});
}

TEST_CASE("one user of four replicas keeps one of them busy") {
    Scenario s = study_of({candidate_of("a", "tiny-dense", "h100_sxm", 4)}, ClosedLoop{1});
    s.candidates[0].layout = Layout{};
    const Evaluation e = one(s, h100_only());
    REQUIRE(e.requests_per_s.value * e.serving.e2e_s.value == Approx(1));
    s.workload.load = ClosedLoop{40};
    const Evaluation busy = one(s, h100_only());
    REQUIRE(busy.requests_per_s.value * busy.serving.e2e_s.value == Approx(40));
}

TEST_CASE("money is the fleet's hour over what it serves in one") {
    Scenario s = study_of({candidate_of("a", "mixtral-8x7b", "h100_sxm", 4)}, ClosedLoop{100});
    s.candidates[0].layout = Layout{2, 1, 1, 1, 2};
    const Evaluation e = one(s, h100_only());
    REQUIRE(e.money.usd_per_hour.value == Approx(8));
    REQUIRE(e.money.usd_per_request->value == Approx(8 / (3600 * e.requests_per_s.value)));
    REQUIRE(e.money.usd_per_mtok_output->value == Approx(1e6 * e.money.usd_per_request->value / 256));
}

TEST_CASE("every metric of every candidate has low <= value <= high") {
    std::vector<Candidate> candidates;
    for (const char* model : {"llama-3-8b", "mixtral-8x7b", "tiny-moe", "tiny-hybrid", "tiny-windowed", "tiny-latent-experts"}) {
        for (const std::int64_t count : {2, 4}) candidates.push_back(candidate_of(std::string(model) + std::to_string(count), model, "h100_sxm", count));
    }
    for (const Load& load : {Load{ClosedLoop{32}}, Load{PoissonLoad{{2}}}, Load{StaticBatch{16}}}) {
        Scenario s = study_of(candidates, load);
        s.quality = QualitySpec{GivenAccuracy{0.6, 500}, 300.0};
        const auto report = answer(s, h100_only()).value();
        for (const CandidateReport& c : report.candidates) {
            REQUIRE(c.metrics.size() > 25);
            for (const Metric& m : c.metrics) {
                CAPTURE(c.name, m.id);
                REQUIRE(find_metric(m.id));
                REQUIRE_FALSE(m.source.empty());
                REQUIRE(m.value.low <= m.value.value);
                REQUIRE(m.value.value <= m.value.high);
                REQUIRE(std::isfinite(m.value.high));
            }
            for (const char* id : {"mfu", "mbu"}) REQUIRE(c.find(id)->value.value < 1);
        }
    }
}

TEST_CASE("memory rows add up to what is used and stay below the line") {
    for (const double users : {1.0, 50.0, 5000.0}) {
        Scenario s = study_of({candidate_of("a", "llama-3-8b", "h100_sxm"), candidate_of("b", "mixtral-8x7b", "h100_sxm", 2)}, ClosedLoop{users});
        for (Candidate& c : s.candidates) c.max_sequences = 10000;   // memory is the limit
        const auto report = answer(s, h100_only()).value();
        for (const CandidateReport& c : report.candidates) {
            double all = 0, free = 0;
            for (const MemoryRow& row : c.memory) (row.label.starts_with("free") ? free : all) += row.gb;
            CAPTURE(c.name, users);
            REQUIRE(c.find("memory_used_gb_per_gpu")->value.value == Approx(all));
            REQUIRE(all <= c.memory_limit_gb * (1 + 1e-9));
            REQUIRE(all + free == Approx(c.memory_limit_gb));
        }
    }
}

TEST_CASE("answers too long for memory have no price, and say why") {
    Scenario s = study_of({candidate_of("a", "llama-3-8b", "h100_sxm")});
    s.quality = QualitySpec{GivenAccuracy{0.6, 500}, 5e6};
    const Evaluation e = one(s, h100_only());
    REQUIRE_FALSE(e.answer->usd_per_correct);
    REQUIRE_THAT(e.answer->refused, ContainsSubstring("do not fit"));
}

TEST_CASE("knobs of a sweep refuse values out of their range") {
    const Catalog catalog = h100_only();
    Scenario s = study_of({candidate_of("a", "tiny-moe", "h100_sxm")});
    auto prepared = prepare(s, catalog, nullptr).value();
    OperatingPoint point = operating_point(prepared[0], s.workload);
    for (const auto& [name, value] : {std::pair{"batch", 0.0}, {"input", -1.0}, {"utilisation", 0.0}, {"utilisation", 1.5}, {"accuracy", 2.0}, {"gpu_hour", -1.0}, {"skew", -0.1}}) {
        CAPTURE(name, value);
        REQUIRE_FALSE(set_axis(name, value, prepared[0], point, 1, {}));
    }
    for (const std::string& name : numeric_axes()) REQUIRE(set_axis(name, 1, prepared[0], point, 1, {}));
}

TEST_CASE("more skew never balances ranks better") {
    const Catalog catalog = h100_only();
    Scenario s = study_of({candidate_of("a", "deepseek-v3", "h100_sxm", 16)});
    s.candidates[0].layout = Layout{1, 1, 16, 16, 1};
    auto prepared = prepare(s, catalog, nullptr).value();
    OperatingPoint point = operating_point(prepared[0], s.workload);
    double imbalance = 1;
    for (const double skew : {0.0, 0.4, 0.8, 1.2}) {
        REQUIRE(set_axis("skew", skew, prepared[0], point, 1, {}));
        REQUIRE(prepared[0].expert_load->at(4096).imbalance > imbalance);
        imbalance = prepared[0].expert_load->at(4096).imbalance;
    }
}

TEST_CASE("ranks that wait for the hottest one do not count as used") {
    // One expert per GPU, all tokens to the same two: a quarter of the GPUs do all expert work.
    Candidate c = candidate_of("ep", "mixtral-8x7b", "h100_sxm", 8);
    c.layout = Layout{.tp = 1, .pp = 1, .dp = 8, .ep = 8, .moe_tp = 1};
    Scenario s = study_of({c});
    s.workload.load = ClosedLoop{1024};
    const auto even = answer(s, h100_only());
    s.routing = ZipfRouting{10};
    const auto skewed = answer(s, h100_only());
    REQUIRE(even);
    REQUIRE(skewed);
    const auto value = [](const Report& r, const char* id) { return r.candidates[0].find(id)->value.value; };
    REQUIRE(value(*skewed, "output_tok_s") < value(*even, "output_tok_s"));
    // The same work per token: what is used falls as throughput does.
    REQUIRE(value(*skewed, "mfu") / value(*even, "mfu") ==
            Approx(value(*skewed, "output_tok_s") / value(*even, "output_tok_s")).epsilon(1e-6));
}

TEST_CASE("nothing over nothing meets no expectation") {
    Scenario s = study_of({candidate_of("a", "llama-3-8b", "h100_sxm"), candidate_of("b", "llama-3-8b", "h100_sxm")});
    Expectation e;
    e.form = Expectation::Form::ratio;
    e.operands = {{"a", "dispatch_share", {}}, {"b", "dispatch_share", {}}};   // a dense model dispatches nothing
    e.at_most = 2;
    s.expect = {e};
    const Report report = answer(s, h100_only()).value();
    REQUIRE(report.expectations.size() == 1);
    CHECK_THAT(report.expectations[0].detail, ContainsSubstring("wanted"));   // it has both values
    CHECK(report.expectations[0].outcome == Outcome::fails);
}

TEST_CASE("a cold start is paid at the price of an hour, whose spread it has") {
    Scenario s = study_of({candidate_of("a", "llama-3-8b", "h100_sxm", 4)});
    s.candidates[0].layout = Layout{2, 1, 1, 1, 2};
    const Catalog catalog = h100_only();
    const auto prepared = prepare(s, catalog, nullptr).value();
    OperatingPoint point = operating_point(prepared[0], s.workload);
    point.usd_per_gpu_hour = {2, 1.5, 3};
    const auto source = make_roofline();
    const CandidateReport report = report_of(prepared[0], evaluate(prepared[0], point, *source).value(), *source, {}).value();
    const double hours = report.find("cold_start_s")->value.value / 3600;
    const Estimate& cost = report.find("usd_per_cold_start")->value;
    CHECK(cost.value == Approx(2 * 2 * hours));   // of one of the two replicas
    CHECK(cost.low == Approx(2 * 1.5 * hours));
    CHECK(cost.high == Approx(2 * 3 * hours));
}

TEST_CASE("weights that do not fit do not fit beside given blocks either, and blocks beyond the room are told") {
    const Catalog catalog = h100_only();
    const auto source = make_roofline();
    const auto report = [&](const char* model, double blocks) {
        Scenario s = study_of({candidate_of("a", model, "h100_sxm")});
        s.candidates[0].kv_blocks = blocks;
        const auto prepared = prepare(s, catalog, nullptr).value();
        return report_of(prepared[0], evaluate(prepared[0], operating_point(prepared[0], s.workload), *source).value(), *source, {}).value();
    };
    const CandidateReport heavy = report("mixtral-8x7b", 1000);
    CHECK_FALSE(heavy.fits);
    REQUIRE_FALSE(heavy.warnings.empty());
    CHECK_THAT(heavy.warnings[0], ContainsSubstring("does not fit: weights 93."));
    const auto told = [](const CandidateReport& r) { return std::ranges::any_of(r.warnings, [](const std::string& w) { return w.find("kv_blocks") != std::string::npos; }); };
    CHECK_FALSE(told(report("llama-3-8b", 1000)));
    const CandidateReport roomy = report("llama-3-8b", 1e6);
    CHECK(roomy.fits);
    CHECK(told(roomy));
}
