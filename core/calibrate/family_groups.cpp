#include "core/calibrate/family_groups.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "core/calibrate/fitted_family.h"

namespace moeplan {
namespace {

constexpr std::string_view kByKernel = ", by ";   // between a format and the kernel that runs it for some models only
// So often must each of its layers have been measured, on average, to say that it always runs by that kernel.
constexpr std::size_t kOftenEnough = 20;

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

std::vector<std::string_view> words_of(std::string_view name) {
    std::vector<std::string_view> words;
    while (!name.empty()) {
        words.push_back(name.substr(0, name.find('_')));
        name.remove_prefix(std::min(name.size(), words.back().size() + 1));
    }
    return words;
}

// What tells it from `usual`: "vllm_fp8moe_marlin_marlinexperts" beside "vllm_fp8moe_triton_tritonexperts" is
// "marlin_marlinexperts". vLLM's second word is the checkpoint's way of quantising, which says nothing of the kernel.
std::string name_beside(const std::string& kernel, const std::string& usual) {
    const std::vector<std::string_view> words = words_of(kernel), others = words_of(usual);
    std::size_t from = 0;
    while (from < words.size() && from < others.size() && words[from] == others[from]) ++from;
    if (words.front() == "vllm") from = std::max<std::size_t>(from, 2);
    if (from >= words.size()) return kernel;
    return std::string(kernel.substr(static_cast<std::size_t>(words[from].data() - kernel.data())));
}

struct KernelRows {
    std::string kernel;              // of several the first by name
    std::set<std::string> shapes;
    std::vector<std::size_t> rows;
};

// Kernels that share no shape with another, most rows first. Where one layer runs by either, its layout decides, and that the
// features say.
std::vector<KernelRows> kernels_of(const std::vector<Measurement>& rows) {
    std::map<std::string, KernelRows> by_name;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        KernelRows& one = by_name[rows[i].kernel];
        one.kernel = rows[i].kernel;
        one.shapes.insert(rows[i].shape);
        one.rows.push_back(i);
    }
    std::vector<KernelRows> apart;
    for (auto& [name, one] : by_name) {
        KernelRows merged = std::move(one);
        const auto shared = [&merged](const KernelRows& k) {
            return std::ranges::any_of(k.shapes, [&merged](const std::string& s) { return merged.shapes.contains(s); });
        };
        for (auto at = std::ranges::find_if(apart, shared); at != apart.end(); at = std::ranges::find_if(apart, shared)) {
            merged.kernel = std::min(merged.kernel, at->kernel);
            merged.shapes.merge(at->shapes);
            merged.rows.insert(merged.rows.end(), at->rows.begin(), at->rows.end());
            apart.erase(at);
        }
        apart.push_back(std::move(merged));
    }
    std::ranges::stable_sort(apart, std::greater<>(), [](const KernelRows& k) { return k.rows.size(); });
    return apart;
}

// The rows of one format: what most layers run by first, then each kernel that has layers of its own.
void add_by_kernel(KernelFamily family, const std::string& format, std::vector<Measurement> rows, std::vector<FamilyRows>& out) {
    const std::vector<KernelRows> kernels = kernels_of(rows);
    std::vector<std::string> own(rows.size());   // format, where not the usual one
    std::vector<std::string> names;
    for (std::size_t k = 1; k < kernels.size(); ++k) {
        const KernelRows& one = kernels[k];
        if (one.kernel.empty() || one.rows.size() < kOftenEnough * one.shapes.size()) continue;
        names.push_back(fmt::format("{}{}{}", format, kByKernel, name_beside(one.kernel, kernels.front().kernel)));
        for (const std::size_t i : one.rows) own[i] = names.back();
    }
    names.insert(names.begin(), std::string());
    for (const std::string& name : names) {
        FamilyRows group{family, name.empty() ? format : name, {}, false};
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (own[i] == name) group.rows.push_back(std::move(rows[i]));
        }
        out.push_back(std::move(group));
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
    std::vector<FamilyRows> out;
    for (FamilyRows& one : families) {
        if (one.family == KernelFamily::moe_ffn && !one.modules) add_by_kernel(one.family, one.format, std::move(one.rows), out);
        else out.push_back(std::move(one));
    }
    return out;
}

std::size_t share_of_probes(const std::vector<FamilyRows>& families, const FamilyRows& one, std::size_t probes) {
    const auto format_of = [](const FamilyRows& f) { return std::string_view(f.format).substr(0, f.format.find(kByKernel)); };
    std::vector<const FamilyRows*> groups;
    std::size_t all = 0;
    for (const FamilyRows& f : families) {
        if (f.family != one.family || f.modules != one.modules || format_of(f) != format_of(one)) continue;
        groups.push_back(&f);
        all += f.rows.size();
    }
    const auto share = [&](const FamilyRows& f) { return std::max(kFewestRows, probes * f.rows.size() / all); };
    if (&one != groups.front()) return share(one);
    std::size_t others = 0;
    for (const FamilyRows* f : groups) others += f == &one ? 0 : share(*f);
    return probes > others ? probes - others : kFewestRows;
}

const FittedFamily* fitted(const Profile& profile, const FamilyKey& key) {
    const auto at = std::ranges::find_if(profile.families, [&key](const FamilyProfile& f) { return f.family == key.family && f.format == key.format; });
    return at == profile.families.end() ? nullptr : at->fit.get();
}

const FittedFamily* fitted(const Profile& profile, const OpKind& op) {
    const auto key = family_of_op(op);
    if (!key) return nullptr;
    const std::string own = key->format + std::string(kByKernel);
    for (const FamilyProfile& f : profile.families) {
        if (f.family != key->family || !f.format.starts_with(own)) continue;
        const FittedFamily& fit = *f.fit;
        if (std::ranges::binary_search(fit.state().shapes, fit.physics().shape(op))) return f.fit.get();
    }
    return fitted(profile, *key);
}

const FittedFamily* fitted_like(const Profile& profile, const FamilyRows& family) {
    const FittedFamily* exactly = fitted(profile, FamilyKey{family.family, family.format});
    return exactly ? exactly : fitted(profile, family.rows.front().op);
}

}  // namespace moeplan
