// A sweep says at each point what the candidate's own report says there.

#include <algorithm>

#include <tbb/global_control.h>

#include "core/analyse/axes.h"
#include "core/analyse/metrics.h"
#include "core/analyse/sweep.h"
#include "tests/support/catch.h"
#include "tests/support/study.h"

using namespace moeplan;

namespace {

const Catalog& catalog() { return builtin_catalog(); }

Scenario swept() {
    auto s = parse_scenario(R"(
name: swept
workload: {lengths: {input: 700, output: 90}, load: {concurrency: 12}}
price: {tier: on_demand}
quality: {benchmark: gpqa_diamond}
candidates:
  - {name: a, model: mixtral-8x7b, gpu: h100_sxm, count: 2, layout: {tp: 2, ep: 2}}
  - {name: b, model: llama-3-70b, gpu: h100_sxm, count: 2, precision: fp8}
)", "study.yaml");
    REQUIRE(s);
    return *s;
}

const Metric* find(const std::vector<Metric>& metrics, const std::string& id) {
    const auto at = std::ranges::find(metrics, id, &Metric::id);
    return at == metrics.end() ? nullptr : &*at;
}

}  // namespace

TEST_CASE("a sweep's points are the metrics of the report at that point, and at the central price") {
    const Scenario s = swept();
    const auto source = make_calibrated(make_roofline());
    const auto prepared = prepare(s, catalog(), nullptr).value();
    const RunControl quiet;
    for (const Prepared& p : prepared) {
        const OperatingPoint base = operating_point(p, s.workload);
        REQUIRE_FALSE(base.usd_per_gpu_hour.is_exact());
        for (const auto& [name, value] : {std::pair<std::string, double>{"batch", 40}, {"input", 3000}, {"utilisation", 0.3}, {"tokens_per_answer", 900}, {"accuracy", 0.5}}) {
            SweepAxis axis;
            axis.name = name;
            axis.values = {std::to_string(value)};
            const auto series = sweep_axis(p, base, axis, s, *source, quiet, true).value();
            CHECK(series.size() > 15);
            Prepared turned = p;
            OperatingPoint point = base;
            REQUIRE(set_axis(name, value, turned, point, s.seed, s.placement));
            const auto at = [&](const OperatingPoint& where) { return report_of(turned, evaluate(turned, where, *source).value(), *source, {}).value().metrics; };
            const auto wanted = at(point), central = at(without_price_spread(point));
            for (const Series& line : series) {
                CAPTURE(p.name, name, line.metric);
                REQUIRE(line.points.size() == 1);
                REQUIRE(find(wanted, line.metric));
                CHECK(line.points[0].y == find(wanted, line.metric)->value);
                CHECK(line.points[0].apart == find(central, line.metric)->value);
            }
        }
    }
}

TEST_CASE("a metric without its source is the same metric") {
    const Scenario s = swept();
    const auto source = make_roofline();
    const Prepared p = prepare(s, catalog(), nullptr).value()[0];
    const Evaluation e = evaluate(p, operating_point(p, s.workload), *source).value();
    const auto told = metrics_of(p, e, *source), bare = bare_metrics_of(p, e);
    REQUIRE(told.size() == bare.size());
    for (std::size_t i = 0; i < told.size(); ++i) {
        CHECK(bare[i].id == told[i].id);
        CHECK(bare[i].value == told[i].value);
        CHECK(bare[i].source.empty() == (bare[i].source != told[i].source || told[i].source.empty()));
    }
}

TEST_CASE("a sweep asked to stop says so") {
    const Scenario s = swept();
    const auto source = make_roofline();
    const Prepared p = prepare(s, catalog(), nullptr).value()[0];
    const std::atomic<bool> stop{true};
    RunControl control;
    control.cancel = &stop;
    SweepAxis axis;
    axis.name = "batch";
    axis.values = {"1", "2"};
    const auto series = sweep_axis(p, operating_point(p, s.workload), axis, s, *source, control);
    REQUIRE_FALSE(series);
    CHECK(series.error().front().what == "cancelled");
}

TEST_CASE("a swept accuracy is as sure as a study that gives it") {
    const auto source = make_roofline();
    const RunControl quiet;
    const auto study = [](double accuracy) {
        Scenario s = swept();
        s.candidates.resize(1);
        s.quality = QualitySpec{GivenAccuracy{accuracy, 1000}, 3000.0};
        return s;
    };
    for (const double accuracy : {0.4, 0.9}) {
        CAPTURE(accuracy);
        const Scenario alone = study(accuracy);
        const Prepared wanted = prepare(alone, catalog(), nullptr).value()[0];
        const Scenario all_right = study(1);   // its own interval has one side
        Prepared turned = prepare(all_right, catalog(), nullptr).value()[0];
        OperatingPoint point = operating_point(turned, all_right.workload);
        REQUIRE(set_axis("accuracy", accuracy, turned, point, 1, {}));
        CHECK(turned.quality->p_correct == wanted.quality->p_correct);
        CHECK(evaluate(turned, point, *source)->answer->usd_per_correct.value() == evaluate(wanted, point, *source)->answer->usd_per_correct.value());
    }
    // A published standard error stays what it is.
    const Scenario scored = study(1);
    Prepared p = prepare(scored, catalog(), nullptr).value()[0];
    p.quality->score.stderr_ = 0.02;
    OperatingPoint point = operating_point(p, scored.workload);
    REQUIRE(set_axis("accuracy", 0.5, p, point, 1, {}));
    CHECK(p.quality->p_correct.high == Approx(0.5 + 1.645 * 0.02).epsilon(1e-4));
    CHECK(p.quality->p_correct.low == Approx(0.5 - 1.645 * 0.02).epsilon(1e-4));
}
