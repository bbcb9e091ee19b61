#pragma once
// yaml-cpp's events -> our tree, stopping at the first event beyond a limit. Internal to core/yaml.

#include <exception>
#include <string>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include "core/yaml/tree.h"

namespace moeplan::yaml {

// Leaves yaml-cpp's parser from inside a callback; caught in parse.cpp, never outside.
struct Refused : std::exception {
    Refused(int at, std::string why) : line(at), what_found(std::move(why)) {}
    const char* what() const noexcept override { return what_found.c_str(); }
    int line;
    std::string what_found;
};

class TreeBuilder : public YAML::EventHandler {
public:
    TreeBuilder(Arena& arena, std::string name) : arena_(arena), name_(std::move(name)) {}

    // Where the last scalar starts if it is a quoted one, else a null mark.
    YAML::Mark last_quoted() const { return last_quoted_; }
    ParsedTree take() { return std::move(document_); }

    void OnDocumentStart(const YAML::Mark& mark) override;
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override;
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override;
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override;
    void OnMapEnd() override { close(); }

private:
    struct Frame {
        TreeNode* node;
        std::string key;
        int key_line = 0;
        bool has_key = false;
        int bad_key_line = 0;
    };

    TreeNode* make(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor);
    void open(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor);
    void close();
    void add(TreeNode* node);
    void merge(TreeNode& into);
    void merge_one(TreeNode& into, const TreeNode& from, int line);
    void check_duplicates(TreeNode& map);

    Arena& arena_;
    std::string name_;
    ParsedTree document_;
    std::vector<Frame> frames_;
    std::vector<TreeNode*> anchors_;
    int documents_ = 0;
    YAML::Mark last_quoted_ = YAML::Mark::null_mark();
};

}  // namespace moeplan::yaml
