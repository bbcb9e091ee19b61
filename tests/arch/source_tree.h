#pragma once
// The project's own source files as text, for tests that read the code.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace moeplan {

struct SourceFile {
    std::string path;   // from the root: "core/base/units.h"
    std::string text;
    std::string folder() const { return path.substr(0, path.rfind('/')); }
};

inline std::string read_text(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

inline std::filesystem::path source_root() { return MOEPLAN_SOURCE_DIR; }

// C++ and CUDA files below the given folders of the root, sorted. Folders that do not exist give none.
inline std::vector<SourceFile> source_files(const std::vector<std::string>& folders) {
    std::vector<SourceFile> files;
    for (const std::string& folder : folders) {
        const auto root = source_root() / folder;
        if (!std::filesystem::exists(root)) continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
            const std::string extension = entry.path().extension().string();
            if (extension != ".h" && extension != ".cpp" && extension != ".cu" && extension != ".cuh") continue;
            files.push_back({std::filesystem::relative(entry.path(), source_root()).generic_string(), read_text(entry.path())});
        }
    }
    std::sort(files.begin(), files.end(), [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return files;
}

// Without comments and string literals, line breaks kept.
inline std::string code_only(const std::string& text) {
    std::string code;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.compare(i, 3, "R\"(") == 0) {
            const std::size_t end = text.find(")\"", i);
            i = end == std::string::npos ? text.size() : end + 1;
        } else if (text.compare(i, 2, "//") == 0) {
            while (i < text.size() && text[i] != '\n') ++i;
            code += '\n';
        } else if (text.compare(i, 2, "/*") == 0) {
            const std::size_t end = text.find("*/", i);
            i = end == std::string::npos ? text.size() : end + 1;
        } else if (text[i] == '"') {
            for (++i; i < text.size() && text[i] != '"' && text[i] != '\n'; ++i) i += text[i] == '\\' ? 1U : 0U;
            code += "\"\"";
        } else if (text[i] == '\'' && i + 2 < text.size() && (text[i + 2] == '\'' || text[i + 1] == '\\')) {
            i += text[i + 1] == '\\' ? 3U : 2U;   // a character, not a digit separator
            code += "' '";
        } else {
            code += text[i];
        }
    }
    return code;
}

// What a file includes, as written: "core/base/units.h", "fmt/format.h".
inline std::vector<std::string> includes_of(const SourceFile& file) {
    static const std::regex line(R"re((^|\n)[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"])re");
    std::vector<std::string> found;
    for (std::sregex_iterator it(file.text.begin(), file.text.end(), line), end; it != end; ++it) found.push_back((*it)[2]);
    return found;
}

}  // namespace moeplan
