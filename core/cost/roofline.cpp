// Time of an op from peaks, bandwidth and what well-tuned kernels reach of them. Source: Williams, Waterman,
// Patterson, "Roofline" (CACM 52(4), 2009); the corner is rounded by a 4-norm because compute and memory
// phases of one kernel overlap imperfectly near it (docs/method.md, "Roofline").

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/match.h"
#include "core/base/require.h"
#include "core/cost/arithmetic.h"
#include "core/cost/collective.h"
#include "core/cost/cost_source.h"

namespace moeplan {
namespace {

double smooth_max(double a, double b) {
    const double a2 = a * a;
    const double b2 = b * b;
    return std::sqrt(std::sqrt(a2 * a2 + b2 * b2));
}

struct Rates {
    double peak = 0;        // FLOP/s of the format the op computes in; 0 for pure memory work
    Estimate compute;       // fraction of it reached
};

class Roofline final : public CostSource {
public:
    Result<Cost> price(const Op& op, const Place& place) const override {
        return std::visit([&](const auto& o) { return price_one(o, place); }, op.kind);
    }
    std::string describe() const override { return "roofline with sourced achievable fractions"; }

private:
    static tl::unexpected<Problems> no_peak(NumberFormat format, const DeviceSpec& device) {
        return fail({{}, {}, fmt::format("no price: {} has no published dense {} peak", device.name, name_of(format)),
                     "choose another number format or add peak." + std::string(name_of(format)) + " to the device",
                     ProblemKind::wrong_input});
    }

    static Result<Rates> rates(NumberFormat compute, const DeviceSpec& device) {
        const double peak = device.peak.of(compute).value;
        if (peak <= 0) return no_peak(compute, device);
        const bool narrow = compute == NumberFormat::fp8 || compute == NumberFormat::nvfp4 ||
                            compute == NumberFormat::mxfp4 || compute == NumberFormat::int8;
        return Rates{peak, narrow ? device.compute_fraction_fp8 : device.compute_fraction};
    }

    static Cost roof(const Work& work, const Rates& rates, const Place& place, double kernels) {
        const DeviceSpec& d = *place.device;
        const Estimate& launch = place.engine->kernel_launch_s;
        const double compute = rates.peak > 0 ? work.flops.value / rates.peak : 0;
        const double memory = work.bytes.value / d.bandwidth.value;
        const auto time = [&](double compute_fraction, double memory_fraction, double launch_s) {
            return smooth_max(compute > 0 ? compute / compute_fraction : 0, memory / memory_fraction) + kernels * launch_s;
        };
        Cost cost;
        cost.time = {time(rates.compute.value, d.bandwidth_fraction.value, launch.value)};
        cost.low = {time(rates.compute.high, d.bandwidth_fraction.high, launch.low)};
        cost.high = {time(rates.compute.low, d.bandwidth_fraction.low, launch.high)};
        cost.flops = work.flops;
        cost.bytes = work.bytes;
        const double c = compute > 0 ? compute / rates.compute.value : 0;
        const double m = memory / d.bandwidth_fraction.value;
        cost.bound = kernels * launch.value > std::max(c, m) ? Bound::launch : c > m ? Bound::compute : Bound::memory;
        return cost;
    }

    static Result<Cost> price_one(const Gemm& g, const Place& place) {
        const auto r = rates(arithmetic_format(g.weights, *place.device), *place.device);
        if (!r) return tl::unexpected(r.error());
        return roof(work_of(g), *r, place, 1);
    }

    // Two grouped GEMMs with an activation between them: three kernels.
    static Result<Cost> price_one(const ExpertFfn& f, const Place& place) {
        const auto r = rates(arithmetic_format(f.weights, *place.device), *place.device);
        if (!r) return tl::unexpected(r.error());
        return roof(work_of(f), *r, place, 3);
    }

