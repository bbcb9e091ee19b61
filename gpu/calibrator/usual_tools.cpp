// Apart from calibrate.cpp, so that a program with tools of its own does not link the fit.
#include "gpu/calibrator/calibrate.h"

namespace moeplan {

CalibrateTools usual_tools(std::function<CalibrationPlan(const WorkerHello&)> plan) {
    return {fit_profile, choose_probes, std::move(plan)};
}

}  // namespace moeplan
