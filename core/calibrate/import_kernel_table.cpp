// Tables of kernels as they are published: what the reader of tables accepts is carried over cell by cell.

#include <set>
#include <sstream>

#include <fmt/format.h>

#include "core/calibrate/import_readers.h"
#include "core/calibrate/read_kernel_table.h"

namespace moeplan {
namespace {

// The line of a measurement's "file:line".
std::size_t line_of(const Measurement& m) { return std::stoul(m.source.substr(m.source.rfind(':') + 1)); }

}  // namespace

Result<Imported> import_kernel_table(std::string_view text, const std::string& file) {
    const auto records = read_csv_records(text, file);
    if (!records) return fail(records.error());
    std::istringstream stream{std::string(text)};
    auto table = read_kernel_table(stream, file);
    if (!table) return fail(std::move(table.error()));
    std::set<std::size_t> usable;
    for (const Measurement& m : table->set.rows) usable.insert(line_of(m));
    Imported out;
    out.skipped = std::move(table->skipped);
    for (const Record& record : *records) {
        if (!usable.contains(record.line)) continue;
        ImportRow row;
        for (const std::string& column : import_columns(ImportTarget::kernels)) {
            if (record.has(column)) row[column] = record.text(column);
        }
        row["source"] = place_of(file, record.line);
        out.rows.push_back(std::move(row));
    }
    return out;
}

}  // namespace moeplan
