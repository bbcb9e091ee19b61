// A model from a GGUF header. Sizes come from the tensor table, which says what is there; the metadata adds
// heads, experts per token and windows. Tensor names: ggml docs/gguf.md, llama.cpp llama-arch.cpp.

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <set>

#include <fmt/format.h>

#include "core/model/config_layers.h"
#include "core/model/gguf_model.h"
#include "core/model/import.h"

namespace moeplan {
namespace {

constexpr std::uint64_t kFirstRead = std::uint64_t{16} << 20;
constexpr std::uint64_t kLargestHeader = std::uint64_t{512} << 20;

NumberFormat format_of(const GgmlType& type) {
    static const std::map<std::string_view, NumberFormat> same = {
        {"F32", NumberFormat::fp32},    {"F16", NumberFormat::fp16},   {"BF16", NumberFormat::bf16},
        {"Q8_0", NumberFormat::q8_0},   {"Q6_K", NumberFormat::q6_k},  {"Q5_K", NumberFormat::q5_k_m},
        {"Q4_K", NumberFormat::q4_k_m}, {"Q4_0", NumberFormat::q4_0},  {"Q3_K", NumberFormat::q3_k_m},
        {"Q2_K", NumberFormat::q2_k},   {"MXFP4", NumberFormat::mxfp4}};
    if (const auto it = same.find(type.name); it != same.end()) return it->second;
    const double bits = 8.0 * static_cast<double>(type.bytes) / static_cast<double>(type.elements);
    NumberFormat best = NumberFormat::q8_0;
    for (const auto format : all_number_formats()) {
        const auto off = [&](NumberFormat f) { return std::abs(bits_per_weight(f) - bits); };
        if (is_gguf(format) && off(format) < off(best)) best = format;
    }
    return best;
}

// The format most bytes of a class are in.
NumberFormat main_format(const GgufFile& file, bool experts) {
    std::map<const GgmlType*, std::uint64_t> bytes;
    for (const auto& t : file.tensors) {
        const GgufClass kind = class_of(t.name);
        const bool wanted = experts ? kind == GgufClass::experts
                                    : kind == GgufClass::attention || kind == GgufClass::dense_ffn;
        if (wanted) bytes[t.type] += t.bytes;
    }
    const auto most = std::max_element(bytes.begin(), bytes.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == bytes.end() ? NumberFormat::bf16 : format_of(*most->first);
}

MeasuredWeights measure(const GgufModel& model) {
    MeasuredWeights w;
    for (const auto& t : model.file.tensors) {
        if (model.layer_of(t.name) >= model.layers) continue;  // prediction layers
        const Bytes bytes{static_cast<double>(t.bytes)};
        switch (class_of(t.name)) {
            case GgufClass::embedding: w.embedding += bytes; break;
            case GgufClass::head: w.head += bytes; break;
            case GgufClass::attention: w.attention += bytes; break;
            case GgufClass::dense_ffn: w.dense_ffn += bytes; break;
            case GgufClass::experts: w.experts += bytes; break;
            case GgufClass::router: w.router += bytes; break;
            case GgufClass::other:
            case GgufClass::unknown: w.other += bytes; break;
        }
    }
    return w;
}

void refuse_unknown_tensors(GgufModel& model) {
    std::set<std::string> names;
    for (const auto& t : model.file.tensors) {
        if (class_of(t.name) == GgufClass::unknown) names.insert(without_layer(t.name));
    }
    if (names.empty()) return;
    std::string list;
    std::size_t shown = 0;
    for (const auto& name : names) {
        if (++shown <= 12) list += (list.empty() ? "" : ", ") + name;
    }
    if (shown > 12) list += fmt::format(" and {} more", shown - 12);
    model.problem(
        fmt::format("architecture '{}' has tensors that are not understood: {}", model.architecture, list));
}

void read_outside_layers(GgufModel& model, ModelSpec& spec) {
    const GgufTensor* table = model.tensor("token_embd.weight");
    if (!table || table->shape.size() != 2) {
        model.problem("has no token_embd.weight of two dimensions, expected a language model");
        return;
    }
    spec.hidden = static_cast<std::int64_t>(table->shape[0]);
    spec.vocab = static_cast<std::int64_t>(table->shape[1]);
    if (const auto length = model.size("embedding_length"); length && *length != spec.hidden) {
        model.problem(fmt::format("says embedding_length {}, but token_embd.weight has rows of {}", *length,
                                  spec.hidden));
    }
    spec.tied_embeddings = model.tensor("output.weight") == nullptr;
    spec.head_bias = model.tensor("output.bias") != nullptr;
    spec.max_context = model.size("context_length").value_or(0);
    for (const auto& t : model.file.tensors) {
        if (class_of(t.name) == GgufClass::other && model.layer_of(t.name) < 0) {
            spec.position_parameters += static_cast<double>(t.elements);
        }
    }
}

Result<ModelSpec> to_spec(GgufFile file, const std::string& name) {
    GgufModel model(std::move(file), name);
    if (!model.problems.empty()) return fail(model.problems);
    ModelSpec spec;
    spec.id = spec.source = name;
    spec.family = model.architecture;
    if (const auto splits = model.whole("split.count"); splits && *splits > 1) {
        model.problem(
            fmt::format("is one of {} parts, expected the whole table; merge them with gguf-split", *splits));
    }
    const auto blocks = model.required("block_count", kMostLayers);
    model.layers = blocks - model.size("nextn_predict_layers").value_or(0);
    refuse_unknown_tensors(model);
    read_outside_layers(model, spec);
    if (!model.problems.empty()) return fail(model.problems);
    spec.layers = group_layers(read_gguf_layers(model, spec.hidden));
    if (!model.problems.empty()) return fail(model.problems);
    spec.native = main_format(model.file, false);
    spec.native_experts = spec.is_moe() ? main_format(model.file, true) : spec.native;
    spec.measured = measure(model);
    if (!model.file.weights_are_there) spec.notes.push_back("the file ends before its weights do");
    return spec;
}

}  // namespace

Result<ModelSpec> import_gguf_bytes(std::string_view bytes, const std::string& name) {
    bool needs_more = false;
    auto file = read_gguf(bytes, bytes.size(), name, needs_more);
    if (!file) return tl::unexpected(file.error());
    return to_spec(std::move(*file), name);
}

Result<ModelSpec> import_gguf_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    const auto end = in ? static_cast<std::streamoff>(in.tellg()) : std::streamoff{-1};
    if (end < 0) return fail({path, "", "cannot be opened, expected a .gguf file", ""});
    const auto size = static_cast<std::uint64_t>(end);
    std::string bytes;
    for (std::uint64_t want = kFirstRead; want <= kLargestHeader; want *= 4) {
        bytes.resize(static_cast<std::size_t>(std::min(want, size)));
        in.seekg(0);
        in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        if (!in) return fail({path, "", "cannot be read, expected a .gguf file", ""});
        bool needs_more = false;
        auto file = read_gguf(bytes, size, path, needs_more);
        if (file) return to_spec(std::move(*file), path);
        if (!needs_more) return tl::unexpected(file.error());
    }
    return fail({path, "", fmt::format("has a header of more than {} bytes", kLargestHeader / 4), ""});
}

}  // namespace moeplan
