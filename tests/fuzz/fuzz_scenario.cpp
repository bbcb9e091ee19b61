// libFuzzer: no bytes may crash or hang the study reader, and what it accepts must survive saving.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/require.h"
#include "core/scenario/scenario.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto scenario = moeplan::parse_scenario(text, "fuzz.yaml");
    if (!scenario) return 0;
    const auto again = moeplan::parse_scenario(moeplan::save_scenario(*scenario), "fuzz.yaml");
    moeplan::require(again.has_value() && *again == *scenario, "a saved scenario loads to the same one");
    return 0;
}
