// Any bytes as a config.json: a model that can be counted or problems, never a crash.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/model/import.h"
#include "tests/fuzz/check_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto model = moeplan::import_config_json(text, "fuzz.json")) moeplan::check_model(*model);
    return 0;
}
