// The forms that are CSV with a header: Azure, BurstGPT, splitwise-sim, vidur, and plain files with telling
// names.
#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "core/base/line_reader.h"
#include "core/base/nearest.h"
#include "sim/trace/trace_parts.h"

namespace moeplan::trace {
namespace {

constexpr std::size_t kMostColumns = 256;

// Cells of a line; a cell in double quotes may hold commas. The views point into the line.
bool split(std::string_view line, std::vector<std::string_view>& cells) {
    cells.clear();
    std::size_t i = 0;
    while (cells.size() < kMostColumns) {
        std::size_t end = 0;
        if (i < line.size() && line[i] == '"') {
            end = line.find('"', i + 1);
            if (end == std::string_view::npos) return false;
            cells.push_back(line.substr(i + 1, end - i - 1));
            end = line.find(',', end);
        } else {
            end = line.find(',', i);
            cells.push_back(line.substr(i, end == std::string_view::npos ? end : end - i));
        }
        if (end == std::string_view::npos) return true;
        i = end + 1;
    }
    return false;
}

// Lower case letters and digits.
std::string plain(std::string_view name) {
    std::string text;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte)) text += static_cast<char>(std::tolower(byte));
    }
    return text;
}

constexpr std::array kSeconds = {
    "arrivals",  "arrival",    "arrivalsec", "arrivalseconds",   "arrivaltime", "arrivaltimes", "arrivedat",
    "timestamp", "timestamps", "time",       "arrivaltimestamp", "requesttime", "starttime",    "ts"};
constexpr std::array kMilliseconds = {"arrivalms", "arrivaltimems", "timestampms", "timems", "starttimems"};
constexpr std::array kInputs = {"inputtokens",    "inputlen",         "inputlength",   "input",
                                "prompttokens",   "promptlen",        "promptlength",  "promptsize",
                                "contexttokens",  "prefilltokens",    "requesttokens", "isl",
                                "numinputtokens", "numprefilltokens", "inputtoks"};
constexpr std::array kOutputs = {"outputtokens",    "outputlen",        "outputlength", "output",    "generatedtokens",
                                 "responsetokens",  "completiontokens", "decodetokens", "tokensize", "osl",
                                 "numoutputtokens", "numdecodetokens",  "outputtoks"};

template <std::size_t N>
bool among(const std::array<const char*, N>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::size_t kNone = SIZE_MAX;

struct Columns {
    std::size_t arrival = kNone, input = kNone, output = kNone;
    double unit = 1;  // seconds in one of a numeric arrival
    TraceForm form = TraceForm::plain_csv;
    std::size_t least = 0;  // cells a row needs
};

TraceForm form_of(const std::vector<std::string>& names) {
    const auto has = [&](const char* name) { return std::find(names.begin(), names.end(), name) != names.end(); };
    if (has("contexttokens") && has("generatedtokens")) return TraceForm::azure;
    if (has("requesttokens") && has("responsetokens")) return TraceForm::burstgpt;
    if (has("promptsize") && has("tokensize")) return TraceForm::splitwise;
    if (has("numprefilltokens") && has("numdecodetokens")) return TraceForm::vidur;
    return TraceForm::plain_csv;
}

Result<Columns> columns_of(const std::vector<std::string_view>& header, const std::string& file) {
    std::vector<std::string> names, shown;
    for (const std::string_view cell : header) {
        names.push_back(plain(cell));
        shown.emplace_back(cell.substr(0, 40));
    }
    Columns columns;
    columns.form = form_of(names);
    Problems problems;
    const auto assign = [&](std::size_t& role, std::size_t i, const char* what) {
        if (role != kNone) {
            problems.push_back(
                wrong(file + ":1", fmt::format("both '{}' and '{}' could be the {}", shown[role], shown[i], what)));
        }
        role = i;
    };
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (among(kInputs, names[i])) assign(columns.input, i, "input tokens");
        if (among(kOutputs, names[i])) assign(columns.output, i, "output tokens");
        const bool milli = among(kMilliseconds, names[i]);
        if (milli || among(kSeconds, names[i])) {
            assign(columns.arrival, i, "arrival time");
            columns.unit = milli ? 1e-3 : 1;
        }
    }
    if (columns.input == kNone || columns.output == kNone) {
        const char* missing = columns.input != kNone    ? "output tokens"
                              : columns.output != kNone ? "input tokens"
                                                        : "input and output tokens";
        problems.push_back(
            wrong(file + ":1", fmt::format("no column for the {} in the header ({})", missing, one_of(shown)),
                  "known are Azure, BurstGPT, splitwise-sim and vidur CSV, Mooncake JSON lines, vLLM bench "
                  "serve JSON, and "
                  "CSV with arrival_s, input_tokens, output_tokens"));
    }
    if (columns.form == TraceForm::splitwise && columns.arrival == kNone) {
        // splitwise-sim's table of measured times has the same two columns and is no trace.
        problems.push_back(
            wrong(file + ":1", "prompt_size and token_size without arrival_timestamp: not a request trace"));
    }
    if (!problems.empty()) return fail(std::move(problems));
    columns.least = std::max(columns.input, columns.output) + 1;
    if (columns.arrival != kNone) columns.least = std::max(columns.least, columns.arrival + 1);
    return columns;
}

