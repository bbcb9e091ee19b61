// Reading: lines with their offsets, points out of lines.
#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>

#include "core/report/csv.h"
#include "sim/sweep/part_file.h"

namespace moeplan {
namespace {

constexpr std::size_t kLongestLine = 16u << 20;   // longer is no row of ours
constexpr std::size_t kChunk = 1u << 20;

// Whole lines (ending in CR LF) of a stream in order; what is behind the last one is not given.
class WholeLines {
public:
    explicit WholeLines(std::istream& in) : in_(in) {}

    bool next(std::string_view& line) {
        for (;;) {
            const auto end = buffer_.find("\r\n", std::max(begin_, searched_));
            if (end != std::string::npos) {
                line = std::string_view(buffer_).substr(begin_, end + 2 - begin_);
                offset_ = base_ + begin_;
                begin_ = searched_ = end + 2;
                return true;
            }
            if (!fill()) return false;
        }
    }
    std::uint64_t offset() const { return offset_; }   // of the line last given

private:
    bool fill() {
        base_ += begin_;
        buffer_.erase(0, begin_);
        begin_ = 0;
        if (buffer_.size() > kLongestLine) return false;
        searched_ = buffer_.empty() ? 0 : buffer_.size() - 1;
        const std::size_t had = buffer_.size();
        buffer_.resize(had + kChunk);
        in_.read(buffer_.data() + had, static_cast<std::streamsize>(kChunk));
        buffer_.resize(had + static_cast<std::size_t>(in_.gcount()));
        return in_.gcount() > 0;
    }

    std::istream& in_;
    std::string buffer_;
    std::size_t begin_ = 0, searched_ = 0;
    std::uint64_t base_ = 0, offset_ = 0;
};

std::optional<std::uint64_t> whole(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::size_t fields_in(std::string_view line) {
    std::size_t commas = 0;
    bool quoted = false;
    for (const char c : line) {
        if (c == '"') quoted = !quoted;
        else if (c == ',' && !quoted) ++commas;
    }
    return quoted ? 0 : commas + 1;
}

struct Row {
    std::uint64_t point = 0, rows = 1;
};

std::optional<Row> row_of(std::string_view line, const PartForm& form) {
    if (fields_in(line) != form.columns.size() || line.find('\0') != std::string_view::npos) return std::nullopt;
    const auto comma = line.find(',');
    const auto point = whole(line.substr(0, comma));
    if (!point || *point >= form.points) return std::nullopt;
    if (form.kind == PartKind::failures) return Row{*point, 1};
    const auto rest = line.substr(comma + 1);
    const auto rows = whole(rest.substr(0, rest.find(',')));
    if (!rows || *rows == 0 || *rows > 1'000'000) return std::nullopt;
    return Row{*point, *rows};
}

// Rows of one point that follow each other, until they are all there.
class Gathering {
public:
    bool add(const Row& row, std::string_view line, std::uint64_t offset) {
        if (count_ == 0 || row.point != point_ || row.rows != rows_) {
            text_.clear();
            count_ = 0;
            point_ = row.point;
            rows_ = row.rows;
            offset_ = offset;
        }
        text_ += line;
        if (++count_ < rows_) return false;
        count_ = 0;
        return true;
    }
    void drop() { count_ = 0; }
    PartPoint found() const { return {point_, offset_, text_}; }

private:
    std::string text_;
    std::uint64_t point_ = 0, rows_ = 0, count_ = 0, offset_ = 0;
};

}  // namespace

Result<std::uint64_t> read_part(const std::string& path, const PartForm& form,
                                const std::function<void(const PartPoint&)>& take) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail({path, {}, "cannot be read", {}});
    WholeLines lines(in);
    std::string_view line;
    if (!lines.next(line)) return std::uint64_t{0};
    if (line != csv_row(form.columns))
        return fail({path, {}, "has other columns than this version writes", "name another folder, or start over with --fresh"});
    std::uint64_t end = line.size();
    Gathering gathering;
    while (lines.next(line)) {
        const auto row = row_of(line, form);
        if (!row) {
            gathering.drop();
        } else if (gathering.add(*row, line, lines.offset())) {
            end = lines.offset() + line.size();
            take(gathering.found());
        }
    }
    if (in.bad()) return fail({path, {}, "cannot be read to its end", {}});
    return end;
}

}  // namespace moeplan
