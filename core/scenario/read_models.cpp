// models: NAME: {total: 128 B, active: 16 B, experts: 64, top_k: 2, …} -> HypotheticalModel -> ModelSpec.
#include <fmt/format.h>

#include "core/model/hypothetical.h"
#include "core/scenario/sections.h"

namespace moeplan::scenario {
namespace {

constexpr std::string_view kExample = "{total: 128 B, active: 16 B, experts: 64, top_k: 2}";
constexpr std::int64_t kLargestSize = 1'000'000'000;  // the sizes themselves are checked by make_hypothetical

const UnitSet& billions() {
    static const UnitSet units{"a number of parameters", "16 B", {{"B"}, {"M", 1, 1e3}, {"T", 1e3}}};
    return units;
}

struct Size {
    const char* key;
    std::optional<std::int64_t> HypotheticalModel::*member;
};

constexpr Size kSizes[] = {
    {"experts", &HypotheticalModel::experts},
    {"top_k", &HypotheticalModel::top_k},
    {"hidden", &HypotheticalModel::hidden},
    {"layers", &HypotheticalModel::layers},
    {"heads", &HypotheticalModel::heads},
    {"kv_heads", &HypotheticalModel::kv_heads},
    {"head_dim", &HypotheticalModel::head_dim},
    {"width", &HypotheticalModel::width},
    {"shared_width", &HypotheticalModel::shared_width},
    {"parallel_width", &HypotheticalModel::parallel_width},
    {"vocab", &HypotheticalModel::vocab},
    {"window", &HypotheticalModel::window},
};

// Nothing when a value could not be read: its problem is on record, and no model is made from the rest.
std::optional<ModelWish> read_wish(const std::string& name, const YamlNode& node) {
    if (!node.expect_map(kExample)) return std::nullopt;
    ModelWish wish;
    wish.name = name;
    bool complete = true;
    for (const auto& [key, into] : {std::pair{"total", &wish.total_b}, {"active", &wish.active_b}}) {
        if (const auto size = node.find(key)) complete &= (*into = size->quantity(billions())).has_value();
    }
    for (const auto& size : kSizes) {
        if (const auto value = node.find(size.key))
            complete &= (wish.*size.member = value->integer(1, kLargestSize)).has_value();
    }
    for (const auto& [key, into] :
         {std::pair{"gated", &wish.gated}, {"tied_embeddings", &wish.tied_embeddings}}) {
        const auto flag = node.find(key);
        const auto value = flag ? flag->boolean() : std::optional(*into);
        complete &= value.has_value();
        take(*into, value);
    }
    node.reject_unknown_keys();
    return complete ? std::optional(wish) : std::nullopt;
}

// make_hypothetical() blames members of the struct; here they are keys.
YamlNode place_of(const std::string& member, const YamlNode& node) {
    if (member.empty()) return node;
    return node[member == "total_b" ? "total" : member == "active_b" ? "active" : member];
}

}  // namespace

void read_models(const YamlNode& node, Scenario& scenario) {
    if (!node.expect_map(fmt::format("my-moe: {}", kExample))) return;
    for (const auto& [name, body] : node.entries()) {
        const auto wish = read_wish(name, body);
        if (!wish) continue;
        auto model = make_hypothetical(*wish);
        if (!model) {
            for (const auto& problem : model.error()) {
                place_of(problem.path, body).problem(problem.what, problem.hint);
            }
            continue;
        }
        scenario.models.emplace(name, std::move(*model));
        scenario.model_wishes.emplace(name, *wish);
    }
}

void add_models(Document::Map& into, const Scenario& scenario) {
    if (scenario.model_wishes.empty()) return;
    Document::Map models;
    for (const auto& [name, wish] : scenario.model_wishes) {
        Document::Map map;
        if (wish.total_b) map.emplace_back("total", print_quantity(*wish.total_b, billions()));
        if (wish.active_b) map.emplace_back("active", print_quantity(*wish.active_b, billions()));
        for (const auto& size : kSizes) {
            if (const auto& value = wish.*size.member) map.emplace_back(size.key, *value);
        }
        if (!wish.gated) map.emplace_back("gated", false);
        if (wish.tied_embeddings) map.emplace_back("tied_embeddings", true);
        models.emplace_back(name, std::move(map));
    }
    into.emplace_back("models", std::move(models));
}

}  // namespace moeplan::scenario
