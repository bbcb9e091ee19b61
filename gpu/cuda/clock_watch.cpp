#include "gpu/cuda/clock_watch.h"

#include <algorithm>
#include <array>

#include "gpu/cuda/shared_library.h"

namespace moeplan::cuda {

namespace {

// The few declarations of nvml.h that are needed; it is not part of every toolkit.
// Source: NVML API Reference Guide, "Device Queries", "nvmlClocksEventReasons".
using NvmlDevice = struct nvmlDevice_st*;
constexpr int kNvmlOk = 0;
constexpr unsigned kSmClock = 1;                     // NVML_CLOCK_SM
constexpr unsigned long long kHeldDown = 0x4         // software power cap
                                         | 0x8         // hardware slowdown
                                         | 0x20        // software thermal slowdown
                                         | 0x40        // hardware thermal slowdown
                                         | 0x80;       // power brake

}  // namespace

struct ClockWatch::Nvml {
    SharedLibrary library{{"libnvidia-ml.so.1"}};
    int (*init)() = nullptr;
    int (*shutdown)() = nullptr;
    int (*by_bus)(const char*, NvmlDevice*) = nullptr;
    int (*clock)(NvmlDevice, unsigned, unsigned*) = nullptr;
    int (*reasons)(NvmlDevice, unsigned long long*) = nullptr;
    int (*version)(char*, unsigned) = nullptr;
    NvmlDevice device = nullptr;
    bool started = false;

    explicit Nvml(const std::string& bus) {
        init = library.find<decltype(init)>("nvmlInit_v2");
        shutdown = library.find<decltype(shutdown)>("nvmlShutdown");
        by_bus = library.find<decltype(by_bus)>("nvmlDeviceGetHandleByPciBusId_v2");
        clock = library.find<decltype(clock)>("nvmlDeviceGetClockInfo");
        reasons = library.find<decltype(reasons)>("nvmlDeviceGetCurrentClocksEventReasons");
        if (!reasons)
            reasons = library.find<decltype(reasons)>("nvmlDeviceGetCurrentClocksThrottleReasons");  // older drivers
        version = library.find<decltype(version)>("nvmlSystemGetDriverVersion");
        started = init && init() == kNvmlOk;
        if (started && by_bus && by_bus(bus.c_str(), &device) != kNvmlOk) device = nullptr;
    }
    ~Nvml() {
        if (started && shutdown) shutdown();
    }
    Nvml(const Nvml&) = delete;
    Nvml& operator=(const Nvml&) = delete;
};

ClockWatch::ClockWatch(const std::string& pci_bus_id) : nvml_(std::make_unique<Nvml>(pci_bus_id)) {}
ClockWatch::~ClockWatch() = default;

void ClockWatch::look() {
    const Nvml& n = *nvml_;
    if (!n.device) return;
    unsigned mhz = 0;
    if (n.clock && n.clock(n.device, kSmClock, &mhz) == kNvmlOk && mhz > 0) {
        lowest_mhz_ = std::min(lowest_mhz_.value_or(mhz), static_cast<double>(mhz));
    }
    unsigned long long why = 0;
    if (n.reasons && n.reasons(n.device, &why) == kNvmlOk && (why & kHeldDown)) throttled_ = true;
}

void ClockWatch::reset() {
    lowest_mhz_.reset();
    throttled_ = false;
}

std::string ClockWatch::driver_version() const {
    std::array<char, 96> text{};
    if (!nvml_->started || !nvml_->version ||
        nvml_->version(text.data(), static_cast<unsigned>(text.size())) != kNvmlOk)
        return {};
    return text.data();
}

}  // namespace moeplan::cuda
