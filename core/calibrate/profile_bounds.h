#pragma once
// What no fit comes near to: beyond, a prediction would be no time. Fits keep to these, profiles that do not are refused.
// Internal to core/calibrate.

#include <cstddef>

namespace moeplan {

constexpr double kLeastParameter = 1e-18, kMostParameter = 1e9;   // of a prior
constexpr double kLeastRate = 1, kMostRate = 1e24;                // of a device, in its own units
constexpr double kMostVariance = 1e3;                             // of a correction, in logarithms
constexpr double kMostCorrection = 30;                            // a factor of 1e13
constexpr double kMostMultiple = 100;                             // of the deviation, in an interval
constexpr double kMostError = 1e12;                               // relative, of a prediction
constexpr double kMostCounted = 1e12;                             // measurements
constexpr std::size_t kMostPoints = 20000;

}  // namespace moeplan
