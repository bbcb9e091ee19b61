// Passes over memory, and collectives over links.

#include <cmath>

#include <fmt/format.h>

#include "core/calibrate/physics.h"
#include "core/calibrate/physics_parts.h"
#include "core/cost/collective.h"

namespace moeplan {
namespace {

double pass_prior(const OpKind& op, const DeviceRates& rates, std::span<const double> theta) {
    return theta[0] + std::get<MemoryPass>(op).bytes.value / (rates.bandwidth * theta[1]);
}

void describe_pass(const OpKind& op, const DeviceRates&, std::span<const double>, std::span<double> out) {
    out[0] = std::log(std::max(std::get<MemoryPass>(op).bytes.value, 1.0));
}

std::string one_shape(const OpKind&) { return "any"; }

// Ring or exchange: what the slowest link carries, and a latency per step (core/cost/collective.h).
double collective_prior(const OpKind& op, const DeviceRates& rates, std::span<const double> theta) {
    const CollectiveWork work = collective_work(std::get<Collective>(op));
    return theta[0] + theta[1] * work.steps + work.bytes.value / (rates.bandwidth * theta[2]);
}

void describe_collective(const OpKind& op, const DeviceRates&, std::span<const double>, std::span<double> out) {
    const auto& c = std::get<Collective>(op);
    out[0] = std::log(std::max(c.bytes.value, 1.0));
    out[1] = std::log(static_cast<double>(c.ranks));
}

std::string ranks_shape(const OpKind& op) { return fmt::format("{} ranks", std::get<Collective>(op).ranks); }

}  // namespace

const FamilyPhysics kPassPhysics{KernelFamily::copy,
                                 {{"start (s)", 2e-6, 1e-8, 1e-3}, {"bandwidth reached", 0.8, 0.02, 10}},
                                 pass_prior,
                                 nullptr,
                                 {"bytes"},
                                 describe_pass,
                                 one_shape};

const FamilyPhysics kCollectivePhysics{
    KernelFamily::collective,
    {{"start (s)", 5e-6, 1e-7, 1e-3}, {"per step (s)", 1e-6, 1e-9, 1e-4}, {"bandwidth reached", 0.8, 0.05, 2}},
    collective_prior,
    nullptr,
    {"bytes", "ranks"},
    describe_collective,
    ranks_shape};

}  // namespace moeplan
