#pragma once
// Profiles of devices that obey the priors with parameters of their own, fitted in a blink.

#include <cmath>
#include <random>

#include "core/calibrate/fitted_family.h"
#include "core/calibrate/profile.h"
#include "core/catalog/catalog.h"

namespace moeplan::test {

inline const DeviceSpec& h100() { return *builtin_catalog().device("h100_sxm"); }

// An op measured on a device whose parameters are `theta` (empty: where the fit starts from).
inline Measurement measured(const OpKind& op, std::vector<double> theta = {}) {
    const FamilyKey key = *family_of_op(op);
    const FamilyPhysics& physics = *physics_of(key.family);
    if (theta.empty()) {
        for (const Parameter& p : physics.parameters) theta.push_back(p.start);
    }
    Measurement row;
    row.op = op;
    row.family = key.family;
    row.format = key.format;
    row.seconds = physics.prior(op, *rates_for(op, h100()), theta);
    row.shape = physics.shape(op);
    return row;
}

// Times a little off the prior, so that there is something to correct.
inline std::vector<Measurement> gemms(const std::vector<double>& theta = {}, NumberFormat format = NumberFormat::bf16) {
    std::vector<Measurement> rows;
    for (const double n : {1024.0, 4096.0, 8192.0}) {
        for (const double k : {1024.0, 4096.0}) {
            for (double m = 1; m <= 16384; m *= 2) {
                rows.push_back(measured(Gemm{m, n, k, format}, theta));
                rows.back().seconds *= std::exp(0.1 * std::sin(std::log(m) + n));
            }
        }
    }
    return rows;
}

inline ExpertFfn experts(double tokens, NumberFormat format) {
    ExpertFfn f;
    f.tokens = tokens;
    f.experts = f.held = 8;
    f.top_k = 2;
    f.pairs = 2 * tokens;
    f.activated = std::min(8.0, f.pairs);
    f.hottest = std::ceil(f.pairs / 8);
    f.hidden = 4096;
    f.width = 14336;
    f.weights = format;
    return f;
}

inline Collective all_reduce(double bytes, std::int64_t ranks, bool across_nodes = false) {
    return {CollectiveKind::all_reduce, {bytes}, ranks, across_nodes};
}

// GEMM and experts in bf16, passes over memory from 1 kB to 1 GB, all-reduce of 2 to 8 ranks.
inline MeasurementSet several_families() {
    MeasurementSet set{"NVIDIA H100 80GB HBM3", "vllm 0.24.0", "synthetic", gemms()};
    for (double tokens = 1; tokens <= 8192; tokens *= 1.5)
        set.rows.push_back(measured(experts(std::ceil(tokens), NumberFormat::bf16)));
    for (int i = 0; i <= 24; ++i) set.rows.push_back(measured(MemoryPass{{std::pow(10, 3 + i / 4.0)}}));
    for (const std::int64_t ranks : {2, 4, 8}) {
        for (double bytes = 1024; bytes <= 1e9; bytes *= 4) set.rows.push_back(measured(all_reduce(bytes, ranks)));
    }
    return set;
}

// Errors fail the test that asks.
inline Profile profile_of(const MeasurementSet& set, const FitOptions& options = {}) {
    auto report = fit_profile(set, h100(), options);
    if (!report) throw std::runtime_error(to_text(report.error().front()));
    report->profile.name = "synthetic";
    report->profile.date = "2026-01-01";
    return std::move(report->profile);
}

inline double share(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1.0p-53; }

}  // namespace moeplan::test
