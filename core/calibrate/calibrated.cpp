// The cost source of profiles.

#include <cmath>

#include <fmt/format.h>

#include "core/base/match.h"
#include "core/calibrate/family_groups.h"
#include "core/calibrate/fitted_family.h"
#include "core/calibrate/prediction_memo.h"

namespace moeplan {
namespace {

const FittedFamily* fit_for(const Profile& profile, const OpKind& op, const DeviceSpec& device) {
    // Measured inside one node, over the fabric.
    if (const auto* c = std::get_if<Collective>(&op); c && (c->across_nodes || c->ranks > device.link_domain)) return nullptr;
    return fitted(profile, op);
}

bool done_inside_experts(const Profile& profile, const OpKind& op) {
    const auto* pass = std::get_if<MemoryPass>(&op);
    return pass && pass->inside_experts &&
           fitted(profile, {KernelFamily::moe_ffn, std::string(name_of(*pass->inside_experts))}) != nullptr;
}

// Five digits: whole sizes up to 99,999 stay as they are, and a search that closes in on a size asks the same thing again.
double rounded(double size) {
    if (!(size > 0)) return size;
    const double unit = std::pow(10.0, std::floor(std::log10(size)) - 4);
    return unit >= 1 ? std::round(size / unit) * unit : std::round(size * std::round(1 / unit)) / std::round(1 / unit);
}

OpKind rounded(OpKind op) {
    match(
        op, [](Gemm& g) { g.m = rounded(g.m); },
        [](ExpertFfn& f) {
            for (double* size : {&f.tokens, &f.pairs, &f.activated, &f.hottest}) *size = rounded(*size);
        },
        [](Attention& a) {
            for (double* size : {&a.sequences, &a.new_tokens, &a.context}) *size = rounded(*size);
        },
        [](Collective& c) { c.bytes.value = rounded(c.bytes.value); }, [](auto&) {});
    return op;
}

class Calibrated final : public CostSource {
public:
    explicit Calibrated(std::unique_ptr<CostSource> fallback) : fallback_(std::move(fallback)) {}

    Result<Cost> price(const Op& op, const Place& place) const override {
        auto cost = fallback_->price(op, place);   // FLOPs, bytes and what bounds it are the roofline's
        if (!place.profile || !cost) return cost;
        if (done_inside_experts(*place.profile, op.kind)) {
            cost->time = cost->low = cost->high = {};
            cost->provenance = Provenance::calibrated;
            return cost;
        }
        const FittedFamily* fit = fit_for(*place.profile, op.kind, *place.device);
        if (!fit) return cost;
        const OpKind asked = rounded(op.kind);
        const Prediction p = memo_.get(*fit, asked, [&] { return fit->predict_in_graph(asked); });
        cost->time = {p.seconds};
        cost->low = {std::min(p.low, p.seconds)};
        cost->high = {std::max(p.high, p.seconds)};
        cost->provenance = Provenance::calibrated;
        cost->outside_calibration = p.outside;
        return cost;
    }

    std::string describe() const override { return "calibrated where a profile is known, otherwise " + fallback_->describe(); }
    std::string describe(const Place& place) const override {
        if (!place.profile) return fallback_->describe(place);
        return fmt::format("profile {} ({}), {} for the rest", place.profile->name, place.profile->engine, fallback_->describe(place));
    }

private:
    std::unique_ptr<CostSource> fallback_;
    mutable PredictionMemo memo_;
};

}  // namespace

std::unique_ptr<CostSource> make_calibrated(std::unique_ptr<CostSource> fallback) { return std::make_unique<Calibrated>(std::move(fallback)); }

}  // namespace moeplan
