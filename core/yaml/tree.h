#pragma once
// The parsed document as our own small tree: every value knows its line, every key whether it was asked for.
// Internal to core/yaml; nodes live in one arena, so pointers stay valid while the document does.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"
#include "core/yaml/reader.h"

namespace moeplan::yaml {

enum class Kind : std::uint8_t { null, scalar, list, map };

struct TreeNode;

struct Entry {
    std::string key;
    int line = 0;
    TreeNode* value = nullptr;
    bool asked = false;
};

struct TreeNode {
    Kind kind = Kind::null;
    bool quoted = false;      // "5" in quotes is text, 5 is a number
    bool overridden = false;  // came from --set: it has no line
    bool open = false;        // still being parsed: an alias to it would never end
    int line = 0;             // 1-based
    std::string text;                // scalar
    std::vector<TreeNode*> items;    // list
    std::vector<Entry> entries;      // map, in order
    std::vector<std::string> absent; // keys asked for that are not there: known names for "did you mean"
    std::unordered_map<std::string_view, std::size_t> index;  // built for maps too long to scan

    Entry* find(std::string_view key);
};

// Counts what a document allocates, aliases expanded; limits are checked before allocating.
class Arena {
public:
    explicit Arena(const YamlLimits& limits) : limits_(limits) {}
    // Null when the document has too many nodes.
    TreeNode* make(Kind kind, int line);
    // False when the texts of the document (keys and scalars, aliases expanded) are too long.
    bool take_text(std::size_t length);
    // A deep copy; null when a limit is reached.
    TreeNode* copy(const TreeNode& from);
    const YamlLimits& limits() const { return limits_; }

private:
    YamlLimits limits_;
    std::deque<TreeNode> nodes_;
    std::size_t text_bytes_ = 0;
};

struct Located {
    int line = 0;
    Problem problem;
};

struct ParsedTree {
    TreeNode* root = nullptr;
    std::vector<Located> problems;  // that do not stop the reading: duplicate keys
};

// Parses one YAML document. Errors: syntax, encoding, limits, several documents, empty.
Result<ParsedTree> parse_document(std::string_view text, const std::string& name, Arena& arena);

// Problems of the bytes themselves: not UTF-8, control characters. Empty = fine.
Problems encoding_problems(std::string_view text, const std::string& name);
// What would cost yaml-cpp's scanner gigabytes before its first event, where the depth limit could act: it
// reads a whole line before it decides on a key, and keeps every open bracket.
Problems scanner_problems(std::string_view text, const std::string& name, const YamlLimits& limits);

// Sets `path=value` in the tree. Errors have where = "--set".
Problems set_value(TreeNode& root, const std::string& assignment, Arena& arena);

}  // namespace moeplan::yaml
