#include "gpu/calibrator/plan.h"

#include <algorithm>

#include <fmt/format.h>

namespace moeplan {
namespace {

// FNV-1a, 64 bits. Source: Fowler, Noll, Vo, http://www.isthe.com/chongo/tech/comp/fnv/
void mix(std::uint64_t& hash, std::string_view text) {
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3ULL;
    }
    hash ^= 0xff;   // between texts, so that "ab","c" is not "a","bc"
    hash *= 0x100000001b3ULL;
}

}  // namespace

std::size_t CalibrationPlan::size() const {
    std::size_t kernels = 0;
    for (const PlanGroup& group : groups) kernels += group.kernels.size();
    return kernels;
}

KernelBounds bounds_of(const WorkerHello& hello) {
    const double third = static_cast<double>(std::max<std::int64_t>(hello.memory_bytes, 0)) / 3;
    if (hello.threads > 0) return {std::min(third, kGiB / 4), 2e9 * static_cast<double>(hello.threads)};
    return {third, 2e13};   // some 20 ms at 1 PFLOP/s, a fraction of a second on the oldest GPU of interest
}

std::string key_of(const Kernel& kernel) { return write_request({0, kernel, {}}); }

std::string plan_hash(const CalibrationPlan& plan) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const PlanGroup& group : plan.groups) {
        mix(hash, fmt::format("{} {} {:.6g}", name_of(group.family), group.format, group.share));
        for (std::size_t i = 0; i < group.kernels.size(); ++i) {
            mix(hash, key_of(group.kernels[i]));
            mix(hash, fmt::format("{:.6g}", group.weights[i]));
        }
    }
    return fmt::format("{:016x}", hash);
}

}  // namespace moeplan
