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
// Experts whose layers always ran by another kernel than the rest (the model's activation or packing wants it, no size tells)
// are apart, right after the rest, under a format that names it: "nvfp4, by cutlass_flashinferexperts".
std::vector<FamilyRows> by_family(const std::vector<Measurement>& rows);

// A number for each row, equal where the same op was measured: its features are the same.
std::vector<std::size_t> same_ops(const std::vector<Measurement>& rows, const FamilyPhysics& physics);

// Of `probes` for a format, those for one of its groups (an element of `families`): by rows, at least enough to fit.
std::size_t share_of_probes(const std::vector<FamilyRows>& families, const FamilyRows& one, std::size_t probes);

// Null when the profile does not have it.
const FittedFamily* fitted(const Profile& profile, const FamilyKey& key);
// The same for an op: by the kernel that ran its layer where that is known, otherwise by what most layers ran by.
const FittedFamily* fitted(const Profile& profile, const OpKind& op);
// Of the same format, by the same kernel where it is apart there too.
const FittedFamily* fitted_like(const Profile& profile, const FamilyRows& family);

}  // namespace moeplan
