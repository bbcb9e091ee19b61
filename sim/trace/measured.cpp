#include "sim/trace/measured.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

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
    const bool json = opening[first] == '{' || opening[first] == '[';   // what else JSON may be is no result
    std::istream stream(&buffer);
    auto runs = json ? trace::measured_json(buffer, name) : trace::measured_csv(stream, name);
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

std::string describe(const MeasuredRun& run) {
    std::string text = run.where.empty() ? "" : run.where + ": ";
    text += fmt::format("{} requests", run.requests.size());
    if (run.request_rate && std::isfinite(*run.request_rate)) text += fmt::format(", {:g} a second", *run.request_rate);
    if (run.max_concurrency) text += fmt::format(", {:g} at a time", *run.max_concurrency);
    return text;
}

Result<MeasuredRun> read_measured_requests(const std::string& file, std::optional<std::size_t> which) {
    auto runs = read_measured_runs(file);
    if (!runs) return fail(runs.error());
    if (!which && runs->size() == 1) return std::move(runs->front());
    if (which && *which >= 1 && *which <= runs->size()) return std::move((*runs)[*which - 1]);
    constexpr std::size_t kMostListed = 20;
    std::vector<std::string> all;
    for (std::size_t i = 0; i < std::min(runs->size(), kMostListed); ++i)
        all.push_back(fmt::format("{} ({})", i + 1, describe((*runs)[i])));
    if (runs->size() > kMostListed) all.emplace_back("…");
    const std::string listed = fmt::format("{}", fmt::join(all, "; "));
    if (which)
        return fail(
            wrong(file, fmt::format("holds {} runs, there is no run {}", runs->size(), *which), "it holds " + listed));
    return fail(wrong(file, fmt::format("{} runs in one file; one is expected", runs->size()), "say which: " + listed));
}

}  // namespace moeplan
