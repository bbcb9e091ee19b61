#pragma once
// The reader of each kind of file. Internal to core/calibrate.

#include "core/calibrate/import_file.h"
#include "core/calibrate/import_record.h"

namespace moeplan {

constexpr std::size_t kMostImportProblems = 20;

Result<Imported> import_kernel_table(std::string_view text, const std::string& file);
Result<Imported> import_llama_bench(std::string_view text, const std::string& file);
Result<Imported> import_vllm_bench(std::string_view text, const std::string& file);
Result<Imported> import_nccl_tests(std::string_view text, const std::string& file);

// A value worth keeping of a result that may be odd: counts reasons in the order they came first.
void skip_row(std::vector<SkippedRows>& skipped, const std::string& reason, std::uint64_t n = 1);

// "models/a.gguf:3"
std::string place_of(const std::string& file, std::size_t line);

// The shortest text that reads back as the same double.
std::string cell_of(double value);

// A number of a record within bounds. Absent, none or out of bounds: nothing and a problem naming line and field.
std::optional<double> number_in(const Record& record, std::string_view field, double least, double most,
                                const std::string& file, Problems& problems);
// The same where absence is no mistake.
std::optional<double> optional_in(const Record& record, std::string_view field, double least, double most,
                                  const std::string& file, Problems& problems);

}  // namespace moeplan
