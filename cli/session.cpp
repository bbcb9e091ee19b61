#include "cli/session.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "core/analyse/expectations.h"
#include "core/base/write_file.h"

namespace moeplan::cli {
namespace {

constexpr std::size_t kLargestStudy = 16u << 20;

Result<std::string> read_standard_input() {
    std::string text(kLargestStudy + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::read(STDIN_FILENO, text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return fail(wrong_at("standard input", std::string("cannot be read: ") + std::strerror(errno)));
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size > kLargestStudy) return fail(wrong_at("standard input", "larger than 16 MiB"));
    text.resize(size);
    return text;
}

}  // namespace

Result<Catalog> chosen_catalog(const Arguments& arguments) {
    if (const auto folder = arguments.text("--catalog")) return catalog_with(*folder);
    const char* folder = std::getenv("MOEPLAN_CATALOG");
    return folder && *folder ? catalog_with(folder) : Result<Catalog>(builtin_catalog());
}

Result<Scenario> read_study(const std::string& file, const std::vector<std::string>& overrides) {
    if (file != "-") return load_scenario(file, overrides);
    const auto text = read_standard_input();
    return text ? parse_scenario(*text, "standard input", overrides) : tl::unexpected(text.error());
}

Problems blamed_on(const Scenario& scenario, Problems problems) {
    for (auto& problem : problems) {
        if (problem.where.empty()) problem.where = scenario.file;
    }
    return problems;
}

ExitCode deliver(const std::string& text, const std::optional<std::string>& file, Console& console) {
    if (file && *file != "-") return console.report(write_file_atomically(*file, text));
    console.print(text);
    return ExitCode::fine;
}

std::string chosen_format(const Arguments& arguments) {
    if (const auto format = arguments.text("--format")) return *format;
    const std::string extension =
        std::filesystem::path(arguments.text_or("--output", "")).extension().string();
    for (const auto& writer : writer_catalog()) {
        if (writer.extension == extension) return std::string(writer.name);
    }
    return "table";
}

ExitCode code_of(const Scenario& scenario, const Report& report) {
    if (report.exploration) return report.exploration->best.empty() ? ExitCode::infeasible : ExitCode::fine;
    if (std::ranges::none_of(report.candidates, &CandidateReport::fits)) return ExitCode::infeasible;
    const bool failed = !scenario.claim && overall(report.expectations, scenario.expect) == Outcome::fails;
    return failed ? ExitCode::expectation_failed : ExitCode::fine;
}

}  // namespace moeplan::cli
