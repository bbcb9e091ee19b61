#pragma once
// Which candidate wins, by how much, how sure that is, and where it flips.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/analyse/evaluate.h"
#include "core/report/report.h"

namespace moeplan {

struct Contender {
    const Prepared* candidate = nullptr;
    const Evaluation* evaluation = nullptr;
};

// Compares `objective` over the contenders that fit. Flips found: batch (bisected between powers of two),
// utilisation, GPU price, accuracy and answer length where the objective depends on them.
// Errors: the objective is unknown or has no value for any contender; the cost source lacks a datum.
Result<Verdict> judge(std::span<const Contender> contenders, const std::string& objective, const CostSource& source);

// A candidate of which only a report is known (a fleet, a simulation).
struct Standing {
    const CandidateReport* report = nullptr;
    // Its GPU-hour's price where all standings pay the same; the spread is common to them and no reason to doubt.
    std::optional<Estimate> shared_price;
    double sampling = 0;   // relative half-width of the noise of a finite run, beside the value's own interval
};

// Where the contenders' costs of a unit of work cross (core/analyse/break_even.h); empty for objectives that are no money per unit
// of work. Errors: the cost source's.
Result<std::vector<BreakEven>> break_evens_of(std::span<const Contender> contenders, const std::string& objective, const CostSource& source);

// The same comparison by the reports' own figures; no flips. Errors: the objective is unknown.
Result<Verdict> judge_reports(std::span<const Standing> standings, const std::string& objective);

// The same crossings by the reports' own figures.
struct PricedStanding {
    Standing standing;
    Estimate usd_per_gpu_hour;
    double utilisation = 1;
};
std::vector<BreakEven> break_evens_of(std::span<const PricedStanding> standings, const std::string& objective);

}  // namespace moeplan
