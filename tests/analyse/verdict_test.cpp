// Verdicts on cases whose answer is known beforehand.

#include <map>
#include <utility>

#include "core/analyse/verdict.h"
#include "core/base/match.h"
#include "tests/support/catch.h"
#include "tests/support/study.h"

using namespace moeplan;

namespace {

// Only the head costs anything: fixed_ms and row_ms for every sequence of the step, by device; all else is free.
// A static batch of B then takes n (fixed + B row) for n tokens.
const std::map<std::string, std::pair<double, double>> kLines{
    {"steep", {4, 0.4}}, {"flat", {10, 0.1}}, {"light", {1, 2}}, {"between", {8, 0.195}}, {"dear", {40, 0.4}}};

class HeadOnly final : public CostSource {
public:
    double spread = 0;   // interval of a time as a fraction of it
    Result<Cost> price(const Op& op, const Place& place) const override {
        Cost c;
        c.provenance = Provenance::declared;
        const auto* gemm = std::get_if<Gemm>(&op.kind);
        if (op.part != Part::head || !gemm) return c;
        const auto [fixed_ms, row_ms] = kLines.at(place.device->id);
        const double ms = fixed_ms + row_ms * gemm->m;
        c.time = {ms * 1e-3};
        c.low = c.time * (1 - spread);
        c.high = c.time * (1 + spread);
        return c;
    }
    std::string describe() const override { return "only the head"; }
};

struct Case {
    Catalog catalog;
    Scenario scenario;
    HeadOnly source;
    std::vector<Prepared> prepared;
    std::vector<Evaluation> evaluations;

