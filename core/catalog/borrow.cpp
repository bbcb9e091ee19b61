#include "core/catalog/borrow.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/calibrate/carry_over.h"

namespace moeplan {
namespace {

bool has(const Profile& profile, const FamilyProfile& family) {
    const auto same = [&](const FamilyProfile& f) { return f.family == family.family && f.format == family.format; };
    return std::ranges::any_of(profile.families, same);
}

// What the whole is called and where it comes from: its first donor.
Profile started(const Donor& donor, const DeviceSpec& to) {
    Profile made;
    made.name = fmt::format("{} carried over to {}", donor.profile->name, to.id);
    made.device = to.id;
    made.device_name = to.name;
    made.engine = donor.profile->engine;
    made.date = donor.profile->date;
    made.source = fmt::format("kernels of {} with the datasheet of {}; {}", donor.device->name, to.name, donor.profile->source);
    return made;
}

}  // namespace

std::shared_ptr<const Profile> borrowed_profile(const std::vector<Donor>& donors, const DeviceSpec& to) {
    Profile made;
    for (const Donor& donor : donors) {
        for (const FamilyProfile& family : donor.profile->families) {
            if (has(made, family)) continue;
            auto carried = carry_over(*donor.profile, family, *donor.device, to, donor.same_engine);
            if (!carried) continue;
            if (made.families.empty()) made = started(donor, to);
            made.families.push_back(std::move(*carried));
        }
    }
    return made.families.empty() ? nullptr : std::make_shared<const Profile>(std::move(made));
}

}  // namespace moeplan
