// YamlFile: from disk or text to a tree, within limits.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "core/yaml/state.h"

namespace moeplan {
namespace {

Problem too_large(const std::string& file, const YamlLimits& limits) {
    return {file, {}, fmt::format("larger than {} MiB, the most that is read", limits.bytes >> 20),
            "is this really a YAML file?"};
}

// At most one byte more than the limit is read, so that devices and pipes without an end are safe too.
Result<std::string> read_text(const std::string& file, const YamlLimits& limits) {
    std::error_code ignored;
    const auto status = std::filesystem::status(file, ignored);
    if (std::filesystem::is_directory(status))
        return fail({file, {}, "is a folder, expected a YAML file", {}});
    if (std::filesystem::is_regular_file(status) &&
        std::filesystem::file_size(file, ignored) > limits.bytes && !ignored) {
        return fail(too_large(file, limits));
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        const bool there = std::filesystem::exists(status);
        return fail({file, {}, there ? "cannot be opened for reading" : "no such file", {}});
    }
    std::string text;
    constexpr std::size_t kChunk = 1u << 16;
    while (in && text.size() <= limits.bytes) {
        const std::size_t old = text.size();
        text.resize(old + kChunk);
        in.read(text.data() + old, static_cast<std::streamsize>(kChunk));
        text.resize(old + static_cast<std::size_t>(in.gcount()));
    }
    if (in.bad()) return fail({file, {}, "cannot be read to its end", {}});
    if (text.size() > limits.bytes) return fail(too_large(file, limits));
    return text;
}

}  // namespace

Result<YamlFile> YamlFile::load(const std::string& file, const YamlLimits& limits) {
    auto text = read_text(file, limits);
    if (!text) return fail(std::move(text.error()));
    return parse(*text, file, limits);
}

Result<YamlFile> YamlFile::parse(std::string_view text, const std::string& name, const YamlLimits& limits) {
    YamlFile file;
    file.state_ = std::make_shared<State>(limits);
    file.state_->name = name;
    auto parsed = yaml::parse_document(text, name, file.state_->arena);
    if (!parsed) return fail(std::move(parsed.error()));
    if (parsed->root->kind == yaml::Kind::scalar) {
        return fail({fmt::format("{}:{}", name, parsed->root->line), {},
                     "expected keys with values ('name: …'), found a single text", {}});
    }
    file.state_->root = parsed->root;
    file.state_->found = std::move(parsed->problems);
    return file;
}

YamlNode YamlFile::root() const {
    return YamlNode(
        std::make_shared<YamlNode::Impl>(YamlNode::Impl{state_, state_->root, state_->root->line, false}),
        {});
}

Problems YamlFile::set(const std::string& assignment) {
    return yaml::set_value(*state_->root, assignment, state_->arena);
}

const std::string& YamlFile::name() const { return state_->name; }

const Problems& YamlFile::problems() const {
    if (state_->sorted.size() < state_->found.size()) {
        std::ranges::stable_sort(state_->found, {}, &yaml::Located::line);
        state_->sorted.clear();
        for (const auto& located : state_->found) state_->sorted.push_back(located.problem);
        if (state_->is_full()) {
            state_->sorted.push_back(
                {state_->name, {}, "there may be more problems; correct these first", {}});
        }
    }
    return state_->sorted;
}

}  // namespace moeplan
