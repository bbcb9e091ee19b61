#include "core/calibrate/profile.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "core/calibrate/family_groups.h"
#include "core/calibrate/fitted_family.h"

namespace moeplan {
namespace {

constexpr double kHeldOut = 0.2;

std::optional<ErrorStats> error_on(const FittedFamily& fit, const std::vector<Measurement>& rows) {
    std::vector<Compared> compared;
    for (const Measurement& row : rows) {
        const Prediction p = fit.predict(row.op);
        compared.push_back({row.seconds, p.seconds, p.low, p.high});
    }
    return error_stats(compared);
}

// Held out are representative rows only: those picked for being unusual say nothing of the usual error.
void hold_out(std::vector<Measurement>& rows, std::vector<Measurement>& held, std::uint64_t seed) {
    std::vector<std::size_t> may;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].representative) may.push_back(i);
    }
    const auto wanted = static_cast<std::size_t>(kHeldOut * static_cast<double>(rows.size()));
    const std::size_t most = rows.size() > kFewestRows ? rows.size() - kFewestRows : 0;
    const std::size_t count = std::min({wanted, may.size(), most});
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < count; ++i) std::swap(may[i], may[i + random() % (may.size() - i)]);
    may.resize(count);
    std::ranges::sort(may, std::greater<>());
    for (const std::size_t i : may) {
        held.push_back(rows[i]);
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

}  // namespace

Result<FitReport> fit_profile(const MeasurementSet& set, const DeviceSpec& device, const FitOptions& options) {
    FitReport report;
    Profile& profile = report.profile;
    profile.device = device.id;
    profile.device_name = set.device;
    profile.engine = set.engine;
    profile.source = set.source;
    for (FamilyRows& family : by_family(set.rows)) {
        const std::string name = fmt::format("{} {}", name_of(family.family), family.format);
        const auto rates = rates_for(family.rows.front().op, device);
        if (!rates) {
            report.left_out.push_back(fmt::format("{}: {}", name, rates.error().front().what));
            continue;
        }
        std::vector<Measurement> held;
        if (options.hold_out) hold_out(family.rows, held, options.seed);
        if (family.rows.size() < kFewestRows) {
            report.left_out.push_back(fmt::format("{}: {} measurements, {} are needed", name, family.rows.size(), kFewestRows));
            continue;
        }
        FamilyFitOptions fit_options;
        fit_options.seed = options.seed;
        if (options.prior) fit_options.prior = fitted(*options.prior, {family.family, family.format});
        const auto fit = fit_family(*physics_of(family.family), *rates, family.rows, fit_options);
        profile.families.push_back({family.family, family.format, static_cast<std::int64_t>(family.rows.size()),
                                    static_cast<std::int64_t>(held.size()), error_on(*fit, held), fit});
    }
    if (profile.families.empty()) {
        return fail({set.source, "", "no family has enough measurements to be fitted",
                     fmt::format("{} of one kernel family and number format are needed", kFewestRows), ProblemKind::wrong_input});
    }
    return report;
}

std::optional<Prediction> predict(const Profile& profile, const OpKind& op) {
    const auto key = family_of_op(op);
    const FittedFamily* fit = key ? fitted(profile, *key) : nullptr;
    if (!fit) return std::nullopt;
    return fit->predict(op);
}

}  // namespace moeplan
