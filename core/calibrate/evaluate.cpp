#include "core/calibrate/evaluate.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <random>
#include <set>

#include <fmt/format.h>

#include "core/base/side_by_side.h"
#include "core/calibrate/choose.h"
#include "core/calibrate/family_groups.h"
#include "core/calibrate/fitted_family.h"
#include "core/calibrate/take_apart.h"

namespace moeplan {
namespace {

constexpr double kShapesKept = 0.25;   // of the shapes, never probed
constexpr double kMostProbed = 0.8;    // of the rows

struct Parts {
    std::vector<std::size_t> pool, test;   // indices of rows; test empty = whatever was not probed
};

// Nothing when the shapes cannot be split.
std::optional<Parts> split_rows(const std::vector<Measurement>& rows, Split split, std::uint64_t seed) {
    Parts parts;
    if (split == Split::row) {
        for (std::size_t i = 0; i < rows.size(); ++i) parts.pool.push_back(i);
        return parts;
    }
    std::set<std::string> names;
    for (const Measurement& row : rows) names.insert(row.shape);
    if (names.size() < 2) return std::nullopt;
    std::vector<std::string> shapes(names.begin(), names.end());
    std::mt19937_64 random(seed);
    const auto kept = std::max<std::size_t>(1, static_cast<std::size_t>(kShapesKept * static_cast<double>(shapes.size())));
    std::set<std::string> unseen;
    for (std::size_t i = 0; i < kept; ++i) {
        std::swap(shapes[i], shapes[i + random() % (shapes.size() - i)]);
        unseen.insert(shapes[i]);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) (unseen.count(rows[i].shape) ? parts.test : parts.pool).push_back(i);
    return parts;
}

std::vector<std::size_t> probes_of(const std::vector<Measurement>& rows, const Parts& parts, std::size_t probes, std::uint64_t seed) {
    std::vector<OpKind> ops;
    ops.reserve(parts.pool.size());
    for (const std::size_t i : parts.pool) ops.push_back(rows[i].op);
    const auto most = static_cast<std::size_t>(kMostProbed * static_cast<double>(parts.pool.size()));
    std::vector<std::size_t> chosen = choose_probes(ops, {}, nullptr, {}, std::min(probes, most), seed);
    for (std::size_t& c : chosen) c = parts.pool[c];
    return chosen;
}

Compared compare(const Measurement& row, const FittedFamily& fit) {
    const Prediction p = fit.predict(row.op);
    return {row.seconds, p.seconds, p.low, p.high};
}

std::optional<ErrorStats> score(const std::vector<Measurement>& rows, const std::vector<std::size_t>& test, const FittedFamily& fit) {
    std::vector<Compared> compared;
    compared.reserve(test.size());
    for (const std::size_t i : test) compared.push_back(compare(rows[i], fit));
    return error_stats(compared);
}

struct FamilyOutcome {
    std::optional<KernelScore> score;
    std::string skipped;   // reason
};

FamilyOutcome evaluate_family(const FamilyRows& family, std::size_t probes, const DeviceSpec& device, const EvaluateOptions& options) {
    const std::string name = fmt::format("{} {}", name_of(family.family), family.format);
    if (family.modules) return {{}, fmt::format("{}: whole modules, which take a profile with the products in them", name)};
    const auto rates = rates_for(family.rows.front().op, device);
    if (!rates) return {{}, fmt::format("{}: {}", name, rates.error().front().what)};
    const auto parts = split_rows(family.rows, options.split, options.seed);
    if (!parts) return {{}, fmt::format("{}: a single shape cannot be split", name)};
    const std::vector<std::size_t> chosen = probes_of(family.rows, *parts, probes, options.seed);
    if (chosen.size() < kFewestRows) return {{}, fmt::format("{}: too few rows to fit", name)};
    std::vector<Measurement> probed;
    for (std::size_t c = 0; c < chosen.size(); ++c) {
        probed.push_back(family.rows[chosen[c]]);
        probed.back().representative = c % 2 == 1;
    }
    const auto begin = std::chrono::steady_clock::now();
    FamilyFitOptions fit_options;
    fit_options.seed = options.seed;
    fit_options.prior = options.prior ? fitted_like(*options.prior, family) : nullptr;
    const auto fit = fit_family(*physics_of(family.family), *rates, probed, fit_options);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::vector<std::size_t> test = parts->test;
    if (options.split == Split::row) {
        // What was probed is not scored, nor are other measurements of the same op.
        const std::vector<std::size_t> ops = same_ops(family.rows, *physics_of(family.family));
        std::set<std::size_t> used;
        for (const std::size_t i : chosen) used.insert(ops[i]);
        for (const std::size_t i : parts->pool) {
            if (!used.count(ops[i])) test.push_back(i);
        }
    }
    KernelScore out{std::string(name_of(family.family)), family.format, device.id, probed.size(), test.size(), {}, {}, took.count()};
    out.error = score(family.rows, test, *fit);
    return {std::move(out), {}};
}

}  // namespace

KernelScores evaluate(const KernelTable& table, const DeviceSpec& device, const EvaluateOptions& options, RunControl& control) {
    const std::vector<FamilyRows> families = by_family(table.set.rows);
    std::vector<FamilyOutcome> outcomes(families.size());
    std::mutex progress;
    std::size_t done = 0;
    for_each_side_by_side(families.size(), [&](std::size_t i) {
        if (control.cancelled()) return;
        outcomes[i] = evaluate_family(families[i], share_of_probes(families, families[i], options.probes), device, options);
        const std::lock_guard lock(progress);
        ++done;
        if (control.progress) control.progress(static_cast<double>(done) / static_cast<double>(families.size()));
    });
    KernelScores scores;
    scores.file = table.set.source;
    scores.method = fmt::format("split by {}, at most {} probes a family, seed {}", options.split == Split::row ? "row" : "shape",
                                options.probes, options.seed);
    scores.skipped = table.skipped;
    for (std::size_t i = 0; i < families.size(); ++i) {
        if (outcomes[i].score) scores.families.push_back(*outcomes[i].score);
        else scores.skipped.push_back({outcomes[i].skipped, families[i].rows.size()});
    }
    return scores;
}

namespace {

// Inside graphs, as modules are timed: the kernel and what is beside it. Modules with products the profile lacks are left out.
std::vector<Compared> compare_modules(const std::vector<Measurement>& rows, const FittedFamily& fit, const BesideKernel& beside) {
    std::vector<Compared> compared;
    for (const Measurement& row : rows) {
        const auto others = beside.seconds(row);
        if (!others) continue;
        const Prediction p = fit.predict_in_graph(row.op);
        compared.push_back({row.seconds, others->value + p.seconds, others->low + p.low, others->high + p.high});
    }
    return compared;
}

std::optional<ErrorStats> score_roofline(const std::vector<Measurement>& rows, const DeviceSpec& device) {
    const EngineSpec engine = engine_of_passes();
    const auto roofline = make_roofline();
    const Place place{&device, &engine, {}, {}, nullptr};
    std::vector<Compared> compared;
    for (const Measurement& row : rows) {
        auto cost = roofline->price({Part::norms, 1, row.op}, place);
        for (const OpKind& op : row.beside) {
            auto more = roofline->price({Part::norms, 1, op}, place);
            if (!cost) break;
            cost = more ? Result<Cost>(then(*cost, *more)) : std::move(more);
        }
        if (cost) compared.push_back({row.seconds, cost->time.value, cost->low.value, cost->high.value});
    }
    return error_stats(compared);
}

}  // namespace

KernelScores score_profile(const KernelTable& table, const Profile& profile, const DeviceSpec* device) {
    KernelScores scores;
    scores.file = table.set.source;
    scores.method = fmt::format("profile {}", profile.name);
    scores.skipped = table.skipped;
    std::optional<BesideKernel> beside;
    if (device) beside.emplace(profile, *device);
    for (const FamilyRows& family : by_family(table.set.rows)) {
        const FittedFamily* fit = fitted_like(profile, family);
        if (!fit || (family.modules && !beside)) {
            scores.skipped.push_back({fmt::format("the profile has no {} {}", name_of(family.family), family.format), family.rows.size()});
            continue;
        }
        KernelScore out{std::string(name_of(family.family)), family.format, profile.device, 0, family.rows.size(), {}, {}, 0};
        for (const FamilyProfile& f : profile.families) {
            if (f.fit.get() == fit) out.n_fit = static_cast<std::uint64_t>(f.fitted);
        }
        if (family.modules) {
            out.format += ", in its module";
            const std::vector<Compared> compared = compare_modules(family.rows, *fit, *beside);
            out.n_test = compared.size();
            out.error = error_stats(compared);
            if (const std::size_t without = family.rows.size() - compared.size()) {
                scores.skipped.push_back({"modules with products the profile lacks", without});
            }
        } else {
            const auto key = family_of_op(family.rows.front().op);
            const bool plain = key && key->format == family.format;   // as a study has it, each layer by the kernel that ran it
            std::vector<Compared> compared;
            for (const Measurement& row : family.rows) compared.push_back(compare(row, plain ? *fitted(profile, row.op) : *fit));
            out.error = error_stats(compared);
        }
        if (device) out.roofline = score_roofline(family.rows, *device);
        scores.families.push_back(std::move(out));
    }
    return scores;
}

}  // namespace moeplan
