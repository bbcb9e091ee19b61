#pragma once
// A GGUF header asked in the words of a language model.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/model/config_layers.h"
#include "core/model/gguf_file.h"

namespace moeplan {

enum class GgufClass : std::uint8_t {
    embedding,
    head,
    attention,
    dense_ffn,
    experts,
    router,
    other,
    unknown
};

// By the tensor's name; unknown when no decoder-only transformer of llama.cpp has such a tensor.
GgufClass class_of(std::string_view tensor);

// "blk.12.attn_q.weight" -> "attn_q.weight"; other names unchanged.
std::string without_layer(std::string_view tensor);

class GgufModel {
public:
    // Problems: no general.architecture, a tensor listed twice.
    GgufModel(GgufFile header, std::string file_name);

    GgufFile file;
    std::string name;
    std::string architecture;
    std::int64_t layers = 0;
    Problems problems;

    const GgufTensor* tensor(std::string_view tensor_name) const;
    const GgufTensor* tensor(std::int64_t layer, std::string_view rest) const;
    std::int64_t layer_of(std::string_view tensor) const;  // -1: outside the layers

    // Metadata under a full key, or under "<architecture>.".
    std::optional<std::string> text(const std::string& key) const;
    std::optional<std::int64_t> whole(const std::string& full_key) const;
    std::optional<std::int64_t> size(const std::string& key) const;
    // Scalar, or the entry of a list with one per layer.
    std::optional<std::int64_t> size(const std::string& key, std::int64_t layer) const;
    std::int64_t required(const std::string& key, std::int64_t most);  // a problem and 0 when absent or wrong

    void problem(std::string what);

private:
    std::unordered_map<std::string, std::size_t> index_;  // of tensors, by name
};

std::vector<LayerPlan> read_gguf_layers(GgufModel& model, std::int64_t hidden);

}  // namespace moeplan
