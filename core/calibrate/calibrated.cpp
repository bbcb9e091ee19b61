// The cost source of a profile.

#include <cmath>

#include <fmt/format.h>

#include "core/base/match.h"
#include "core/calibrate/family_groups.h"
#include "core/calibrate/fitted_family.h"

namespace moeplan {
namespace {

class Calibrated final : public CostSource {
public:
    Calibrated(std::shared_ptr<const Profile> profile, std::unique_ptr<CostSource> fallback)
        : profile_(std::move(profile)), fallback_(std::move(fallback)) {}

    Result<Cost> price(const Op& op, const Place& place) const override {
        if (done_inside_experts(op.kind)) {
            Cost nothing;
            nothing.provenance = Provenance::calibrated;
            return nothing;
        }
        const FittedFamily* fit = fit_for(op.kind);
        if (!fit) return fallback_->price(op, place);
        auto cost = fallback_->price(op, place);   // what bounds it, FLOPs and bytes
        if (!cost) return cost;
        const Prediction p = fit->predict(op.kind);
        cost->time = {p.seconds};
        cost->low = {std::min(p.low, p.seconds)};
        cost->high = {std::max(p.high, p.seconds)};
        cost->provenance = Provenance::calibrated;
        cost->outside_calibration = p.outside;
        return cost;
    }

    std::string describe() const override {
        return fmt::format("profile {} ({}); {} for the rest", profile_->name, profile_->device_name, fallback_->describe());
    }

private:
    const FittedFamily* fit_for(const OpKind& op) const {
        if (const auto* c = std::get_if<Collective>(&op); c && c->across_nodes) return nullptr;
        const auto key = family_of_op(op);
        return key ? fitted(*profile_, *key) : nullptr;
    }

    bool done_inside_experts(const OpKind& op) const {
        const auto* pass = std::get_if<MemoryPass>(&op);
        return pass && pass->inside_experts &&
               fitted(*profile_, {KernelFamily::moe_ffn, std::string(name_of(*pass->inside_experts))}) != nullptr;
    }

    std::shared_ptr<const Profile> profile_;
    std::unique_ptr<CostSource> fallback_;
};

}  // namespace

std::unique_ptr<CostSource> make_calibrated(std::shared_ptr<const Profile> profile, std::unique_ptr<CostSource> fallback) {
    return std::make_unique<Calibrated>(std::move(profile), std::move(fallback));
}

}  // namespace moeplan
