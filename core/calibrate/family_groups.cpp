#include "core/calibrate/family_groups.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace moeplan {
namespace {

// Of each op the fastest.
std::vector<Measurement> fastest(std::vector<Measurement> rows, const FamilyPhysics& physics) {
    const std::vector<std::size_t> ops = same_ops(rows, physics);
    std::vector<Measurement> kept;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (ops[i] == kept.size()) kept.push_back(std::move(rows[i]));
        else if (rows[i].seconds < kept[ops[i]].seconds) kept[ops[i]] = std::move(rows[i]);
    }
    return kept;
}

// A variant of a format ("mxfp4, fp8 activations") that is all there is of it is what that format runs as here.
void let_stand_in(std::vector<FamilyRows>& families) {
    const auto plain_of = [](const FamilyRows& f) {
        const auto key = family_of_op(f.rows.front().op);
        return key ? key->format : f.format;
    };
    std::map<std::tuple<KernelFamily, std::string, bool>, std::vector<FamilyRows*>> same;
    for (FamilyRows& f : families) same[{f.family, plain_of(f), f.modules}].push_back(&f);
    for (auto& [key, variants] : same) {
        if (variants.size() == 1) variants.front()->format = std::get<1>(key);
    }
}

}  // namespace

std::vector<std::size_t> same_ops(const std::vector<Measurement>& rows, const FamilyPhysics& physics) {
    const DeviceRates any{1e12, 1e15, 100};
    const std::vector<double> starts = starts_of(physics);
    std::map<std::vector<double>, std::size_t> seen;
    std::vector<std::size_t> ops;
    for (const Measurement& row : rows) {
        std::vector<double> x(physics.features.size());
        physics.describe(row.op, any, starts, x);
        ops.push_back(seen.emplace(std::move(x), seen.size()).first->second);
    }
    return ops;
}

std::vector<FamilyRows> by_family(const std::vector<Measurement>& rows) {
    std::map<std::tuple<KernelFamily, std::string, bool>, std::vector<Measurement>> sorted;
    for (const Measurement& row : rows) sorted[{row.family, row.format, !row.beside.empty()}].push_back(row);
    std::vector<FamilyRows> families;
    for (auto& [key, members] : sorted) {
        const auto& [family, format, modules] = key;
        const FamilyPhysics* physics = physics_of(family);
        if (!physics) continue;
        // Only collectives are listed once per implementation; elsewhere equal features are repeats worth keeping.
        if (family == KernelFamily::collective) members = fastest(std::move(members), *physics);
        families.push_back({family, format, std::move(members), modules});
    }
    let_stand_in(families);
    return families;
}

const FittedFamily* fitted(const Profile& profile, const FamilyKey& key) {
    const auto at = std::ranges::find_if(profile.families, [&key](const FamilyProfile& f) { return f.family == key.family && f.format == key.format; });
    return at == profile.families.end() ? nullptr : at->fit.get();
}

}  // namespace moeplan
