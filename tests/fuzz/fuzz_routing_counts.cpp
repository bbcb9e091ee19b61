// Any bytes as a routing counts file: a value or problems, never a crash.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/routing/read_counts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto any = moeplan::read_counts_text(text, "fuzz", {});
    if (any && any->layers.size() != any->layer_ids.size()) __builtin_trap();
    const auto fitted = moeplan::read_counts_text(text, "fuzz", {"", "", 8, 2});
    if (fitted) {
        for (const auto& layer : fitted->layers) {
            if (layer.size() != 8) __builtin_trap();
        }
    }
    return 0;
}
