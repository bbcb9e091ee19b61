#include "sim/trace/measured.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "core/base/require.h"
#include "sim/trace/measured_parts.h"
#include "sim/trace/source_buffer.h"
#include "sim/trace/trace_parts.h"

namespace moeplan {

using trace::wrong;

Result<std::vector<MeasuredRun>> parse_measured_runs(std::istream& raw, const std::string& name) {
    require(raw.rdbuf() != nullptr, "a stream to read");
    trace::SourceBuffer buffer(*raw.rdbuf());
    const std::string_view opening = buffer.opening();
    const std::size_t first = opening.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (first == std::string_view::npos) {
        return fail(wrong(name, buffer.error().empty() ? "empty; measured requests are expected" : buffer.error()));
    }
    const bool json = opening[first] == '{' || opening[first] == '[';
    std::istream stream(&buffer);
    auto runs = json ? trace::measured_json(stream, name) : trace::measured_csv(stream, name);
    if (!buffer.error().empty()) return fail(wrong(name, buffer.error()));
    return runs;
}

Result<std::vector<MeasuredRun>> read_measured_runs(const std::string& file) {
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored))
        return fail(wrong(file, "is a folder; measured requests are expected"));
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return fail(wrong(file, "cannot be opened; measured requests are expected"));
    return parse_measured_runs(stream, file);
}

Result<MeasuredRun> read_measured_requests(const std::string& file) {
    auto runs = read_measured_runs(file);
    if (!runs) return fail(runs.error());
    if (runs->size() > 1) return fail(wrong(file, fmt::format("{} runs in one file; one is expected", runs->size())));
    return std::move(runs->front());
}

}  // namespace moeplan
