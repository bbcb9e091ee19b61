#pragma once
// Modules that were timed as a whole, taken apart by what the products in them take. docs/calibration.md, "Modules".
// Internal to core/calibrate.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/calibrate/measurement.h"
#include "core/calibrate/profile.h"
#include "core/cost/cost_source.h"

namespace moeplan {

// What passes over memory are priced with where no engine is known: launches as of the serving engines of the catalog.
EngineSpec engine_of_passes();

// Prices what stands beside the kernel of a module, by a profile that has the products. Both outlive it.
class BesideKernel {
public:
    BesideKernel(const Profile& products, const DeviceSpec& device);
    // Inside a graph, seconds with an interval; nothing where a product's format was not fitted.
    std::optional<Estimate> seconds(const Measurement& module) const;

private:
    const Profile* products_;
    const DeviceSpec* device_;
    EngineSpec engine_;
    std::unique_ptr<CostSource> prices_;
};

struct TakenApart {
    std::vector<Measurement> rows;                 // the kernel alone
    std::map<std::string, std::uint64_t> unused;   // modules by reason
};
// What is left of each module for its kernel. Of the modules measured with several number formats those with 16-bit products
// are used, which are known best; a module that is mostly products says little of its kernel and is not. `alone`: what was
// measured by itself, which goes before.
TakenApart take_apart(const std::vector<Measurement>& modules, const std::vector<Measurement>& alone, const BesideKernel& beside);

// Seconds by which products of a format start later inside a graph than `beside` has it, by format: from modules that differ
// in nothing but their products' format, beside those of 16 bits. Formats with fewer than 8 such pairs are left out.
std::map<std::string, double> later_starts(const std::vector<Measurement>& modules, const BesideKernel& beside);

}  // namespace moeplan
