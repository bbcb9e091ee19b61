// Any bytes as a benchmark's output, of the kind they seem to be and of every other: a table that reads back or problems,
// never a crash.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "core/calibrate/import_file.h"
#include "core/calibrate/read_kernel_table.h"

namespace {

void check(const moeplan::Result<moeplan::Imported>& table) {
    if (!table) {
        if (table.error().empty() || table.error().front().what.empty()) __builtin_trap();
        return;
    }
    const std::string text = moeplan::write_import(*table);
    if (table->target != moeplan::ImportTarget::kernels || table->rows.empty()) return;
    std::istringstream stream(text);
    const auto read = moeplan::read_kernel_table(stream, "written");
    if (!read || read->set.rows.size() != table->rows.size()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(moeplan::import_text(text, "fuzz"));
    for (const moeplan::ImportKind kind : moeplan::all_import_kinds()) check(moeplan::import_text(text, "all_reduce", kind));
    return 0;
}
