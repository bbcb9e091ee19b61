#pragma once
// What benchmark programs print, as flat records: the scalar fields of every top-level JSON object (an object, an array
// of them, or one a line), or the rows of a CSV table. Nested values are passed over, however large or deep.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace moeplan {

constexpr std::size_t kLargestImport = std::size_t{256} << 20;  // bytes of a file
constexpr std::size_t kMostRecords = 500'000;
constexpr std::size_t kMostFields = 4096;  // of one record
constexpr std::size_t kLongestField = 65536;  // bytes of one text; longer ones are passed over
constexpr int kDeepestImport = 64;  // brackets open at once

struct Record {
    std::size_t line = 0;  // where it begins, from 1
    // null, NaN and infinities are absent; true and false are "true" and "false".
    std::map<std::string, std::string, std::less<>> fields;

    bool has(std::string_view field) const { return fields.find(field) != fields.end(); }
    std::string_view text(std::string_view field) const;  // empty when absent
    // Nothing when absent or not a finite number.
    std::optional<double> number(std::string_view field) const;
};

// Errors: too large, too deep, too many records, an object that is not closed, what is no JSON; file and line named.
// No record at all is an error too.
Result<std::vector<Record>> read_json_records(std::string_view text, const std::string& file);

// Empty cells are absent. Errors: too large, a line over 1 MiB, a row with another number of cells than the header, no rows.
Result<std::vector<Record>> read_csv_records(std::string_view text, const std::string& file);

}  // namespace moeplan
