#include "gui/calibration/use_profile.h"

namespace moeplan {

void use_profile(Scenario& scenario, const Catalog& catalog, const std::string& gpu, const std::string& file) {
    for (Candidate& candidate : scenario.candidates) {
        const DeviceSpec* device = catalog.device(candidate.gpu);   // a study may name it by an alias
        if (gpu.empty() || candidate.gpu == gpu || (device && device->id == gpu)) candidate.profile = file;
    }
}

}  // namespace moeplan
