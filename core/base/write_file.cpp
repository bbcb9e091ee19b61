#include "core/base/write_file.h"

#include "core/base/whole_file.h"

namespace moeplan {

Problems write_file_atomically(const std::string& path, std::string_view text) {
    if (path.empty()) return {{"", "", "cannot write a file without a name", "", ProblemKind::wrong_input}};
    WholeFile file(path);
    file.write(text);
    return file.publish();
}

}  // namespace moeplan
