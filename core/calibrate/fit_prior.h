#pragma once
// The parameters of a family's prior, by robust least squares of log time. docs/calibration.md, "The fit". Internal to
// core/calibrate.

#include <map>
#include <string>
#include <vector>

#include "core/calibrate/physics.h"

namespace moeplan {

// In the order of physics.parameters. `inherited`: what another device's corrections add to the logarithm of each row's time.
// `known`: parameters that are not fitted, by name. Choices are tried in all combinations.
std::vector<double> fit_prior(const FamilyPhysics& physics, const DeviceRates& rates, const std::vector<Measurement>& rows,
                              const std::vector<double>& inherited, const std::map<std::string, double>& known);

}  // namespace moeplan
