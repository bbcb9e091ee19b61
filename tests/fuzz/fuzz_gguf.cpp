// Any bytes as a GGUF file: a model that can be counted or problems, never a crash.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/model/import.h"
#include "tests/fuzz/check_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto model = moeplan::import_gguf_bytes(bytes, "fuzz.gguf");
    if (!model) return 0;
    moeplan::check_model(*model);
    if (model->measured) {
        const auto& m = *model->measured;
        for (const moeplan::Bytes b : {m.embedding, m.head, m.attention, m.dense_ffn, m.experts, m.router, m.other})
            moeplan::check_amount(b.value);
    }
    return 0;
}
