#include "gpu/cpu/machine.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>

#include <sys/utsname.h>

namespace moeplan::cpu {
namespace {

constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

// The value after "key   :" of a file such as /proc/cpuinfo; empty when there is none.
std::string field(const char* file, const std::string& key) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.rfind(key, 0) != 0) continue;
        const auto colon = line.find(':');
        if (colon == std::string::npos) continue;
        const auto begin = line.find_first_not_of(" \t", colon + 1);
        return begin == std::string::npos ? std::string{} : line.substr(begin);
    }
    return {};
}

std::optional<double> number(const std::string& text) {
    std::istringstream in(text);
    double value = 0;
    if (in >> value) return value;
    return std::nullopt;
}

std::string first_line(const std::string& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

std::int64_t meminfo(const char* key) {
    const auto kib = number(field("/proc/meminfo", key));
    return kib ? static_cast<std::int64_t>(*kib * 1024) : 0;
}

// A control group's limit and use; "max" and what is beyond any memory mean none.
std::int64_t limit(const char* file) {
    const auto value = number(first_line(file));
    return value && *value < 9e15 ? static_cast<std::int64_t>(*value) : kUnlimited;
}

std::int64_t group_limit() {
    return std::min(limit("/sys/fs/cgroup/memory.max"), limit("/sys/fs/cgroup/memory/memory.limit_in_bytes"));
}

std::int64_t group_left() {
    const std::int64_t most = group_limit();
    if (most == kUnlimited) return kUnlimited;
    const std::int64_t used =
        std::min(limit("/sys/fs/cgroup/memory.current"), limit("/sys/fs/cgroup/memory/memory.usage_in_bytes"));
    return used == kUnlimited ? most : std::max(std::int64_t{0}, most - used);
}

}  // namespace

std::string processor_name() {
    for (const char* key : {"model name", "Model", "cpu model"}) {
        if (std::string name = field("/proc/cpuinfo", key); !name.empty()) return name;
    }
    return "unknown processor";
}

std::string kernel_version() {
    utsname name{};
    if (uname(&name) != 0) return {};
    return std::string(name.sysname) + " " + name.release;
}

std::int64_t memory_bytes() { return std::min(meminfo("MemTotal"), group_limit()); }

std::int64_t available_bytes() { return std::min(meminfo("MemAvailable"), group_left()); }

std::int64_t last_level_cache() {
    std::int64_t largest = 0;
    for (int index = 0; index < 8; ++index) {
        const std::string size =
            first_line("/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/size");
        const auto value = number(size);
        if (!value) continue;
        const double unit = size.back() == 'K' ? 1024.0 : size.back() == 'M' ? 1024.0 * 1024.0 : 1.0;
        largest = std::max(largest, static_cast<std::int64_t>(*value * unit));
    }
    return largest > 0 ? largest : std::int64_t{32} << 20;
}

std::optional<double> core_mhz() {
    if (const auto khz = number(first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq")))
        return *khz / 1000;
    return number(field("/proc/cpuinfo", "cpu MHz"));
}

}  // namespace moeplan::cpu
