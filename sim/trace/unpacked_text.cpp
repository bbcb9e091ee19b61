#include "sim/trace/unpacked_text.h"

#include <array>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "sim/trace/source_buffer.h"
#include "sim/trace/trace_parts.h"

namespace moeplan {

Result<std::string> read_unpacked(const std::string& file, std::size_t most, const std::string& expected) {
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) return fail(trace::wrong(file, "is a folder; expected " + expected));
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return fail(trace::wrong(file, "the file cannot be read; expected " + expected));
    trace::SourceBuffer buffer(*stream.rdbuf());
    std::string text;
    std::array<char, 1 << 16> part{};
    for (std::streamsize n = 0; (n = buffer.sgetn(part.data(), part.size())) > 0;) {
        text.append(part.data(), static_cast<std::size_t>(n));
        if (text.size() > most) return fail(trace::wrong(file, fmt::format("is larger than {} MiB", most >> 20)));
    }
    if (!buffer.error().empty()) return fail(trace::wrong(file, buffer.error()));
    return text;
}

}  // namespace moeplan
