#include "core/calibrate/profile.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <set>

#include <fmt/format.h>

#include "core/base/upper_median.h"
#include "core/calibrate/family_groups.h"
#include "core/calibrate/fitted_family.h"
#include "core/calibrate/take_apart.h"

namespace moeplan {
namespace {

constexpr double kHeldOut = 0.2;
constexpr double kHostInTheWay = 3;        // times the launch
constexpr double kSoonestStart = 1e-6;     // s

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

// Those whose op was not fitted: another measurement of the same tells the noise, not the error.
std::vector<Measurement> never_fitted(const std::vector<Measurement>& held, const std::vector<Measurement>& rows) {
    std::vector<Measurement> all = rows;
    all.insert(all.end(), held.begin(), held.end());
    const std::vector<std::size_t> ops = same_ops(all, *physics_of(rows.front().family));
    const std::set<std::size_t> known(ops.begin(), ops.begin() + static_cast<std::ptrdiff_t>(rows.size()));
    std::vector<Measurement> out;
    for (std::size_t i = 0; i < held.size(); ++i) {
        if (!known.count(ops[rows.size() + i])) out.push_back(held[i]);
    }
    return out;
}

// Dense products are fitted first: modules are taken apart by them.
struct ByPlace {
    std::vector<Measurement> products, others, modules;
};

ByPlace by_place(const std::vector<Measurement>& rows) {
    ByPlace out;
    for (const Measurement& row : rows) {
        (!row.beside.empty() ? out.modules : row.family == KernelFamily::gemm ? out.products : out.others).push_back(row);
    }
    return out;
}

// The usual kernel is far faster than the device can be, or slower than any was ever seen to be: a table's times are in another unit
// than it says, or a worker's machine had other work. What is wrong, or an empty text.
std::string impossible(const FamilyPhysics& physics, const DeviceRates& rates, const std::vector<Measurement>& rows, bool timed_here) {
    constexpr double kTooFast = 0.05, kTooSlow = 100;   // caches are faster than memory; some formats' kernels are poor
    const std::vector<double> starts = starts_of(physics);
    std::vector<double> fast, slow;
    for (const Measurement& row : rows) {
        std::vector<double> best = starts;   // each parameter at the bound that is sooner done
        for (std::size_t k = 0; k < best.size(); ++k) {
            std::vector<double> low = best, high = best;
            low[k] = physics.parameters[k].low;
            high[k] = physics.parameters[k].high;
            if (physics.parameters[k].choices.empty()) best = physics.prior(row.op, rates, low) < physics.prior(row.op, rates, high) ? low : high;
        }
        fast.push_back(row.seconds / physics.prior(row.op, rates, best));
        slow.push_back(row.seconds / physics.prior(row.op, rates, starts));
    }
    const double soonest = upper_median(std::move(fast)), usual = upper_median(std::move(slow));
    if (soonest >= kTooFast && usual <= kTooSlow) return {};
    const bool too_fast = soonest < kTooFast;
    const char* why = !timed_here ? "are its times in another unit, or of another device?"
                      : too_fast  ? "is it another device than is said?"
                                  : "the machine seems busy: measure again when nothing else runs on it";
    return fmt::format("the usual kernel takes {:.2g} times what {}; {}", too_fast ? soonest : usual, too_fast ? "this device can" : "is expected of this device", why);
}

// `known`: parameters that are not fitted, by name.
void fit_families(const std::vector<Measurement>& rows, const DeviceSpec& device, const FitOptions& options,
                  const std::map<std::string, double>& known, bool timed_here, FitReport& report) {
    for (FamilyRows& family : by_family(rows)) {
        const std::string name = fmt::format("{} {}", name_of(family.family), family.format);
        const auto rates = rates_for(family.rows.front().op, device);
        if (!rates) {
            report.left_out.push_back(fmt::format("{}: {}", name, rates.error().front().what));
            continue;
        }
        if (std::string what = impossible(*physics_of(family.family), *rates, family.rows, timed_here); !what.empty()) {
            report.left_out.push_back(fmt::format("{}: {}", name, what));
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
        fit_options.known = known;
        if (options.prior) fit_options.prior = fitted_like(*options.prior, family);
        const auto fit = fit_family(*physics_of(family.family), *rates, family.rows, fit_options);
        const std::vector<Measurement> scored = never_fitted(held, family.rows);
        report.profile.families.push_back({family.family, family.format, static_cast<std::int64_t>(family.rows.size()),
                                           static_cast<std::int64_t>(scored.size()), error_on(*fit, scored), fit});
    }
}

// Products that were only timed with their host in the way show nothing of how soon they start inside a graph. Modules that
// were replayed from one do.
void start_in_graphs(const ByPlace& rows, const DeviceSpec& device, const FitOptions& options, FitReport& report) {
    const auto later = later_starts(rows.modules, BesideKernel(report.profile, device));
    for (const auto& [format, seconds] : later) {
        const auto at = std::ranges::find_if(report.profile.families, [&f = format](const FamilyProfile& p) {
            return p.family == KernelFamily::gemm && p.format == f;
        });
        if (at == report.profile.families.end()) continue;
        const double launch = at->fit->parameter("launch (s)");
        if (at->fit->parameter("host (s)") < kHostInTheWay * launch) continue;
        std::vector<Measurement> again;
        std::ranges::copy_if(rows.products, std::back_inserter(again), [&f = format](const Measurement& m) { return m.format == f; });
        report.profile.families.erase(at);
        fit_families(again, device, options, {{"launch (s)", std::max(launch + seconds, kSoonestStart)}}, false, report);
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
    const ByPlace rows = by_place(set.rows);
    fit_families(rows.products, device, options, {}, set.timed_here, report);
    std::vector<Measurement> others = rows.others;
    if (!rows.modules.empty()) {
        start_in_graphs(rows, device, options, report);
        const BesideKernel beside(profile, device);
        TakenApart apart = take_apart(rows.modules, rows.others, beside);
        others.insert(others.end(), std::make_move_iterator(apart.rows.begin()), std::make_move_iterator(apart.rows.end()));
        for (const auto& [reason, n] : apart.unused) report.left_out.push_back(fmt::format("{} {}", n, reason));
    }
    fit_families(others, device, options, {}, set.timed_here, report);
    std::ranges::stable_sort(profile.families, {}, [](const FamilyProfile& f) { return std::pair(f.family, f.format); });
    if (profile.families.empty()) {
        std::string why;
        for (const std::string& reason : report.left_out) why += (why.empty() ? "" : "; ") + reason;
        return fail({set.source, "", "no family can be fitted",
                     why.empty() ? fmt::format("{} measurements of one kernel family and number format are needed", kFewestRows) : why, ProblemKind::wrong_input});
    }
    return report;
}

std::optional<Prediction> predict(const Profile& profile, const OpKind& op) {
    const FittedFamily* fit = fitted(profile, op);
    if (!fit) return std::nullopt;
    return fit->predict(op);
}

}  // namespace moeplan
