#pragma once
// Measurements people have already, brought into the two tables that can be fitted to: kernels in the columns of the
// public kernel tables (read_kernel_table.h), whole servers in the columns of serving measurements
// (core/analyse/measured_serving.h). docs/calibration.md, "Import".

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/report/validation.h"

namespace moeplan {

enum class ImportKind : std::uint8_t {
    kernel_table,   // CSV with op_name and latency (milliseconds)
    llama_bench,    // llama-bench -o json|jsonl|csv (nanoseconds)
    vllm_bench,     // vllm bench serve --save-result JSON (milliseconds; reduced forms: seconds)
    nccl_tests,     // what all_reduce_perf and its sisters print (bytes, microseconds)
};
const std::vector<ImportKind>& all_import_kinds();
std::string_view name_of(ImportKind kind);     // "llama-bench"
std::string_view doc_of(ImportKind kind);      // half a sentence
std::vector<std::string> import_kind_names();
std::optional<ImportKind> import_kind_named(std::string_view name);

// Told by the content; nothing when it is none of them.
std::optional<ImportKind> import_kind_of(std::string_view text);

enum class ImportTarget : std::uint8_t { kernels, servers };

// Column -> cell; an absent column is an empty cell.
using ImportRow = std::map<std::string, std::string, std::less<>>;

struct Imported {
    ImportTarget target = ImportTarget::kernels;
    std::vector<ImportRow> rows;
    std::vector<SkippedRows> skipped;   // results that cannot stand in the table, by reason
    std::vector<std::string> notes;     // what a reader of the table should know
};

// `file` is for messages, and for what a benchmark says in its file's name only. Without `kind` it is told by the content.
// Errors: unknown content (what is understood is listed), what the kind's reader finds (file:line; at most 20), no results.
Result<Imported> import_text(std::string_view text, const std::string& file, std::optional<ImportKind> kind = {});

// Errors: kernels and servers at once; kernels of several devices.
Result<Imported> merge_imports(std::vector<Imported> parts);

// What the files do not say, or say otherwise than is meant: column -> value, for every row.
// Errors: a column the table does not have or that is measured (nearest named), a size that is no whole number of 1 to
// 4096, an unknown number format.
Problems complete_import(Imported& table, const ImportRow& given);

// In the order they are written.
const std::vector<std::string>& import_columns(ImportTarget target);
// Those of a server's row that nobody knows: model, gpu, engine, tp. Such rows are flagged when written.
std::vector<std::string> unknown_columns(const Imported& table);

// CSV with a header. The same rows give the same bytes.
std::string write_import(const Imported& table);

}  // namespace moeplan