    explicit Case(double batch, double accuracy = 0, const char* third = nullptr)
        : catalog(hand_made_catalog({named("steep"), named("flat"), named(third ? third : "dear")})) {
        Candidate steep = candidate_of("steep", "tiny-dense", "steep"), flat = candidate_of("flat", "tiny-dense", "flat");
        steep.engine = flat.engine = "ideal";
        scenario = study_of({steep, flat}, StaticBatch{batch});
        if (third) {
            scenario.candidates.push_back(candidate_of(third, "tiny-dense", third));
            scenario.candidates.back().engine = "ideal";
        }
        scenario.workload.lengths = FixedLengths{16, 100};
        if (accuracy > 0) {
            scenario.candidates[0].quality = QualitySpec{GivenAccuracy{accuracy, 1000}, 100.0};
            scenario.candidates[1].quality = QualitySpec{GivenAccuracy{0.8, 1000}, 100.0};
        }
        prepared = prepare(scenario, catalog, nullptr).value();
    }
    static DeviceSpec named(const char* id) {
        DeviceSpec d = hardware::perfect();
        d.id = d.name = id;
        return d;
    }
    Verdict verdict(const std::string& objective) {
        evaluations.clear();
        for (const Prepared& p : prepared) evaluations.push_back(evaluate(p, operating_point(p, scenario.workload), source).value());
        std::vector<Contender> contenders;
        for (std::size_t i = 0; i < prepared.size(); ++i) contenders.push_back({&prepared[i], &evaluations[i]});
        return judge(contenders, objective, source).value();
    }
    // USD per million output tokens of candidate i after `change` to its point.
    template <class Change>
    double usd(std::size_t i, Change change) const {
        OperatingPoint point = operating_point(prepared[i], scenario.workload);
        change(point);
        return evaluate(prepared[i], point, source)->money.usd_per_mtok_output->value;
    }
};

CandidateReport reported(const char* name, Estimate usd_per_mtok) {
    CandidateReport report;
    report.name = name;
    report.fits = true;
    report.metrics.push_back({"usd_per_mtok_output", usd_per_mtok, {}});
    return report;
}

const Flip* flip(const Verdict& v, const std::string& axis) {
    for (const Flip& f : v.flips) {
        if (f.axis == axis) return &f;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("the crossover batch of two straight lines is found where they meet") {
    // (4 + 0.4 B) = (10 + 0.1 B) at B = 20.
    Case c(8);
    const Verdict v = c.verdict("usd_per_mtok_output");
    REQUIRE(v.winner == "steep");
    REQUIRE(v.decided);
    const Flip* batch = flip(v, "batch");
    REQUIRE(batch);
    REQUIRE(batch->at == Approx(20).epsilon(0.001));
    REQUIRE_THAT(batch->sentence, ContainsSubstring("below batch 20 steep is better, above it flat"));
    // 2 USD an hour, 8 sequences in 7.2 ms a token.
    REQUIRE(c.evaluations[0].money.usd_per_mtok_output->value == Approx(2.0 / 3600 * 7.2e-3 / 8 * 1e6));
}

TEST_CASE("beyond the crossover the other one wins, and the flip is the same") {
    Case c(64);
    const Verdict v = c.verdict("usd_per_mtok_output");
    REQUIRE(v.winner == "flat");
    REQUIRE(flip(v, "batch")->at == Approx(20).epsilon(0.001));
    REQUIRE_THAT(flip(v, "batch")->sentence, ContainsSubstring("below batch 20 steep is better, above it flat"));
}

TEST_CASE("with three, a flip to any of them is found") {
    // The first row costs 3 ms: 1 + 2 B = 4 + 0.4 B at B = 1.875, far from where the winner meets the one behind it.
    const auto said = [](double batch, const char* third) {
        Case c(batch, 0, third);
        std::vector<std::string> sentences;
        for (const Flip& f : c.verdict("usd_per_mtok_output").flips) {
            if (f.axis == "batch" || f.axis == "any batch") sentences.push_back(f.sentence);
        }
        return sentences;
    };
    for (const double batch : {1.0, 8.0, 64.0}) {
        REQUIRE(said(batch, "light") == std::vector<std::string>{"below batch 1.9 light is the best, above it steep",
                                                                 "below batch 20 steep is the best, above it flat"});
    }
    // 8 + 0.195 B is the best from 4 / 0.205 to 2 / 0.095, between two batches that are looked at.
    REQUIRE(said(8, "between") == std::vector<std::string>{"below batch 20 steep is the best, above it between",
                                                           "below batch 21 between is the best, above it flat"});
    REQUIRE(said(8, "dear") == said(64, "dear"));
    REQUIRE(said(8, "dear") == std::vector<std::string>{"below batch 20 steep is the best, above it flat"});
}

TEST_CASE("where the best of three takes no more, the others are still compared") {
    Case c(8, 0, "light");
    EngineSpec one = *c.prepared[2].engine;
    one.max_sequences = 1;
    c.prepared[2].engine = std::make_shared<EngineSpec>(one);
    const Verdict v = c.verdict("usd_per_mtok_output");
    REQUIRE(flip(v, "room")->sentence == "light is the best up to batch 1 and does not take 2, where steep is");
    REQUIRE(flip(v, "batch")->sentence == "below batch 20 steep is the best, above it flat");
}

TEST_CASE("the less likely of two is not called the better one") {
    // A long tail above the other's interval: cheaper in the middle, dearer more often than not.
    const CandidateReport narrow = reported("narrow", {10, 9, 11}), wide = reported("wide", {9.8, 9, 14});
    const std::vector<Standing> standings{{&narrow, {}}, {&wide, {}}};
    const Verdict v = judge_reports(standings, "usd_per_mtok_output").value();
    REQUIRE_FALSE(v.decided);
    REQUIRE_THAT(v.sentence, ContainsSubstring("whether wide or narrow is the better buy is open: ") && ContainsSubstring("narrow is likelier, 79 % sure)"));
    REQUIRE_THAT(v.warnings.at(0), ContainsSubstring("79 % sure"));
}

TEST_CASE("a price moves the crossover as algebra says") {
    // 1.5 (4 + 0.4 B) = 10 + 0.1 B at B = 8.
    Case c(2);
    c.prepared[0].price.usd = Estimate::exact(3);
    REQUIRE(flip(c.verdict("usd_per_mtok_output"), "batch")->at == Approx(8).epsilon(0.001));
}

TEST_CASE("intervals that overlap leave it undecided, with a warning") {
    Case c(18);   // 11.2 ms against 11.8 ms
    REQUIRE(c.verdict("usd_per_mtok_output").decided);
    c.source.spread = 0.5;
    const Verdict v = c.verdict("usd_per_mtok_output");
    REQUIRE_FALSE(v.decided);
    REQUIRE(v.winner.empty());
    REQUIRE_THAT(v.sentence, ContainsSubstring("too close to call"));
    REQUIRE(v.warnings.size() == 1);
    REQUIRE_THAT(v.warnings[0], ContainsSubstring("overlap"));
}

TEST_CASE("at the utilisation flip both cost the same") {
    Case c(8);
    const Verdict v = c.verdict("usd_per_mtok_output");
    const double at = flip(v, "utilisation")->at;
    REQUIRE(at < 1);
    REQUIRE(c.usd(0, [&](OperatingPoint& p) { p.utilisation = at; }) == Approx(c.usd(1, [](OperatingPoint&) {})).epsilon(0.01));
}

TEST_CASE("at the price flip both cost the same") {
    Case c(8);
    const double ratio = flip(c.verdict("usd_per_mtok_output"), "price ratio")->at;
    REQUIRE(ratio == Approx(10.8 / 7.2));
    REQUIRE(c.usd(0, [&](OperatingPoint& p) { p.usd_per_gpu_hour = p.usd_per_gpu_hour * ratio; }) == Approx(c.usd(1, [](OperatingPoint&) {})).epsilon(0.01));
}

TEST_CASE("at the accuracy flip a correct answer of both costs the same") {
    Case c(8, 0.7);
    const Verdict v = c.verdict("usd_per_correct_answer");
    REQUIRE(v.winner == "steep");
    Prepared worse = c.prepared[0];
    const double at = flip(v, "accuracy")->at;
    REQUIRE(at < 0.7);
    worse.quality->p_correct.value = at;
    worse.quality->p_correct.low = std::min(at, worse.quality->p_correct.low);
    const auto e = evaluate(worse, c.evaluations[0].at, c.source).value();
    REQUIRE(e.answer->usd_per_correct->value == Approx(c.evaluations[1].answer->usd_per_correct->value).epsilon(0.01));
}

TEST_CASE("at the answer-length flip a correct answer of both costs the same") {
    Case c(8, 0.7);
    const Verdict v = c.verdict("usd_per_correct_answer");
    const double tokens = flip(v, "tokens per answer")->at;
    REQUIRE(tokens > 100);
    Prepared longer = c.prepared[0];
    longer.quality->tokens_per_answer = tokens;
    const auto e = evaluate(longer, c.evaluations[0].at, c.source).value();
    REQUIRE(e.answer->usd_per_correct->value == Approx(c.evaluations[1].answer->usd_per_correct->value).epsilon(0.01));
}

TEST_CASE("a candidate that does not fit is left out, and said so") {
    Case c(8);
    c.prepared[0].model = std::make_shared<ModelSpec>(models::llama3_8b());
    DeviceSpec small = Case::named("steep");
    small.memory = {8e9};
    c.prepared[0].device = &small;
    const Verdict v = c.verdict("usd_per_mtok_output");
    REQUIRE(v.winner == "flat");
    REQUIRE_THAT(v.sentence, ContainsSubstring("only one that works"));
}

TEST_CASE("an unknown objective names the nearest metric") {
    Case c(8);
    c.verdict("tpot_ms");
    const std::vector<Contender> contenders{{&c.prepared[0], &c.evaluations[0]}};
    REQUIRE_THAT(problems_of(judge(contenders, "tpot_msec", c.source)), ContainsSubstring("did you mean 'tpot_ms'?"));
}

TEST_CASE("a metric that is better when higher is judged so") {
    REQUIRE(Case(8).verdict("output_tok_s").winner == "steep");
    REQUIRE(Case(64).verdict("output_tok_s").winner == "flat");
}
