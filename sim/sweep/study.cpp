#include "sim/sweep/study.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/analyse/axes.h"
#include "core/base/nearest.h"
#include "sim/sweep/overlaps.h"
#include "sim/sweep/turn.h"

namespace moeplan {
namespace {

// FNV-1a, 64 bits. Source: draft-eastlake-fnv, section 2 (offset basis and prime). Lengths are hashed too, so that
// text cannot wander from one part into the next.
class Hash {
public:
    void add(std::string_view text) {
        add_bytes(std::to_string(text.size()) + ":");
        add_bytes(text);
    }
    void add(const std::vector<std::string>& texts) {
        add(std::to_string(texts.size()));
        for (const std::string& text : texts) add(text);
    }
    std::string text() const { return fmt::format("{:016x}", state_); }

private:
    void add_bytes(std::string_view text) {
        for (const char c : text) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
    }
    std::uint64_t state_ = 0xcbf29ce484222325ull;
};

// `utilisation` is a key of a study as well: there the path is meant.
bool names_sweep_axis(const std::string& name) {
    return name != "utilisation" && (is_numeric_axis(name) || std::ranges::count(name_axes(), name) > 0);
}

// Problems of values that --over gave come from where --set is read.
Problems blamed_on_over(Problems problems) {
    for (Problem& problem : problems) {
        if (problem.where == "--set") problem.where = "--over";
    }
    return problems;
}

std::string as_set(const GridAxis& axis, std::size_t value) { return axis.name + "=" + axis.values[value]; }

std::string as_sweep(const GridAxis& axis) { return fmt::format("sweep.{}=[{}]", axis.name, fmt::join(axis.values, ", ")); }

// "gpu" is about "candidates[0].gpu", and the other way round where a part of a value is wrong.
bool concerns(const Problem& problem, const std::string& path) {
    const auto last = [](const std::string& text) { return text.substr(text.rfind('.') + 1); };
    return problem.where == "--over" && (problem.path.starts_with(path) || last(problem.path) == last(path) ||
                                        path.starts_with(problem.path));
}

// All of a short axis; the start and the end of a long one.
std::vector<std::size_t> values_to_try(const GridAxis& axis) {
    constexpr std::size_t kMostTried = 256;
    std::vector<std::size_t> tried;
    for (std::size_t i = 0; i < std::min(axis.values.size(), kMostTried); ++i) tried.push_back(i);
    if (axis.values.size() > kMostTried) tried.push_back(axis.values.size() - 1);
    return tried;
}

constexpr std::size_t kMostTold = 20;

Problems unknown_name(const std::string& kind, const std::string& name, const GridAxis& axis, const Scenario& scenario,
                      const Catalog& catalog) {
    const auto told = [&](const std::vector<std::string>& names) -> Problems {
        const std::string near = did_you_mean(name, names);
        return {{axis.is_path ? "--over" : "sweep", axis.name, fmt::format("'{}' is not a known {}", name, kind == "gpu" ? "GPU" : kind),
                 near.empty() ? "known: " + one_of(names) : near}};
    };
    if (kind == "gpu") return catalog.device(name) ? Problems{} : told(catalog.device_ids());
    if (kind == "engine") return catalog.engine(name) ? Problems{} : told(catalog.engine_ids());
    if (scenario.models.contains(name)) return {};
    const auto model = find_model(catalog, name, scenario.file);
    if (model) return {};
    Problems problems = model.error();
    for (Problem& problem : problems) {
        if (problem.where.empty()) problem.where = axis.is_path ? "--over" : "sweep";
        if (problem.path.empty()) problem.path = axis.name;
    }
    return problems;
}

Problems read_overs(const std::vector<std::string>& overs, std::vector<GridAxis>& paths, std::vector<std::string>& sets) {
    Problems problems;
    for (const std::string& text : overs) {
        auto axis = parse_over(text);
        if (!axis) append(problems, std::move(axis.error()));
        else if (names_sweep_axis(axis->name)) sets.push_back(as_sweep(*axis));
        else if (axis->name.starts_with("sweep."))
            problems.push_back({"--over", axis->name, "is the list of an axis, not a value", "write " + axis->name.substr(6) + "=…"});
        else paths.push_back(std::move(*axis));
    }
    return problems;
}

}  // namespace

Result<SweepStudy> SweepStudy::read(SweepOrder order) {
    SweepStudy study;
    study.order_ = std::move(order);
    const SweepOrder& asked = study.order_;
    study.sets_ = asked.sets;
    auto plain = parse_scenario(asked.text, asked.file, asked.sets);
    if (!plain) return fail(std::move(plain.error()));
    Problems problems = read_overs(asked.overs, study.paths_, study.sets_);
    append(problems, study.wrong_values());
    auto base = parse_scenario(asked.text, asked.file, study.sets_);
    if (!base) append(problems, blamed_on_over(std::move(base.error())));
    if (!problems.empty()) return fail(std::move(problems));
    study.base_ = std::move(*base);
    for (const SweepAxis& axis : study.base_.sweep) study.grid_.axes.push_back({axis.name, axis.values, false});
    study.grid_.axes.insert(study.grid_.axes.end(), study.paths_.begin(), study.paths_.end());
    problems = check_grid(study.grid_);
    if (problems.empty()) problems = overlapping_axes(study.grid_, study.base_);
    if (!problems.empty()) return fail(std::move(problems));
    return study;
}

std::string SweepStudy::fingerprint() const {
    Hash hash;
    hash.add(order_.version);
    hash.add(order_.text);
    hash.add(order_.sets);
    hash.add(order_.overs);
    hash.add(order_.inputs);
    return hash.text();
}

// Each value once, beside the first values of the other paths. Only what is said about that very path counts: what
// does not go together may do so at other points.
Problems SweepStudy::wrong_values() const {
    Problems problems;
    for (const GridAxis& axis : paths_) {
        for (const std::size_t value : values_to_try(axis)) {
            std::vector<std::string> sets = order_.sets;
            for (const GridAxis& other : paths_) sets.push_back(as_set(other, &other == &axis ? value : 0));
            const auto scenario = parse_scenario(order_.text, order_.file, sets);
            if (scenario) continue;
            for (const Problem& told : blamed_on_over(scenario.error())) {
                const bool known = std::ranges::any_of(problems, [&](const Problem& p) { return to_text(p) == to_text(told); });
                if (!known && concerns(told, axis.name)) problems.push_back(told);
            }
            if (problems.size() >= kMostTold) return problems;
        }
    }
    return problems;
}

Result<Scenario> SweepStudy::at(std::uint64_t point) const {
    const auto index = grid_.at(point);
    std::vector<std::string> sets = sets_;
    for (std::size_t i = 0; i < grid_.axes.size(); ++i) {
        if (grid_.axes[i].is_path) sets.push_back(as_set(grid_.axes[i], index[i]));
    }
    auto scenario = paths_.empty() ? Result<Scenario>(base_) : parse_scenario(order_.text, order_.file, sets);
    if (!scenario) return fail(blamed_on_over(std::move(scenario.error())));
    if (scenario->candidates.empty()) {
        Candidate only;
        only.name = "candidate";
        only.spot.file = order_.file;
        scenario->candidates.push_back(std::move(only));
    }
    Problems problems;
    for (std::size_t i = 0; i < grid_.axes.size(); ++i) {
        const GridAxis& axis = grid_.axes[i];
        if (!axis.is_path) append(problems, turn(axis.name, axis.values[index[i]], *scenario));
    }
    scenario->sweep.clear();
    scenario->expect.clear();
    scenario->claim.reset();
    if (!problems.empty()) return fail(std::move(problems));
    return std::move(*scenario);
}

Problems SweepStudy::unknown_names(const Catalog& catalog) const {
    Problems problems;
    std::set<std::string> known;
    const auto check = [&](const GridAxis& axis, const Scenario& scenario, const Candidate& c) {
        const std::string end = axis.name.substr(axis.name.rfind('.') + 1);
        const std::string& name = end == "gpu" ? c.gpu : end == "engine" ? c.engine : c.model;
        if (!known.insert(end + " " + name).second) return;
        append(problems, unknown_name(end, name, axis, scenario, catalog));
    };
    for (std::size_t i = 0; i < grid_.axes.size(); ++i) {
        const GridAxis& axis = grid_.axes[i];
        const std::string end = axis.name.substr(axis.name.rfind('.') + 1);
        if (end != "gpu" && end != "engine" && end != "model") continue;
        std::uint64_t stride = 1;
        for (std::size_t j = i + 1; j < grid_.axes.size(); ++j) stride *= grid_.axes[j].values.size();
        for (const std::size_t value : values_to_try(axis)) {
            const auto scenario = at(stride * value);
            if (!scenario) continue;
            for (const Candidate& c : scenario->candidates) check(axis, *scenario, c);
            if (problems.size() >= kMostTold) return problems;
        }
    }
    return problems;
}

}  // namespace moeplan
