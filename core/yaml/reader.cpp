// YamlNode: moving about the tree. Reading values is in read_values.cpp.
#include "core/yaml/reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/yaml/state.h"

namespace moeplan {
namespace {

using yaml::Kind;
using yaml::TreeNode;

// Enough of a value to recognise it in a message.
std::string shown(const std::string& text) {
    constexpr std::size_t kShown = 60;
    return text.size() <= kShown ? text : text.substr(0, kShown) + "…";
}

std::string child_path(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

}  // namespace

bool YamlNode::exists() const { return impl_->node != nullptr; }
bool YamlNode::is_null() const { return impl_->node && impl_->node->kind == Kind::null; }
bool YamlNode::is_map() const { return impl_->node && impl_->node->kind == Kind::map; }
bool YamlNode::is_list() const { return impl_->node && impl_->node->kind == Kind::list; }
bool YamlNode::is_scalar() const { return impl_->node && impl_->node->kind == Kind::scalar; }

std::size_t YamlNode::size() const {
    return is_list() ? impl_->node->items.size() : is_map() ? impl_->node->entries.size() : 0;
}

int YamlNode::line() const { return impl_->line; }

std::string YamlNode::where() const {
    return impl_->overridden ? "--set" : fmt::format("{}:{}", impl_->state->name, impl_->line);
}

YamlNode YamlNode::operator[](std::string_view key) const {
    auto child = std::make_shared<Impl>(*impl_);
    child->node = nullptr;
    if (is_map()) {
        if (auto* entry = impl_->node->find(key)) {
            entry->asked = true;
            child->node = entry->value;
            child->line = entry->line;   // where the key stands: a block value begins a line later
            child->overridden = entry->value->overridden;
        } else if (std::ranges::find(impl_->node->absent, key) == impl_->node->absent.end()) {
            impl_->node->absent.emplace_back(key);
        }
    }
    return YamlNode(std::move(child), child_path(path_, key));
}

std::optional<YamlNode> YamlNode::find(std::string_view key) const {
    YamlNode child = (*this)[key];
    return child.exists() ? std::optional<YamlNode>(std::move(child)) : std::nullopt;
}

YamlNode YamlNode::at(std::size_t index) const {
    auto child = std::make_shared<Impl>(*impl_);
    child->node = nullptr;
    if (is_list() && index < impl_->node->items.size()) {
        child->node = impl_->node->items[index];
        child->line = child->node->line;
        child->overridden = child->node->overridden;
    }
    return YamlNode(std::move(child), fmt::format("{}[{}]", path_, index));
}

std::vector<YamlNode> YamlNode::items() const {
    std::vector<YamlNode> all;
    if (!is_list()) return all;
    for (std::size_t i = 0; i < size(); ++i) all.push_back(at(i));
    return all;
}

std::vector<std::string> YamlNode::keys() const {
    std::vector<std::string> all;
    if (!is_map()) return all;
    for (const auto& entry : impl_->node->entries) all.push_back(entry.key);
    return all;
}

std::vector<std::pair<std::string, YamlNode>> YamlNode::entries() const {
    std::vector<std::pair<std::string, YamlNode>> all;
    for (const auto& key : keys()) all.emplace_back(key, (*this)[key]);
    return all;
}

std::string YamlNode::found() const {
    if (!exists() || is_null()) return "nothing";
    if (is_list()) return "a list";
    if (is_map()) return "a map";
    const auto& node = *impl_->node;
    if (!node.quoted && parse_number(node.text)) return "the number " + node.text;
    if (!node.quoted && (node.text == "true" || node.text == "false")) return node.text;
    return fmt::format("the text '{}'", shown(node.text));
}

bool YamlNode::expect_map(std::string_view example) const {
    if (!is_map()) problem(fmt::format("expected a map such as '{}', found {}", example, found()));
    return is_map();
}

bool YamlNode::expect_list(std::string_view example) const {
    if (!is_list()) problem(fmt::format("expected a list such as '{}', found {}", example, found()));
    return is_list();
}

namespace {

bool same_word(std::string_view a, std::string_view b) {
    const auto plain = [](char c) { return c == '-' ? '_' : c; };
    return std::ranges::equal(a, b, {}, plain, plain);
}

}  // namespace

void YamlNode::reject_unknown_keys(std::span<const OtherName> others) const {
    if (!is_map()) return;
    const auto& entries = impl_->node->entries;
    if (std::ranges::all_of(entries, &yaml::Entry::asked)) return;
    std::vector<std::string> known = impl_->node->absent;
    for (const auto& entry : entries) {
        if (entry.asked) known.push_back(entry.key);
    }
    std::ranges::sort(known);
    for (const auto& entry : entries) {
        if (entry.asked) continue;
        if (impl_->state->is_full()) return;   // finding near names for 100,000 keys would take minutes
        const auto other = std::ranges::find_if(others, [&](const OtherName& o) {
            return same_word(o.name, entry.key) && (!o.of.empty() || std::ranges::binary_search(known, o.here.substr(0, o.here.find(':'))));
        });
        auto hint = other == others.end() ? did_you_mean(entry.key, known) : fmt::format("that is '{}' {}", other->here, other->of.empty() ? "here" : other->of);
        if (hint.empty() && !known.empty()) hint = "known keys: " + one_of(known, 30);
        const YamlNode place = at_key(entry.key, entry.line, entry.value->overridden);
        place.problem(fmt::format("unknown key '{}'", shown(entry.key)), std::move(hint));
    }
}

YamlNode YamlNode::at_key(std::string_view key, int line, bool overridden) const {
    auto child = std::make_shared<Impl>(*impl_);
    child->line = line;
    child->overridden = overridden;
    return YamlNode(std::move(child), child_path(path_, key));
}

void YamlNode::problem(std::string what, std::string hint) const {
    if (impl_->state->is_full()) return;
    impl_->state->sorted.clear();
    impl_->state->found.push_back(
        {impl_->overridden ? 0 : impl_->line, {where(), path_, std::move(what), std::move(hint)}});
}

}  // namespace moeplan
