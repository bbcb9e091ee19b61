#include "core/analyse/analyse.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "core/analyse/candidate_detail.h"
#include "core/analyse/expectations.h"
#include "core/analyse/explore.h"
#include "core/analyse/metrics.h"
#include "core/base/side_by_side.h"
#include "core/analyse/sweep.h"
#include "core/analyse/verdict.h"
#include "core/base/nearest.h"

namespace moeplan {
namespace {

bool explores(const Scenario& s) {
    return std::ranges::any_of(s.sweep, [](const SweepAxis& a) { return !is_numeric_axis(a.name); });
}

Problems unknown_axes(const Scenario& scenario) {
    Problems problems;
    std::vector<std::string> known = numeric_axes();
    known.insert(known.end(), name_axes().begin(), name_axes().end());
    for (const SweepAxis& axis : scenario.sweep) {
        if (std::ranges::find(known, axis.name) == known.end()) {
            problems.push_back({axis.spot.where(), axis.spot.path, fmt::format("'{}' is not an axis of a sweep", axis.name), did_you_mean(axis.name, known)});
        }
    }
    return problems;
}

// Scores of different evaluators are not comparable: prompts, shots and graders differ.
void warn_of_evaluators(Report& report, const std::vector<Prepared>& prepared) {
    std::vector<std::string> evaluators;
    for (const auto& p : prepared) {
        if (p.quality && std::ranges::find(evaluators, p.quality->evaluator) == evaluators.end()) evaluators.push_back(p.quality->evaluator);
    }
    if (evaluators.size() > 1) report.warnings.push_back("accuracies come from different evaluators (" + one_of(evaluators) + "): differences between them are not the models' alone");
}

struct Answered {
    std::vector<Prepared> prepared;
    std::vector<Evaluation> evaluations;
};

const Problem kCancelled{{}, {}, "cancelled", {}};

// The first of these problems, in the order of what was asked.
Problems first_of(const std::vector<Problems>& all) {
    const auto at = std::ranges::find_if(all, [](const Problems& p) { return !p.empty(); });
    return at == all.end() ? Problems{} : *at;
}

// Every candidate at the study's own load.
Problems evaluate_all(const Scenario& scenario, const CostSource& source, Answered& answered, Report& report, const RunControl& control) {
    const std::size_t n = answered.prepared.size();
    answered.evaluations.resize(n);
    report.candidates.resize(n);
    std::vector<Problems> problems(n);
    for_each_side_by_side(n, [&](std::size_t i) {
        const auto one = [&]() -> Result<void> {
            if (control.cancelled()) return fail(kCancelled);
            const Prepared& p = answered.prepared[i];
            auto e = evaluate(p, operating_point(p, scenario.workload), source);
            if (!e) return tl::unexpected(e.error());
            auto candidate = report_of(p, *e, source, scenario.workload.slo);
            if (!candidate) return tl::unexpected(candidate.error());
            if (auto detail = add_detail(*candidate, p, *e, source); !detail) return detail;
            report.candidates[i] = std::move(*candidate);
            answered.evaluations[i] = std::move(*e);
            return {};
        };
        if (auto done = one(); !done) problems[i] = done.error();
    });
    return first_of(problems);
}

// All axes of all candidates.
Problems sweep_all(const Scenario& scenario, const CostSource& source, const Answered& answered, std::vector<std::vector<Series>>& found, const RunControl& control) {
    const bool shared_price = std::ranges::all_of(answered.prepared, [&](const Prepared& p) { return same_price(p, answered.prepared.front()); });
    std::vector<Problems> problems(answered.prepared.size());
    found.resize(answered.prepared.size());
    for_each_side_by_side(found.size(), [&](std::size_t i) {
        for (const SweepAxis& axis : scenario.sweep) {
            auto series = sweep_axis(answered.prepared[i], answered.evaluations[i].at, axis, scenario, source, control, shared_price);
            if (!series) {
                problems[i] = series.error();
                return;
            }
            std::ranges::move(*series, std::back_inserter(found[i]));
        }
    });
    return first_of(problems);
}

// What compares the candidates, beside the sweeps: neither needs the other.
Problems compare(const Scenario& scenario, const CostSource& source, const Answered& answered, Report& report) {
    std::vector<Contender> contenders;
    std::vector<Judged> judged;
    for (std::size_t i = 0; i < answered.prepared.size(); ++i) {
        contenders.push_back({&answered.prepared[i], &answered.evaluations[i]});
        judged.push_back({&answered.prepared[i], answered.evaluations[i].at, &report.candidates[i]});
    }
    auto verdict = judge(contenders, scenario.objective, source);
    if (!verdict) return verdict.error();
    report.verdict = std::move(*verdict);
    auto evens = break_evens_of(contenders, scenario.objective, source);
    if (!evens) return evens.error();
    report.break_evens = std::move(*evens);
    auto expectations = check_expectations(scenario, judged, source);
    if (!expectations) return expectations.error();
    report.expectations = std::move(*expectations);
    if (scenario.claim) {
        auto found = found_now(scenario, judged, source);
        if (!found) return found.error();
        report.found = std::move(*found);
    }
    return {};
}

}  // namespace

Result<Report> analyse(const Scenario& scenario, const Catalog& catalog, const CostSource& source, const TraceMeans* means, RunControl& control, Kept* kept) {
    if (auto problems = unknown_axes(scenario); !problems.empty()) return fail(std::move(problems));
    Report report;
    report.scenario_name = scenario.name;
    report.scenario_file = scenario.file;
    report.scenario = to_document(scenario);
    report.cost_source = source.describe();
    if (explores(scenario)) {
        auto found = explore(scenario, catalog, source, means, control);
        if (!found) return tl::unexpected(found.error());
        report.warnings = found->left_out;
        report.exploration = std::move(*found);
        return report;
    }
    auto prepared = prepare(scenario, catalog, means, kept);
    if (!prepared) return tl::unexpected(prepared.error());
    Answered answered{std::move(*prepared), {}};
    if (auto problems = evaluate_all(scenario, source, answered, report, control); !problems.empty()) return fail(std::move(problems));
    warn_of_evaluators(report, answered.prepared);

    std::vector<std::vector<Series>> series;
    std::vector<Problems> problems(2);
    both_side_by_side([&] { problems[0] = sweep_all(scenario, source, answered, series, control); }, [&] { problems[1] = compare(scenario, source, answered, report); });
    if (auto first = first_of(problems); !first.empty()) return fail(std::move(first));
    for (std::size_t i = 0; i < series.size(); ++i) report.candidates[i].series = std::move(series[i]);
    return report;
}

}  // namespace moeplan
