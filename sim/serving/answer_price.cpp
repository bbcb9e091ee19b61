#include "sim/serving/answer_price.h"

#include <algorithm>

#include "core/base/match.h"
#include "core/base/require.h"
#include "core/quality/score.h"

namespace moeplan {

AnswerLength answer_beside_request(const Evaluation& closed, const PreparedQuality& quality) {
    require(closed.answer.has_value(), "answer_beside_request: the closed form prices answers");
    AnswerLength length;
    length.output_tokens = closed.answer->output_tokens;
    length.spread = quality.length_spread;
    if (length.output_tokens == closed.at.request.output) return length;
    if (closed.money.usd_per_request && closed.answer->usd_per_answer.value > 0) {
        length.requests = closed.answer->usd_per_answer.value / closed.money.usd_per_request->value;
    } else {
        length.refused = closed.answer->refused.empty() ? "the closed form knows no price of answers of another length" : closed.answer->refused;
    }
    return length;
}

Result<std::optional<AnswerLength>> member_answer(const Prepared& member, const Workload& workload, double part, const CostSource& source) {
    if (!member.quality) return std::optional<AnswerLength>{};
    if (!(part > 0)) return std::optional(AnswerLength{});   // its hours are paid, and nobody asked it anything
    OperatingPoint point = operating_point(member, workload);
    point.request = mean_request(workload, nullptr);
    match(
        point.load, [&](ClosedLoop& l) { l.concurrency = std::max(1.0, l.concurrency * part); }, [&](PoissonLoad& l) { l.rate.value *= part; },
        [&](StaticBatch& l) { l.batch = std::max(1.0, l.batch * part); });
    const auto closed = evaluate(member, point, source);
    if (!closed) return tl::unexpected(closed.error());
    if (!closed->answer) return std::optional<AnswerLength>{};
    return std::optional(answer_beside_request(*closed, *member.quality));
}

AnswerCost price_answer(const AnswerLength& length, const std::optional<Estimate>& usd_per_request, const Estimate& p_correct) {
    AnswerCost answer;
    answer.output_tokens = length.output_tokens;
    answer.refused = usd_per_request ? length.refused : "no throughput to divide the money by";
    if (!answer.refused.empty()) return answer;
    const Estimate attempt = *usd_per_request * length.requests;
    answer.usd_per_answer = {attempt.value, attempt.low * length.spread.low, attempt.high * length.spread.high};
    if (auto correct = cost_per_correct_answer(answer.usd_per_answer, p_correct)) answer.usd_per_correct = *correct;
    else answer.refused = correct.error().front().what;
    return answer;
}

}  // namespace moeplan
