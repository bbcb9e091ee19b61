#include "core/calibrate/import_record.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/csv_table.h"
#include "core/base/json_text.h"
#include "core/base/line_reader.h"

namespace moeplan {
namespace {

using Json = nlohmann::json;

Problem at(const std::string& file, std::size_t line, std::string what) {
    return {fmt::format("{}:{}", file, line), "", std::move(what), "", {}};
}

std::optional<Problem> too_large(std::string_view text, const std::string& file) {
    if (text.size() <= kLargestImport) return std::nullopt;
    return Problem{file, "", fmt::format("the file is larger than {} MiB", kLargestImport >> 20), "", {}};
}

// The scalars of one object; what is nested only moves the depth.
class Fields final : public nlohmann::json_sax<Json> {
public:
    explicit Fields(Record& record) : record_(record) {}

    std::size_t error_at = 0;
    std::string error;

    bool null() override { return true; }
    bool boolean(bool value) override { return take(value ? "true" : "false"); }
    bool number_integer(number_integer_t value) override { return take(std::to_string(value)); }
    bool number_unsigned(number_unsigned_t value) override { return take(std::to_string(value)); }
    bool number_float(number_float_t value, const string_t& text) override {
        return std::isfinite(value) ? take(text) : true;
    }
    bool string(string_t& value) override { return take(value); }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return ++depth_, true; }
    bool end_object() override { return --depth_, true; }
    bool start_array(std::size_t) override { return ++depth_, true; }
    bool end_array() override { return --depth_, true; }
    bool key(string_t& name) override {
        if (depth_ == 1) key_ = name;
        return true;
    }
    bool parse_error(std::size_t position, const std::string& token,
                     const nlohmann::detail::exception& trouble) override {
        error_at = position;
        const bool range = trouble.id == 406;   // a number beyond what a double holds
        error =
            range ? fmt::format("'{}' is larger than any number read here", token.substr(0, 40)) : "this is not JSON";
        return false;
    }

private:
    bool take(const std::string& value) {
        if (depth_ != 1 || value.size() > kLongestField) return true;
        if (record_.fields.size() < kMostFields || record_.has(key_)) record_.fields[key_] = value;
        return true;
    }

    Record& record_;
    int depth_ = 0;
    std::string key_;
};

struct Piece {
    std::size_t line = 0;
    std::string_view text;
};
struct Pieces {
    std::vector<Piece> whole;
    std::optional<std::size_t> open_line, stray_line;   // of an object not closed; of something that is no object
    bool too_many = false;
};

// Cuts a text into its top-level objects.
class Cutter {
public:
    explicit Cutter(std::string_view text) : text_(text) {}

    Pieces cut() {
        for (at_ = 0; at_ < text_.size() && !out_.too_many; ++at_) {
            const char c = text_[at_];
            if (c == '\n') ++line_;
            if (in_string_) inside_string(c);
            else outside(c);
        }
        if (depth_ > 0 || in_string_) out_.open_line = begin_line_;
        else if (in_array_) out_.open_line = array_line_;
        return std::move(out_);
    }

private:
    void inside_string(char c) {
        if (escaped_) escaped_ = false;
        else if (c == '\\') escaped_ = true;
        else if (c == '"') in_string_ = false;
    }

    void outside(char c) {
        if (depth_ == 0) return between(c);
        if (c == '"') in_string_ = true;
        else if (c == '{' || c == '[') ++depth_;
        else if (c == '}' || c == ']') close();
    }

    // A file may be an array of objects: its own bracket and the commas in it are passed over.
    void between(char c) {
        if (c == '{') {
            depth_ = 1;
            begin_ = at_;
            begin_line_ = line_;
        } else if (c == '[' && !in_array_ && out_.whole.empty()) {
            in_array_ = true;
            array_line_ = line_;
        } else if (c == ']' && in_array_) {
            in_array_ = false;
        } else if (!(c == ' ' || c == '\n' || c == '\r' || c == '\t' || (c == ',' && in_array_)) && !out_.stray_line) {
            out_.stray_line = line_;
        }
    }

