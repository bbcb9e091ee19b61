#include "core/calibrate/import_file.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/calibrate/import_readers.h"
#include "core/report/format.h"

namespace moeplan {
namespace {

Problem unknown_content(std::string_view text, const std::string& file) {
    std::string understood;
    for (const ImportKind kind : all_import_kinds())
        understood += fmt::format("{}{} ({})", understood.empty() ? "" : "; ", doc_of(kind), name_of(kind));
    const bool empty = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
    const bool markdown =
        text.find("| model ") != std::string_view::npos && text.find("| ---") != std::string_view::npos;
    return {file,
            "",
            empty ? "the file is empty" : "the content is of no kind that is understood: " + understood,
            markdown ? "llama-bench prints a table for people unless told -o json" : "",
            {}};
}

}  // namespace

Result<Imported> import_text(std::string_view text, const std::string& file, std::optional<ImportKind> kind) {
    if (!kind) kind = import_kind_of(text);
    if (!kind) return fail(unknown_content(text, file));
    switch (*kind) {
        case ImportKind::kernel_table: return import_kernel_table(text, file);
        case ImportKind::llama_bench: return import_llama_bench(text, file);
        case ImportKind::vllm_bench: return import_vllm_bench(text, file);
        case ImportKind::nccl_tests: return import_nccl_tests(text, file);
    }
    return fail(unknown_content(text, file));
}

void skip_row(std::vector<SkippedRows>& skipped, const std::string& reason, std::uint64_t n) {
    const auto found = std::ranges::find(skipped, reason, &SkippedRows::reason);
    if (found != skipped.end()) found->n += n;
    else skipped.push_back({reason, n});
}

std::string place_of(const std::string& file, std::size_t line) { return fmt::format("{}:{}", file, line); }

std::string cell_of(double value) { return exact_number(value); }

std::optional<double> optional_in(const Record& record, std::string_view field, double least, double most,
                                  const std::string& file, Problems& problems) {
    if (!record.has(field)) return std::nullopt;
    const auto value = record.number(field);
    if (value && *value >= least && *value <= most) return value;
    problems.push_back({place_of(file, record.line),
                        std::string(field),
                        fmt::format("'{}' is '{}'; expected a number from {:g} to {:g}", field,
                                    record.text(field).substr(0, 40), least, most),
                        "",
                        {}});
    return std::nullopt;
}

std::optional<double> number_in(const Record& record, std::string_view field, double least, double most,
                                const std::string& file, Problems& problems) {
    if (!record.has(field)) {
        std::vector<std::string> names;
        for (const auto& [name, value] : record.fields) names.push_back(name);
        problems.push_back({place_of(file, record.line),
                            std::string(field),
                            fmt::format("'{}' is missing", field),
                            did_you_mean(field, names),
                            {}});
        return std::nullopt;
    }
    return optional_in(record, field, least, most, file, problems);
}

}  // namespace moeplan
