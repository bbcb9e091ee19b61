#pragma once
// How well a fit from few probes predicts the rest of a table of measured kernels.

#include "core/base/run_control.h"
#include "core/calibrate/profile.h"
#include "core/calibrate/read_kernel_table.h"
#include "core/cost/cost_source.h"
#include "core/report/kernel_scores.h"

namespace moeplan {

enum class Split : std::uint8_t {
    row,     // probes anywhere; the score is over all other rows
    shape,   // a quarter of the shapes is never probed; the score is over those
};

struct EvaluateOptions {
    std::size_t probes = 500;   // a family and number format; at most four fifths of its rows
    std::uint64_t seed = 1;
    Split split = Split::row;
    const Profile* prior = nullptr;   // transfer from another device
};

// Chooses probes the way the calibrator does, fits, scores. Families in parallel; same arguments, same scores.
// A family with too few rows (or, by shape, a single shape) is counted under skipped.
KernelScores evaluate(const KernelTable& table, const DeviceSpec& device, const EvaluateOptions& options, RunControl& control);

// Every row of the table by a finished profile; rows of families it lacks are counted under skipped.
// With a device its plain roofline is scored on the same rows.
KernelScores score_profile(const KernelTable& table, const Profile& profile, const DeviceSpec* device = nullptr);

}  // namespace moeplan
