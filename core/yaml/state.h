#pragma once
// What the nodes of one document share. Internal to core/yaml.

#include "core/yaml/tree.h"

namespace moeplan {

struct YamlFile::State {
    explicit State(const YamlLimits& limits) : arena(limits) {}

    std::string name;
    yaml::Arena arena;
    yaml::TreeNode* root = nullptr;
    std::vector<yaml::Located> found;
    Problems sorted;   // `found` in order of line, made on demand

    // Nobody reads more problems than this; a last line says that there are more.
    static constexpr std::size_t kMostProblems = 200;
    bool is_full() const { return found.size() >= kMostProblems; }
};

struct YamlNode::Impl {
    std::shared_ptr<YamlFile::State> state;
    yaml::TreeNode* node = nullptr;   // null: the key is absent
    int line = 0;                     // of the node, or of the map that lacks it
    bool overridden = false;
};

}  // namespace moeplan
