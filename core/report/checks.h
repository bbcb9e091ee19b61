#pragma once
// What `check` found over many studies, and its outputs: a table, JSON, JUnit XML for CI.

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/report/report.h"
#include "core/report/report_writer.h"

namespace moeplan {

// The claim a study puts to the test, when it is one of scenarios/claims.
struct CheckedClaim {
    int number = 0;
    std::string text;     // "At batch 1 an MoE's latency is that of a dense model of its active size"
    std::string source;   // who said it
    std::string found;    // what was found, in a sentence
};

struct CheckedFile {
    std::string file;
    std::string name;     // the study's
    std::vector<ExpectationResult> expectations;
    Problems problems;                   // the study could not be read or run: no expectations then
    std::optional<CheckedClaim> claim;
    std::optional<Outcome>
        verdict;   // given by whoever weighed the conditions; absent: outcome_of() derives it
    double seconds = 0;                  // time it took, for JUnit
};

// The given verdict; else fails when there are problems or any expectation fails, conditional when any is,
// else holds.
Outcome outcome_of(const CheckedFile& checked);

// True when the file must turn CI red. A claim that turns out wrong is a finding, not a failure; problems
// always are.
bool is_failure(const CheckedFile& checked);

// {"checks":[{"file","name","verdict","detail"}]}: one entry per expectation; a claim is one entry (with
// "claim", its number, and its expectations inside); a study that could not be run is one entry that fails
// with the problems.
std::string write_checks_json(const std::vector<CheckedFile>& checked);

// Claims as number, claim, verdict, what was found; other studies as files with their expectations. A last
// line counts.
std::string write_checks_table(const std::vector<CheckedFile>& checked, const TableStyle& style);

// The same as GitHub tables, for documents.
std::string write_checks_markdown(const std::vector<CheckedFile>& checked);

// JUnit XML: a testsuite per file, a testcase per expectation, <failure> where it fails, <error> for
// problems.
std::string write_junit(const std::vector<CheckedFile>& checked);

}  // namespace moeplan
