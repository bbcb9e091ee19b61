#include "core/yaml/tree.h"

namespace moeplan::yaml {
namespace {

// Above this a hash index beats scanning.
constexpr std::size_t kScanned = 24;

}  // namespace

Entry* TreeNode::find(std::string_view key) {
    if (entries.size() <= kScanned) {
        for (auto& entry : entries) {
            if (entry.key == key) return &entry;
        }
        return nullptr;
    }
    if (index.size() != entries.size()) {
        index.clear();
        for (std::size_t i = 0; i < entries.size(); ++i) index.emplace(entries[i].key, i);
    }
    const auto at = index.find(key);
    return at == index.end() ? nullptr : &entries[at->second];
}

TreeNode* Arena::make(Kind kind, int line) {
    if (nodes_.size() >= limits_.nodes) return nullptr;
    TreeNode& node = nodes_.emplace_back();
    node.kind = kind;
    node.line = line;
    return &node;
}

bool Arena::take_text(std::size_t length) {
    text_bytes_ += length;
    return text_bytes_ <= 2 * limits_.bytes;
}

// Recursion is bounded: the tree is never deeper than the limit it was parsed under.
TreeNode* Arena::copy(const TreeNode& from) {
    TreeNode* to = make(from.kind, from.line);
    if (!to || !take_text(from.text.size())) return nullptr;
    to->quoted = from.quoted;
    to->text = from.text;
    for (const TreeNode* item : from.items) {
        TreeNode* copied = copy(*item);
        if (!copied) return nullptr;
        to->items.push_back(copied);
    }
    for (const auto& entry : from.entries) {
        TreeNode* copied = take_text(entry.key.size()) ? copy(*entry.value) : nullptr;
        if (!copied) return nullptr;
        to->entries.push_back({entry.key, entry.line, copied, false});
    }
    return to;
}

}  // namespace moeplan::yaml
