#pragma once
// Profiles for devices that have none of their own. Internal to core/catalog; the rules are in docs/calibration.md, "Devices
// without a profile".

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/calibrate/profile.h"
#include "core/hardware/device_spec.h"

namespace moeplan {

// A measured profile and the device it is of.
struct Donor {
    std::shared_ptr<const Profile> profile;
    const DeviceSpec* device = nullptr;
    bool same_engine = true;   // as the one it is wanted for
};

// Every family of every donor that carries over to `to`, each from the first donor that has it. The name tells whose it is:
// "h200_sxm-vllm carried over to rtx_4090". Null when nothing carries over.
std::shared_ptr<const Profile> borrowed_profile(const std::vector<Donor>& donors, const DeviceSpec& to);

// Made once for each device and engine: prices are remembered by the address of a fit. A copy starts empty, for it may be of a
// catalog with other profiles.
class BorrowedProfiles {
public:
    BorrowedProfiles() = default;
    BorrowedProfiles(const BorrowedProfiles&) {}
    BorrowedProfiles& operator=(const BorrowedProfiles&) = delete;

    template <class Make>
    std::shared_ptr<const Profile> get(const std::string& key, Make make) {
        const std::lock_guard lock(mutex_);
        const auto at = known_.find(key);
        return at != known_.end() ? at->second : known_.emplace(key, make()).first->second;
    }

private:
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<const Profile>> known_;
};

}  // namespace moeplan
