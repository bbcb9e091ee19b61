#pragma once
// The held-out error of a calibration as it falls, as a picture.

#include <optional>
#include <vector>

#include "gui/calibration/calibration_job.h"
#include "gui/models/picture.h"

namespace moeplan {

// A line for every family that has an error, and all of them together; a line where the target is. Empty, with the reason, before the
// first errors are known.
Picture error_picture(const std::vector<ErrorMoment>& history, std::optional<double> target);

}  // namespace moeplan
