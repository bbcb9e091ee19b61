#pragma once
// Measurements sorted into the families a profile is fitted by. Internal to core/calibrate.

#include "core/calibrate/profile.h"
#include "core/calibrate/physics.h"

namespace moeplan {

struct FamilyRows {
    KernelFamily family{};
    std::string format;
    std::vector<Measurement> rows;   // in their order; of equal collectives the fastest only: an engine picks its best one
    bool modules = false;            // each with what ran beside it
};

// By family, then format, kernels alone before those in modules. Families without a physics (launch) are left out.
std::vector<FamilyRows> by_family(const std::vector<Measurement>& rows);

// A number for each row, equal where the same op was measured: its features are the same.
std::vector<std::size_t> same_ops(const std::vector<Measurement>& rows, const FamilyPhysics& physics);

// Null when the profile does not have it.
const FittedFamily* fitted(const Profile& profile, const FamilyKey& key);

}  // namespace moeplan
