#include "core/catalog/borrow.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/calibrate/carry_over.h"

namespace moeplan {
namespace {

bool has(const Profile& profile, const FamilyProfile& family) {
    return std::ranges::any_of(profile.families, [&](const FamilyProfile& f) { return f.family == family.family && f.format == family.format; });
}

std::string named(const Profile& made, const DeviceSpec& to) {
    std::vector<std::string> from;
    for (const FamilyProfile& f : made.families) {
        if (std::ranges::find(from, f.from) == from.end()) from.push_back(f.from);
    }
    return fmt::format("{} carried over to {}", from.front(), to.id);
}

}  // namespace

std::shared_ptr<const Profile> borrowed_profile(const std::vector<Donor>& donors, const DeviceSpec& to, const std::shared_ptr<const Profile>& own) {
    Profile made = own ? *own : Profile{};
    for (const Donor& donor : donors) {
        for (const FamilyProfile& family : donor.profile->families) {
            if (has(made, family)) continue;
            auto carried = carry_over(*donor.profile, family, *donor.device, to);
            if (!carried) continue;
            if (made.families.empty()) {
                made.device = to.id;
                made.device_name = to.name;
                made.engine = donor.profile->engine;
                made.date = donor.profile->date;
                made.source = fmt::format("kernels of {} with the datasheet of {}; {}", donor.device->name, to.name, donor.profile->source);
            }
            made.families.push_back(std::move(*carried));
        }
    }
    if (made.families.empty()) return nullptr;
    if (!own) made.name = named(made, to);
    return std::make_shared<const Profile>(std::move(made));
}

}  // namespace moeplan
