#include "gui/models/study_edits.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include <fmt/format.h>

#include "gui/models/model_lookup.h"

namespace moeplan {
namespace {

constexpr std::size_t kLongestName = 100;

std::size_t drop_expectations_of(Scenario& scenario, const std::string& name) {
    return std::erase_if(scenario.expect, [&](const Expectation& e) {
        return std::ranges::any_of(e.operands, [&](const MetricRef& ref) { return ref.candidate == name; });
    });
}

bool taken(const Scenario& scenario, std::size_t but, std::string_view name) {
    for (std::size_t i = 0; i < scenario.candidates.size(); ++i) {
        if (i != but && scenario.candidates[i].name == name) return true;
    }
    return std::ranges::any_of(scenario.fleets, [&](const FleetSpec& fleet) { return fleet.name == name; });
}

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// At most so many bytes, and no half letter at the end.
std::string_view cut_short(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
    return text.substr(0, most);
}

bool recorded(const Workload& workload) {
    return workload.arrivals &&
           (std::holds_alternative<TraceArrivals>(*workload.arrivals) || std::holds_alternative<ServeGenArrivals>(*workload.arrivals));
}

}  // namespace

void set_method(Scenario& scenario, Method method) {
    if (scenario.method == method) return;
    scenario.method = method;
    if (method == Method::simulate) return;
    if (recorded(scenario.workload)) scenario.workload.load = ClosedLoop{};
    scenario.workload.arrivals.reset();
    scenario.workload.prefixes.reset();
    scenario.workload.think = {};
    scenario.simulate = {};
    for (auto& candidate : scenario.candidates) candidate.simulate.reset();
    for (const auto& fleet : scenario.fleets) drop_expectations_of(scenario, fleet.name);
    scenario.fleets.clear();
}

void use_trace(Scenario& scenario, const std::string& file) {
    set_method(scenario, Method::simulate);
    scenario.workload.lengths = TraceLengths{file};
    scenario.workload.load = ClosedLoop{};
    scenario.workload.think = {};
    if (!scenario.workload.arrivals || !std::holds_alternative<TraceArrivals>(*scenario.workload.arrivals))
        scenario.workload.arrivals = TraceArrivals{};
}

std::string unique_name(const Scenario& scenario, std::string_view wish) {
    std::string base;
    for (const char c : cut_short(wish, kLongestName - 8)) {
        const bool good =
            std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || static_cast<unsigned char>(c) >= 0x80 || c == ' ';
        base += good ? c : '-';
    }
    if (base.empty()) base = "candidate";
    // "mixtral-2" duplicated is "mixtral-3", not "mixtral-2-2".
    const auto dash = base.find_last_of('-');
    const bool numbered = dash != std::string::npos && dash > 0 && dash + 1 < base.size() && base.size() - dash <= 3 &&
                          std::all_of(base.begin() + static_cast<std::ptrdiff_t>(dash) + 1, base.end(),
                                      [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
    if (!taken(scenario, kNone, base)) return base;
    if (numbered) base.resize(dash);
    for (std::size_t number = 2;; ++number) {
        const std::string name = fmt::format("{}-{}", base, number);
        if (!taken(scenario, kNone, name)) return name;
    }
}

std::string name_for_model(std::string_view model) {
    std::filesystem::path path{std::string(model)};
    if (path.filename() == "config.json" && path.has_parent_path()) path = path.parent_path();
    std::string name = path.filename().string();
    for (const std::string_view ending : {".json", ".gguf"}) {
        if (name.ends_with(ending)) name.resize(name.size() - ending.size());
    }
    std::string plain;
    for (const char c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) || c == '_')
            plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        else if (!plain.empty() && plain.back() != '-') plain += '-';
    }
    while (!plain.empty() && plain.back() == '-') plain.pop_back();
    return plain.empty() ? "candidate" : plain;
}

std::string wrong_name(const Scenario& scenario, std::size_t index, std::string_view name) {
    if (name.find_first_not_of(" \t") == std::string_view::npos) return "expected a name, found nothing";
    if (name.size() > kLongestName) return "expected at most 100 letters";
    for (const char c : name) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || std::string_view(".@=[]").find(c) != std::string_view::npos)
            return "expected letters, digits, '-' and '_': expectations write name.metric@axis=value";
    }
    if (taken(scenario, index, name)) return fmt::format("the name '{}' is taken", name);
    return {};
}

void rename_candidate(Scenario& scenario, std::size_t index, const std::string& name) {
    const std::string old = scenario.candidates[index].name;
    scenario.candidates[index].name = name;
    for (auto& expectation : scenario.expect) {
        for (auto& ref : expectation.operands) {
            if (ref.candidate == old) ref.candidate = name;
        }
    }
    for (auto& fleet : scenario.fleets) {
        for (auto& member : fleet.members) {
            if (member.candidate == old) member.candidate = name;
        }
    }
}

std::size_t add_candidate(Scenario& scenario, const std::string& model) {
    Candidate candidate;
    if (scenario.candidates.empty()) {
        candidate.gpu = "h100_sxm";
    } else {
        const Candidate& last = scenario.candidates.back();
        candidate.gpu = last.gpu;
        candidate.count = last.count;
        candidate.engine = last.engine;
        candidate.profile = last.profile;
        candidate.money = last.money;
    }
    candidate.model = model;
    candidate.name = unique_name(scenario, name_for_model(model));
    scenario.candidates.push_back(std::move(candidate));
    return scenario.candidates.size() - 1;
}

std::size_t duplicate_candidate(Scenario& scenario, std::size_t index) {
    Candidate copy = scenario.candidates[index];
    copy.name = unique_name(scenario, copy.name);
    scenario.candidates.insert(scenario.candidates.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(copy));
    return index + 1;
}

void move_candidate(Scenario& scenario, std::size_t from, std::size_t to) {
    auto& all = scenario.candidates;
    if (from >= all.size() || to >= all.size() || from == to) return;
    const auto at = [&](std::size_t i) { return all.begin() + static_cast<std::ptrdiff_t>(i); };
    if (from < to) std::rotate(at(from), at(from) + 1, at(to) + 1);
    else std::rotate(at(to), at(from), at(from) + 1);
}

Removed remove_candidate(Scenario& scenario, std::size_t index) {
    Removed removed;
    const std::string name = scenario.candidates[index].name;
    scenario.candidates.erase(scenario.candidates.begin() + static_cast<std::ptrdiff_t>(index));
    removed.expectations = drop_expectations_of(scenario, name);
    removed.fleets = std::erase_if(scenario.fleets, [&](const FleetSpec& fleet) {
        const bool has = std::ranges::any_of(fleet.members, [&](const FleetMember& member) { return member.candidate == name; });
        if (has) removed.expectations += drop_expectations_of(scenario, fleet.name);
        return has;
    });
    return removed;
}

std::string describe(const Removed& removed) {
    const auto some = [](std::size_t count, const char* what) {
        return count == 0 ? "" : fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
    };
    const std::string expectations = some(removed.expectations, "expectation"), fleets = some(removed.fleets, "fleet");
    return expectations + (expectations.empty() || fleets.empty() ? "" : " and ") + fleets;
}

void set_model(Scenario& scenario, const Catalog& catalog, std::size_t index, const std::string& model) {
    Candidate& candidate = scenario.candidates[index];
    candidate.model = model;
    if (!candidate.layout) return;
    const auto spec = look_up_model(catalog, scenario, model);
    if (spec && !layout_problems(*candidate.layout, *spec, {}, {}).empty()) candidate.layout.reset();
}

}  // namespace moeplan
