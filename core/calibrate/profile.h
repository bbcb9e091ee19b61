#pragma once
// What calibration learnt about one device (and engine's kernels): a fitted time for ops, with an interval and the
// domain it holds in. A JSON file with a schema version; loading one takes milliseconds.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/calibrate/measurement.h"
#include "core/cost/cost_source.h"
#include "core/hardware/device_spec.h"
#include "core/report/validation.h"

namespace moeplan {

struct Prediction {
    double seconds = 0, low = 0, high = 0;   // 90 % interval
    bool outside = false;                    // an input lies outside what was measured
};

class FittedFamily;   // core/calibrate/fitted_family.h

struct FamilyProfile {
    KernelFamily family{};
    std::string format;
    std::int64_t fitted = 0, held_out = 0;   // measurements
    std::optional<ErrorStats> error;         // of the held-out fifth; absent when too few
    std::shared_ptr<const FittedFamily> fit;
    std::string from = {};       // the profile of another device it is carried over from (carry_over.h); empty = measured
};

struct Profile {
    std::string name;            // "h100_sxm-vllm"
    std::string device;          // catalog id it stands for
    std::string device_name;     // as the driver named it
    std::string engine;
    std::string source;          // provenance and licence notice
    std::string date;            // ISO 8601, when fitted
    std::vector<FamilyProfile> families;
};

struct FitOptions {
    bool hold_out = true;        // a fifth of the rows is never fitted and scores the rest
    std::uint64_t seed = 1;
    const Profile* prior = nullptr;   // another device's profile: its correction is the starting point
};

// Fits every family and format that has enough rows (8) and times that can be; the rest are named in `left_out`.
struct FitReport {
    Profile profile;
    std::vector<std::string> left_out;
};
Result<FitReport> fit_profile(const MeasurementSet& set, const DeviceSpec& device, const FitOptions& options);

// Nothing when the profile has no family and format for this op: the caller falls back to the roofline and says so.
std::optional<Prediction> predict(const Profile& profile, const OpKind& op);

// The file's text; errors also when it cannot be read.
Result<Profile> load_profile(const std::string& file);

std::string write_profile(const Profile& profile);
// write_profile(), once it has been read back: what is written can be read. Errors: what read_profile() says of it.
Result<std::string> profile_text(const Profile& profile, const std::string& file);
// Errors: not JSON, another schema version, missing keys, arrays of the wrong length, numbers no fit has; each named with the file.
Result<Profile> read_profile(std::string_view text, const std::string& file);

// Prices ops by the profile of their place where it has one with the family, by `fallback` otherwise (Cost::provenance
// tells which).
std::unique_ptr<CostSource> make_calibrated(std::unique_ptr<CostSource> fallback);

}  // namespace moeplan
