#pragma once
// What an answer costs where requests were simulated: an answer is as long as the model's answers are, whatever the
// requests of the load were (docs/method.md, "Cost per answer"). One definition for candidates and fleets.

#include <optional>
#include <string>

#include "core/analyse/evaluate.h"

namespace moeplan {

// An answer beside a request of the load, by the closed form.
struct AnswerLength {
    double output_tokens = 0;
    double requests = 1;                     // what it costs, in requests
    Estimate spread = Estimate::exact(1);    // of the mean answer's length, relative
    std::string refused;                     // why it has no price
};

// Requires: `closed` has an answer. `quality`: of the same candidate.
AnswerLength answer_beside_request(const Evaluation& closed, const PreparedQuality& quality);

// The same of a member of a fleet, at the fleet's requests and the member's part of them. Nothing where it is not graded.
// Requires: the workload's lengths have means (closed_view.h). Errors: evaluate()'s.
Result<std::optional<AnswerLength>> member_answer(const Prepared& member, const Workload& workload, double part, const CostSource& source);

// The cost of an answer and of a correct one, where a request costs so much (absent: nothing was served).
AnswerCost price_answer(const AnswerLength& length, const std::optional<Estimate>& usd_per_request, const Estimate& p_correct);

}  // namespace moeplan
