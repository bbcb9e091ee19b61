#pragma once
// What is known of a family of kernels before anything is measured: a prior time with a few parameters that have
// a meaning, and the features a correction is learnt on. docs/calibration.md, "Priors and features".

#include <span>
#include <string>
#include <vector>

#include "core/calibrate/measurement.h"
#include "core/hardware/device_spec.h"

namespace moeplan {

// What a prior may know of a device: its datasheet.
struct DeviceRates {
    double bandwidth = 0;     // bytes/s
    double peak = 0;          // FLOP/s of the format the op computes in
    double processors = 1;    // SMs, cores
    double cache = 0;         // bytes of the last cache before memory; 0 = not known, then it has no effect
};
// Errors: the device has no peak for the format (named).
Result<DeviceRates> rates_for(const OpKind& op, const DeviceSpec& device);

struct Parameter {
    std::string name;
    double start = 1, low = 0, high = 0;   // all > 0: searched in logarithms
    // How a kernel was built, where no slope leads from one to the next: each is tried. Empty: a number like any other.
    std::vector<double> choices = {};
};

struct FamilyPhysics {
    KernelFamily family{};
    std::vector<Parameter> parameters;
    // Seconds; `theta` in the order of parameters. Never zero or negative.
    double (*prior)(const OpKind& op, const DeviceRates& rates, std::span<const double> theta) = nullptr;
    // The part of the prior that is the device's alone: what is left of it where launches are captured in a graph and the
    // host does not hold the kernel up. Null: the prior has no host part.
    double (*device_prior)(const OpKind& op, const DeviceRates& rates, std::span<const double> theta) = nullptr;
    std::vector<std::string> features;   // names, for reports
    // Fills `out` (as many as features): logarithms of sizes and ratios. Of the parameters `built`, only those that are choices
    // count: features stay where they are when the others move.
    void (*describe)(const OpKind& op, const DeviceRates& rates, std::span<const double> built, std::span<double> out) = nullptr;
    // Equal for ops of the same layer shape at other sizes: "4096 x 14336, top-2 of 8".
    std::string (*shape)(const OpKind& op) = nullptr;
    // The features that a first choice of probes spreads over: sizes, not what is derived from them. Empty = all.
    std::vector<std::size_t> spread = {};
};

// The parameters' starts: how a kernel is taken to be built before anything is measured.
std::vector<double> starts_of(const FamilyPhysics& physics);

// Of a parameter of the prior, by name; nothing where it has none of that name.
std::optional<std::size_t> parameter_place(const FamilyPhysics& physics, std::string_view parameter);

// Nothing for families that are not fitted this way (launch).
const FamilyPhysics* physics_of(KernelFamily family);

// The family an op is predicted by, and its number format as in format_of(Kernel); nothing when no family covers it.
struct FamilyKey {
    KernelFamily family{};
    std::string format;
    bool operator==(const FamilyKey&) const = default;
};
std::optional<FamilyKey> family_of_op(const OpKind& op);

// Per family; in files of their own.
extern const FamilyPhysics kGemmPhysics, kExpertPhysics, kPrefillPhysics, kDecodePhysics, kPassPhysics, kCollectivePhysics;

}  // namespace moeplan
