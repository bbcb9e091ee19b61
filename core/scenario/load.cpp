#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/scenario/sections.h"

namespace moeplan {
namespace {

using namespace scenario;

// "mixtral.count=4" means candidates.mixtral.count where 'mixtral' is no key of a study but a candidate's name.
std::string full_path(const YamlFile& file, const std::string& assignment) {
    static const std::vector<std::string> keys{
        "name",      "method",     "seed",   "objective",  "workload", "routing", "placement",
        "price",     "utilisation", "energy", "cold_start", "quality",  "cluster", "models",
        "simulate",  "candidates",  "fleets", "sweep",      "expect",   "claim"};
    const std::size_t end = assignment.find_first_of(".[=");
    if (end == std::string::npos || assignment[end] != '.' || assignment.find('=') == std::string::npos)
        return assignment;
    const std::string first = assignment.substr(0, end);
    if (std::ranges::find(keys, first) != keys.end()) return assignment;
    for (const auto& candidate : file.root()["candidates"].items()) {
        const auto name = candidate.find("name");
        if (name && name->is_scalar() && name->raw() == first) return "candidates." + assignment;
    }
    return assignment;
}

void read_method(const YamlNode& node, Scenario& scenario) {
    const auto index = node.choice(method_names());
    // A method that is not understood is one problem, not one more at every key of a simulation.
    scenario.method = index ? static_cast<Method>(*index) : Method::simulate;
}

ClusterSpec read_cluster(const YamlNode& node) {
    ClusterSpec cluster;
    if (!node.expect_map("{gpus_per_node: 8, network: 50 GB/s}")) return cluster;
    if (const auto gpus = node.find("gpus_per_node")) cluster.gpus_per_node = gpus->integer(1, kMostGpus);
    if (const auto network = node.find("network")) {
        cluster.network = network->bytes_per_second();
        if (cluster.network && cluster.network->value <= 0) network->problem("expected a rate above 0");
    }
    node.reject_unknown_keys();
    return cluster;
}

// What candidates inherit comes before them.
Scenario read_scenario(const YamlNode& root, const std::string& file_name) {
    Scenario scenario;
    scenario.file = file_name;
    scenario.name = std::filesystem::path(file_name).stem().string();
    if (const auto name = root.find("name")) take(scenario.name, name->text());
    if (const auto method = root.find("method")) read_method(*method, scenario);
    const bool simulated = scenario.method == Method::simulate;
    if (const auto seed = root.find("seed")) {
        if (const auto value = seed->integer(0)) scenario.seed = static_cast<std::uint64_t>(*value);
    }
    if (const auto objective = root.find("objective")) take(scenario.objective, objective->text());
    if (const auto workload = root.find("workload")) scenario.workload = read_workload(*workload, simulated);
    if (const auto routing = root.find("routing")) take(scenario.routing, read_routing(*routing));
    if (const auto placement = root.find("placement")) take(scenario.placement, read_placement(*placement));
    scenario.money = read_money(root, scenario.money);
    if (const auto start = root.find("cold_start")) scenario.cold_start = read_cold_start(*start);
    if (const auto quality = root.find("quality")) scenario.quality = read_quality(*quality, std::nullopt);
    if (const auto cluster = root.find("cluster")) scenario.cluster = read_cluster(*cluster);
    if (const auto models = root.find("models")) read_models(*models, scenario);
    if (const auto sweep = root.find("sweep")) scenario.sweep = read_sweep(*sweep);
    if (const auto simulate = root.find("simulate")) scenario.simulate = read_simulate(*simulate, {}, simulated);
    read_candidates(root, scenario);
    KnownNames names({});
    for (const auto& candidate : scenario.candidates) names.add(candidate.name);
    if (const auto fleets = root.find("fleets")) scenario.fleets = read_fleets(*fleets, names, simulated);
    for (const auto& fleet : scenario.fleets) names.add(fleet.name);
    if (const auto expect = root.find("expect")) scenario.expect = read_expectations(*expect, names);
    if (const auto claim = root.find("claim")) scenario.claim = read_claim(*claim, names, simulated);
    root.reject_unknown_keys();
    return scenario;
}

Result<Scenario> read_file(YamlFile file, const std::vector<std::string>& overrides) {
    if (!file.root().is_map()) {
        return fail(
            {file.root().where(),
             {},
             fmt::format("expected a study with keys such as 'candidates', found {}", file.root().found()),
             {}});
    }
    Problems problems;
    for (const auto& assignment : overrides) append(problems, file.set(full_path(file, assignment)));
    Scenario scenario = read_scenario(file.root(), file.name());
    append(problems, file.problems());
    if (!problems.empty()) return fail(std::move(problems));
    return scenario;
}

}  // namespace

std::string Spot::where() const { return line > 0 ? fmt::format("{}:{}", file, line) : file; }

Result<Scenario> load_scenario(const std::string& file, const std::vector<std::string>& overrides) {
    auto parsed = YamlFile::load(file);
    if (!parsed) return fail(std::move(parsed.error()));
    return read_file(std::move(*parsed), overrides);
}

Result<Scenario> parse_scenario(const std::string& yaml_text, const std::string& file_name,
                                const std::vector<std::string>& overrides) {
    auto parsed = YamlFile::parse(yaml_text, file_name);
    if (!parsed) return fail(std::move(parsed.error()));
    return read_file(std::move(*parsed), overrides);
}

}  // namespace moeplan