// Arrivals since the first one; dates in whole nanoseconds so that no precision is lost.
class Clock {
public:
    explicit Clock(double unit) : unit_(unit) {}

    std::optional<double> since_first(std::string_view cell) {
        if (!decided_ || !dates_) {
            if (const auto value = parse_number(cell)) {
                if (!decided_) first_ = *value;
                decided_ = true;
                return (*value - first_) * unit_;
            }
        }
        if (decided_ && !dates_) return std::nullopt;
        const auto value = parse_timestamp(cell);
        if (!value) return std::nullopt;
        if (!decided_) first_date_ = *value;
        decided_ = dates_ = true;
        return static_cast<double>(*value - first_date_) * 1e-9;
    }

private:
    double unit_;
    bool decided_ = false, dates_ = false;
    double first_ = 0;
    std::int64_t first_date_ = 0;
};

std::string excerpt(std::string_view cell) { return std::string(cell.substr(0, 40)); }

// ServeGen's chunk-N-trace.csv: no header, "window start, rate, CV, distribution, argument, argument".
bool is_servegen(const std::vector<std::string_view>& cells) {
    return cells.size() == 6 && parse_number(cells[0]) && parse_number(cells[1]) && parse_number(cells[2]) &&
           (cells[3].empty() || plain(cells[3]) == "gamma" || plain(cells[3]) == "weibull");
}

Result<Columns> read_header(LineReader& lines, const std::string& file) {
    std::string_view line;
    std::vector<std::string_view> cells;
    do {
        if (!lines.next(line)) return fail(wrong(file, "empty; a request trace is expected"));
    } while (!lines.too_long() && line.empty());
    if (lines.too_long()) {
        return fail(wrong(fmt::format("{}:{}", file, lines.number()), fmt::format("a line longer than {}; a request trace is expected", lines.endless() ? "256 MiB" : "1 MiB")));
    }
    if (!split(line, cells)) {
        return fail(wrong(fmt::format("{}:{}", file, lines.number()), "not a CSV header; a request trace is expected"));
    }
    if (is_servegen(cells)) {
        return fail(wrong(file, "a ServeGen window file: it holds arrival rates per window, not requests",
                          "give its folder as `arrivals: {servegen: ...}`; as a trace, sample it with ServeGen into "
                          "arrival_s,input_tokens,output_tokens"));
    }
    return columns_of(cells, file);
}

class CsvRows final : public RowReader {
public:
    explicit CsvRows(std::istream& stream) : lines_(stream, kLongestLine), clock_(1) {}

    Problems read_head(const std::string& file, TraceReport& report) {
        auto columns = read_header(lines_, file);
        if (!columns) return columns.error();
        columns_ = *columns;
        clock_ = Clock(columns_.unit);
        report.form = columns_.form;
        report.has_arrivals = columns_.arrival != kNone;
        return {};
    }

    Row next(TraceRequest& request, std::string& what) override {
        std::string_view line;
        do {
            if (!lines_.next(line)) return Row::end;
        } while (line.empty() && !lines_.too_long());
        if (lines_.endless()) return Row::endless;
        return read(line, request, what) ? Row::request : Row::bad;
    }
    std::size_t line() const override { return lines_.number(); }

private:
    bool read(std::string_view line, TraceRequest& request, std::string& what) {
        if (lines_.too_long() || !split(line, cells_) || cells_.size() < columns_.least) {
            what = lines_.too_long() ? "a line longer than 1 MiB"
                                     : fmt::format("{} cells; at least {} are expected", cells_.size(), columns_.least);
            return false;
        }
        const auto input = parse_tokens(cells_[columns_.input]);
        const auto output = parse_tokens(cells_[columns_.output]);
        if (!input || !output) {
            what = fmt::format("{} tokens '{}'; a whole number up to 1e9 is expected", input ? "output" : "input",
                               excerpt(cells_[input ? columns_.output : columns_.input]));
            return false;
        }
        if (columns_.arrival != kNone) {
            const auto arrival = clock_.since_first(cells_[columns_.arrival]);
            if (!arrival) {
                what = fmt::format("arrival '{}'; seconds or a date and time as in the rows before are expected",
                                   excerpt(cells_[columns_.arrival]));
                return false;
            }
            request.arrival_s = *arrival;
        }
        request.input_tokens = *input;
        request.output_tokens = *output;
        return true;
    }

    LineReader lines_;
    Columns columns_;
    Clock clock_;
    std::vector<std::string_view> cells_;
};

}  // namespace

Result<std::unique_ptr<RowReader>> open_csv(std::istream& stream, const std::string& name, TraceReport& report) {
    auto rows = std::make_unique<CsvRows>(stream);
    Problems problems = rows->read_head(name, report);
    if (!problems.empty()) return fail(std::move(problems));
    return rows;
}

}  // namespace moeplan::trace