    // Attention multiplies in 16 bit whatever the cache is stored in.
    static Result<Cost> price_one(const Attention& a, const Place& place) {
        const auto r = rates(half_format(*place.device), *place.device);
        if (!r) return tl::unexpected(r.error());
        return roof(work_of(a), *r, place, 1);
    }

    // In its chunked form a recurrence is matrix products too. Source: Yang et al., arXiv 2406.06484, section 3.
    static Result<Cost> price_one(const StateUpdate& s, const Place& place) {
        const auto r = rates(half_format(*place.device), *place.device);
        if (!r) return tl::unexpected(r.error());
        return roof(work_of(s), *r, place, 1);
    }
    static Result<Cost> price_one(const MemoryPass& p, const Place& place) { return roof(work_of(p), {}, place, 1); }

    // Links between `ranks` GPUs of one node.
    static Result<LinkRates> inside_node(std::int64_t ranks, const DeviceSpec& d) {
        if (d.link.value > 0 && ranks <= d.link_domain) return LinkRates{d.link_fraction * d.link.value, kCollectiveBase, kNvlinkStep};
        if (d.pcie.value > 0) return LinkRates{d.link_fraction * d.pcie.value, kCollectiveBase, kPcieStep};
        return fail({{}, {}, fmt::format("no price: {} has no published link between GPUs", d.name),
                     "use one GPU or give the device a link", ProblemKind::wrong_input});
    }

    static Result<Cost> price_one(const Collective& c, const Place& place) {
        const DeviceSpec& d = *place.device;
        if (!c.across_nodes) {
            const auto link = inside_node(c.ranks, d);
            if (!link) return tl::unexpected(link.error());
            return collective_cost(c, *link);
        }
        if (place.network.value <= 0) {
            return fail({{}, {}, fmt::format("no price: ranks span several nodes but no network rate is known for {}", d.name),
                         "give cluster: {network: 50 GB/s}", ProblemKind::wrong_input});
        }
        const LinkRates network{d.link_fraction * place.network.value, kCollectiveBase, kNetworkStep};
        const auto inside = c.per_node > 1 ? inside_node(c.per_node, d) : network;
        if (!inside) return tl::unexpected(inside.error());
        return collective_cost(c, network, *inside);
    }

    static Result<Cost> price_one(const HostFetch& f, const Place& place) {
        const DeviceSpec& d = *place.device;
        Estimate rate = Estimate::exact(place.host.value);
        if (place.host.value <= 0) {
            if (d.pcie.value <= 0) {
                return fail({{}, {}, fmt::format("no price: the PCIe rate of {} is not known, so experts cannot be fetched from host memory", d.name),
                             "give offload a rate, or the device a pcie rate", ProblemKind::wrong_input});
            }
            // Catalog rates are measured where they could be; where they are the bus's own, 88 % of it was reached
            // (55.4 of 63 GB/s, stas00/ml-engineering@744d01e18b79, network/README.md).
            rate = Estimate{1.0, 0.88, 1.0} * d.pcie.value;
        }
        Cost cost;
        cost.time = f.bytes / BytesPerSecond{rate.value};
        cost.low = f.bytes / BytesPerSecond{rate.high};
        cost.high = f.bytes / BytesPerSecond{rate.low};
        cost.bound = Bound::host;
        return cost;
    }
};

class FixedCost final : public CostSource {
public:
    explicit FixedCost(Seconds each) : each_(each) {}
    Result<Cost> price(const Op& op, const Place&) const override {
        const Work work = work_of(op.kind);
        Cost cost;
        cost.time = cost.low = cost.high = each_;
        cost.flops = work.flops;
        cost.bytes = work.bytes;
        cost.provenance = Provenance::declared;
        return cost;
    }
    std::string describe() const override { return "every op costs the same"; }

private:
    Seconds each_;
};

}  // namespace

std::unique_ptr<CostSource> make_roofline() { return std::make_unique<Roofline>(); }
std::unique_ptr<CostSource> make_fixed_cost(Seconds each) { return std::make_unique<FixedCost>(each); }

}  // namespace moeplan
