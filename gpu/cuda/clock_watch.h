#pragma once
// What the GPU's clock does while it works, from NVML where the driver has it; otherwise nothing is known.

#include <memory>
#include <optional>
#include <string>

namespace moeplan::cuda {

class ClockWatch {
public:
    // `pci_bus_id` as cudaDeviceGetPCIBusId() gives it.
    explicit ClockWatch(const std::string& pci_bus_id);
    ~ClockWatch();

    // Call while work is under way.
    void look();
    // Since the last reset: the lowest SM clock seen, and whether power, heat or the board held the clock down.
    void reset();
    std::optional<double> clock_mhz() const { return lowest_mhz_; }
    bool throttled() const { return throttled_; }

    // "570.86.15"; empty when not known.
    std::string driver_version() const;

private:
    struct Nvml;
    std::unique_ptr<Nvml> nvml_;
    std::optional<double> lowest_mhz_;
    bool throttled_ = false;
};

}  // namespace moeplan::cuda
