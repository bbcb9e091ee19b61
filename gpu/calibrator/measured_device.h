#pragma once
// A device nobody has written down: its peaks are the best that was measured on it.

#include <vector>

#include "core/calibrate/measurement.h"
#include "core/hardware/device_spec.h"
#include "gpu/protocol/protocol.h"

namespace moeplan {

// Bandwidth: bytes moved per second by the largest copy; without copies the most of any measured kernel that computes
// little, without those of any kernel. Peak of a format: the most operations per second of any kernel that computes in
// it; 0 when none was measured. Link: the most payload per second of any collective. Fractions reached are 1: these are
// what kernels reached. Memory as the worker said. For the roofline under a fit, not for planning.
DeviceSpec measured_device(const WorkerHello& hello, const std::vector<Measurement>& rows);

}  // namespace moeplan
