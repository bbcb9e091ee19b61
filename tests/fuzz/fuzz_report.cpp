// libFuzzer: no bytes may crash or hang the reader of JSON reports, and what it accepts must survive writing.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/require.h"
#include "core/report/json_reader.h"
#include "core/report/report_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto report = moeplan::read_report_json(text, "fuzz.json");
    if (!report) return 0;
    const auto writer = moeplan::make_writer("json").value();
    const std::string written = writer->write(*report);
    const auto again = moeplan::read_report_json(written, "fuzz.json");
    moeplan::require(again.has_value() && writer->write(*again) == written, "a written report reads back to the same one");
    return 0;
}
