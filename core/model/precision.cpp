#include "core/model/precision.h"

#include <string>

namespace moeplan {
namespace {

// What the input table and the head are held in when the linear layers are held in `linear`.
NumberFormat embedding_beside(NumberFormat linear) {
    const bool same = is_gguf(linear) || linear == NumberFormat::fp32 || linear == NumberFormat::fp16;
    return same ? linear : NumberFormat::bf16;
}

}  // namespace

Precision precision_from(NumberFormat format, const ModelSpec& model) {
    Precision p;
    p.experts = format;
    p.linear = format == NumberFormat::mxfp4 && model.is_moe() ? NumberFormat::bf16 : format;
    p.embedding = embedding_beside(p.linear);
    return p;
}

Precision native_precision(const ModelSpec& model) {
    Precision p;
    p.linear = model.native;
    p.experts = model.is_moe() ? model.native_experts : model.native;
    p.embedding = embedding_beside(model.native);
    return p;
}

std::string describe(const Precision& p) {
    const auto name = [](NumberFormat f) { return std::string(name_of(f)); };
    std::string text;
    if (p.linear == p.experts && p.embedding == embedding_beside(p.linear)) {
        text = name(p.linear);
    } else if (p.linear == p.embedding) {
        text = "experts " + name(p.experts) + ", rest " + name(p.linear);
    } else if (p.linear == p.experts) {
        text = name(p.linear) + ", embeddings " + name(p.embedding);
    } else {
        text =
            "linear " + name(p.linear) + ", experts " + name(p.experts) + ", embeddings " + name(p.embedding);
    }
    if (p.kv != NumberFormat::bf16) text += ", kv " + name(p.kv);
    return text;
}

}  // namespace moeplan
