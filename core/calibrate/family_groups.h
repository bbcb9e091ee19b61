#pragma once
// Measurements sorted into the families a profile is fitted by. Internal to core/calibrate.

#include "core/calibrate/profile.h"
#include "core/calibrate/physics.h"

namespace moeplan {

struct FamilyRows {
    KernelFamily family{};
    std::string format;
    std::vector<Measurement> rows;   // in their order; of equal collectives the fastest only: an engine picks its best one
};

// By family, then format. Families without a physics (launch) are left out.
std::vector<FamilyRows> by_family(const std::vector<Measurement>& rows);

// Null when the profile does not have it.
const FittedFamily* fitted(const Profile& profile, const FamilyKey& key);

}  // namespace moeplan
