#include "core/yaml/builder.h"

#include "core/yaml/state.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace moeplan::yaml {
namespace {

int line_of(const YAML::Mark& mark) { return mark.line + 1; }

int depth_of(const TreeNode& node) {
    int deepest = 0;
    for (const TreeNode* item : node.items) deepest = std::max(deepest, depth_of(*item));
    for (const auto& entry : node.entries) deepest = std::max(deepest, depth_of(*entry.value));
    return deepest + 1;
}

}  // namespace

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
    if (++documents_ > 1) {
        throw Refused(line_of(mark), "a second document starts here ('---'); one file holds one document");
    }
}

TreeNode* TreeBuilder::make(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    TreeNode* node = arena_.make(kind, line_of(mark));
    if (!node)
        throw Refused(line_of(mark),
                      fmt::format("more than {} values (anchors expanded)", arena_.limits().nodes));
    if (anchor != 0) {
        if (anchors_.size() <= anchor) anchors_.resize(anchor + 1, nullptr);
        anchors_[anchor] = node;
    }
    return node;
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
    add(make(Kind::null, mark, anchor));
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
    if (!arena_.take_text(value.size())) throw Refused(line_of(mark), "too much text (anchors expanded)");
    // A key of the innermost map is not a value of its own.
    if (!frames_.empty() && frames_.back().node->kind == Kind::map && !frames_.back().has_key) {
        frames_.back().key = value;
        frames_.back().key_line = line_of(mark);
        frames_.back().has_key = true;
        return;
    }
    TreeNode* node = make(Kind::scalar, mark, anchor);
    node->text = value;
    node->quoted = !tag.empty() && tag != "?";
    last_quoted_ = node->quoted ? mark : YAML::Mark::null_mark();
    add(node);
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
    TreeNode* target = anchor < anchors_.size() ? anchors_[anchor] : nullptr;
    if (!target || target->open)
        throw Refused(line_of(mark), "this alias (*name) refers to a value that contains it");
    if (static_cast<int>(frames_.size()) + depth_of(*target) > arena_.limits().depth) {
        throw Refused(line_of(mark), fmt::format("nested more than {} levels deep", arena_.limits().depth));
    }
    TreeNode* copied = arena_.copy(*target);
    if (!copied) {
        throw Refused(line_of(mark),
                      fmt::format("more than {} values or too much text once anchors are expanded",
                                  arena_.limits().nodes));
    }
    add(copied);
}

void TreeBuilder::open(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (static_cast<int>(frames_.size()) >= arena_.limits().depth) {
        throw Refused(line_of(mark), fmt::format("nested more than {} levels deep", arena_.limits().depth));
    }
    TreeNode* node = make(kind, mark, anchor);
    node->open = true;
    add(node);
    frames_.push_back({node, {}, 0, false, 0});
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value) {
    open(Kind::list, mark, anchor);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
    open(Kind::map, mark, anchor);
}

void TreeBuilder::close() {
    TreeNode& node = *frames_.back().node;
    if (const int line = frames_.back().bad_key_line; line != 0) {
        throw Refused(
            line, "a key must be a plain word; nothing, a list, a map or an alias stands before this ':'");
    }
    if (node.kind == Kind::map) {
        check_duplicates(node);
        merge(node);
    }
    node.open = false;
    frames_.pop_back();
}

void TreeBuilder::add(TreeNode* node) {
    if (frames_.empty()) {
        document_.root = node;
        return;
    }
    Frame& frame = frames_.back();
    if (frame.node->kind == Kind::list) {
        frame.node->items.push_back(node);
        return;
    }
    if (!frame.has_key) {
        // Not thrown here: yaml-cpp also reports an unclosed "[[" as a list for a key, before it sees the end.
        if (frame.bad_key_line == 0) frame.bad_key_line = node->line;
        frame.key.clear();
        frame.key_line = node->line;
        frame.has_key = true;
        return;
    }
    frame.node->entries.push_back({std::move(frame.key), frame.key_line, node, false});
    frame.has_key = false;
}

// The first one stays; the message names both lines.
void TreeBuilder::check_duplicates(TreeNode& map) {
    std::vector<std::size_t> order(map.entries.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return map.entries[a].key < map.entries[b].key; });
    std::vector<std::size_t> repeated;
    std::size_t first = 0;
    for (std::size_t i = 1; i < order.size(); ++i) {
        const Entry& entry = map.entries[order[i]];
        const Entry& original = map.entries[order[first]];
        if (entry.key != original.key) {
            first = i;
            continue;
        }
        repeated.push_back(order[i]);
        if (document_.problems.size() >= YamlFile::State::kMostProblems) continue;
        document_.problems.push_back({entry.line,
                                      {fmt::format("{}:{}", name_, entry.line), entry.key,
                                       fmt::format("the key '{}' is given twice, on lines {} and {}",
                                                   entry.key, original.line, entry.line),
                                       "keep one of them"}});
    }
    std::sort(repeated.rbegin(), repeated.rend());
    if (repeated.empty()) return;
    std::vector<Entry> kept;
    for (std::size_t i = 0; i < map.entries.size(); ++i) {
        if (!repeated.empty() && repeated.back() == i) {
            repeated.pop_back();
        } else {
            kept.push_back(std::move(map.entries[i]));
        }
    }
    map.entries = std::move(kept);
}

// `<<: *base` or `<<: [*a, *b]` (YAML 1.1 merge type): keys given here win over merged ones.
void TreeBuilder::merge(TreeNode& into) {
    const auto at = std::ranges::find(into.entries, "<<", &Entry::key);
    if (at == into.entries.end()) return;
    const Entry source = std::move(*at);
    into.entries.erase(at);
    if (source.value->kind == Kind::map) {
        merge_one(into, *source.value, source.line);
        return;
    }
    if (source.value->kind != Kind::list)
        throw Refused(source.line, "'<<' merges a map (or a list of maps), for example '<<: *base'");
    for (const TreeNode* item : source.value->items) {
        if (item->kind != Kind::map) throw Refused(item->line, "'<<' merges maps only");
        merge_one(into, *item, source.line);
    }
}

void TreeBuilder::merge_one(TreeNode& into, const TreeNode& from, int line) {
    for (const auto& entry : from.entries) {
        if (!into.find(entry.key)) into.entries.push_back({entry.key, line, entry.value, false});
    }
}

}  // namespace moeplan::yaml
