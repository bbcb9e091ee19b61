#pragma once
// Collects candidate kernels into a plan, refusing what the worker cannot run. Shared by plan_grids.cpp and
// plan_ops.cpp.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gpu/calibrator/plan.h"

namespace moeplan {

constexpr std::size_t kMostCandidates = 3000;  // of a group: choosing looks at all of them each time

// Arithmetic and cache format of a family's kernels; the second only counts for attention.
using Formats = std::pair<NumberFormat, NumberFormat>;

class PlanBuilder {
public:
    explicit PlanBuilder(const WorkerHello& hello) : hello_(hello), bounds_(bounds_of(hello)) {}

    // The formats the worker offers for a family, as kernels spell them; those this program does not know are noted.
    std::vector<Formats> formats(KernelFamily family);
    // One of them that is known; nothing is noted.
    std::optional<Formats> any_format(KernelFamily family) const;
    bool offers(KernelFamily family) const { return hello_.ops.count(family) > 0; }
    // Whether it would take the kernel: well formed, offered, within the bounds.
    bool runs(const Kernel& kernel) const;
    std::int64_t devices() const { return hello_.devices; }

    // Adds weight to a kernel; the first time also the kernel itself. Too large ones are counted in left_out.
    void add(const Kernel& kernel, double weight);
    void leave_out(const std::string& reason) { ++left_out_[reason]; }

    // Groups share the budget by `share_of` their family, evenly between formats; by their kernels' weight when it is
    // empty. At most kMostCandidates kernels a group: those of most weight, or evenly spread ones when all weigh the
    // same.
    CalibrationPlan finish(const std::map<KernelFamily, double>& share_of) const;

private:
    using Key = std::pair<KernelFamily, std::string>;
    const WorkerHello& hello_;
    KernelBounds bounds_;
    std::map<Key, PlanGroup> groups_;
    std::unordered_map<std::string, std::size_t> known_;  // kernel as text -> its place in its group
    std::map<std::string, std::size_t> left_out_;
};

}  // namespace moeplan
