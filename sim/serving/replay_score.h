#pragma once
// A measured run's figures beside those of its replay. Internal to sim/serving.

#include <array>
#include <vector>

#include "core/report/validation_requests.h"
#include "sim/measure/measured.h"
#include "sim/request/request.h"
#include "sim/trace/measured.h"

namespace moeplan {

// Figures of one side; each sorted, in seconds.
struct ReplaySide {
    std::vector<double> ttft, tpot, e2e;
    std::vector<double> gaps;   // between tokens: mean, p50, p90 and p99, where they are known
    double duration_s = 0;
};
ReplaySide side_of(const std::vector<RequestRecord>& records, const Measured& measured);
ReplaySide side_of(const MeasuredRun& run, const std::vector<const MeasuredRequest*>& requests);

// `predicted`: by expected, optimistic and pessimistic step times. `output_tokens` of all requests.
std::vector<RequestFigure> compared(const ReplaySide& measured, const std::array<ReplaySide, 3>& predicted, double output_tokens,
                                    const Estimate& first_token_error);

// Every request's own error; the records are in the order of the requests.
std::vector<RequestErrors> one_by_one(const std::vector<const MeasuredRequest*>& requests, const std::vector<RequestRecord>& records);

}  // namespace moeplan
