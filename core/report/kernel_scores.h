#pragma once
// Predicted against measured kernels by family and number format, as values and their outputs. Fractions, not percent.

#include <string>
#include <vector>

#include "core/report/validation.h"

namespace moeplan {

struct KernelScore {
    std::string family, format, device;
    std::uint64_t n_fit = 0, n_test = 0;
    std::optional<ErrorStats> error;       // absent when nothing was left to test
    std::optional<ErrorStats> roofline;    // the same rows by the plain roofline, where asked for
    double seconds = 0;                    // the fit took
};

struct KernelScores {
    std::string file;
    std::string method;                    // "split by row, 500 probes a family, seed 1" or the profile's name
    std::vector<KernelScore> families;
    std::vector<SkippedRows> skipped;
};

// {"file","method","families":[{"family","dtype","device","n_fit","n_test","mape","median_ape","p90_ape","bias","coverage90",
//  "roofline_mape","roofline_median_ape"}],"skipped":[{"reason","n"}]}; null where absent.
std::string write_kernel_scores_json(const KernelScores& scores);
std::string write_kernel_scores_table(const KernelScores& scores, const TableStyle& style);
std::string write_kernel_scores_markdown(const KernelScores& scores);

}  // namespace moeplan
