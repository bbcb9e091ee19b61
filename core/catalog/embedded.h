#pragma once
// The files of scenarios/catalog as they were when the library was built. Internal to core/catalog.

#include <string_view>
#include <vector>

namespace moeplan {

struct EmbeddedFile {
    std::string_view name;  // "gpus.yaml", "models/mistralai--Mixtral-8x7B-v0.1.json"
    std::string_view text;
};

// All of them, by name. Defined in a file that cmake/EmbedCatalog.cmake writes.
const std::vector<EmbeddedFile>& embedded_files();

// One file's text, or null.
const EmbeddedFile* embedded_file(std::string_view name);

}  // namespace moeplan