    void close() {
        if (--depth_ > 0) return;
        out_.whole.push_back({begin_line_, text_.substr(begin_, at_ - begin_ + 1)});
        out_.too_many = out_.whole.size() > kMostRecords;
    }

    std::string_view text_;
    Pieces out_;
    std::size_t at_ = 0, line_ = 1, begin_ = 0, begin_line_ = 1, array_line_ = 1;
    std::size_t depth_ = 0;
    bool in_array_ = false, in_string_ = false, escaped_ = false;
};

Problems troubles(const Pieces& pieces, const std::string& file) {
    Problems problems;
    if (pieces.too_many)
        problems.push_back({file, "", fmt::format("it holds more than {} records", kMostRecords), "", {}});
    if (pieces.stray_line)
        problems.push_back(
            at(file, *pieces.stray_line, "there is something between the records that is no JSON object"));
    if (pieces.open_line)
        problems.push_back(at(file, *pieces.open_line, "what begins here is not closed: the file is cut short"));
    if (problems.empty() && pieces.whole.empty()) problems.push_back({file, "", "it holds no results", "", {}});
    return problems;
}

}  // namespace

std::string_view Record::text(std::string_view field) const {
    const auto found = fields.find(field);
    return found == fields.end() ? std::string_view{} : std::string_view(found->second);
}

std::optional<double> Record::number(std::string_view field) const {
    const std::string_view value = text(field);
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (value.empty() || error != std::errc{} || end != value.data() + value.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
}

Result<std::vector<Record>> read_json_records(std::string_view text, const std::string& file) {
    if (auto large = too_large(text, file)) return fail(std::move(*large));
    const SafeJson safe = safe_json(text);
    if (safe.deepest > kDeepestImport)
        return fail({file, "", fmt::format("more than {} brackets are open at once", kDeepestImport), "", {}});
    const Pieces pieces = Cutter(safe.text).cut();
    if (auto problems = troubles(pieces, file); !problems.empty()) return fail(std::move(problems));
    std::vector<Record> records;
    records.reserve(pieces.whole.size());
    for (const Piece& piece : pieces.whole) {
        Record record{piece.line, {}};
        Fields fields(record);
        if (!Json::sax_parse(piece.text.begin(), piece.text.end(), &fields)) {
            const auto before = piece.text.substr(0, std::min(fields.error_at, piece.text.size()));
            return fail(
                at(file, piece.line + static_cast<std::size_t>(std::ranges::count(before, '\n')), fields.error));
        }
        records.push_back(std::move(record));
    }
    return records;
}

Result<std::vector<Record>> read_csv_records(std::string_view text, const std::string& file) {
    if (auto large = too_large(text, file)) return fail(std::move(*large));
    std::istringstream stream{std::string(text)};
    LineReader reader(stream);
    std::string_view line;
    std::vector<std::string> columns, cells;
    char separator = ',';
    if (reader.next(line)) {
        separator = csv_separator(line);
        split_csv_line(line, columns, separator);
    }
    if (columns.size() > kMostFields) return fail(at(file, 1, fmt::format("more than {} columns", kMostFields)));
    std::vector<Record> records;
    while (reader.next(line)) {
        if (reader.too_long()) return fail(at(file, reader.number(), "the line is longer than 1 MiB"));
        if (line.empty()) continue;
        if (records.size() == kMostRecords)
            return fail(at(file, reader.number(), fmt::format("it holds more than {} records", kMostRecords)));
        split_csv_line(line, cells, separator);
        if (cells.size() != columns.size())
            return fail(at(file, reader.number(),
                           fmt::format("{} cells under {} columns: the row is cut short or of another table",
                                       cells.size(), columns.size())));
        Record record{reader.number(), {}};
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (!cells[i].empty() && cells[i].size() <= kLongestField)
                record.fields.emplace(columns[i], std::move(cells[i]));
        }
        records.push_back(std::move(record));
    }
    if (records.empty()) return fail({file, "", "it holds no results", "", {}});
    return records;
}

}  // namespace moeplan
