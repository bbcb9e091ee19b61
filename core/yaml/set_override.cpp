// --set path=value on the tree, before anything is read from it.
#include <charconv>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/yaml/tree.h"

namespace moeplan::yaml {
namespace {

struct Step {
    std::string key;       // empty: `index` is meant
    std::size_t index = 0;
};

Problems wrong(const std::string& path, std::string what, std::string hint = {}) {
    return {{"--set", path, std::move(what), std::move(hint)}};
}

// "candidates[0].layout.tp" -> candidates, [0], layout, tp. Nothing when it is not a path.
std::optional<std::vector<Step>> steps_of(std::string_view path) {
    std::vector<Step> steps;
    std::size_t at = 0;
    while (at < path.size()) {
        if (path[at] == '[') {
            const std::size_t end = path.find(']', at);
            if (end == std::string_view::npos) return std::nullopt;
            Step step;
            const char* last = path.data() + end;
            const auto read = std::from_chars(path.data() + at + 1, last, step.index);
            if (read.ec != std::errc{} || read.ptr != last) return std::nullopt;
            steps.push_back(step);
            at = end + 1;
            if (at < path.size() && path[at] != '.' && path[at] != '[') return std::nullopt;
        } else {
            const std::size_t end = std::min(path.find_first_of(".[", at), path.size());
            if (end == at) return std::nullopt;
            steps.push_back({std::string(path.substr(at, end - at)), 0});
            at = end;
        }
        if (at < path.size() && path[at] == '.') {
            if (++at == path.size() || path[at] == '[') return std::nullopt;
        }
    }
    return steps.empty() ? std::nullopt : std::optional(steps);
}

TreeNode* element_named(TreeNode& list, const std::string& name) {
    for (TreeNode* item : list.items) {
        const Entry* entry = item->kind == Kind::map ? item->find("name") : nullptr;
        if (entry && entry->value->kind == Kind::scalar && entry->value->text == name) return item;
    }
    return nullptr;
}

std::vector<std::string> names_in(TreeNode& list) {
    std::vector<std::string> names;
    for (TreeNode* item : list.items) {
        const Entry* entry = item->kind == Kind::map ? item->find("name") : nullptr;
        if (entry && entry->value->kind == Kind::scalar) names.push_back(entry->value->text);
    }
    return names;
}

// The place a step leads to, made when it is a new key. Null with `problems` filled when there is none.
TreeNode** descend(TreeNode& from, const Step& step, const std::string& path, Arena& arena,
                   Problems& problems) {
    if (step.key.empty()) {
        if (from.kind == Kind::list && step.index < from.items.size()) return &from.items[step.index];
        problems =
            wrong(path, from.kind == Kind::list ? fmt::format("there is no element [{}]; the list has {}",
                                                              step.index, from.items.size())
                                                : fmt::format("[{}] needs a list there", step.index));
        return nullptr;
    }
    if (from.kind == Kind::list) {
        for (auto& item : from.items) {
            if (item == element_named(from, step.key)) return &item;
        }
        const auto names = names_in(from);
        problems = wrong(path, fmt::format("no element of the list is named '{}'", step.key),
                         did_you_mean(step.key, names));
        if (problems[0].hint.empty() && !names.empty()) problems[0].hint = "names: " + one_of(names);
        return nullptr;
    }
    if (from.kind == Kind::scalar) {
        problems = wrong(
            path, fmt::format("'{}' is a single value and has no '{}'", from.text.substr(0, 60), step.key));
        return nullptr;
    }
    from.kind = Kind::map;   // "key:" with nothing behind it may become a map
    if (!from.find(step.key)) {
        TreeNode* fresh = arena.make(Kind::null, 0);
        if (!fresh) {
            problems = wrong(path, "the document has too many values");
            return nullptr;
        }
        fresh->overridden = true;
        from.entries.push_back({step.key, 0, fresh, false});
        from.index.clear();
    }
    return &from.find(step.key)->value;
}

void mark_overridden(TreeNode& node) {
    node.overridden = true;
    for (TreeNode* item : node.items) mark_overridden(*item);
    for (auto& entry : node.entries) mark_overridden(*entry.value);
}

}  // namespace

Problems set_value(TreeNode& root, const std::string& assignment, Arena& arena) {
    constexpr const char* kExample = "write path=value, for example --set candidates[0].count=4";
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) return wrong(assignment, "has no '='", kExample);
    const std::string path = assignment.substr(0, equals);
    const auto steps = steps_of(path);
    if (!steps) return wrong(path, "is not a path", kExample);
    if (static_cast<int>(steps->size()) > arena.limits().depth) return wrong(path, "is too deep");

    auto parsed = parse_document(assignment.substr(equals + 1), "--set", arena);
    if (!parsed) {
        auto problems = std::move(parsed.error());
        for (auto& problem : problems) {
            problem.where = "--set";
            problem.path = path;
        }
        if (problems[0].what == "the file is empty") problems[0].what = "the value is empty";
        return problems;
    }
    if (!parsed->problems.empty()) return wrong(path, parsed->problems[0].problem.what);

    Problems problems;
    TreeNode* at = &root;
    TreeNode** slot = nullptr;
    for (const auto& step : *steps) {
        slot = descend(*at, step, path, arena, problems);
        if (!slot) return problems;
        at = *slot;
    }
    mark_overridden(*parsed->root);
    *slot = parsed->root;
    return {};
}

}  // namespace moeplan::yaml
