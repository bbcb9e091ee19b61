#pragma once
// Which candidate wins, by how much, how sure that is, and where it flips.

#include <span>

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

}  // namespace moeplan
