#pragma once
// The header of a GGUF file: metadata and tensor table, never the weights.
// Source: ggml docs/gguf.md (versions 2 and 3, little-endian); block sizes from ggml-common.h.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"

namespace moeplan {

// How ggml stores a tensor: blocks of `elements` take `bytes`.
struct GgmlType {
    std::uint32_t id;
    std::string_view name;
    std::uint64_t elements;
    std::uint64_t bytes;
};
const GgmlType* ggml_type(std::uint32_t id);  // null when unknown

// Numbers (also of short lists) and texts are kept; of long lists only the length.
struct GgufList {
    std::uint64_t length = 0;
    std::vector<double> numbers;
};
using GgufValue = std::variant<double, std::string, GgufList>;

struct GgufTensor {
    std::string name;
    std::vector<std::uint64_t> shape;  // innermost first
    const GgmlType* type = nullptr;
    std::uint64_t elements = 0;
    std::uint64_t bytes = 0;
    std::uint64_t offset = 0;
};

struct GgufFile {
    std::map<std::string, GgufValue> metadata;
    std::vector<GgufTensor> tensors;
    bool weights_are_there = false;  // the file is long enough for its tensors
};

// `bytes` is the beginning of a file of `file_size` bytes. Errors name the byte and what was being read.
// When the header goes on behind `bytes`, and the file does too, `needs_more` is set and the result an error.
Result<GgufFile> read_gguf(std::string_view bytes, std::uint64_t file_size, const std::string& name,
                           bool& needs_more);

}  // namespace moeplan
