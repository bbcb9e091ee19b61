#pragma once
// A measured run replayed request by request: distributions held against each other. Times in milliseconds.

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/estimate.h"
#include "core/report/report_writer.h"

namespace moeplan {

struct RequestFigure {
    std::string metric;       // ttft_ms, tpot_ms, itl_ms, e2e_ms, requests_per_s, output_tok_s
    std::string statistic;    // mean, p50, p90, p99; empty for rates
    double measured = 0;      // > 0
    Estimate predicted;       // low and high: optimistic and pessimistic step times
    double error() const { return predicted.value / measured - 1; }
    bool inside() const { return predicted.low <= measured && measured <= predicted.high; }
};

// Errors of the requests one by one: predicted over measured, less 1.
struct RequestErrors {
    std::string metric;       // ttft_ms, tpot_ms, e2e_ms
    std::uint64_t n = 0;      // requests that have it
    double bias = 0;          // median
    double mean = 0, median = 0, p90 = 0;   // of their sizes
};

struct RequestsValidation {
    std::string file, candidate, cost_source;
    std::string arrivals;               // "as recorded", "8 users in turn", …
    std::uint64_t n = 0, failed = 0;    // requests replayed; those left out because they failed when measured
    std::vector<RequestFigure> figures;
    std::vector<RequestErrors> errors;
    std::vector<std::string> notes;
};

// The q quantile with linear interpolation between order statistics, as load generators report it (NumPy's default;
// Hyndman and Fan 1996, definition 7). `values` are sorted and not none.
double quantile_of_sorted(const std::vector<double>& values, double q);

// {"file","candidate","cost_source","arrivals","n","failed","figures":[{"metric","statistic","measured",
//  "predicted":{"value","low","high"},"error"}],"request_errors":[{"metric","n","bias","mean","median","p90"}],"notes":[…]}
std::string write_requests_validation_json(const RequestsValidation& report);
std::string write_requests_validation_table(const RequestsValidation& report, const TableStyle& style);
std::string write_requests_validation_markdown(const RequestsValidation& report);

}  // namespace moeplan
