#pragma once
// What knows how long an op takes. Roofline today; a calibrated profile answers behind the same interface.

#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/cost/cost.h"
#include "core/hardware/device_spec.h"
#include "core/hardware/engine_spec.h"
#include "core/ops/op.h"

namespace moeplan {

struct Profile;   // core/calibrate/profile.h

// Where an op runs. All pointers outlive the call.
struct Place {
    const DeviceSpec* device = nullptr;
    const EngineSpec* engine = nullptr;
    BytesPerSecond network;   // per GPU between nodes
    BytesPerSecond host{};    // at which experts kept in host memory are read; 0 = the device's PCIe
    const Profile* profile = nullptr;   // what calibration measured there; null = nothing
};

class CostSource {
public:
    virtual ~CostSource() = default;

    // One execution of the op (op.repeat is not applied).
    // Errors: the source has no data for it (a number format without a published peak, no link between
    // ranks): names the missing datum, never a guess.
    virtual Result<Cost> price(const Op& op, const Place& place) const = 0;

    // One line for reports: "roofline with sourced achievable fractions".
    virtual std::string describe() const = 0;
    // The same for one place, where it differs: which profile answers there.
    virtual std::string describe(const Place&) const { return describe(); }
};

// docs/method.md, "Roofline" and "Collectives".
std::unique_ptr<CostSource> make_roofline();

// Every op costs the same; makes whole timelines exact in tests.
std::unique_ptr<CostSource> make_fixed_cost(Seconds each);

}  // namespace moeplan
