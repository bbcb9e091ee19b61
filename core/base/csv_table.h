#pragma once
// A CSV file with a header, read row by row: cells by column name. Its separator is told by the header. RFC 4180 quoting inside one line.

#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/line_reader.h"

namespace moeplan {

// Splits one line; doubled quotes inside a quoted field become one. Replaces `fields`.
void split_csv_line(std::string_view line, std::vector<std::string>& fields, char separator = ',');

// What separates the names of a header: the most frequent of comma, semicolon and tab outside quotes; a comma where there is none.
char csv_separator(std::string_view header);

// A cell in which spreadsheets and scripts say that there is nothing: empty, "NaN", "None", "null", "N/A", "-".
bool is_blank(std::string_view cell);

class CsvTable {
public:
    // `stream` outlives the table. Reads the header at once.
    explicit CsvTable(std::istream& stream);

    const std::vector<std::string>& columns() const { return columns_; }
    bool has(std::string_view column) const { return index_of(column).has_value(); }

    // The next row that is not blank. False at the end.
    bool next();
    std::size_t line() const { return reader_.number(); }
    bool too_long() const { return reader_.too_long(); }

    // The cell under a column of the current row; empty when the column or the cell is absent.
    std::string_view cell(std::string_view column) const;
    // Of the current row.
    std::size_t cells() const { return row_.size(); }
    // As a number; nothing when empty or not a finite number.
    std::optional<double> number(std::string_view column) const;

private:
    std::optional<std::size_t> index_of(std::string_view column) const;

    LineReader reader_;
    char separator_ = ',';
    std::vector<std::string> columns_, row_;
};

}  // namespace moeplan
