#pragma once
// Holds a study's `expect:` block against its candidates.

#include <vector>

#include "core/analyse/sweep.h"

namespace moeplan {

struct Judged {
    const Prepared* candidate = nullptr;
    OperatingPoint base;
    const CandidateReport* report = nullptr;
    bool closed_form = true;   // false for fleets: nothing can be asked of them at another point
};

// One result per expectation, in order. A metric that has no value (a candidate that does not fit) makes the
// expectation fail and says so; an interval that straddles the limit is said in the detail.
// Errors: unknown candidate, metric or axis (nearest name), at the expectation's line.
Result<std::vector<ExpectationResult>> check_expectations(const Scenario& scenario, const std::vector<Judged>& candidates,
                                                          const CostSource& source);

// What the study of a claim found, the numbers in it as computed now, each with as many decimals as it is written with.
// Errors as above; a figure that has no value.
Result<std::string> found_now(const Scenario& scenario, const std::vector<Judged>& candidates, const CostSource& source);

// A claim holds when all its unconditional expectations do; conditional when some of those fail but a conditional
// one holds; otherwise it fails.
Outcome overall(const std::vector<ExpectationResult>& results, const std::vector<Expectation>& expectations);

}  // namespace moeplan
