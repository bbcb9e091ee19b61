#pragma once
// What the calibrator's tests share: the fake worker, files of their own, a small plan, and exact tools.

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "gpu/calibrator/calibrate.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

namespace moeplan::test {

inline std::string fake_worker(const std::string& options = "") {
    return std::string(MOEPLAN_BINARY_DIR) + "/bin/moeplan_fake_worker " + options;
}

inline PlanGroup gemms(std::int64_t count, double share) {
    PlanGroup group{KernelFamily::gemm, "bf16", share, {}, {}};
    for (std::int64_t i = 1; i <= count; ++i) {
        group.kernels.push_back(GemmKernel{i * 3, 256, 128 * i, NumberFormat::bf16});
        group.weights.push_back(1);
    }
    return group;
}

inline PlanGroup copies(std::int64_t count, double share) {
    PlanGroup group{KernelFamily::copy, "", share, {}, {}};
    for (std::int64_t i = 1; i <= count; ++i) {
        group.kernels.push_back(CopyKernel{i * 100'000});
        group.weights.push_back(1);
    }
    return group;
}

inline CalibrationPlan small_plan(const WorkerHello&) { return {{gemms(40, 0.7), copies(20, 0.3)}, {}}; }

// Chooses by a hash of seed and place; "fits" to an error of 1 over the number of rows.
inline CalibrateTools exact_tools(std::function<CalibrationPlan(const WorkerHello&)> plan = small_plan) {
    CalibrateTools tools;
    tools.plan = std::move(plan);
    tools.choose = [](const std::vector<OpKind>& candidates, const std::vector<std::size_t>& taken, const FittedFamily*,
                      const std::vector<double>&, std::size_t count, std::uint64_t seed) {
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            if (std::ranges::find(taken, i) == taken.end()) places.push_back(i);
        }
        const auto hash = [&](std::size_t place) { return (place + 1) * (2 * seed + 1) * 0x9e3779b97f4a7c15ULL; };
        std::ranges::sort(places, [&](std::size_t a, std::size_t b) { return hash(a) < hash(b); });
        if (places.size() > count) places.resize(count);
        return places;
    };
    tools.fit = [](const MeasurementSet& set, const DeviceSpec&, const FitOptions&) -> Result<FitReport> {
        FitReport report;
        FamilyProfile family;
        family.family = set.rows.front().family;
        family.format = set.rows.front().format;
        family.error = ErrorStats{};
        family.error->median_ape = 1.0 / static_cast<double>(set.rows.size());
        report.profile.families.push_back(family);
        return report;
    };
    return tools;
}

inline CalibrateSettings settings_for(const std::string& worker, const std::string& journal) {
    CalibrateSettings settings;
    settings.worker = worker;
    settings.journal = journal;
    settings.times = {10, 5, 1};
    settings.limits.seconds = 0.5;
    return settings;
}

inline std::string text_of(const Problems& problems) {
    std::string text;
    for (const auto& problem : problems) text += to_text(problem) + "\n";
    return text;
}

inline Result<Calibration> run(const CalibrateSettings& settings, const CalibrateTools& tools = exact_tools(),
                        const OnProgress& on_progress = {}) {
    RunControl control;
    return calibrate(settings, tools, control, on_progress);
}

// How often each kernel was asked.
inline std::map<std::string, int> attempts_of(const Calibration& calibration) {
    std::map<std::string, int> attempts;
    for (const JournalEntry& entry : calibration.entries) ++attempts[to_text(entry.request.kernel)];
    return attempts;
}

inline std::int64_t measured(const Calibration& calibration, KernelFamily family) {
    return std::ranges::count(calibration.set.rows, family, &Measurement::family);
}

}  // namespace moeplan::test
