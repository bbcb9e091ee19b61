#pragma once
// The held-out error of a calibration as it falls, as a picture.

#include <optional>
#include <vector>

#include "gui/calibration/calibration_job.h"
#include "gui/models/picture.h"

namespace moeplan {

// A line for every family that has an error, in a colour by its place among `planned`, and one for all of them together; a mark where
// the target is. The axis of time goes up to the budget. Empty, with the reason, before the first errors are known.
Picture error_picture(const std::vector<ErrorMoment>& history, const std::vector<GroupProgress>& planned, double budget_s,
                      std::optional<double> target);

}  // namespace moeplan
