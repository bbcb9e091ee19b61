// `fleets:`: several candidates that serve one load together.
#include <algorithm>

#include <fmt/format.h>

#include "core/scenario/sections.h"

namespace moeplan::scenario {
namespace {

constexpr std::size_t kMostFleets = 1000;
constexpr std::string_view kExample =
    "{name: hybrid, members: [{candidate: moe, takes: {input_from: 2000}}, {candidate: dense}]}";
constexpr std::string_view kMember = "{candidate: moe, takes: {input_from: 2000}}";

void check_range(const YamlNode& node, const std::optional<double>& from, const std::optional<double>& below,
                 std::string_view what) {
    if (!from || !below || *from < *below) return;
    node.problem(fmt::format("'{0}_from' must be below '{0}_below', found {1} and {2}", what, print_number(*from),
                             print_number(*below)));
}

RequestFilter read_filter(const YamlNode& node) {
    RequestFilter filter;
    if (!node.expect_map("{input_from: 2000}")) return filter;
    for (const auto& [key, into] : {std::pair{"input_from", &filter.input_from},
                                    {"input_below", &filter.input_below},
                                    {"output_from", &filter.output_from},
                                    {"output_below", &filter.output_below}}) {
        if (const auto bound = node.find(key)) *into = tokens(*bound);
    }
    if (const auto share = node.find("share")) {
        filter.share = share->fraction();
        if (filter.share && *filter.share <= 0) share->problem("expected a share above 0");
    }
    if (const auto priority = node.find("priority")) {
        if (const auto read = priority->integer(-kMostPriority, kMostPriority))
            filter.priority = static_cast<std::int32_t>(*read);
    }
    node.reject_unknown_keys();
    check_range(node, filter.input_from, filter.input_below, "input");
    check_range(node, filter.output_from, filter.output_below, "output");
    if (node.keys().empty())
        node.problem("takes every request", "say which, for example '{input_from: 2000}', or leave 'takes' out");
    return filter;
}

FleetMember read_member(const YamlNode& node, KnownNames& candidates, bool last) {
    FleetMember member;
    if (!node.expect_map(kMember)) return member;
    if (const auto name = node["candidate"].text()) {
        member.candidate = *name;
        candidates.check(node["candidate"], *name);
    }
    if (const auto takes = node.find("takes")) {
        member.takes = read_filter(*takes);
        if (last) takes->problem("the last member takes what is left", "leave 'takes' out here");
    } else if (!last) {
        node.problem("takes every request, so the members after it would get none",
                     fmt::format("say what it takes, for example '{}'", kMember));
    }
    node.reject_unknown_keys();
    return member;
}

void read_members(const YamlNode& node, KnownNames& candidates, FleetSpec& fleet) {
    if (!node.expect_list(fmt::format("- {}", kMember))) return;
    if (node.size() == 0) node.problem(fmt::format("the fleet has no members; add '- {}'", kMember));
    if (node.size() > candidates.all().size()) {
        node.problem(fmt::format("more members than candidates: {} and {}", node.size(), candidates.all().size()));
        return;
    }
    for (std::size_t i = 0; i < node.size(); ++i) {
        FleetMember member = read_member(node.at(i), candidates, i + 1 == node.size());
        if (!member.candidate.empty() &&
            std::ranges::find(fleet.members, member.candidate, &FleetMember::candidate) != fleet.members.end())
            node.at(i)["candidate"].problem(fmt::format("'{}' is a member already", member.candidate.substr(0, 100)));
        fleet.members.push_back(std::move(member));
    }
}

FleetSpec read_fleet(const YamlNode& node, KnownNames& candidates) {
    FleetSpec fleet;
    if (!node.expect_map(kExample)) return fleet;
    take(fleet.name, read_name(node["name"], "fleet"));
    read_members(node["members"], candidates, fleet);
    node.reject_unknown_keys();
    return fleet;
}

}  // namespace

std::vector<FleetSpec> read_fleets(const YamlNode& node, KnownNames& candidates, bool simulated) {
    std::vector<FleetSpec> fleets;
    simulations_only(node, "fleets", simulated);
    if (!node.expect_list(fmt::format("- {}", kExample))) return fleets;
    if (node.size() > kMostFleets) {
        node.problem(fmt::format("more than {} fleets", kMostFleets));
        return fleets;
    }
    for (const auto& item : node.items()) {
        FleetSpec fleet = read_fleet(item, candidates);
        if (std::ranges::find(candidates.all(), fleet.name) != candidates.all().end() && !fleet.name.empty())
            item["name"].problem(fmt::format("the name '{}' is taken by a candidate", fleet.name));
        const auto same = std::ranges::find(fleets, fleet.name, &FleetSpec::name);
        if (same != fleets.end() && !fleet.name.empty())
            item["name"].problem(fmt::format("the name '{}' is taken by another fleet", fleet.name));
        fleets.push_back(std::move(fleet));
    }
    return fleets;
}

}  // namespace moeplan::scenario
