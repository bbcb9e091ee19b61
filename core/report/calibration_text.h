#pragma once
// What the outputs of a calibration report share. Internal to core/report.

#include <string>
#include <vector>

#include "core/report/calibration_report.h"

namespace moeplan {

struct CalibrationGrid {
    std::string title;                           // "Measured"
    std::vector<std::string> heads;              // the first two are words, the others numbers
    std::vector<std::vector<std::string>> rows;  // one for every family and format
    std::string legend;                          // what the columns mean
};
// What was measured, where there is a journal; what the fit is worth, where there is a profile.
std::vector<CalibrationGrid> calibration_grids(const CalibrationReport& report);

// "612 probes in 4.9 min; 2 failed; the clock was lowered during 14": one line on the whole.
std::string calibration_summary_line(const CalibrationReport& report);

}  // namespace moeplan
