#pragma once

#include <string>

#include "cli/console.h"
#include "core/calibrate/profile.h"
#include "gpu/calibrator/calibrate.h"

namespace moeplan::cli {

// What a run measured and how well the fit does on what it has not seen, by family and number format, for a terminal.
std::string calibration_summary(const Calibration& run, const FitReport& fitted, const Console& console);

}  // namespace moeplan::cli
